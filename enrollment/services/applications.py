"""Applications: filling in, checking, signing, and the home school's decision (3.3, S0-3)."""

from __future__ import annotations

from contextlib import suppress
from datetime import date, datetime

from django.conf import settings
from django.db import transaction
from django.urls import reverse

from enrollment.documents import application_paper
from enrollment.enums import ApplicationState, Verb
from enrollment.models import Application, ApplicationChoice, SchoolRequest
from enrollment.selectors.applications import (
    MOST_CHOICES,
    check_choices,
    courses_late,
    courses_offered,
    late_for,
    other_forms,
)
from enrollment.selectors.consents import consents_to_sign, missing_consents, papers_to_sign
from enrollment.selectors.details import details_row
from enrollment.services._shared import (
    checked,
    drop_lines,
    lock_application,
    lock_request,
    tell_family,
    tell_managers,
)
from enrollment.services.consents import SLOT, consents_prepare, consents_register, sign_together
from enrollment.services.guardians import guardian_confirmations, guardians_asked
from network_portal.audit.services import record
from network_portal.common.dates import local_day, ru_day, ru_moment, school_year
from network_portal.common.errors import RuleError, StaleError
from network_portal.common.russian import NBSP
from network_portal.common.states import can_move, move
from network_portal.documents.kinds import content_of, content_sha256
from network_portal.documents.proofs import Proof
from network_portal.documents.selectors import current_version
from network_portal.documents.services import (
    SignerSlot,
    document_draft,
    document_register,
    document_revise,
)
from schools.acting import Acting
from schools.enums import Role
from schools.models import Student

EDITABLE = (ApplicationState.DRAFT, ApplicationState.RETURNED)


# --- filling in ---------------------------------------------------------------------------------------------------


def application_start(*, actor: Acting, student: Student, course_id: int | None = None, at: datetime) -> Application:
    """Return the parent's draft for a child, a new one when there is none: a half-filled form is there tomorrow.

    Draft and first wish are two transactions: the pupil's row is never held while the application's is waited for.

    Args:
        actor: the parent.
        student: a child whom the gate let the parent see.
        course_id: a course to begin the wishes with, when the parent comes from its page; one that does not fit the
            child is passed over.
        at: the moment.

    Raises:
        RuleError: the child has left the school.
    """
    draft = _draft(actor=actor, student=student, at=at)
    if course_id is not None:
        with suppress(RuleError):
            application_choose(actor=actor, application=draft, course_id=course_id, at=at)
    return draft


@transaction.atomic
def application_choose(*, actor: Acting, application: Application, course_id: int, at: datetime) -> None:
    """Add a course at the end of the wishes.

    Raises:
        RuleError: the course is not among those offered to the child now, or the list is full.
        StaleError: the application has been submitted meanwhile.
    """
    application = lock_editable(application)
    chosen = list(application.choices.select_related("course").order_by("rank"))
    if any(choice.course_id == course_id for choice in chosen):
        return
    course = (
        courses_offered(application.student, at).filter(pk=course_id).first()
        or courses_late(application.student, at).filter(pk=course_id).first()
    )
    if course is None:
        raise RuleError("На этот курс подать заявление нельзя: приём закрыт или курс не подходит ребёнку.")
    if len(chosen) >= MOST_CHOICES:
        raise RuleError(f"Можно выбрать не больше {MOST_CHOICES} курсов. Уберите один, чтобы добавить этот.")
    if any(choice.course.year != course.year for choice in chosen):
        raise RuleError("Курсы разных учебных лет выбирают в разных заявлениях.")
    checked(ApplicationChoice(application=application, course=course, rank=len(chosen) + 1)).save()
    if application.year != course.year:
        application.year = course.year
        application.save(update_fields=["year"])
    _changed(application, actor, at, {"added": course.pk})


@transaction.atomic
def application_swap(*, actor: Acting, application: Application, course_id: int, to_id: int, at: datetime) -> None:
    """Take another form of study of the same programme in place of a chosen course; the order stays.

    Raises:
        RuleError: the other course is not one of that programme, or is not offered to the child now.
        StaleError: the application has been submitted meanwhile.
    """
    application = lock_editable(application)
    choice = application.choices.select_related("course").filter(course=course_id).first()
    other = next((one for one in other_forms(application, choice, at) if one.pk == to_id), None) if choice else None
    if choice is None or other is None:
        raise RuleError("Этой формы занятий у курса сейчас нет. Обновите страницу.")
    choice.delete()
    checked(ApplicationChoice(application=application, course=other, rank=choice.rank)).save()
    _changed(application, actor, at, {"swapped": course_id, "for": to_id})


@transaction.atomic
def application_unchoose(*, actor: Acting, application: Application, course_id: int, at: datetime) -> None:
    """Take a course out of the wishes; the others move up. A course that is not there is no error."""
    application = lock_editable(application)
    if application.choices.filter(course=course_id).delete()[0]:
        _renumber(list(application.choices.order_by("rank")))
        _changed(application, actor, at, {"removed": course_id})


@transaction.atomic
def application_rank(*, actor: Acting, application: Application, course_id: int, up: bool, at: datetime) -> None:
    """Move a course one place up or down in the wishes; at the end of the list nothing happens."""
    application = lock_editable(application)
    choices = list(application.choices.order_by("rank"))
    place = next((i for i, choice in enumerate(choices) if choice.course_id == course_id), None)
    other = None if place is None else place + (-1 if up else 1)
    if place is None or other is None or not 0 <= other < len(choices):
        return
    choices[place], choices[other] = choices[other], choices[place]
    _renumber(choices)
    _changed(application, actor, at, {"moved": course_id})


@transaction.atomic
def application_waitlist(*, actor: Acting, application: Application, waitlist_ok: bool, at: datetime) -> None:
    """Note whether the family agrees to a waiting list."""
    application = lock_editable(application)
    if application.waitlist_ok != waitlist_ok:
        application.waitlist_ok = waitlist_ok
        application.save(update_fields=["waitlist_ok"])
        _changed(application, actor, at, {"waitlist_ok": waitlist_ok})


@transaction.atomic
def application_prepare(*, actor: Acting, application: Application, at: datetime) -> Application:
    """Make the papers that the parent will sign, or their next versions when the wishes have changed.

    A course whose window is over by now is noted as late, and the paper says so.

    Raises:
        RuleError: something stands against one of the chosen courses.
        StaleError: the application has been submitted meanwhile.
    """
    application = lock_editable(application)
    nothing_blocks(application, at)
    for choice in changed_lateness(application, at):
        choice.late = not choice.late
        choice.save(update_fields=["late"])
    paper = application_paper(application, legal_day_of(application, at))
    slots = [SignerSlot(SLOT, f"заявитель ({paper.kinship})")]
    if application.prepared is None:
        application.prepared = document_draft(
            actor=actor.user,
            organisation=application.home,
            paper=paper,
            signers=slots,
            replaces=application.document,
            at=at,
        )
        application.save(update_fields=["prepared"])
    elif current_version(application.prepared).sha256 != content_sha256(content_of(paper)):
        document_revise(document=application.prepared, paper=paper, actor=actor.user, signers=slots, at=at)
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
    nothing_blocks(application, at)
    if closed := changed_lateness(application, at):
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


# --- the home school's decision -----------------------------------------------------------------------------------


@transaction.atomic
def application_accept(*, actor: Acting, application: Application, at: datetime, late_reason: str = "") -> Application:
    """Accept a registered application (S0-3); a late one only the deputy director accepts, and says why (3.3).

    Args:
        actor: who decides.
        application: a registered one.
        at: the moment.
        late_reason: why one that came after the window is accepted; it stands last all the same.

    Raises:
        RuleError: the word of another representative is missing; it is late and the actor is not the deputy; on the
            field "reason" when there is none.
        StaleError: someone has decided on it meanwhile, or the family took it back.
    """
    application = _lock_undecided(application)
    guardian_confirmations(application=application, at=at)
    late_reason = late_reason.strip()
    if application.choices.filter(late=True).exists():
        if not actor.is_(Role.DEPUTY):
            raise RuleError("Заявление поступило после срока: принять его может только заместитель директора.")
        if not late_reason:
            raise RuleError("Заявление поступило после срока. Укажите, почему его принимают.", field="reason")
    else:
        late_reason = ""
    move(
        application,
        ApplicationState.ACCEPTED,
        decided_by=actor.user,
        decided_at=at,
        reason="",
        late_reason=late_reason,
    )
    words = "Школа приняла заявление, поданное после срока" if late_reason else "Школа приняла заявление"
    _decided(Verb.APPLICATION_ACCEPTED, application, actor, at, words, late_reason)
    return application


@transaction.atomic
def application_return(*, actor: Acting, application: Application, reason: str, at: datetime) -> Application:
    """Return an application for correction; the parent signs a new paper and keeps the place in the queue.

    Raises:
        RuleError: on the field "reason" when there is none.
        StaleError: someone has decided on it meanwhile.
    """
    reason = _reason(reason)
    application = lock_application(application)
    if application.state != ApplicationState.ACCEPTED:
        _undecided(application)
    move(application, ApplicationState.RETURNED, decided_by=actor.user, decided_at=at, reason=reason)
    _decided(Verb.APPLICATION_RETURNED, application, actor, at, "Школа вернула заявление на исправление", reason)
    return application


@transaction.atomic
def application_refuse(*, actor: Acting, application: Application, reason: str, at: datetime) -> Application:
    """Refuse an application for good.

    Raises:
        RuleError: on the field "reason" when there is none.
        StaleError: someone has decided on it meanwhile.
    """
    reason = _reason(reason)
    application = _lock_undecided(application)
    move(application, ApplicationState.REFUSED, decided_by=actor.user, decided_at=at, reason=reason)
    _decided(Verb.APPLICATION_REFUSED, application, actor, at, "Школа отказала в приёме заявления", reason)
    return application


@transaction.atomic
def application_withdraw(*, actor: Acting, application: Application, at: datetime) -> Application:
    """Take an application back, at any time before the pupil is enrolled (3.3).

    Lists follow in the same transaction: a draft loses the line, a booked place is given back.

    Raises:
        StaleError: the pupil has been enrolled, or the application is closed already.
    """
    requests = [
        lock_request(request)
        for request in SchoolRequest.objects.filter(lines__application=application).distinct().order_by("pk")
    ]
    application = lock_application(application)
    if application.state == ApplicationState.PLACED:
        raise StaleError(
            "Ребёнок уже зачислен приказом. Чтобы прекратить обучение, нужно другое заявление: об отчислении из "
            "группы. Его подают на странице этого заявления."
        )
    was_draft = application.state == ApplicationState.DRAFT
    move(application, ApplicationState.WITHDRAWN)
    known = {request.pk for request in requests}
    if application.lines.exclude(request__in=known).exists():
        raise StaleError("Школа как раз меняет список с этим заявлением. Повторите через минуту.")
    drop_lines(application, requests, actor=actor, at=at)
    record(Verb.APPLICATION_WITHDRAWN, actor=actor.user, organisation=None, target=application, at=at)
    if not was_draft:
        tell_managers(
            application.home,
            f"Отозвано заявление №{NBSP}{application.document.number if application.document else ''}.",
            reverse("application", args=[application.pk]),
            on=legal_day_of(application, at),
            at=at,
        )
    return application


# --- parts --------------------------------------------------------------------------------------------------------


@transaction.atomic
def _draft(*, actor: Acting, student: Student, at: datetime) -> Application:
    lock_student(student.pk)
    draft = Application.objects.filter(student=student, guardian=actor.user, state=ApplicationState.DRAFT).first()
    if draft is None:
        draft = checked(
            Application(
                student=student,
                guardian=actor.user,
                home=student.home_school,
                year=school_year(local_day(at, actor.zone)),
                created_at=at,
            )
        )
        draft.save()
        record(Verb.APPLICATION_DRAFTED, actor=actor.user, organisation=None, target=draft, at=at)
    return draft


def lock_student(student_id: int) -> None:
    """Let only one application of a child be started or submitted at a time; none of one who has left the school."""
    student = Student.objects.select_for_update(no_key=True).get(pk=student_id)
    if student.left_on is not None:
        raise RuleError(
            f"Школа отметила, что {student.short_name} больше не учится: последний день {ru_day(student.left_on)}. "
            "Заявление подают через новую школу: добавьте ребёнка там. Если это ошибка, обратитесь в прежнюю школу."
        )


def lock_editable(application: Application) -> Application:
    """Return the locked application while it may be changed; StaleError tells where it stands otherwise."""
    application = lock_application(application)
    if application.state in EDITABLE:
        return application
    if application.document and application.registered_at:
        raise StaleError(
            f"Это заявление уже подано: №{NBSP}{application.document.number}, {ru_moment(application.registered_at)}, "
            f"сейчас оно в состоянии «{application.get_state_display()}». Второй раз подавать его не нужно."
        )
    raise StaleError(f"Это заявление уже в состоянии «{application.get_state_display()}», изменить его нельзя.")


def _lock_undecided(application: Application) -> Application:
    application = lock_application(application)
    _undecided(application)
    return application


def _undecided(application: Application) -> None:
    """Tell the second of two deputies what the first one has decided."""
    if can_move(application, ApplicationState.REFUSED):
        return
    who = application.decided_by
    by = f" Решение: {who.short_name}, {ru_moment(application.decided_at)}." if who else ""
    raise StaleError(f"Заявление уже в состоянии «{application.get_state_display()}».{by} Ничего не изменено.")


def nothing_blocks(application: Application, at: datetime) -> None:
    """Raise RuleError with everything that stands against the chosen courses at the moment `at`."""
    choices = check_choices(application, at)
    if not choices:
        raise RuleError("Выберите хотя бы один курс.")
    against = [
        f"«{one.choice.course}»: {remark.text}" for one in choices for remark in one.remarks if remark.tone == "bad"
    ]
    if against:
        raise RuleError(" ".join(["Подать заявление нельзя.", *against]))


def changed_lateness(application: Application, at: datetime) -> list[ApplicationChoice]:
    """Return the choices never signed for that are late by the moment `at` and were not noted so, or the reverse."""
    unsigned = application.choices.filter(registered_at=None).select_related("course__network", "course__programme")
    return [choice for choice in unsigned if choice.late != late_for(choice.course, at)]


def legal_day_of(application: Application, at: datetime) -> date:
    """Return the day of the moment `at` in the zone of the network of the first course (I-10)."""
    first = application.choices.select_related("course__network").order_by("rank").first()
    return local_day(at, first.course.network.time_zone if first else settings.TIME_ZONE)


def _renumber(choices: list[ApplicationChoice]) -> None:
    for rank, choice in enumerate(choices, start=1):
        if choice.rank != rank:
            choice.rank = rank
            choice.save(update_fields=["rank"])


def _changed(application: Application, actor: Acting, at: datetime, changes: dict[str, object]) -> None:
    record(Verb.APPLICATION_DRAFTED, actor=actor.user, organisation=None, target=application, at=at, changes=changes)


def _reason(reason: str) -> str:
    if not reason.strip():
        raise RuleError("Укажите причину: её увидит семья.", field="reason")
    return reason.strip()


def _decided(verb: Verb, application: Application, actor: Acting, at: datetime, words: str, reason: str) -> None:
    record(
        verb,
        actor=actor.user,
        organisation=actor.organisation,
        target=application,
        at=at,
        changes={"reason": reason} if reason else {},
    )
    ending = f": {reason}" if reason else "."
    tell_family(application, f"{words}{ending}"[:300], at=at)
