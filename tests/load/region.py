"""Schools, pupils, courses, applications and journals by the thousand: each kind of row in one statement."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import factory

from courses.enums import Weekday
from courses.models import NetworkCourse, StudyGroup
from enrollment.enums import ApplicationState, LineDecision
from enrollment.models import ApplicationChoice, Enrolment
from gradebook.models import Mark, Work
from network_portal.common import russian
from schools.enums import DutyKind
from schools.models import Network, Organisation, Student
from tests.factories.accounts import UserFactory
from tests.factories.courses import NetworkCourseFactory, ProgrammeFactory, StudyGroupFactory, TimetableSlotFactory
from tests.factories.enrollment import ApplicationFactory, EnrolmentFactory, OrderFactory, SchoolRequestLineFactory
from tests.factories.gradebook import LessonFactory
from tests.factories.schools import (
    DutyFactory,
    GuardianLinkFactory,
    MembershipFactory,
    NetworkFactory,
    OrganisationFactory,
    SchoolClassFactory,
    StudentFactory,
)

SUBJECTS = ("Физика", "Химия", "Биология", "Информатика", "История", "Экономика", "Литература", "Астрономия")
#: A real hash takes a tenth of a second.
NO_PASSWORD = factory.Transformer.Force("!")
FIRST, LAST = date(2026, 9, 1), date(2027, 5, 31)
GIVEN = datetime(2099, 1, 1, tzinfo=UTC)
REGISTERED = datetime(2026, 8, 24, 9, 0, tzinfo=UTC)


def stored(made_by: Any, count: int, **fields: Any) -> list[Any]:
    """Store `count` rows of a factory in one statement; a field that is a function is called with the row's number."""
    rows = []
    for no in range(count):
        row = made_by.build(**{name: value(no) if callable(value) else value for name, value in fields.items()})
        if hasattr(row, "sort_key"):
            row.sort_key = russian.sort_key(row.full_name)
        rows.append(row)
    return list(type(rows[0]).objects.bulk_create(rows, batch_size=5000))


def network_of(count: int) -> tuple[Network, list[Organisation]]:
    """Return a network and its schools."""
    network = NetworkFactory()
    schools = stored(OrganisationFactory, count)
    stored(MembershipFactory, count, network=network, organisation=schools.__getitem__)
    return network, schools


def courses_of(
    network: Network, hosts: list[Organisation], count: int, *, groups: int = 2, until: date = date(2099, 5, 31)
) -> list[NetworkCourse]:
    """Return published courses that take applications on any day, shared out among the hosts, with groups.

    By default they last for longer than the catalogue is measured; `until` gives them a real last day.
    """
    programmes = stored(
        ProgrammeFactory,
        count,
        host=lambda no: hosts[no % len(hosts)],
        subject=lambda no: SUBJECTS[no % len(SUBJECTS)],
        title=lambda no: f"{SUBJECTS[no % len(SUBJECTS)]}: задачи и опыты, часть {no + 1}",
    )
    courses = stored(
        NetworkCourseFactory,
        count,
        network=network,
        programme=programmes.__getitem__,
        seats=30,
        date_to=until,
    )
    if groups:
        groups_of(courses, groups)
    return courses


def groups_of(courses: list[NetworkCourse], each: int, **fields: Any) -> list[StudyGroup]:
    """Return groups of courses, each with a teacher and two lessons a week."""
    count = len(courses) * each
    people = stored(
        UserFactory, count, password=NO_PASSWORD, email=lambda no: f"teacher{courses[0].pk}-{no}@school.example"
    )
    teachers = stored(
        DutyFactory,
        count,
        user=people.__getitem__,
        kind=DutyKind.NETWORK_TEACHER,
        organisation=lambda no: courses[no // each].programme.host,
    )
    groups = stored(
        StudyGroupFactory,
        count,
        course=lambda no: courses[no // each],
        name=lambda no: f"Г-{no + 1}",
        teacher=teachers.__getitem__,
        **fields,
    )
    stored(
        TimetableSlotFactory,
        2 * count,
        group=lambda no: groups[no // 2],
        weekday=lambda no: Weekday.values[(no * 2) % 6],
    )
    return groups


def pupils_of(school: Organisation, count: int) -> list[Student]:
    """Return pupils of a school in classes of 25, each with a verified parent, who is `student.parent`."""
    classes = stored(
        SchoolClassFactory,
        -(-count // 25),
        organisation=school,
        grade=lambda no: 9 + no % 3,
        letter=lambda no: f"{chr(ord('А') + no // 3 % 28)}{no // 84 or ''}",
    )
    students = stored(StudentFactory, count, home_school=school, school_class=lambda no: classes[no // 25])
    parents = stored(
        UserFactory, count, password=NO_PASSWORD, email=lambda no: f"parent{school.pk}-{no}@school.example"
    )
    stored(GuardianLinkFactory, count, user=parents.__getitem__, student=students.__getitem__, decided_by=parents[0])
    for student, parent in zip(students, parents, strict=True):
        student.parent = parent
    return students


def applications_of(students: list[Student], courses: list[NetworkCourse], **fields: Any) -> list[Any]:
    """Return a registered application of each pupil with three wishes."""
    applications = stored(
        ApplicationFactory,
        len(students),
        student=students.__getitem__,
        guardian=lambda no: students[no].parent,
        registered_at=lambda no: REGISTERED + timedelta(minutes=no),
        **{"state": ApplicationState.REGISTERED, **fields},
    )
    ApplicationChoice.objects.bulk_create(
        ApplicationChoice(
            application=application,
            course=courses[(no + 7 * rank) % len(courses)],
            rank=rank + 1,
            registered_at=application.registered_at,
        )
        for no, application in enumerate(applications)
        for rank in range(3)
    )
    return applications


def journal_of(groups: list[StudyGroup], students: list[Student], *, times: list[tuple[date, time]]) -> list[Enrolment]:
    """Enrol the pupils in groups of equal size by one order each, hold lessons at `times`, and mark all at each."""
    each = len(students) // len(groups)
    enrolments = []
    for no, group in enumerate(groups):
        own = students[no * each : (no + 1) * each]
        order = OrderFactory(
            group=group,
            request__agreement__home=own[0].home_school,
            request__agreement__host=group.course.programme.host,
            request__agreement__network=group.course.network,
        )
        applications = stored(
            ApplicationFactory,
            each,
            student=own.__getitem__,
            guardian=lambda place, own=own: own[place].parent,
            state=ApplicationState.PLACED,
        )
        lines = [
            SchoolRequestLineFactory.build(
                request=order.request, course=group.course, application=one, decision=LineDecision.ACCEPTED
            )
            for one in applications
        ]
        lines = type(lines[0]).objects.bulk_create(lines)
        enrolments += stored(
            EnrolmentFactory,
            each,
            group=group,
            student=own.__getitem__,
            order=order,
            line=lines.__getitem__,
            course=group.course,
            date_from=FIRST,
            date_to=LAST,
        )
    lessons = stored(
        LessonFactory,
        len(groups) * len(times),
        group=lambda no: groups[no // len(times)],
        date=lambda no: times[no % len(times)][0],
        starts=lambda no: times[no % len(times)][1],
        ends=lambda no: times[no % len(times)][1].replace(minute=45),
        held=True,
    )
    works = Work.objects.bulk_create(Work(lesson=lesson) for lesson in lessons)
    Mark.objects.bulk_create(
        (
            Mark(work=work, enrolment=enrolment, value=2 + (lesson_no * 3 + no) % 4, given_at=GIVEN)
            for group_no in range(len(groups))
            for lesson_no, work in enumerate(works[group_no * len(times) : (group_no + 1) * len(times)])
            for no, enrolment in enumerate(enrolments[group_no * each : (group_no + 1) * each])
        ),
        batch_size=10_000,
    )
    return enrolments
