"""Filling an application in: the courses in their order, the waiting list (3.3, S0-3)."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime

from django.db import transaction

from enrollment.enums import ApplicationState, Verb
from enrollment.models import Application, ApplicationChoice
from enrollment.selectors.applications import MOST_CHOICES, courses_late, courses_offered, other_forms
from enrollment.services._shared import checked, lock_application
from network_portal.audit.services import record
from network_portal.common.dates import local_day, ru_day, ru_moment, school_year
from network_portal.common.errors import RuleError, StaleError
from network_portal.common.russian import NBSP
from schools.acting import Acting
from schools.models import Student

EDITABLE = (ApplicationState.DRAFT, ApplicationState.RETURNED)


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


def _renumber(choices: list[ApplicationChoice]) -> None:
    for rank, choice in enumerate(choices, start=1):
        if choice.rank != rank:
            choice.rank = rank
            choice.save(update_fields=["rank"])


def _changed(application: Application, actor: Acting, at: datetime, changes: dict[str, object]) -> None:
    record(Verb.APPLICATION_DRAFTED, actor=actor.user, organisation=None, target=application, at=at, changes=changes)
