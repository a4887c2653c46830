"""Changing single lessons: adding, moving, replacing the teacher, holding at a distance (3.8, 6.8)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time

from django.db import transaction
from django.urls import reverse

from courses.enums import GroupState
from courses.models import StudyGroup
from enrollment.models import Enrolment
from gradebook.enums import LessonState, Verb
from gradebook.models import Lesson, LessonMove, RemoteLesson, Work
from gradebook.selectors.calendars import no_lessons_on
from gradebook.selectors.clashes import Place, busy_teacher, clash_at, teacher_of
from gradebook.selectors.lessons import place_of
from gradebook.selectors.months import group_day
from gradebook.services.lessons import lesson_words, lock_lesson, tell
from gradebook.services.refusals import refusals
from network_portal.accounts.models import User
from network_portal.audit.services import record
from network_portal.common.cleaning import clean
from network_portal.common.dates import ru_day, ru_time
from network_portal.common.errors import RuleError, StaleError
from network_portal.common.seen import check_seen
from network_portal.notices.services import notify
from schools.acting import Acting
from schools.models import Duty, Organisation


@dataclass(frozen=True, kw_only=True)
class When:
    """A day, a time and a room, as a form sends them."""

    date: date
    starts: time
    ends: time
    room: str


@refusals()
@transaction.atomic
def lesson_add(*, actor: Acting, group: StudyGroup, when: When, at: datetime) -> Lesson:
    """Add a lesson beside the weekly slots, for instance to make up for missing hours.

    Args:
        actor: the group's teacher, the host's coordinator or deputy director.
        group: an open group.
        when: its day, time and room.
        at: the moment.

    Raises:
        RuleError: nobody teaches on that day; group, teacher, room or pupils are busy; the month is sealed.
    """
    group = _lock_school_and_group(group.pk)
    if group.state != GroupState.OPEN:
        raise StaleError("Группа закрыта, занятий больше не добавить. Обновите страницу.")
    lesson = Lesson(group=group, date=when.date, starts=when.starts, ends=when.ends, room=when.room.strip())
    _refuse_day(group, when, at)
    _refuse_clash(lesson, when)
    clean(lesson, exclude=["attendance_confirmed_at"])
    lesson.save()
    Work.objects.create(lesson=lesson)
    _note(Verb.LESSON_ADDED, actor, lesson, at)
    tell(actor, lesson, f"Добавлено занятие: {lesson_words(lesson)}", lesson.date, at)
    return lesson


@refusals()
@transaction.atomic
def lesson_move(*, actor: Acting, lesson: Lesson, when: When, reason: str, seen: str = "", at: datetime) -> Lesson:
    """Move a lesson to another day, time or room; it stays the same lesson, and its old place stays known (3.8).

    Args:
        actor: the group's teacher, the host's coordinator or deputy director.
        lesson: a lesson at which nothing was recorded yet.
        when: the new place.
        reason: why, for families and schools.
        seen: the place that the page showed, by `common.seen.seen_of`.
        at: the moment.

    Raises:
        RuleError: no reason; nobody teaches on that day; group, teacher, room or pupils are busy there; a month of the
            old or the new day is sealed.
        StaleError: it was held, cancelled or moved meanwhile.
    """
    _lock_school_and_group(lesson.group_id)
    lesson = lock_lesson(lesson.pk)
    if lesson.state != LessonState.PLANNED:
        raise StaleError(
            f"Занятие уже {lesson.get_state_display()}: переносятся только запланированные. Обновите страницу."
        )
    check_seen(seen, place_of(lesson))
    if not reason.strip():
        raise RuleError("Укажите причину переноса: её увидят обучающиеся и их школы.", field="reason")
    before = When(date=lesson.date, starts=lesson.starts, ends=lesson.ends, room=lesson.room)
    if before == when:
        raise RuleError("Занятие уже стоит там: измените день, время или кабинет.")
    _refuse_day(lesson.group, when, at)
    _refuse_clash(lesson, when)
    LessonMove.objects.create(lesson=lesson, **vars(before), reason=reason.strip(), moved_by=actor.user, moved_at=at)
    for name, value in vars(when).items():
        setattr(lesson, name, value)
    clean(lesson, exclude=["attendance_confirmed_at"])
    lesson.save(update_fields=["date", "starts", "ends", "room"])
    was = f"{ru_day(before.date)}, {ru_time(before.starts)}"
    _note(Verb.LESSON_MOVED, actor, lesson, at, before=was, reason=reason.strip())
    text = f"Занятие {was} перенесено: {lesson_words(lesson)}. Причина: {reason.strip()}"
    tell(actor, lesson, text, before.date, at)
    return lesson


@refusals()
@transaction.atomic
def lesson_substitute(*, actor: Acting, lesson: Lesson, teacher: Duty | None, at: datetime) -> Lesson:
    """Let another network teacher of the host give one lesson, and write in the journal of it alone.

    Args:
        actor: the host's coordinator or deputy director.
        lesson: a lesson that is not cancelled.
        teacher: who gives it; None for the group's own teacher again.
        at: the moment.

    Raises:
        RuleError: the teacher works elsewhere, is the group's own, or has another lesson then.
        StaleError: the lesson is cancelled.
    """
    group = _lock_school_and_group(lesson.group_id)
    lesson = lock_lesson(lesson.pk)
    if lesson.state == LessonState.CANCELLED:
        raise StaleError("Занятие отменено. Обновите страницу.")
    if teacher is not None:
        if teacher.organisation_id != group.course.programme.host_id:
            raise RuleError("Заменить может сетевой учитель школы, которая ведёт курс.", field="teacher")
        if group.teacher is not None and teacher.user_id == group.teacher.user_id:
            raise RuleError("Это учитель самой группы. Чтобы вернуть его, выберите «без замены».", field="teacher")
        User.objects.select_for_update(no_key=True).get(pk=teacher.user_id)
        place = Place(group, lesson.date, lesson.starts, lesson.ends, lesson.room, teacher.user_id)
        if words := busy_teacher(place, without=lesson.pk):
            raise RuleError(words, field="teacher")
    before, lesson.substitute = lesson.substitute, teacher
    if before == teacher:
        return lesson
    lesson.save(update_fields=["substitute"])
    _note(Verb.LESSON_SUBSTITUTED, actor, lesson, at, teacher=teacher.pk if teacher else None)
    who = teacher.user.short_name if teacher else "учитель группы"
    tell(actor, lesson, f"Занятие {lesson_words(lesson)} проведёт {who}", lesson.date, at)
    notify([before.user] if before else [], f"Замена снята: {lesson_words(lesson)}", reverse("lesson_today"), at=at)
    return lesson


@refusals()
@transaction.atomic
def lesson_hold_remotely(
    *, actor: Acting, lesson: Lesson, home: Organisation | None, link: str, at: datetime
) -> RemoteLesson:
    """Hold a lesson at a distance for the pupils of one school, for instance in its holidays, or for all.

    Args:
        actor: the group's teacher, the host's coordinator or deputy director.
        lesson: a lesson that is planned.
        home: a school whose pupils study in the group; None for all.
        link: where to join; may be empty and told otherwise.
        at: the moment.

    Raises:
        RuleError: no pupil of that school studies in the group on that day; it is at a distance for it already.
        StaleError: the lesson was held or cancelled.
    """
    lesson = lock_lesson(lesson.pk)
    if lesson.state != LessonState.PLANNED:
        raise StaleError(f"Занятие уже {lesson.get_state_display()}. Обновите страницу.")
    pupils = Enrolment.objects.studied_on(lesson.date).filter(group=lesson.group_id)
    if home is not None and not pupils.filter(home=home).exists():
        raise RuleError("В этот день из этой школы никто не занимается.", field="home")
    remote = RemoteLesson(lesson=lesson, home=home, link=link.strip())
    clean(remote)
    remote.save()
    _note(Verb.LESSON_REMOTE, actor, lesson, at, home=home.pk if home else None)
    text = f"Занятие {lesson_words(lesson)} пройдёт дистанционно"
    tell(actor, lesson, text if home is None else f"{text} ({home})", lesson.date, at, home=home)
    return remote


@refusals()
@transaction.atomic
def lesson_hold_on_site(*, actor: Acting, remote: RemoteLesson, at: datetime) -> None:
    """Take back that a lesson is held at a distance.

    Raises:
        StaleError: the lesson was held or cancelled, or it was taken back meanwhile.
    """
    lesson = lock_lesson(remote.lesson_id)
    if lesson.state != LessonState.PLANNED:
        raise StaleError(f"Занятие уже {lesson.get_state_display()}. Обновите страницу.")
    home = remote.home
    deleted, _ = RemoteLesson.objects.filter(pk=remote.pk).delete()
    if not deleted:
        raise StaleError("Занятие уже не дистанционное. Обновите страницу.")
    _note(Verb.LESSON_ON_SITE, actor, lesson, at, home=home.pk if home else None)
    tell(actor, lesson, f"Занятие {lesson_words(lesson)} пройдёт очно", lesson.date, at, home=home)


# --- rules --------------------------------------------------------------------------------------------------------


def _lock_school_and_group(group_id: int) -> StudyGroup:
    """Return the group; lessons of a school are placed one after another, so that two do not take one room."""
    group = StudyGroup.objects.select_related("course__programme__host", "course__network", "teacher__user").get(
        pk=group_id
    )
    Organisation.objects.select_for_update(no_key=True).get(pk=group.course.programme.host_id)
    return group


def _refuse_day(group: StudyGroup, when: When, at: datetime) -> None:
    course = group.course
    if when.ends <= when.starts:
        raise RuleError("Занятие должно заканчиваться позже, чем начинается.", field="ends")
    if when.date < group_day(group, at):
        raise RuleError("Этот день уже прошёл. Выберите сегодняшний или более поздний.", field="date")
    if not course.date_from <= when.date <= course.date_to:
        raise RuleError(f"Курс идёт с {ru_day(course.date_from)} по {ru_day(course.date_to)}.", field="date")
    if why := no_lessons_on(course.programme.host, course.year, when.date):
        raise RuleError(f"В этот день в школе занятий нет: {why}. Выберите другой день.", field="date")


def _refuse_clash(lesson: Lesson, when: When) -> None:
    same_time = (lesson.date, lesson.starts, lesson.ends) == (when.date, when.starts, when.ends) and lesson.pk
    teacher = teacher_of(lesson)
    if teacher is not None:  # one person may teach in two schools (I-8)
        User.objects.select_for_update(no_key=True).get(pk=teacher)
    place = Place(lesson.group, when.date, when.starts, when.ends, when.room, teacher)
    words = clash_at(place, without=lesson.pk, room_only=bool(same_time))
    if words:
        raise RuleError(f"{words} Выберите другое время или кабинет.")


def _note(verb: Verb, actor: Acting, lesson: Lesson, at: datetime, **changes: object) -> None:
    host = lesson.group.course.programme.host
    facts = {"date": lesson.date.isoformat(), **changes}
    record(verb, actor=actor.user, organisation=host, target=lesson, at=at, changes=facts)
