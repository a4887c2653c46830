"""Academic years, programmes, courses, groups and slots."""

from __future__ import annotations

from datetime import UTC, date, datetime, time

import factory
from factory.django import DjangoModelFactory

from courses.enums import CourseState, GroupState, ProgrammeKind, StudyForm, Weekday
from courses.models import AcademicYear, Holiday, NetworkCourse, Programme, StudyGroup, TimetableSlot
from schools.enums import DutyKind
from tests.factories.schools import DutyFactory, NetworkFactory, OrganisationFactory


class AcademicYearFactory(DjangoModelFactory):
    """A year without school holidays; add them with `HolidayFactory`."""

    class Meta:
        model = AcademicYear

    organisation = factory.SubFactory(OrganisationFactory)
    year = 2026
    date_from = date(2026, 9, 1)
    date_to = date(2027, 5, 31)


class HolidayFactory(DjangoModelFactory):
    class Meta:
        model = Holiday

    academic_year = factory.SubFactory(AcademicYearFactory)
    title = "Осенние каникулы"
    date_from = date(2026, 10, 26)
    date_to = date(2026, 11, 3)


class ProgrammeFactory(DjangoModelFactory):
    class Meta:
        model = Programme

    host = factory.SubFactory(OrganisationFactory)
    title = factory.Sequence(lambda n: f"Физика вокруг нас, часть {n + 101}")
    subject = "Физика"
    kind = ProgrammeKind.EXTRACURRICULAR
    grade_from = 9
    grade_to = 11
    hours_total = 34
    hours_week = 1
    summary = "Опыты и задачи о том, что нас окружает."


class NetworkCourseFactory(DjangoModelFactory):
    """A published course whose window is open at any moment."""

    class Meta:
        model = NetworkCourse

    programme = factory.SubFactory(ProgrammeFactory)
    network = factory.SubFactory(NetworkFactory)
    year = 2026
    form = StudyForm.ONSITE
    date_from = date(2026, 9, 1)
    date_to = date(2027, 5, 31)
    seats = 15
    min_size = 5
    applications_from = datetime(2020, 5, 1, tzinfo=UTC)
    applications_until = datetime(2099, 9, 1, tzinfo=UTC)
    state = CourseState.PUBLISHED


class StudyGroupFactory(DjangoModelFactory):
    """A group that is being formed, with a teacher of the host; `open=True` opens it."""

    class Meta:
        model = StudyGroup

    class Params:
        open = factory.Trait(state=GroupState.OPEN, opened_on=date(2026, 9, 1))

    course = factory.SubFactory(NetworkCourseFactory)
    name = factory.Sequence(lambda n: f"Ф-{n + 101}")
    teacher = factory.SubFactory(
        DutyFactory,
        kind=DutyKind.NETWORK_TEACHER,
        organisation=factory.SelfAttribute("..course.programme.host"),
    )
    capacity = 15


class TimetableSlotFactory(DjangoModelFactory):
    class Meta:
        model = TimetableSlot

    group = factory.SubFactory(StudyGroupFactory)
    weekday = Weekday.MONDAY
    starts = time(15, 0)
    ends = time(15, 45)
    room = "каб. 12"
