"""The papers of an application: prepared, signed, registered with a number and a place in the queue (3.3)."""

from __future__ import annotations

from datetime import date, datetime

from django.conf import settings
from django.db import transaction
from django.urls import reverse

from enrollment.documents import application_paper
from enrollment.enums import ApplicationState, Verb
from enrollment.models import Application, ApplicationChoice
from enrollment.selectors.applications import check_choices, late_for
from enrollment.selectors.consents import consents_to_sign, missing_consents, papers_to_sign
from enrollment.selectors.details import details_row
from enrollment.services._shared import tell_managers
from enrollment.services.applications import lock_editable, lock_student
from enrollment.services.consents import SLOT, consents_prepare, consents_register, sign_together
from enrollment.services.guardians import guardians_asked
from network_portal.audit.services import record
from network_portal.common.dates import local_day
from network_portal.common.errors import RuleError, StaleError
from network_portal.common.russian import NBSP
from network_portal.common.states import move
from network_portal.documents.kinds import content_of, content_sha256
from network_portal.documents.proofs import Proof
from network_portal.documents.selectors import current_version
from network_portal.documents.services import SignerSlot, document_draft, document_register, document_revise
from schools.acting import Acting


@transaction.atomic
def application_prepare(*, actor: Acting, application: Application, at: datetime) -> Application:
    """Make the papers that the parent will sign, or their next versions when the wishes have changed.

    A course whose window is over by now is noted as late, and the paper says so.

    Raises:
        RuleError: something stands against one of the chosen courses.
        StaleError: the application has been submitted meanwhile.
    """
    application = lock_editable(application)
    write_paper(application, actor=actor, judged_at=at, written_at=at)
    if details_row(application):
        consents_prepare(actor=actor, application=application, at=at)
    record(Verb.APPLICATION_PREPARED, actor=actor.user, organisation=None, target=application, at=at)
    return application


@transaction.atomic
def application_submit(
    *, actor: Acting, application: Application, version_sha256: str, proof: Proof, at: datetime, ip: str = ""
) -> Application:
    """Sign the application with its consents and register it: it takes its number and its place in the queue (3.3).

    Args:
        actor: the parent.
        application: a draft, or one that the school returned.
        version_sha256: the hash that `sheet_prepare` gave: of the paper, or of the sheet that lists all of them.
        proof: the parent's password and one-time code.
        at: the moment of the registration, which decides whether it is in time.
        ip: where the request came from.

    Raises:
        RuleError: a consent is neither in force nor ticked, the window has closed since the check, a course does not
            fit, there is an application for the course already; on the field "password" or "code" when that is wrong.
        StaleError: it was submitted meanwhile, or what was signed is not what is chosen now.
    """
    application = lock_editable(application)
    lock_student(application.student_id)
    on = legal_day_of(application, at)
    if missing := missing_consents(application, on):
        names = ", ".join(need.operator.short_name for need in missing)
        raise RuleError(f"Нет согласия на обработку данных: {names}. Отметьте его на шаге «Согласия».")
    _nothing_blocks(application, at)
    if closed := _changed_lateness(application, at):
        names = ", ".join(f"«{choice.course}»" for choice in closed)
        raise RuleError(
            f"Пока форма была открыта, приём заявлений закончился: {names}. Всё, что вы выбрали, сохранено. Вернитесь "
            "на шаг «Проверка»: подать заявление можно с пометкой «после срока»."
        )
    document = application.prepared
    if document is None:
        raise StaleError("Заявление ещё не подготовлено к подписи. Вернитесь на шаг «Проверка».")
    content = content_of(application_paper(application, on))
    if current_version(document).sha256 != content_sha256(content):
        raise StaleError("Заявление изменилось после проверки. Вернитесь на шаг «Проверка» и прочтите его ещё раз.")
    consents = consents_to_sign(application, on)
    sign_together(
        actor=actor,
        application=application,
        papers=papers_to_sign(application, consents, with_application=True),
        version_sha256=version_sha256,
        proof=proof,
        at=at,
        ip=ip,
    )
    consents_register(actor=actor, consents=consents, on=on, at=at, method="password and code", ip=ip)
    register(application, actor=actor, registered_at=at, on=on, at=at)
    return application


def register(application: Application, *, actor: Acting, registered_at: datetime, on: date, at: datetime) -> None:
    """Give a locked application with a signed paper its number and its place in the queue."""
    assert application.prepared is not None
    document = document_register(document=application.prepared, on=on, at=at, actor=actor.user)
    application.choices.filter(registered_at=None).update(registered_at=registered_at)
    first = application.choices.get(rank=1)
    move(
        application,
        ApplicationState.REGISTERED,
        registered_at=first.registered_at,
        document=document,
        prepared=None,
        reason="",
        decided_by=None,
        decided_at=None,
    )
    record(
        Verb.APPLICATION_SUBMITTED,
        actor=actor.user,
        organisation=None,
        target=application,
        at=at,
        changes={"document": document.pk, "number": document.number, "registered_at": registered_at.isoformat()},
    )
    late = ", после срока" if application.choices.filter(late=True).exists() else ""
    tell_managers(
        application.home,
        f"Подано заявление №{NBSP}{document.number}{late}.",
        reverse("application", args=[application.pk]),
        on=on,
        at=at,
    )
    guardians_asked(application=application, at=at)


def write_paper(application: Application, *, actor: Acting, judged_at: datetime, written_at: datetime) -> None:
    """Draft the paper of a locked application, or its next version when it says something else by now.

    Args:
        application: one that may be changed.
        actor: who prepares it.
        judged_at: the moment at which the courses and their windows are looked at.
        written_at: the moment of the paper.

    Raises:
        RuleError: something stands against one of the chosen courses.
    """
    _nothing_blocks(application, judged_at)
    for choice in _changed_lateness(application, judged_at):
        choice.late = not choice.late
        choice.save(update_fields=["late"])
    paper = application_paper(application, legal_day_of(application, judged_at))
    slots = [SignerSlot(SLOT, f"заявитель ({paper.kinship})")]
    if application.prepared is None:
        application.prepared = document_draft(
            actor=actor.user,
            organisation=application.home,
            paper=paper,
            signers=slots,
            replaces=application.document,
            at=written_at,
        )
        application.save(update_fields=["prepared"])
    elif current_version(application.prepared).sha256 != content_sha256(content_of(paper)):
        document_revise(document=application.prepared, paper=paper, actor=actor.user, signers=slots, at=written_at)


def _nothing_blocks(application: Application, at: datetime) -> None:
    """Raise RuleError with everything that stands against the chosen courses at the moment `at`."""
    choices = check_choices(application, at)
    if not choices:
        raise RuleError("Выберите хотя бы один курс.")
    against = [
        f"«{one.choice.course}»: {remark.text}" for one in choices for remark in one.remarks if remark.tone == "bad"
    ]
    if against:
        raise RuleError(" ".join(["Подать заявление нельзя.", *against]))


def _changed_lateness(application: Application, at: datetime) -> list[ApplicationChoice]:
    """Return the choices never signed for that are late by the moment `at` and were not noted so, or the reverse."""
    unsigned = application.choices.filter(registered_at=None).select_related("course__network", "course__programme")
    return [choice for choice in unsigned if choice.late != late_for(choice.course, at)]


def legal_day_of(application: Application, at: datetime) -> date:
    """Return the day of the moment `at` in the zone of the network of the first course (I-10)."""
    first = application.choices.select_related("course__network").order_by("rank").first()
    return local_day(at, first.course.network.time_zone if first else settings.TIME_ZONE)
