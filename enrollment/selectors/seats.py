"""Seats that the agreement gives to a home school in one year, against those that its pupils take."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import date

from courses.models import NetworkCourse
from enrollment.enums import EnrolmentState, LineDecision
from enrollment.models import Enrolment, SchoolRequest
from enrollment.selectors.requests import LineRow
from network_portal.common.russian import NBSP, fold, plural
from schools.agreements import AgreedSeats, agreed_seats
from schools.models import Organisation

STUDY = (EnrolmentState.ENROLLED, EnrolmentState.COMPLETED)


def beyond_agreed(
    *, home: Organisation, host: Organisation, wanted: Iterable[NetworkCourse], on: date, booked: bool = True
) -> list[str]:
    """Say in words where more pupils would study than the agreement has seats for in a school year.

    Args:
        home: the school that sends its pupils.
        host: the school that teaches them.
        wanted: the course of each pupil, with its programme; one entry for each.
        on: the day on which the agreement must be in force.
        booked: whether places that are booked, and not among the wanted ones, count as taken too.

    Returns:
        A sentence for each number of seats that would be exceeded; an agreement without a number exceeds nothing.
    """
    courses = list(wanted)
    years = {course.year for course in courses}
    states = (EnrolmentState.BOOKED, *STUDY) if booked else STUDY
    taken = list(
        Enrolment.objects.filter(
            home=home, course__programme__host=host, course__year__in=years, state__in=states
        ).values_list("course__year", "course__programme__title", "course__programme__subject")
    )
    asked = Counter((course.year, course.programme.title, course.programme.subject) for course in courses)
    remarks = []
    for year, title, subject in asked:
        agreed = agreed_seats(home=home, host=host, year=year, on=on, programme=title, subject=subject)
        if agreed is None:
            continue
        places = [*asked.elements(), *taken]
        count = sum(place[0] == year and _within(agreed, place[1], place[2]) for place in places)
        if count > agreed.seats:
            remarks.append(
                f"По договору с {host.short_name} {agreed.words} – {agreed.seats}{NBSP}"
                f"{plural(agreed.seats, 'место,места,мест')} в год, а учеников будет {count}. "
                "Уменьшите список или заключите дополнительное соглашение."
            )
    return list(dict.fromkeys(remarks))


def _within(agreed: AgreedSeats, title: str, subject: str) -> bool:
    if agreed.programme:
        return fold(title) == fold(agreed.programme)
    return not agreed.subject or fold(subject) == fold(agreed.subject)


def beyond_on_list(request: SchoolRequest, rows: Iterable[LineRow], on: date) -> list[str]:
    """Return the remarks of `beyond_agreed` on a list that no order has answered yet."""
    wanted = [
        row.line.course
        for row in rows
        if row.enrolment is None and row.line.decision in (LineDecision.PENDING, LineDecision.ACCEPTED)
    ]
    return beyond_agreed(home=request.home, host=request.host, wanted=wanted, on=on) if wanted else []
