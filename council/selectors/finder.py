"""Days on which the council can meet: with notice, in the quarter, past the members' lessons; and who will come."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from council import voting
from council.models import Answer, Council, CouncilMember, Meeting
from council.selectors.composition import voters
from courses.models import AcademicYear
from gradebook.enums import LessonState
from gradebook.models import Lesson
from network_portal.common.dates import is_working_day

#: When meetings begin, and how long one takes.
HOURS = (time(13), time(14), time(15), time(16), time(17))
LENGTH = timedelta(minutes=90)
#: How far ahead days are looked for, and how many are offered.
HORIZON = timedelta(days=60)
MOST = 8


@dataclass(frozen=True)
class Suggestion:
    """A day and hour, and who has a lesson then.

    Attributes:
        day, starts: when.
        busy: members with a vote who teach then.
        free: how many others there are.
        quorum: whether those free are enough.
    """

    day: date
    starts: time
    busy: tuple[str, ...]
    free: int
    quorum: bool


def suggestions(council: Council, today: date, until: date | None = None) -> list[Suggestion]:
    """Return days for a meeting, those with the fewest members at lessons first, then the soonest.

    Args:
        council: the council.
        today: the day of asking; the notice is counted from it.
        until: the last day, usually the end of the quarter.
    """
    first = today + timedelta(days=council.notice_days)
    last = min(until or today + HORIZON, today + HORIZON)
    members = list(voters(council, today))
    days = [day for day in _days(first, last) if is_working_day(day) and day.weekday() < 5]
    off = _holidays(members, first, last)
    lessons = _lessons(members, first, last)
    found = []
    for day in days:
        if day in off:
            continue
        for starts in HOURS:
            busy = _busy(members, lessons.get(day, []), day, starts)
            free = len(members) - len(busy)
            found.append(Suggestion(day, starts, busy, free, voting.quorum(len(members), free)))
    found.sort(key=lambda one: (len(one.busy), one.day, one.starts))
    return _spread([one for one in found if one.quorum])


def _spread(found: list[Suggestion]) -> list[Suggestion]:
    """Return the best hour of each day, by day."""
    best: dict[date, Suggestion] = {}
    for one in found:
        best.setdefault(one.day, one)
    return sorted(list(best.values())[:MOST], key=lambda one: one.day)


def _days(first: date, last: date) -> list[date]:
    return [first + timedelta(days=step) for step in range(max(0, (last - first).days + 1))]


def _holidays(members: list[CouncilMember], first: date, last: date) -> set[date]:
    """Return the days on which any member's school has holidays."""
    schools = {member.duty.organisation_id for member in members}
    years = AcademicYear.objects.filter(organisation__in=schools, date_to__gte=first, date_from__lte=last)
    return {
        day
        for year in years.prefetch_related("holidays")
        for one in year.holidays.all()
        for day in _days(max(first, one.date_from), min(last, one.date_to))
    }


def _lessons(members: list[CouncilMember], first: date, last: date) -> dict[date, list[tuple[int, time, time]]]:
    """Return by day who teaches from when to when."""
    people = [member.duty.user_id for member in members]
    rows = Lesson.objects.filter(date__range=(first, last), group__teacher__user__in=people).exclude(
        state=LessonState.CANCELLED
    )
    found: dict[date, list[tuple[int, time, time]]] = {}
    for day, user, starts, ends in rows.values_list("date", "group__teacher__user", "starts", "ends"):
        found.setdefault(day, []).append((user, starts, ends))
    return found


def _busy(
    members: list[CouncilMember], lessons: list[tuple[int, time, time]], day: date, starts: time
) -> tuple[str, ...]:
    ends = (datetime.combine(day, starts) + LENGTH).time()
    at_lesson = {user for user, begin, end in lessons if begin < ends and starts < end}
    return tuple(member.user.short_name for member in members if member.duty.user_id in at_lesson)


# --- who will come --------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Forecast:
    """What the answers to the invitation say of the quorum.

    Attributes:
        total: members with a vote.
        needed: how many make a quorum.
        coming, absent: what they answered.
        silent: who has not answered.
    """

    total: int
    needed: int
    coming: list[CouncilMember]
    absent: list[Answer]
    silent: list[CouncilMember]

    @property
    def tone(self) -> str:
        if len(self.coming) >= self.needed:
            return "good"
        return "warn" if len(self.coming) + len(self.silent) >= self.needed else "bad"

    @property
    def words(self) -> str:
        """«Кворум будет: придут 6 из 10, нужно 6»."""
        said = f"придут {len(self.coming)} из {self.total}, нужно {self.needed}"
        if self.tone == "good":
            return f"Кворум будет: {said}"
        if self.tone == "warn":
            return f"Кворум зависит от тех, кто не ответил: {said}, не ответили {len(self.silent)}"
        return f"Кворума не будет: {said}"


def forecast(meeting: Meeting, members: list[CouncilMember]) -> Forecast:
    """Return the forecast of the quorum of a convened meeting from the answers of its `members` with a vote."""
    answers = {one.member_id: one for one in meeting.answers.select_related("member__duty__user")}
    said = [(member, answers.get(member.pk)) for member in members]
    return Forecast(
        total=len(members),
        needed=voting.quorum_needed(len(members)),
        coming=[member for member, answer in said if answer is not None and answer.coming],
        absent=[answer for _, answer in said if answer is not None and not answer.coming],
        silent=[member for member, answer in said if answer is None],
    )
