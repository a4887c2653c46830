"""Once in each study quarter, and by 20 June: against calendars that differ (S1-4.5, S1-5.5, C-06, C-12)."""

from __future__ import annotations

from datetime import UTC, date, datetime, time

import pytest

from council.enums import OF_JUNE, ItemState, MeetingState
from council.selectors import tasks_for
from council.selectors.calendar import june_of, quarters, quarters_of
from council.services import council_remind
from network_portal.notices.models import Notice
from tests.factories.council import AgendaItemFactory, Hall, MeetingFactory
from tests.factories.courses import AcademicYearFactory, HolidayFactory
from tests.factories.schools import MembershipFactory, acting_as

STUDY = (date(2026, 9, 1), date(2027, 5, 26))
AUTUMN, WINTER, SPRING = (
    (date(2026, 10, 26), date(2026, 11, 3)),
    (date(2026, 12, 31), date(2027, 1, 10)),
    (date(2027, 3, 27), date(2027, 4, 4)),
)
RECOMMENDED = [date(2026, 10, 24), date(2026, 12, 30), date(2027, 3, 27), date(2027, 5, 26)]


@pytest.mark.parametrize(
    ("breaks", "ends"),
    [
        ([AUTUMN, WINTER, SPRING], [date(2026, 10, 25), date(2026, 12, 30), date(2027, 3, 26), date(2027, 5, 26)]),
        ([SPRING, AUTUMN, WINTER, (date(2027, 2, 20), date(2027, 2, 23))],
         [date(2026, 10, 25), date(2026, 12, 30), date(2027, 3, 26), date(2027, 5, 26)]),
        ([WINTER], RECOMMENDED),  # half-years
        ([], RECOMMENDED),
        ([AUTUMN, WINTER, SPRING, (date(2027, 2, 15), date(2027, 2, 23))], RECOMMENDED),  # five parts
    ],
)  # fmt: skip
def test_quarters_are_parted_by_three_long_breaks_or_as_the_ministry_recommends(
    breaks: list[tuple[date, date]], ends: list[date]
) -> None:
    found = quarters_of(2026, STUDY, breaks)
    assert [end for _, end in found] == ends
    assert (found[0][0], len(found)) == (STUDY[0], 4)
    assert all(start <= end for start, end in found)


def network_of(council: Hall, *calendars: list[tuple[date, date]]) -> Hall:
    """Return the council when schools with a calendar of their own are in its network."""
    for breaks in calendars:
        school = MembershipFactory(network=council.council.network).organisation
        year = AcademicYearFactory(organisation=school, date_to=STUDY[1])
        for first, last in breaks:
            HolidayFactory(academic_year=year, date_from=first, date_to=last)
    return council


def held(council: Hall, day: date, state: str = MeetingState.CLOSED) -> None:
    at = datetime.combine(day, time(12), tzinfo=UTC)
    MeetingFactory(council=council.council, planned_at=at, opened_at=at, state=state)


@pytest.mark.django_db
def test_meeting_counts_for_each_school_in_whose_quarter_it_lies(led: Hall) -> None:
    """One school's autumn break begins while the other still learns: a meeting then counts for one of them only."""
    council = network_of(led, [AUTUMN, WINTER, SPRING], [(date(2026, 10, 30), date(2026, 11, 8)), WINTER, SPRING])
    held(council, date(2026, 10, 28))
    held(council, date(2026, 12, 1), MeetingState.NOT_HELD)  # no quorum: it does not count
    held(council, date(2027, 6, 10))  # June does not replace the fourth quarter
    first, second, _, fourth = quarters(council.council, 2026, date(2026, 10, 28))
    assert ([bool(row.meeting) for row in first.schools], first.state) == ([False, True], "не проведено")
    assert (second.state, second.deadline) == ("нужно провести", date(2026, 12, 30))
    assert len(fourth.missing) == 2
    held(council, date(2026, 10, 20))
    assert quarters(council.council, 2026, date(2026, 10, 28))[0].state == "проведено"


@pytest.mark.django_db
def test_chair_and_secretary_are_warned_before_a_quarter_ends_without_a_meeting(led: Hall) -> None:
    council = network_of(led, [AUTUMN, WINTER, SPRING])
    chair, others = acting_as(council.members[0].duty), acting_as(council.members[1].duty)

    def titles(on: date) -> list[str]:
        return [task.title for task in tasks_for(chair, on) if "четверти" in task.title]

    assert (titles(date(2026, 12, 15)), titles(date(2026, 12, 16))) == ([], ["Провести заседание в четверти"])
    assert [task.title for task in tasks_for(others, date(2026, 12, 16)) if "четверти" in task.title] == []
    at = datetime(2026, 12, 16, 6, tzinfo=UTC)
    for _ in range(2):  # once a day, however often it runs
        council_remind(on=date(2026, 12, 16), at=at)
    assert sorted(Notice.objects.values_list("user_id", flat=True)) == sorted(
        [council.members[0].user.pk, council.secretary.user.pk]
    )
    held(council, date(2026, 12, 17))
    assert titles(date(2026, 12, 20)) == []


@pytest.mark.django_db
def test_four_questions_are_decided_by_20_june(led: Hall) -> None:
    days = [date(2027, 6, 20), date(2027, 6, 20), date(2027, 6, 21), date(2027, 4, 30)]
    for kind, day in zip(OF_JUNE, days, strict=True):
        at = datetime.combine(day, time(12), tzinfo=UTC)
        meeting = MeetingFactory(council=led.council, planned_at=at, opened_at=at, state=MeetingState.ENDED)
        AgendaItemFactory(meeting=meeting, position=1, kind=kind, state=ItemState.ADOPTED)
    june = june_of(led.council, 2026)
    assert (june.deadline, june.done) == (date(2027, 6, 20), ["итоги работы сети", "сетевые группы"])
    assert june.missing == ["сетевое расписание", "индивидуальные маршруты"]
