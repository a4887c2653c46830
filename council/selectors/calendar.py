"""When the council has to meet: once in each study quarter, and by 20 June (S1-4.5, S1-5.5, C-06, C-12)."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta

from council.enums import OF_JUNE, ItemKind, ItemState, MeetingState
from council.models import AgendaItem, Council, Meeting
from council.selectors.attendance import HELD
from council.selectors.composition import schools_of
from courses.models import AcademicYear

#: Holidays as the ministry recommends them: month and day of the first and the last one (requirements 4).
RECOMMENDED = (((10, 25), (11, 2)), ((12, 31), (1, 11)), ((3, 28), (4, 5)))
BEGIN, END = (9, 1), (5, 26)
#: Shorter breaks do not part quarters.
SHORTEST_BREAK = 7
QUARTERS = 4
JUNE = (6, 20)
#: Meetings that prepare the coming year are held after the diagnostics (S1-4.4).
SPRING = (5, 1)

Period = tuple[date, date]


def quarters_of(year: int, study: Period, breaks: list[Period]) -> list[Period]:
    """Return the four quarters of a school year.

    A school that counts in half-years or in other parts has other breaks than three: then those of the ministry part
    its year, since the council's duty is counted in quarters everywhere.

    Args:
        year: the first calendar year.
        study: the first and the last day of lessons.
        breaks: holidays, both days included, in any order.
    """
    begin, end = study
    long = sorted(
        one for one in breaks if (one[1] - one[0]).days + 1 >= SHORTEST_BREAK and begin < one[0] and one[1] < end
    )
    if len(long) != QUARTERS - 1:
        long = [(_day(year, first), _day(year, last)) for first, last in RECOMMENDED]
    starts = [begin, *(last + timedelta(days=1) for _, last in long)]
    ends = [*(first - timedelta(days=1) for first, _ in long), end]
    return list(zip(starts, ends, strict=True))


def _day(year: int, month_day: tuple[int, int]) -> date:
    month, day = month_day
    return date(year if month >= BEGIN[0] else year + 1, month, day)


@dataclass(frozen=True)
class SchoolQuarter:
    """A quarter in one school's calendar, and the quorate meeting held in it."""

    school: str
    start: date
    end: date
    meeting: Meeting | None


@dataclass(frozen=True)
class Quarter:
    """A quarter of the network: schools may begin and end it on different days, the meeting must lie in each.

    Attributes:
        no: from 1.
        schools: one row for each calendar.
        planned: a meeting that is named or convened in it.
        today: the day that the page is of.
    """

    no: int
    schools: list[SchoolQuarter]
    planned: Meeting | None
    today: date
    words: str = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "words", f"{self.no}-я учебная четверть")

    @property
    def start(self) -> date:
        return min(row.start for row in self.schools)

    @property
    def end(self) -> date:
        return max(row.end for row in self.schools)

    @property
    def missing(self) -> list[SchoolQuarter]:
        """Calendars in which no meeting was held in this quarter."""
        return [row for row in self.schools if row.meeting is None]

    @property
    def deadline(self) -> date:
        """The last day on which one meeting still does."""
        return min((row.end for row in self.missing), default=self.end)

    @property
    def held(self) -> Meeting | None:
        return next((row.meeting for row in self.schools if row.meeting is not None), None)

    @property
    def state(self) -> str:
        if not self.missing:
            return "проведено"
        if self.deadline < self.today:
            return "не проведено"
        return "назначено" if self.planned else "нужно провести"

    @property
    def tone(self) -> str:
        return {"проведено": "good", "не проведено": "bad", "назначено": "info"}.get(
            self.state, "warn" if self.start <= self.today else "neutral"
        )


def quarters(council: Council, year: int, today: date) -> list[Quarter]:
    """Return the four quarters of the school year `year` with the meetings held and missing in them (C-12)."""
    calendars = _calendars(council, year, today)
    meetings = list(Meeting.objects.filter(council=council).select_related("council__network").order_by("planned_at"))
    held = [one for one in meetings if one.state in HELD]
    to_come = [
        one for one in meetings if one.state in (MeetingState.PLANNED, MeetingState.CONVENED, MeetingState.RUNNING)
    ]
    found = []
    for place in range(QUARTERS):
        rows = []
        for school, periods in calendars:
            start, end = periods[place]
            inside = next((one for one in held if start <= one.day <= end), None)
            rows.append(SchoolQuarter(school, start, end, inside))
        first, last = max(row.start for row in rows), min(row.end for row in rows)
        planned = next((one for one in to_come if first <= one.day <= last), None)
        found.append(Quarter(place + 1, rows, planned, today))
    return found


def _calendars(council: Council, year: int, today: date) -> list[tuple[str, list[Period]]]:
    """Return the quarters of each school of the network that has a calendar; the ministry's where none has."""
    schools = schools_of(council, today)
    years = AcademicYear.objects.filter(organisation__in=schools.values("pk"), year=year)
    rows = [
        (
            row.organisation.short_name,
            quarters_of(
                year,
                (row.date_from, row.date_to),
                [(one.date_from, one.date_to) for one in row.holidays.all()],
            ),
        )
        for row in years.select_related("organisation").prefetch_related("holidays")
    ]
    return rows or [("", quarters_of(year, (_day(year, BEGIN), _day(year, END)), []))]


@dataclass(frozen=True)
class June:
    """What the council has to decide by 20 June: results, groups, timetable, routes (C-06)."""

    deadline: date
    done: list[str]
    missing: list[str]


def june_of(council: Council, year: int) -> June:
    """Return how far the council is with the decisions that prepare the year after `year`.

    A question counts when it was put to the vote in a quorate meeting from 1 May to 20 June, whatever the outcome.
    """
    first, deadline = date(year + 1, *SPRING), date(year + 1, *JUNE)
    items = AgendaItem.objects.filter(
        meeting__council=council, kind__in=OF_JUNE, state__in=[ItemState.ADOPTED, ItemState.REJECTED]
    ).select_related("meeting__council__network")
    voted = {item.kind for item in items if first <= item.meeting.day <= deadline}
    done = [str(ItemKind(kind).label) for kind in OF_JUNE if kind in voted]
    return June(deadline, done, [str(ItemKind(kind).label) for kind in OF_JUNE if kind not in voted])
