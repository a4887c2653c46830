"""What the database itself refuses about enrolments, also to raw SQL (I-1, I-6, 2.3, 3.9)."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.utils import InternalError

from enrollment.enums import EnrolmentState
from enrollment.models import FITS_ITS_LINE, SEALED_MONTH, Enrolment
from gradebook.models import MonthlyTransfer
from tests.factories.courses import NetworkCourseFactory, StudyGroupFactory
from tests.factories.documents import draft
from tests.factories.enrollment import EnrolmentFactory, OrderFactory, SchoolRequestLineFactory
from tests.factories.gradebook import LessonFactory
from tests.factories.schools import OrganisationFactory, StudentFactory

pytestmark = pytest.mark.django_db


def refused_by(sql: str, values: list[object]) -> str | None:
    """Run raw SQL and return the name of what refused it."""
    with pytest.raises((IntegrityError, InternalError)) as refusal, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql, values)
    name: str | None = refusal.value.__cause__.diag.constraint_name
    return name


@pytest.fixture
def place() -> Enrolment:
    return EnrolmentFactory()


def insert(place: Enrolment, **others: object) -> str | None:
    """Try to insert a place like `place` with `others` in its stead."""
    columns = ("student_id", "home_id", "group_id", "course_id", "line_id", "order_id", "state")
    values = {name: getattr(place, name) for name in columns} | {"order_id": None, "state": "booked"} | others
    Enrolment.objects.all().delete()
    marks = ", ".join(["%s"] * len(columns))
    sql = f"INSERT INTO enrollment_enrolment ({', '.join(columns)}) VALUES ({marks})"
    return refused_by(sql, [values[name] for name in columns])


def test_place_of_another_school_s_pupil_is_refused(place: Enrolment) -> None:
    assert insert(place, student_id=StudentFactory().pk) == FITS_ITS_LINE


def test_place_with_another_home_is_refused(place: Enrolment) -> None:
    assert insert(place, home_id=OrganisationFactory().pk) == FITS_ITS_LINE


def test_place_of_a_pupil_who_has_changed_school_is_refused(place: Enrolment) -> None:
    place.student.home_school = OrganisationFactory()
    place.student.save(update_fields=["home_school"])
    assert insert(place) == FITS_ITS_LINE


def test_place_in_a_group_of_another_course_is_refused(place: Enrolment) -> None:
    assert insert(place, group_id=StudyGroupFactory().pk) == FITS_ITS_LINE


def test_place_on_another_course_is_refused(place: Enrolment) -> None:
    assert insert(place, course_id=NetworkCourseFactory().pk) == FITS_ITS_LINE


def test_place_by_another_line_is_refused(place: Enrolment) -> None:
    assert insert(place, line_id=SchoolRequestLineFactory().pk) == FITS_ITS_LINE


def test_place_by_an_order_of_another_list_is_refused(place: Enrolment) -> None:
    assert insert(place, order_id=OrderFactory().pk) == FITS_ITS_LINE


def test_pupil_who_changes_school_keeps_the_place_as_it_was(place: Enrolment) -> None:
    place.student.home_school = OrganisationFactory()
    place.student.save(update_fields=["home_school"])
    Enrolment.objects.filter(pk=place.pk).update(state=EnrolmentState.COMPLETED)
    place.refresh_from_db()
    assert (place.state, place.home_id != place.student.home_school_id) == (EnrolmentState.COMPLETED, True)


@pytest.mark.parametrize("column", ["student_id", "home_id", "group_id", "course_id", "line_id"])
def test_whose_place_it_is_never_changes(place: Enrolment, column: str) -> None:
    with pytest.raises((IntegrityError, InternalError)), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE enrollment_enrolment SET {column} = %s WHERE id = %s", [getattr(place, column) + 1000, place.pk]
        )


# --- a sealed month -----------------------------------------------------------------------------------------------


@pytest.fixture
def sealed() -> Enrolment:
    """A pupil whose October is sealed, with a lesson on the 8th."""
    place = EnrolmentFactory()
    LessonFactory(group=place.group, date=date(2026, 10, 8))
    host = place.course.programme.host
    MonthlyTransfer.objects.create(
        host=host,
        home=place.home,
        group=place.group,
        year=2026,
        month=10,
        payload="{}",
        sha256="0" * 64,
        document=draft(host),
        sealed_at=datetime(2026, 11, 2, tzinfo=UTC),
    )
    return place


def change(place: Enrolment, **values: object) -> str | None:
    sets = ", ".join(f"{name} = %s" for name in values)
    return refused_by(f"UPDATE enrollment_enrolment SET {sets} WHERE id = %s", [*values.values(), place.pk])


def test_first_day_is_not_moved_over_a_sealed_lesson(sealed: Enrolment) -> None:
    assert change(sealed, date_from=date(2026, 10, 9)) == SEALED_MONTH


def test_pupil_does_not_leave_before_a_sealed_lesson(sealed: Enrolment) -> None:
    assert change(sealed, state="left", date_to=date(2026, 10, 7)) == SEALED_MONTH


def test_enrolment_in_a_sealed_month_is_not_deleted(sealed: Enrolment) -> None:
    assert refused_by("DELETE FROM enrollment_enrolment WHERE id = %s", [sealed.pk]) == SEALED_MONTH


def test_pupil_may_leave_after_the_last_sealed_lesson(sealed: Enrolment) -> None:
    Enrolment.objects.filter(pk=sealed.pk).update(state=EnrolmentState.LEFT, date_to=date(2026, 10, 9))
    sealed.refresh_from_db()
    assert sealed.date_to == date(2026, 10, 9)


def test_pupil_is_not_enrolled_backwards_into_a_sealed_month(sealed: Enrolment) -> None:
    """A pupil booked later has a place without days; the order's first day may not lie in what is sealed."""
    booked = EnrolmentFactory(
        group=sealed.group,
        student=StudentFactory(home_school=sealed.home),
        order=sealed.order,
        state=EnrolmentState.BOOKED,
        date_from=None,
        date_to=None,
    )
    assert change(booked, state="enrolled", date_from=date(2026, 10, 1)) == SEALED_MONTH
    Enrolment.objects.filter(pk=booked.pk).update(state=EnrolmentState.ENROLLED, date_from=date(2026, 11, 1))


def test_seal_of_one_school_leaves_the_pupils_of_another_free(sealed: Enrolment) -> None:
    other = EnrolmentFactory(group=sealed.group)
    Enrolment.objects.filter(pk=other.pk).update(date_from=date(2026, 10, 9))
    other.refresh_from_db()
    assert other.date_from == date(2026, 10, 9)
