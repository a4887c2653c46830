"""The home school's list: composing, the director's signature, sending (3.4, S0-4, T03)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime

from django.db import transaction
from django.urls import reverse

from enrollment.documents import request_paper
from enrollment.enums import ApplicationState, RequestState, Verb
from enrollment.models import Application, SchoolRequest, SchoolRequestLine
from enrollment.selectors.conditions import evidence_for, failed
from enrollment.selectors.mapping import unmapped_courses
from enrollment.selectors.people import MANAGER_KINDS
from enrollment.selectors.requests import (
    candidates_for,
    line_conditions,
    lines_of_request,
)
from enrollment.services._shared import (
    checked,
    legal_day,
    lock_application,
    lock_request,
    refuse_without_agreement,
    tell_managers,
)
from network_portal.audit.services import record
from network_portal.common.dates import add_working_days, ru_date, school_year_label
from network_portal.common.errors import RuleError, StaleError
from network_portal.common.russian import NBSP, Case, plural
from network_portal.common.states import move
from network_portal.documents.models import Document
from network_portal.documents.proofs import Proof, SignedElsewhere
from network_portal.documents.services import (
    SignerSlot,
    document_draft,
    document_refuse,
    document_register,
    document_revise,
    document_sign,
)
from network_portal.notices.services import notify
from schools.acting import Acting
from schools.agreements import agreement_in_force
from schools.enums import DutyKind
from schools.models import Organisation
from schools.selectors import staff_of
from schools.services.trail import note

SLOT = "home_director"


@transaction.atomic
def request_create(*, actor: Acting, host: Organisation, year: int, on: date, at: datetime) -> SchoolRequest:
    """Begin a list of the own school for a host, or return the draft that there is.

    Args:
        actor: who composes it.
        host: the school that teaches.
        year: the school year of the courses.
        on: the day on which the agreement must be in force.
        at: the moment.

    Raises:
        RuleError: there is no agreement in force between the two schools.
    """
    home = actor.organisation
    assert home is not None
    agreement = agreement_in_force(home=home, host=host, on=on, year=year)
    if agreement is None:
        raise RuleError(
            f"Между {home.short_name} и {host.short_name} нет действующего договора на "
            f"{school_year_label(year)} учебный год. Сначала его подписывают директора обеих школ (раздел «Договоры»)."
        )
    Organisation.objects.select_for_update(no_key=True).get(pk=home.pk)
    draft = SchoolRequest.objects.filter(home=home, host=host, year=year, state=RequestState.DRAFT).first()
    if draft is not None:
        return draft
    request = checked(SchoolRequest(home=home, host=host, agreement=agreement, year=year, created_at=at))
    request.save()
    record(Verb.REQUEST_COMPOSED, actor=actor.user, organisation=home, target=request, at=at)
    return request


@transaction.atomic
def request_add(
    *, actor: Acting, request: SchoolRequest, application_ids: Iterable[int], at: datetime
) -> SchoolRequest:
    """Put accepted applications on a draft list, each for the course it now points to.

    Raises:
        RuleError: nothing was ticked, or a condition of one of them is not met; the message names it.
        StaleError: the list has left the draft, or an application is no longer waiting.
    """
    request = _lock_draft(request)
    wanted = set(application_ids)
    if not wanted:
        raise RuleError("Отметьте хотя бы одного обучающегося.")
    for pk in sorted(wanted):
        Application.objects.select_for_update().filter(pk=pk, home=request.home_id).first()
    candidates = {one.application.pk: one for one in candidates_for(request, legal_day(request, at))}
    if not wanted <= candidates.keys():
        raise StaleError(
            "Состав принятых заявлений изменился. Ничего не добавлено: обновите страницу и отметьте заново."
        )
    for pk in sorted(wanted):
        candidate = candidates[pk]
        name = candidate.application.student.short_name
        if reasons := failed(candidate.conditions):
            raise RuleError(f"{name}: {reasons}")
        application = lock_application(candidate.application)
        line = SchoolRequestLine(request=request, application=application, course=candidate.course)
        checked(line).save()
        move(application, ApplicationState.LISTED, reason="")
    note(Verb.REQUEST_CHANGED, actor, request, at, added=sorted(wanted))
    return request


@transaction.atomic
def request_remove(*, actor: Acting, line: SchoolRequestLine, at: datetime) -> SchoolRequest:
    """Take a pupil off a draft list; the application waits for a list again.

    Raises:
        StaleError: the list has left the draft, or the line is gone already.
    """
    request = _lock_draft(line.request)
    found = SchoolRequestLine.objects.filter(pk=line.pk).select_related("application").first()
    if found is None:
        raise StaleError("Этой строки в списке уже нет. Обновите страницу.")
    application = lock_application(found.application)
    found.delete()
    move(application, ApplicationState.ACCEPTED)
    note(Verb.REQUEST_CHANGED, actor, request, at, removed=application.pk)
    return request


@transaction.atomic
def line_mark_special(*, actor: Acting, line: SchoolRequestLine, special: bool, at: datetime) -> SchoolRequestLine:
    """Say in a draft list whether the pupil needs special conditions: yes or no, never which (T03, L-3).

    Raises:
        StaleError: the list has left the draft, or the line is gone already.
    """
    request = _lock_draft(line.request)
    found = SchoolRequestLine.objects.filter(pk=line.pk).first()
    if found is None:
        raise StaleError("Этой строки в списке уже нет. Обновите страницу.")
    found.special = special
    found.save(update_fields=["special"])
    note(Verb.REQUEST_CHANGED, actor, request, at, line=found.pk, special=special)
    return found


@transaction.atomic
def request_submit(*, actor: Acting, request: SchoolRequest, at: datetime) -> SchoolRequest:
    """Hand a list to the own director for signing: its paper T03 is made.

    Raises:
        RuleError: the list is empty, or a condition of a line is not met.
        StaleError: the list has left the draft meanwhile.
    """
    request = _lock_draft(request)
    on = legal_day(request, at)
    _conditions_hold(request, on)
    paper = request_paper(request, on)
    document: Document
    if request.document is None:
        document = document_draft(
            actor=actor.user,
            organisation=request.home,
            paper=paper,
            signers=[SignerSlot(SLOT, f"директор {request.home.in_case(Case.GENITIVE)}")],
            at=at,
        )
    else:
        document = request.document
        document_revise(document=document, paper=paper, actor=actor.user, at=at)
    move(request, RequestState.SIGNING, document=document)
    note(Verb.REQUEST_SUBMITTED, actor, request, at)
    notify(
        staff_of(request.home, DutyKind.DIRECTOR, on=on),
        f"На подпись: заявка в {request.host.short_name}.",
        reverse("request_sign", args=[request.pk]),
        at=at,
    )
    return request


@transaction.atomic
def request_sign(
    *,
    actor: Acting,
    request: SchoolRequest,
    version_sha256: str,
    proof: Proof | SignedElsewhere,
    at: datetime,
    ip: str = "",
) -> SchoolRequest:
    """Sign the list as the home school's director; it is registered at once (3.4).

    Raises:
        RuleError: a condition of a line is no longer met; on the field "password" or "code" when that is wrong.
        StaleError: the list is not waiting for a signature, or has another version.
    """
    request = lock_request(request)
    _expect(request, RequestState.SIGNING)
    assert request.document is not None
    on = legal_day(request, at)
    _conditions_hold(request, on)
    document_sign(
        document=request.document,
        version_sha256=version_sha256,
        slot=SLOT,
        signer=actor.user,
        proof=proof,
        at=at,
        ip=ip,
    )
    document = document_register(document=request.document, on=on, at=at, actor=actor.user)
    move(request, RequestState.SIGNED)
    note(Verb.REQUEST_SIGNED, actor, request, at)
    tell_managers(
        request.home,
        f"Заявка №{NBSP}{document.number} в {request.host.short_name} подписана. Её можно направить.",
        reverse("request", args=[request.pk]),
        on=on,
        at=at,
    )
    return request


@transaction.atomic
def request_return(
    *, actor: Acting, request: SchoolRequest, reason: str, version_sha256: str | None = None, at: datetime
) -> SchoolRequest:
    """Return the list to those who composed it instead of signing.

    Raises:
        RuleError: on the field "reason" when there is none.
        StaleError: the list is not waiting for a signature, or has another version.
    """
    request = lock_request(request)
    _expect(request, RequestState.SIGNING)
    assert request.document is not None
    document_refuse(
        document=request.document,
        slot=SLOT,
        signer=actor.user,
        reason=reason,
        at=at,
        version_sha256=version_sha256,
    )
    move(request, RequestState.DRAFT)
    note(Verb.REQUEST_RETURNED, actor, request, at, reason=reason.strip())
    tell_managers(
        request.home,
        f"Директор вернул заявку в {request.host.short_name}: {reason.strip()}"[:300],
        reverse("request", args=[request.pk]),
        on=legal_day(request, at),
        at=at,
    )
    return request


@transaction.atomic
def request_send(*, actor: Acting, request: SchoolRequest, at: datetime) -> SchoolRequest:
    """Send a signed list to the host, which has the network's number of working days to answer.

    Raises:
        RuleError: the agreement is no longer in force; a course has no part of the home school's curriculum (L-8).
        StaleError: the list is not signed, or was sent already.
    """
    request = lock_request(request)
    _expect(request, RequestState.SIGNED)
    on = legal_day(request, at)
    refuse_without_agreement(request, on)
    if unmapped := unmapped_courses(request):
        titles = ", ".join(f"«{course.programme.title}»" for course in unmapped)
        raise RuleError(
            f"Направить нельзя: не сопоставлены с учебным планом вашей школы {titles}. "
            "Откройте «Учебный план» на странице заявки и укажите, что заменяет или дополняет каждый курс."
        )
    due = add_working_days(on, request.agreement.network.answer_days)
    move(request, RequestState.SENT, sent_at=at, answer_due=due)
    note(Verb.REQUEST_SENT, actor, request, at, answer_due=due.isoformat())
    count = request.lines.count()
    notify(
        staff_of(request.host, *MANAGER_KINDS, on=on),
        f"Поступила заявка {request.home.short_name}: {count}{NBSP}{plural(count, 'строка,строки,строк')}. "
        f"Ответить до {ru_date(due)}",
        reverse("request", args=[request.pk]),
        at=at,
    )
    return request


# --- parts --------------------------------------------------------------------------------------------------------


def _lock_draft(request: SchoolRequest) -> SchoolRequest:
    request = lock_request(request)
    _expect(request, RequestState.DRAFT)
    return request


def _expect(request: SchoolRequest, state: RequestState) -> None:
    if request.state != state:
        raise StaleError(
            f"Заявка уже в состоянии «{request.get_state_display()}». Ничего не изменено: откройте её заново."
        )


def _conditions_hold(request: SchoolRequest, on: date) -> None:
    """Check the conditions of every line afresh; RuleError names the pupils and the reasons."""
    lines = lines_of_request(request)
    evidence = evidence_for([line.application for line in lines], on)
    against = [
        f"{line.application.student.short_name}: {reasons}"
        for line in lines
        if (reasons := failed(line_conditions(line, request, evidence)))
    ]
    if against:
        raise RuleError(" ".join(["Список не готов.", *against]))
