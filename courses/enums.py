"""Choices and states of programmes, courses, groups and the academic calendar."""

from __future__ import annotations

from django.db import models


class ProgrammeKind(models.TextChoices):
    """S1-1.3."""

    LESSON = "lesson", "урочная"
    EXTRACURRICULAR = "extracurricular", "внеурочная"
    CAREER = "career", "профориентационная"


class StudyForm(models.TextChoices):
    """S1-4.7: at the partner's premises, or at a distance."""

    ONSITE = "onsite", "очно, в принимающей школе"
    DISTANCE = "distance", "дистанционно"


class CourseState(models.TextChoices):
    DRAFT = "draft", "черновик"
    PUBLISHED = "published", "опубликован"
    CLOSED = "closed", "закрыт"


COURSE_TRANSITIONS = {
    CourseState.DRAFT: frozenset({CourseState.PUBLISHED}),
    CourseState.PUBLISHED: frozenset({CourseState.CLOSED}),
    CourseState.CLOSED: frozenset({CourseState.PUBLISHED}),
}


class GroupState(models.TextChoices):
    """3.7: the part that one host school goes through."""

    FORMING = "forming", "формируется"
    OPEN = "open", "открыта"
    CLOSED = "closed", "закрыта"


GROUP_TRANSITIONS = {
    GroupState.FORMING: frozenset({GroupState.OPEN, GroupState.CLOSED}),
    GroupState.OPEN: frozenset({GroupState.CLOSED}),
    GroupState.CLOSED: frozenset(),
}


class Weekday(models.IntegerChoices):
    """Days of the school week as `date.isoweekday()` counts them."""

    MONDAY = 1, "понедельник"
    TUESDAY = 2, "вторник"
    WEDNESDAY = 3, "среда"
    THURSDAY = 4, "четверг"
    FRIDAY = 5, "пятница"
    SATURDAY = 6, "суббота"


class Scale(models.TextChoices):
    """6.1: what the marks of a programme are."""

    FIVE = "five", "отметки 2–5"
    PASS_FAIL = "pass_fail", "зачёт или незачёт"


class WorkType(models.TextChoices):
    """What a mark is given for; a programme's policy says the weight of each kind (6.3)."""

    ANSWER = "answer", "ответ"
    HOMEWORK = "homework", "домашняя работа"
    INDEPENDENT = "independent", "самостоятельная работа"
    PRACTICAL = "practical", "практическая или лабораторная работа"
    TEST = "test", "контрольная работа"
    PROJECT = "project", "проект"


#: The weights of the portal where a school has no act of its own.
DEFAULT_WEIGHTS = {
    WorkType.ANSWER: 1,
    WorkType.HOMEWORK: 1,
    WorkType.INDEPENDENT: 2,
    WorkType.PRACTICAL: 2,
    WorkType.TEST: 3,
    WorkType.PROJECT: 3,
}


class TermSystem(models.TextChoices):
    """What a school year is divided into for marks (6.5)."""

    QUARTERS = "quarters", "четверти"
    HALVES = "halves", "полугодия"


class YearTie(models.TextChoices):
    """Which way the year mark goes when the mean of the terms lies exactly in the middle (6.5)."""

    UP = "up", "в пользу обучающегося"
    LAST = "last", "по последнему периоду"


class Verb(models.TextChoices):
    POLICY_SET = "policy.set", "Порядок оценивания установлен"
    COURSE_DRAFTED = "course.drafted", "Курс составлен"
    COURSE_CHANGED = "course.changed", "Курс изменён"
    COURSE_PUBLISHED = "course.published", "Курс опубликован в каталоге"
    COURSE_CLOSED = "course.closed", "Курс закрыт для заявлений"
    PLAN_CHANGED = "programme.plan_changed", "Тематический план программы изменён"
    GROUP_CREATED = "group.created", "Группа создана"
    GROUP_CHANGED = "group.changed", "Группа изменена"
    GROUP_APPROVED = "group.approved", "Группа и её расписание утверждены советом"
    GROUP_APPROVAL_LIFTED = "group.approval_lifted", "Утверждение группы советом отменено"
    GROUP_OPENED = "group.opened", "Группа открыта"
    GROUP_CLOSED = "group.closed", "Группа закрыта"
    SLOT_ADDED = "slot.added", "Занятие внесено в расписание"
    SLOT_REMOVED = "slot.removed", "Занятие снято с расписания"
