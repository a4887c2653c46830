"""What host schools teach: programmes, courses of a year, groups, their weekly slots, and the academic calendar."""

from __future__ import annotations

from datetime import datetime, time
from decimal import Decimal
from functools import lru_cache
from typing import TYPE_CHECKING, ClassVar

from django.db import models
from django.db.models import F, Q

from courses.enums import (
    COURSE_TRANSITIONS,
    DEFAULT_WEIGHTS,
    GROUP_TRANSITIONS,
    CourseState,
    GroupState,
    ProgrammeKind,
    Scale,
    StudyForm,
    TermSystem,
    Weekday,
    YearTie,
)
from network_portal.common.models import choices_check, period_check
from schools.enums import Role
from schools.models import SCHOOL_STAFF, Duty, Network, Organisation

if TYPE_CHECKING:
    from schools.acting import Acting

WEEKDAYS = dict(Weekday.choices)


def default_weights() -> dict[str, str]:
    """Return the weights that a policy starts from (6.3)."""
    return {kind.value: str(weight) for kind, weight in DEFAULT_WEIGHTS.items()}


class AcademicYear(models.Model):
    """One school's calendar of one school year; schools of a network may differ (annual cycle, 4)."""

    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="academic_years", verbose_name="школа")
    year = models.PositiveSmallIntegerField("учебный год", help_text="Первый календарный год: 2026 для 2026/2027.")
    date_from = models.DateField("начало занятий")
    date_to = models.DateField("окончание занятий")

    class Meta:
        verbose_name = "учебный год школы"
        verbose_name_plural = "учебные годы школ"
        ordering = ["-year", "organisation"]
        constraints = [
            models.UniqueConstraint(fields=["organisation", "year"], name="courses_year_once"),
            period_check("date_from", "date_to", name="courses_year_period"),
        ]

    def __str__(self) -> str:
        return f"{self.organisation}, {self.year}/{self.year + 1}"


class Holiday(models.Model):
    """School holidays: no lessons from–to, both days included. Public holidays need no row."""

    academic_year = models.ForeignKey(
        AcademicYear, models.CASCADE, related_name="holidays", verbose_name="учебный год школы"
    )
    title = models.CharField("название", max_length=100)
    date_from = models.DateField("с")
    date_to = models.DateField("по")

    class Meta:
        verbose_name = "каникулы"
        verbose_name_plural = "каникулы"
        ordering = ["date_from"]
        constraints = [period_check("date_from", "date_to", name="courses_holiday_period")]

    def __str__(self) -> str:
        return self.title


class Programme(models.Model):
    """A network educational programme of the host school (S1-1.3, S2-4.1)."""

    host = models.ForeignKey(Organisation, models.PROTECT, related_name="programmes", verbose_name="принимающая школа")
    title = models.CharField("название", max_length=200)
    subject = models.CharField("предмет", max_length=100)
    kind = models.CharField("вид", max_length=20, choices=ProgrammeKind)
    grade_from = models.PositiveSmallIntegerField("с класса")
    grade_to = models.PositiveSmallIntegerField("по класс")
    hours_total = models.PositiveSmallIntegerField("часов всего")
    hours_week = models.PositiveSmallIntegerField("часов в неделю")
    summary = models.TextField("о чём курс")

    class Meta:
        verbose_name = "программа"
        verbose_name_plural = "программы"
        ordering = ["title"]
        constraints = [
            choices_check("kind", ProgrammeKind, name="courses_programme_kind"),
            models.UniqueConstraint(
                fields=["host", "title"],
                name="courses_programme_once",
                violation_error_message="Программа с таким названием в школе уже есть.",
            ),
            models.CheckConstraint(
                condition=Q(grade_from__gte=1, grade_to__lte=11, grade_to__gte=F("grade_from")),
                name="courses_programme_grades",
                violation_error_message="Классы: от 1 до 11, первый не больше последнего.",
            ),
        ]

    def __str__(self) -> str:
        return self.title


class ThematicRow(models.Model):
    """A line of a programme's thematic plan: a topic and the academic hours it takes."""

    programme = models.ForeignKey(Programme, models.PROTECT, related_name="topics", verbose_name="программа")
    number = models.PositiveSmallIntegerField("№")
    topic = models.CharField("тема", max_length=300)
    hours = models.PositiveSmallIntegerField("часов")

    class Meta:
        verbose_name = "тема программы"
        verbose_name_plural = "темы программы"
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["programme", "number"], name="courses_topic_once"),
            models.CheckConstraint(
                condition=Q(number__gte=1, hours__gte=1),
                name="courses_topic_hours",
                violation_error_message="На тему нужен хотя бы час.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.number}. {self.topic}"


class GradingPolicy(models.Model):
    """How a programme marks, agreed by all its schools (S2-2м, 6.1); the row without a programme is the school's act.

    A new programme takes a copy of the school's act; code reads `courses.policies.policy_of`.
    """

    host = models.ForeignKey(Organisation, models.PROTECT, related_name="policies", verbose_name="принимающая школа")
    programme = models.OneToOneField(
        Programme, models.CASCADE, null=True, blank=True, related_name="policy", verbose_name="программа"
    )
    act = models.CharField("локальный акт", max_length=300, blank=True, help_text="Название, дата и номер приказа.")
    scale = models.CharField("отметки", max_length=20, choices=Scale, default=Scale.FIVE)
    weights = models.JSONField("веса видов работ", default=default_weights)
    five = models.DecimalField("«5» ставится от", max_digits=3, decimal_places=2, default=Decimal("4.50"))
    four = models.DecimalField("«4» ставится от", max_digits=3, decimal_places=2, default=Decimal("3.50"))
    three = models.DecimalField("«3» ставится от", max_digits=3, decimal_places=2, default=Decimal("2.50"))
    terms = models.CharField("учебные периоды", max_length=20, choices=TermSystem, default=TermSystem.HALVES)
    year_tie = models.CharField("годовая при ровно половине", max_length=20, choices=YearTie, default=YearTie.UP)
    least_1 = models.PositiveSmallIntegerField("при 1 часе в неделю", default=5)
    least_2 = models.PositiveSmallIntegerField("при 2 часах в неделю", default=7)
    least_3 = models.PositiveSmallIntegerField("при 3 часах в неделю и больше", default=7)
    absence_limit = models.PositiveSmallIntegerField(
        "«н/а», если пропущено больше, %", default=50, help_text="И отметок меньше, чем нужно."
    )
    free_days = models.PositiveSmallIntegerField(
        "дней на исправление отметки без причины", default=3, help_text="Позже портал спросит причину."
    )

    class Meta:
        verbose_name = "порядок оценивания"
        verbose_name_plural = "порядки оценивания"
        constraints = [
            choices_check("scale", Scale, name="courses_policy_scale"),
            choices_check("terms", TermSystem, name="courses_policy_terms"),
            choices_check("year_tie", YearTie, name="courses_policy_year_tie"),
            models.UniqueConstraint(
                fields=["host"], condition=Q(programme=None), name="courses_policy_one_act_of_a_school"
            ),
            models.CheckConstraint(
                condition=Q(three__gt=2, four__gt=F("three"), five__gt=F("four"), five__lte=5),
                name="courses_policy_thresholds",
                violation_error_message="Пороги: больше 2, каждый следующий больше, не больше 5.",
            ),
            models.CheckConstraint(
                condition=Q(absence_limit__lte=100),
                name="courses_policy_absences",
                violation_error_message="Пропуски: от 0 до 100 процентов.",
            ),
        ]

    def __str__(self) -> str:
        return f"порядок оценивания: {self.programme or self.host}"


class NetworkCourseQuerySet(models.QuerySet["NetworkCourse"]):
    def published(self) -> NetworkCourseQuerySet:
        """Courses that everyone may read, signed in or not."""
        return self.filter(state=CourseState.PUBLISHED)

    def open_for_applications(self, at: datetime) -> NetworkCourseQuerySet:
        """Published courses whose window is open at the moment `at`; its last second is in time (6.11)."""
        return self.published().filter(applications_from__lte=at, applications_until__gt=at)

    def visible_to(self, acting: Acting) -> NetworkCourseQuerySet:
        """The host's staff see their own courses in any state."""
        if acting.is_(*SCHOOL_STAFF):
            return self.filter(programme__host=acting.organisation_id)
        return self.none()


class NetworkCourse(models.Model):
    """A programme offered to other schools in one school year."""

    TRANSITIONS: ClassVar = COURSE_TRANSITIONS

    programme = models.ForeignKey(Programme, models.PROTECT, related_name="courses", verbose_name="программа")
    network = models.ForeignKey(Network, models.PROTECT, related_name="courses", verbose_name="сеть")
    year = models.PositiveSmallIntegerField("учебный год")
    form = models.CharField("форма занятий", max_length=20, choices=StudyForm)
    date_from = models.DateField("занятия с")
    date_to = models.DateField("занятия по")
    seats = models.PositiveSmallIntegerField("мест")
    min_size = models.PositiveSmallIntegerField("наименьшая наполняемость", default=1)
    applications_from = models.DateTimeField("приём заявлений с")
    applications_until = models.DateTimeField("приём заявлений до", help_text="Этот момент уже не входит в срок.")
    state = models.CharField("состояние", max_length=20, choices=CourseState, default=CourseState.DRAFT)

    objects = NetworkCourseQuerySet.as_manager()

    class Meta:
        verbose_name = "курс"
        verbose_name_plural = "курсы"
        ordering = ["programme__title", "pk"]
        constraints = [
            choices_check("state", CourseState, name="courses_course_state"),
            choices_check("form", StudyForm, name="courses_course_form"),
            period_check("date_from", "date_to", name="courses_course_period"),
            models.UniqueConstraint(
                fields=["programme", "network", "year", "form"],
                name="courses_course_once",
                violation_error_message="Курс по этой программе в этом учебном году уже есть.",
            ),
            models.CheckConstraint(
                condition=Q(applications_until__gt=F("applications_from")),
                name="courses_course_window",
                violation_error_message="Приём заявлений заканчивается раньше, чем начинается.",
            ),
            models.CheckConstraint(
                condition=Q(min_size__gte=1, seats__gte=F("min_size")),
                name="courses_course_seats",
                violation_error_message="Мест должно быть не меньше наименьшей наполняемости.",
            ),
        ]

    def __str__(self) -> str:
        return self.programme.title

    @property
    def host(self) -> Organisation:
        return self.programme.host

    def takes_applications(self, at: datetime) -> bool:
        """Tell whether an application registered at the moment `at` is in time."""
        return self.state == CourseState.PUBLISHED and self.applications_from <= at < self.applications_until


class StudyGroupQuerySet(models.QuerySet["StudyGroup"]):
    def visible_to(self, acting: Acting) -> StudyGroupQuerySet:
        """The host's staff see the school's groups, a network teacher the own ones.

        The home school's view of a group hangs on its pupils' enrolments; see `enrollment.access`.
        """
        if acting.is_(*SCHOOL_STAFF):
            return self.filter(course__programme__host=acting.organisation_id)
        if acting.is_(Role.NETWORK_TEACHER):
            return self.filter(teacher__user=acting.user_id, course__programme__host=acting.organisation_id)
        return self.none()


class StudyGroup(models.Model):
    """A group in which pupils of several schools take a course (3.7)."""

    TRANSITIONS: ClassVar = GROUP_TRANSITIONS

    course = models.ForeignKey(NetworkCourse, models.PROTECT, related_name="groups", verbose_name="курс")
    name = models.CharField("название", max_length=100)
    teacher = models.ForeignKey(
        Duty, models.PROTECT, null=True, blank=True, related_name="groups", verbose_name="сетевой учитель"
    )
    capacity = models.PositiveSmallIntegerField("вместимость")
    seats_taken = models.PositiveSmallIntegerField("занято мест", default=0, editable=False)
    state = models.CharField("состояние", max_length=20, choices=GroupState, default=GroupState.FORMING)
    opened_on = models.DateField("открыта", null=True, blank=True)
    enrol_from = models.DateField("зачисление с", null=True, blank=True)
    enrol_to = models.DateField("зачисление по", null=True, blank=True)
    last_free_exit = models.DateField("можно выйти без записи об обучении по", null=True, blank=True)
    closed_on = models.DateField("закрыта", null=True, blank=True)
    approved_by = models.CharField("утверждена советом", max_length=200, blank=True, editable=False)

    objects = StudyGroupQuerySet.as_manager()

    class Meta:
        verbose_name = "группа"
        verbose_name_plural = "группы"
        ordering = ["course__programme__title", "name"]
        constraints = [
            choices_check("state", GroupState, name="courses_group_state"),
            models.UniqueConstraint(
                fields=["course", "name"],
                name="courses_group_once",
                violation_error_message="Группа с таким названием на этом курсе уже есть.",
            ),
            models.CheckConstraint(
                condition=Q(seats_taken__lte=F("capacity")),
                name="courses_group_capacity",
                violation_error_message="В группе не осталось мест.",
            ),
            models.CheckConstraint(
                condition=~Q(state=GroupState.OPEN) | Q(teacher__isnull=False, opened_on__isnull=False),
                name="courses_open_group_has_teacher",
            ),
            models.CheckConstraint(
                condition=Q(enrol_from=None) | Q(enrol_to=None) | Q(enrol_to__gte=F("enrol_from")),
                name="courses_group_enrol_period",
                violation_error_message="Последний день зачисления раньше первого.",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def seats_free(self) -> int:
        return self.capacity - self.seats_taken


class TimetableSlot(models.Model):
    """A weekly lesson of a group, from–to; the clock time is the host school's."""

    group = models.ForeignKey(StudyGroup, models.CASCADE, related_name="slots", verbose_name="группа")
    weekday = models.PositiveSmallIntegerField("день недели", choices=Weekday)
    starts = models.TimeField("начало")
    ends = models.TimeField("окончание")
    room = models.CharField("кабинет или ссылка", max_length=100)

    class Meta:
        verbose_name = "занятие в расписании"
        verbose_name_plural = "расписание"
        ordering = ["weekday", "starts"]
        constraints = [
            models.CheckConstraint(
                condition=Q(weekday__in=Weekday.values),
                name="courses_slot_weekday",
                violation_error_message="Недопустимый день недели.",
            ),
            models.CheckConstraint(
                condition=Q(ends__gt=F("starts")),
                name="courses_slot_times",
                violation_error_message="Занятие должно заканчиваться позже, чем начинается.",
            ),
            models.UniqueConstraint(
                fields=["group", "weekday", "starts"],
                name="courses_slot_once",
                violation_error_message="Такое занятие в расписании уже есть.",
            ),
        ]

    def __str__(self) -> str:
        return slot_words(self.weekday, self.starts, self.ends)


@lru_cache(maxsize=1000)
def slot_words(weekday: int, starts: time, ends: time) -> str:
    """Return «вторник, 15:00–15:45»."""
    return f"{WEEKDAYS[weekday]}, {starts:%H:%M}–{ends:%H:%M}"
