"""The whole way of a course, from the agreement of two schools to the receipt of the marks, as nine people walk it."""

from __future__ import annotations

from datetime import date

import pytest
from django.utils import timezone

from courses.models import AcademicYear, Holiday
from gradebook.models import Lesson
from network_portal.demo.base import Cast
from network_portal.demo.story import apply_for
from tests.e2e.flow.courses import enrol_stranger, make_group, publish_course, sign_agreement, spare_course
from tests.e2e.flow.enrolment import (
    answer_list,
    apply_and_correct,
    order,
    pupil_confirms,
    send_list,
    stays_in_the_home_school,
)
from tests.e2e.flow.lessons import fill_month, open_group, read_at_home
from tests.e2e.flow.story import Days, wait_for
from tests.e2e.flow.transfers import acknowledge, arrives, refuse_edit, seal, set_endpoint
from tests.e2e.people import PHONE, Visit
from tests.services import Receiver

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def days(cast: Cast) -> Days:
    """Give the host a calendar that covers the story, whatever the day."""
    story = Days(cast.season.today)
    host = cast.schools["40"]
    AcademicYear.objects.filter(organisation=host, year=story.year).delete()
    calendar = AcademicYear.objects.create(
        organisation=host, year=story.year, date_from=date(story.year, 8, 15), date_to=date(story.year + 1, 8, 31)
    )
    Holiday.objects.create(academic_year=calendar, title="Каникулы", date_from=story.day_off, date_to=story.day_off)
    return story


def test_course_from_the_agreement_to_the_transfer_of_marks(
    cast: Cast, days: Days, worker: None, receiver: Receiver, visit: Visit
) -> None:
    child, second, third = cast.students["7"][:3]
    stranger = cast.students["12"][0]
    deputy, director = visit("deputy7"), visit("director7")
    host_deputy, host_director = visit("deputy40"), visit("director40")
    guest = visit()

    sign_agreement(cast, days, deputy, host_deputy, director, host_director, guest)
    publish_course(cast, days, host_deputy, guest)
    group = make_group(cast, host_deputy)
    spare_course(cast, days)
    enrol_stranger(cast, days, group, stranger)

    parent = visit("parent1", PHONE)
    apply_and_correct(parent, deputy, child)
    for student in (second, third):
        apply_for(cast, student, [group.course], timezone.now())
    for student in (child, second, third):
        deputy.take(f"Рассмотреть заявление {student.short_name}")
        if student == child:  # fourteen or older: the word of the pupil is a paper
            pupil_confirms(deputy)
        deputy.press("Принять заявление")
        deputy.sees("Заявление принято, семья уведомлена.")
    send_list(deputy, director, [child, second, third])
    answer_list(host_deputy, child, second, third)
    order(host_deputy, host_director, child, second)
    stays_in_the_home_school(cast, parent, child)

    open_group(host_deputy, group)
    wait_for(lambda: Lesson.objects.filter(group=group).exists())
    laid_out = list(Lesson.objects.filter(group=group).order_by("date").values_list("date", flat=True))
    assert laid_out == days.lessons(days.last)

    teacher = visit("teacher40")
    fill_month(teacher, days, child, stranger)
    curator = visit("curator7")
    read_at_home(curator, parent, child, stranger)

    set_endpoint(visit("responsible7"), receiver)
    transfer = seal(visit("coordinator40"), days)
    arrives(transfer, receiver, stranger)
    acknowledge(curator, transfer, child, stranger)
    refuse_edit(teacher, days, transfer, child, stranger)
