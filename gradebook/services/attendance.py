"""Absences: the family's word in advance, the home school's refinement, the signal of the same day (6.2)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta

import pghistory
from django.conf import settings
from django.core.mail import EmailMessage
from django.db import transaction
from django.template.loader import render_to_string
from django.urls import reverse

from enrollment.models import Enrolment
from gradebook.enums import ABSENCES, REFINE_DAYS, REFINED, AbsenceReason, AttendanceCode, Verb
from gradebook.models import AbsenceNotice, AbsenceRefinement, AbsenceSignal, Attendance
from gradebook.selectors.months import group_day
from gradebook.services.lessons import lock_lesson
from gradebook.services.refusals import refusals
from network_portal.accounts.models import User
from network_portal.audit.services import record
from network_portal.common.cleaning import clean
from network_portal.common.dates import add_working_days, ru_day, ru_time
from network_portal.common.errors import RuleError, StaleError
from network_portal.notices.services import notify
from network_portal.outbox.services import emit, emit_all
from schools.acting import Acting
from schools.enums import DutyKind, Role
from schools.models import Duty, GuardianLink, Student
from schools.selectors import staff_of

LONGEST_ABSENCE = timedelta(days=60)


@refusals()
@transaction.atomic
def absence_refine(
    *, actor: Acting, absence: Attendance, code: AttendanceCode, basis: str, seen: str, at: datetime
) -> Attendance:
    """Say why a pupil was away, by a paper that the home school has (6.2).

    Args:
        actor: who follows the pupil's studies at home, or the class teacher.
        absence: a record of the journal: «Н», or what the home school made of it.
        code: Б, УП or НП.
        basis: the certificate, application or order.
        seen: the code that the page showed.
        at: the moment.

    Raises:
        RuleError: no basis; the working days for it are over; the month is sealed; the teacher named the reason.
        StaleError: the record was changed or removed meanwhile.
    """
    lesson = lock_lesson(absence.lesson_id)
    current = Attendance.objects.select_for_update().filter(pk=absence.pk).select_related("enrolment").first()
    if current is None or current.code != seen:
        raise StaleError("Запись о пропуске изменилась. Обновите страницу и проверьте, что в ней стоит.")
    if code not in REFINED:
        raise RuleError("Причина: болезнь, уважительная или неуважительная.", field="code")
    own = AbsenceRefinement.objects.filter(lesson=lesson, enrolment=current.enrolment, after=current.code).exists()
    if current.code != AttendanceCode.ABSENT and not own:
        raise RuleError("Причину назвал учитель. Если она неверна, напишите ему.")
    if group_day(lesson.group, at) > (last := add_working_days(lesson.date, REFINE_DAYS)):
        raise RuleError(f"Срок уточнения прошёл {ru_day(last)}: {REFINE_DAYS} рабочих дней после занятия.")
    refinement = AbsenceRefinement(
        lesson=lesson,
        enrolment=current.enrolment,
        before=current.code,
        after=code,
        basis=basis.strip(),
        refined_by=actor.user,
        refined_at=at,
    )
    clean(refinement)
    refinement.save()
    with pghistory.context(user=actor.user_id):
        current.code = code
        current.save(update_fields=["code"])
    _note(Verb.ATTENDANCE_REFINED, actor, current.enrolment, at, lesson=lesson.pk, before=seen, after=code.value)
    teacher = lesson.substitute or lesson.group.teacher
    text = f"Школа уточнила причину отсутствия: {lesson.group}, {ru_day(lesson.date)}"
    notify([teacher.user] if teacher else [], text, reverse("lesson", args=[lesson.pk]), at=at)
    return current


@transaction.atomic
def absence_tell(
    *,
    actor: Acting,
    student: Student,
    date_from: date,
    date_to: date,
    reason: AbsenceReason,
    comment: str,
    at: datetime,
) -> AbsenceNotice:
    """Tell the schools in advance that a child will be away.

    Args:
        actor: the child's parent.
        student: the child.
        date_from: the first day, today at the earliest.
        date_to: the last day.
        reason: the kind of reason; the teacher sees it.
        comment: more for the home school alone.
        at: the moment.

    Raises:
        RuleError: the days are over, in the wrong order or too many; these days are told already.
    """
    Student.objects.select_for_update(no_key=True).get(pk=student.pk)
    notice = AbsenceNotice(
        student=student,
        guardian=actor.user,
        date_from=date_from,
        date_to=date_to,
        reason=reason,
        comment=comment.strip(),
        created_at=at,
    )
    if date_to < date_from:
        raise RuleError("Последний день раньше первого.", field="date_to")
    if date_from < actor.on:
        raise RuleError(
            "Этот день уже прошёл. О прошедших днях сообщите школе: куратор уточнит причину.", field="date_from"
        )
    if date_to - date_from > LONGEST_ABSENCE:
        raise RuleError(f"Можно сообщить не больше чем о {LONGEST_ABSENCE.days} днях сразу.", field="date_to")
    there = AbsenceNotice.objects.filter(student=student, withdrawn_at=None)
    if there.filter(date_from__lte=date_to, date_to__gte=date_from).exists():
        raise RuleError("Об этих днях уже сообщено. Отзовите прежнее сообщение, если оно изменилось.")
    clean(notice, exclude=["withdrawn_at"])
    notice.save()
    _note(Verb.ABSENCE_TOLD, actor, student, at)
    days = ru_day(date_from) if date_from == date_to else f"{ru_day(date_from)}–{ru_day(date_to)}"
    notify(
        _at_home(student, actor.on),
        f"Семья сообщила об отсутствии обучающегося: {days}",
        reverse("absence_list"),
        at=at,
    )
    return notice


@transaction.atomic
def absence_withdraw(*, actor: Acting, notice: AbsenceNotice, at: datetime) -> None:
    """Take back what was told in advance.

    Raises:
        StaleError: it was taken back meanwhile.
    """
    if not AbsenceNotice.objects.filter(pk=notice.pk, withdrawn_at=None).update(withdrawn_at=at):
        raise StaleError("Сообщение уже отозвано. Обновите страницу.")
    _note(Verb.ABSENCE_WITHDRAWN, actor, notice.student, at)
    text = f"Семья отозвала сообщение об отсутствии с {ru_day(notice.date_from)}"
    notify(_at_home(notice.student, actor.on), text, reverse("absence_list"), at=at)


# --- the same-day signal ------------------------------------------------------------------------------------------


def absences_noted(pairs: Iterable[tuple[int, int]], *, at: datetime) -> None:
    """Queue the signals about pupils whose letter at a lesson of today became an absence, or ceased to be one.

    Called in the transaction that writes the letters. The worker looks at what stands there by then, so that a letter
    that was mended at once is never told.

    Args:
        pairs: ids of a lesson of today and of an enrolment.
        at: the moment.
    """
    for lesson, enrolment in pairs:
        emit(
            topic="absence.signal",
            key=f"absence:{lesson}:{enrolment}:{at.isoformat()}",
            payload={"lesson_id": lesson, "enrolment_id": enrolment},
            at=at,
        )


@transaction.atomic
def absence_signal(*, lesson_id: int, enrolment_id: int, at: datetime) -> None:
    """Tell the family and the home's curator that a pupil is absent, once; and once more if the letter was removed.

    By the bell and by a letter, which is sent after the commit. Curators whom the agreement does not let read the
    journal are told nothing (S4-5.8).
    """
    lesson = lock_lesson(lesson_id)
    enrolment = Enrolment.objects.select_related("student", "home", "line__request__agreement").get(pk=enrolment_id)
    absent = Attendance.objects.filter(lesson=lesson, enrolment=enrolment, code__in=ABSENCES).exists()
    before = AbsenceSignal.objects.filter(lesson=lesson, enrolment=enrolment).first()
    if (before.absent if before else False) == absent:
        return
    told, _ = AbsenceSignal.objects.update_or_create(
        lesson=lesson, enrolment=enrolment, defaults={"absent": absent, "told_at": at}
    )
    on = group_day(lesson.group, at)
    what = f"{lesson.group.course}, {ru_day(lesson.date)}, {ru_time(lesson.starts)}"
    family = "ребёнка нет на занятии" if absent else "отметка об отсутствии снята, ребёнок на занятии"
    school = "обучающийся отсутствует" if absent else "отметка об отсутствии снята"
    links = GuardianLink.objects.valid(on).filter(student=enrolment.student)
    guardians = User.objects.filter(pk__in=links.values("user"), is_active=True)
    notify(guardians, f"{what}: {family}", f"{reverse('diary')}?week={lesson.date}", at=at)
    reads = Role.CURATOR in enrolment.line.request.agreement.journal_readers
    curators = staff_of(enrolment.home, DutyKind.CURATOR, on=on) if reads else User.objects.none()
    notify(curators, f"{what}: {school}", reverse("lesson", args=[lesson.pk]), at=at)
    people = {user.pk: False for user in curators} | {user.pk: True for user in guardians}
    letters = (
        (
            f"absence.letter:{told.pk}:{user}:{at.isoformat()}",
            {"signal_id": told.pk, "user_id": user, "family": of_family, "absent": absent},
        )
        for user, of_family in people.items()
    )
    emit_all(topic="absence.letter", events=letters, at=at)


def absence_letter_send(*, signal_id: int, user_id: int, family: bool, absent: bool) -> bool:
    """Send the letter of a signal: day and hour, no name and no course, which stand on the portal behind the sign-in.

    Returns:
        False when the journal says otherwise by now, or the person's account is closed.
    """
    signal = AbsenceSignal.objects.select_related("lesson").get(pk=signal_id)
    user = User.objects.filter(pk=user_id, is_active=True).first()
    if signal.absent != absent or user is None:
        return False
    lesson = signal.lesson
    page = f"{reverse('diary')}?week={lesson.date}" if family else reverse("lesson", args=[lesson.pk])
    when = f"{ru_day(lesson.date)}, {ru_time(lesson.starts)}"
    text = render_to_string(
        "gradebook/email/absence.txt",
        {"when": when, "family": family, "absent": absent, "link": settings.PUBLIC_URL.rstrip("/") + page},
    )
    EmailMessage(f"Посещаемость занятия {when}", text, to=[user.email]).send()
    return True


def _at_home(student: Student, on: date) -> list[User]:
    """Return who at home is told of an absence: the curators and the class teacher."""
    people = staff_of(student.home_school, DutyKind.CURATOR, on=on)
    own = [student.school_class.class_teacher_id] if student.school_class.class_teacher_id else []
    class_teachers = Duty.objects.in_force(on).filter(pk__in=own, user__is_active=True).select_related("user")
    return [*people, *(duty.user for duty in class_teachers)]


def _note(verb: Verb, actor: Acting, target: Enrolment | Student, at: datetime, **changes: object) -> None:
    home = target.home if isinstance(target, Enrolment) else target.home_school
    record(verb, actor=actor.user, organisation=home, target=target, at=at, changes=changes)
