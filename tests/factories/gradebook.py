"""Lessons, marks, attendance, and a whole group to work with."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Any

import factory
from factory.django import DjangoModelFactory

from courses.enums import WorkType
from courses.models import StudyGroup
from enrollment.models import Enrolment
from gradebook.enums import AttendanceCode, LessonState
from gradebook.models import Attendance, Lesson, Mark, MonthlyTransfer, PushEndpoint, Work
from gradebook.services import transfers
from network_portal.common.secrets import encrypt
from schools.acting import Acting
from schools.enums import DutyKind
from schools.models import Organisation
from tests.factories.courses import AcademicYearFactory, StudyGroupFactory
from tests.factories.enrollment import EnrolmentFactory, OrderFactory
from tests.factories.schools import DutyFactory, OrganisationFactory, SchoolClassFactory, StudentFactory, acting_as

#: Noon in Moscow on 3 December 2026: November is over, and due by the default of a network.
DECEMBER = datetime(2026, 12, 3, 9, 0, tzinfo=UTC)
KEY = "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="


class LessonFactory(DjangoModelFactory):
    """A lesson of November 2026 with one work, of the kind `work`; `held=True` has a confirmed roll call."""

    class Meta:
        model = Lesson
        skip_postgeneration_save = True

    class Params:
        held = factory.Trait(state=LessonState.HELD, attendance_confirmed_at=datetime(2026, 11, 30, 9, 0, tzinfo=UTC))

    group = factory.SubFactory(StudyGroupFactory, open=True)
    date = date(2026, 11, 12)
    starts = time(15, 0)
    ends = time(15, 45)
    room = "каб. 12"

    @factory.post_generation
    def work(self: Lesson, create: bool, kind: WorkType | None, **kwargs: Any) -> None:
        if create:
            Work.objects.create(lesson=self, kind=kind or WorkType.ANSWER)


class MarkFactory(DjangoModelFactory):
    """A mark for the first work of `lesson`."""

    class Meta:
        model = Mark

    class Params:
        lesson = factory.SubFactory(LessonFactory, held=True)

    work = factory.LazyAttribute(lambda mark: mark.lesson.works.get(no=1))
    enrolment = factory.SubFactory(EnrolmentFactory, group=factory.SelfAttribute("..lesson.group"))
    value = 5
    given_at = DECEMBER


class AttendanceFactory(DjangoModelFactory):
    class Meta:
        model = Attendance

    lesson = factory.SubFactory(LessonFactory, held=True)
    enrolment = factory.SubFactory(EnrolmentFactory, group=factory.SelfAttribute("..lesson.group"))
    code = AttendanceCode.ABSENT


class PushEndpointFactory(DjangoModelFactory):
    """The address of a school's own system; its key is `KEY`."""

    class Meta:
        model = PushEndpoint

    organisation = factory.SubFactory(OrganisationFactory)
    url = "https://journal.school.example/webhook"
    secret = factory.LazyFunction(lambda: encrypt(KEY))


@dataclass
class Scene:
    """A group of the host with pupils of two home schools, whose names carry the marks of their school."""

    host: Organisation
    home: Organisation
    other: Organisation
    group: StudyGroup
    own: list[Enrolment]
    others: list[Enrolment]
    lessons: list[Lesson]

    def staff(self, school: Organisation, kind: DutyKind) -> Acting:
        return acting_as(DutyFactory(organisation=school, kind=kind))

    @property
    def teacher(self) -> Acting:
        return acting_as(self.group.teacher)

    @property
    def coordinator(self) -> Acting:
        return self.staff(self.host, DutyKind.COORDINATOR)


def pupils(group: StudyGroup, home: Organisation, count: int, surname: str) -> list[Enrolment]:
    """Return `count` enrolled pupils of one school, who share an order and a class."""
    school_class = SchoolClassFactory(organisation=home)
    order = OrderFactory(
        group=group,
        request__agreement__home=home,
        request__agreement__host=group.course.programme.host,
        request__agreement__network=group.course.network,
    )
    return [
        EnrolmentFactory(
            group=group,
            order=order,
            student=StudentFactory(home_school=home, school_class=school_class, last_name=f"{surname}{letter}"),
        )
        for letter in "абвгдежзиклмнопрстуфхцчшщэюя"[:count]
    ]


def scene(*, own: int = 2, others: int = 1, lessons: int = 3, held: bool = True, **network: Any) -> Scene:
    """Return a group with lessons on the first days of November 2026, held unless said otherwise."""
    host = OrganisationFactory(short_name="МАОУ гимназия № 40")
    home = OrganisationFactory(short_name="МАОУ СОШ № 7")
    other = OrganisationFactory(short_name="МАОУ лицей № 12")
    AcademicYearFactory(organisation=host)
    group = StudyGroupFactory(
        open=True,
        course__programme__host=host,
        course__programme__title="Физика",
        name="Ф-1",
        capacity=60,
        **{f"course__network__{name}": value for name, value in network.items()},
    )
    return Scene(
        host=host,
        home=home,
        other=other,
        group=group,
        own=pupils(group, home, own, "Седьмов"),
        others=pupils(group, other, others, "Двенадцатов"),
        lessons=[LessonFactory(group=group, date=date(2026, 11, 2 + day), held=held) for day in range(lessons)],
    )


def month_of_marks(place: Scene) -> None:
    """Give every pupil marks of different weight, an absence and a lateness."""
    first, second, third = place.lessons[:3]
    Work.objects.filter(lesson=second).update(kind=WorkType.INDEPENDENT)
    Work.objects.filter(lesson=third).update(kind=WorkType.TEST)
    for enrolment in (*place.own, *place.others):
        for lesson, value in ((first, 4), (second, 5), (third, 3)):
            MarkFactory(lesson=lesson, enrolment=enrolment, value=value)
        AttendanceFactory(lesson=first, enrolment=enrolment, code=AttendanceCode.LATE)
        AttendanceFactory(lesson=second, enrolment=enrolment, code=AttendanceCode.ILL)


def seal(place: Scene, home: Organisation | None = None, at: datetime = DECEMBER) -> MonthlyTransfer:
    """Seal November for one of the home schools."""
    return transfers.transfer_seal(
        actor=place.coordinator, group=place.group, home=home or place.home, year=2026, month=11, at=at
    )
