"""What of agreements waits for a person."""

from __future__ import annotations

from datetime import date

from django.db.models import Prefetch
from django.urls import reverse

from network_portal.common.dates import add_working_days, local_day, ru_day
from network_portal.documents.models import Document
from network_portal.notices.selectors import Task
from schools import access
from schools.acting import Acting
from schools.agreements.cards import publish_until
from schools.agreements.signing import paper_to_sign, waiting_slot
from schools.enums import AgreementState, AmendmentState, Role, Side
from schools.models import Agreement, AgreementDuty, Amendment

DAYS_TO_SIGN = 5


def tasks_for(acting: Acting, today: date) -> list[Task]:
    """Return what agreements wait for: to correct, agree, settle, sign, publish, do (S4-5.8)."""
    if not acting.is_(*access.OFFICE):
        return []
    agreements = list(
        access.agreements_for(acting)
        .exclude(state__in=[AgreementState.ENDED, AgreementState.SUSPENDED])
        .prefetch_related(
            Prefetch("duties", AgreementDuty.objects.filter(done_on=None, due__isnull=False)),
            Prefetch("amendments", Amendment.objects.select_related("document")),
        )
    )
    director = acting.is_(Role.DIRECTOR)
    tasks = []
    for agreement in agreements:
        tasks += _signing_tasks(agreement, acting) if director else _office_tasks(agreement, acting, today)
    return tasks


def _office_tasks(agreement: Agreement, acting: Acting, today: date) -> list[Task]:
    ours = agreement.home_id == acting.organisation_id
    partner = agreement.host if ours else agreement.home
    url = reverse("agreement", args=[agreement.pk])
    state = agreement.state
    tasks = []
    if ours and state == AgreementState.DRAFT and agreement.remarks:
        tasks.append(Task("Исправить договор", f"Возвращён с замечаниями: {partner}", url, "Открыть договор"))
    if not ours and state == AgreementState.REVIEW:
        tasks.append(Task("Согласовать договор", f"Прислала школа {partner}", url, "Прочитать договор"))
    if state == AgreementState.DISPUTED:
        tasks.append(Task("Урегулировать разногласия", f"Договор со школой {partner}", url, "Открыть протокол"))
    if ours and (until := publish_until(agreement)):
        tasks.append(Task("Разместить договор на странице для всех", str(agreement), url, "Разместить", until))
    if state == AgreementState.SIGNED and agreement.date_to >= today:
        side = Side.HOME if ours else Side.HOST
        tasks += [
            Task("Исполнить по договору", f"{duty.what} ({partner})", f"{url}#duties", "Отметить", duty.due)
            for duty in agreement.duties.all()
            if duty.party == side
        ]
    tasks += [
        Task("Исправить дополнительное соглашение", f"Возвращено: {partner}", url, "Открыть договор")
        for amendment in agreement.amendments.all()
        if amendment.prepared_by_id == acting.organisation_id
        and amendment.state == AmendmentState.DRAFT
        and amendment.remarks
    ]
    return tasks


def _signing_tasks(agreement: Agreement, acting: Acting) -> list[Task]:
    url = reverse("agreement", args=[agreement.pk])
    term = f"{agreement}, с {ru_day(agreement.date_from)} по {ru_day(agreement.date_to)}"
    tasks = []
    paper = paper_to_sign(agreement)
    if paper is not None and waiting_slot(agreement, paper, acting):
        what = "Подписать протокол разногласий" if paper == agreement.protocol else "Подписать договор"
        tasks.append(Task(what, term, url, "Прочитать и подписать", _signature_due(agreement, paper)))
    tasks += [
        Task("Подписать дополнительное соглашение", str(agreement), url, "Прочитать и подписать")
        for amendment in agreement.amendments.all()
        if amendment.state == AmendmentState.SIGNING and waiting_slot(agreement, amendment.document, acting)
    ]
    return tasks


def _signature_due(agreement: Agreement, paper: Document) -> date:
    """Return the day the agreement begins; one sent later waits for the usual days of an answer."""
    sent = local_day(paper.created_at, agreement.network.time_zone)
    return max(agreement.date_from, add_working_days(sent, DAYS_TO_SIGN))
