"""Seats that the agreement gives to a home school in one year, against those that its pupils take."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import date

from courses.models import NetworkCourse
from enrollment.enums import EnrolmentState, LineDecision
from enrollment.models import Enrolment, SchoolRequest
from enrollment.selectors.requests import LineRow
from network_portal.common.russian import NBSP, plural
from schools.agreements import AgreedSeats, conditions_in_force, seats_by
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
    conditions = {year: list(conditions_in_force(year, on).filter(home=home, host=host)) for year in sorted(years)}

    def seats(place: tuple[int, str, str]) -> AgreedSeats | None:
        return seats_by(conditions[place[0]], programme=place[1], subject=place[2])

    states = (EnrolmentState.BOOKED, *STUDY) if booked else STUDY
    taken = list(
        Enrolment.objects.filter(
            home=home, course__programme__host=host, course__year__in=years, state__in=states
        ).values_list("course__year", "course__programme__title", "course__programme__subject")
    )
    asked = [(course.year, course.programme.title, course.programme.subject) for course in courses]
    counts = Counter((place[0], seats(place)) for place in [*asked, *taken])
    remarks = []
    for year, agreed in dict.fromkeys((place[0], seats(place)) for place in asked):
        if agreed is not None and (count := counts[year, agreed]) > agreed.seats:
            remarks.append(
                f"По договору с {host.short_name} {agreed.words} – {agreed.seats}{NBSP}"
                f"{plural(agreed.seats, 'место,места,мест')} в год, а учеников будет {count}. "
                "Уменьшите список или заключите дополнительное соглашение."
            )
    return list(dict.fromkeys(remarks))


def beyond_on_list(request: SchoolRequest, rows: Iterable[LineRow], on: date) -> list[str]:
    """Return the remarks of `beyond_agreed` on a list that no order has answered yet."""
    wanted = [
        row.line.course
        for row in rows
        if row.enrolment is None and row.line.decision in (LineDecision.PENDING, LineDecision.ACCEPTED)
    ]
    return beyond_agreed(home=request.home, host=request.host, wanted=wanted, on=on) if wanted else []
