"""The waiting list of a course: who stands in it, in which order, and what has been offered (3.3, I-3)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Max, Q

from courses.enums import GroupState
from courses.models import NetworkCourse, StudyGroup
from enrollment.clashes import weeks_clash
from enrollment.enums import ApplicationState, EnrolmentState, LineDecision, OfferState
from enrollment.models import AllocationPlace, Application, ApplicationChoice, Enrolment, SchoolRequestLine, SeatOffer
from enrollment.selectors.allocation import clash_sentence, class_weeks, lessons_of, place_of
from enrollment.selectors.conditions import SENT_STATES, evidence_for, failed
from enrollment.selectors.requests import line_conditions
from enrollment.selectors.week import ways_of
from network_portal.common.dates import local_day

#: An application in one of these may still take a place of a waiting list.
WAITS = (ApplicationState.WAITLISTED, ApplicationState.LISTED)
#: An application in one of these waits for groups to be formed.
BEFORE_GROUPS = (ApplicationState.REGISTERED, ApplicationState.ACCEPTED, ApplicationState.LISTED)
Turn = tuple[int, bool, datetime, int, int]


@dataclass(frozen=True)
class QueueRow:
    """A line in the queue of its course.

    Attributes:
        turn: what the queue is sorted by: unanswered offers, late or in time, moment, number.
        offer: the open offer of the family.
        passed: the reason for which the family is passed over for the next place; empty when it is not.
    """

    line: SchoolRequestLine
    turn: Turn
    offer: SeatOffer | None
    passed: str

    @property
    def late(self) -> bool:
        return self.turn[1]

    @property
    def since(self) -> datetime:
        return self.turn[2]


def queue_of(course: NetworkCourse) -> list[QueueRow]:
    """Return the waiting list of a course in order.

    In time before late, then by the moment of registration, then by number; a family that let an offer expire stands
    after those that have not.
    """
    return _rows(course, LineDecision.WAITLISTED)


def unanswered_of(course: NetworkCourse) -> list[QueueRow]:
    """Return the lines of sent lists for a course that wait for the host's answer, in the order of their turns."""
    return _rows(course, LineDecision.PENDING)


def _rows(course: NetworkCourse, decision: LineDecision) -> list[QueueRow]:
    lines = list(
        SchoolRequestLine.objects.filter(
            course=course, decision=decision, request__state__in=SENT_STATES, application__state__in=WAITS
        ).select_related(
            "request__home", "request__host", "request__agreement__network", "course__programme__host",
            "application__home", "application__document", "application__student__school_class",
        )
    )  # fmt: skip
    offers: dict[int, list[SeatOffer]] = defaultdict(list)
    for offer in SeatOffer.objects.filter(line__in=lines):
        offers[offer.line_id].append(offer)
    registered = dict(
        ApplicationChoice.objects.filter(
            course=course, application__in=[line.application_id for line in lines]
        ).values_list("application", "registered_at")
    )
    given = _last_given(course)
    rows = []
    for line in lines:
        own = offers[line.pk]
        since = registered.get(line.application_id) or line.application.registered_at
        assert since is not None
        document = line.application.document
        turn = (
            sum(offer.state == OfferState.EXPIRED for offer in own),
            since >= course.applications_until,
            since,
            document.number if document and document.number else 0,
            line.application_id,
        )
        rows.append(
            QueueRow(
                line,
                turn,
                next((offer for offer in own if offer.state == OfferState.OFFERED), None),
                next(
                    (
                        offer.reason
                        for offer in own
                        if offer.state == OfferState.SKIPPED and (given is None or offer.offered_at >= given)
                    ),
                    "",
                ),
            )
        )
    return sorted(rows, key=lambda row: row.turn)


def _last_given(course: NetworkCourse) -> datetime | None:
    """Return when a place of the course was last offered or given; a turn passed over before that counts again."""
    offered = (
        SeatOffer.objects.filter(group__course=course)
        .exclude(state=OfferState.SKIPPED)
        .aggregate(last=Max("offered_at"))["last"]
    )
    given = SchoolRequestLine.objects.filter(course=course, decision=LineDecision.ACCEPTED).aggregate(
        last=Max("decided_at")
    )["last"]
    return max((moment for moment in (offered, given) if moment), default=None)


def overtaken_by(line: SchoolRequestLine) -> list[QueueRow]:
    """Return who of the waiting list stands before the turn of `line` and was not passed over with a reason."""
    course = line.course
    rows = queue_of(course)
    mine = next((row.turn for row in [*rows, *unanswered_of(course)] if row.line.pk == line.pk), None)
    if mine is None:
        return []
    return [row for row in rows if row.turn < mine and row.line.pk != line.pk and row.offer is None and not row.passed]


def obstacle_of(line: SchoolRequestLine, at: datetime) -> str:
    """Say why the pupil of a line cannot take any place of the course at the moment `at`; empty when it can."""
    on = local_day(at, line.request.agreement.network.time_zone)
    if reasons := failed(line_conditions(line, line.request, evidence_for([line.application], on))):
        return reasons
    if line.application.student.home_school_id != line.request.home_id:
        return "Ребёнок больше не числится в школе, которая направила заявку."
    return ""


def clash_of(line: SchoolRequestLine, group: StudyGroup) -> str:
    """Say which place of the pupil stands against the group; a lower wish of the same application gives way."""
    held = (
        Enrolment.objects.filter(student=line.application.student_id)
        .holding_seats()
        .exclude(state=EnrolmentState.COMPLETED)
        .exclude(state=EnrolmentState.BOOKED, line__application=line.application_id)
        .select_related("course__programme", "group__course__programme")
        .prefetch_related("group__slots")
    )
    week, ways = lessons_of(group), ways_of(group.course.programme.host_id)
    for place in held:
        title = place.course.programme.title
        if place.course.programme_id == line.course.programme_id and place.course.year == line.course.year:
            return f"По программе «{title}» у ребёнка уже есть место."
        if (short := weeks_clash(week, lessons_of(place.group), ways)) is not None:
            return clash_sentence(f"курсом «{title}», на котором ребёнок уже занимает место", short)
    return ""


def hindrance_of(line: SchoolRequestLine, group: StudyGroup) -> str:
    """Say why a freed place of the group is not offered: another place of the pupil, or the lessons of the class."""
    if clash := clash_of(line, group):
        return clash
    class_id = line.application.student.school_class_id
    lessons = class_weeks([class_id], line.course.year).get(class_id, ())
    visited = [lesson for lesson in lessons_of(group) if lesson.place]
    short = weeks_clash(visited, lessons, ways_of(group.course.programme.host_id))
    return "" if short is None else clash_sentence("уроками класса", short)


def free_groups(course: NetworkCourse) -> list[StudyGroup]:
    """Return the groups of a course with a free seat, in order."""
    groups = StudyGroup.objects.filter(course=course).exclude(state=GroupState.CLOSED).prefetch_related("slots")
    return [group for group in groups.select_related("course__programme__host").order_by("pk") if group.seats_free > 0]


def courses_to_offer() -> list[NetworkCourse]:
    """Return the courses that have both a waiting list and a free seat."""
    waiting = SchoolRequestLine.objects.filter(decision=LineDecision.WAITLISTED, request__state__in=SENT_STATES)
    free = [
        group.course_id
        for group in StudyGroup.objects.filter(course__in=waiting.values("course")).exclude(state=GroupState.CLOSED)
        if group.seats_free > 0
    ]
    return list(NetworkCourse.objects.filter(pk__in=free).select_related("network", "programme__host").order_by("pk"))


def offers_of(lines: Iterable[SchoolRequestLine]) -> list[SeatOffer]:
    """Return what was offered on the lines of an application, the latest first; the caller has passed its gate."""
    return list(
        SeatOffer.objects.filter(line__in=list(lines))
        .select_related("group__course__programme__host", "line__request__host")
        .order_by("-offered_at", "-pk")
    )


def expired_offers(at: datetime) -> list[SeatOffer]:
    """Return the open offers whose term is over, and those whose family no longer waits."""
    gone = ~Q(line__decision=LineDecision.WAITLISTED) | ~Q(line__application__state__in=WAITS)
    return list(SeatOffer.objects.open().filter(Q(expires_at__lte=at) | gone).order_by("pk"))


def groups_of(course: NetworkCourse) -> list[StudyGroup]:
    """Return the groups of a course that are not closed."""
    return list(StudyGroup.objects.filter(course=course).exclude(state=GroupState.CLOSED).order_by("name"))


def past_offers(course: NetworkCourse) -> list[SeatOffer]:
    """Return the offers of a course that are over and the turns that were passed over, the latest first."""
    return list(
        SeatOffer.objects.filter(group__course=course)
        .exclude(state=OfferState.OFFERED)
        .select_related("line__application__student", "line__request__home", "group")
        .order_by("-offered_at", "-pk")[:50]
    )


@dataclass(frozen=True)
class Standing:
    """Where an application stands in the waiting list of a course, as the family reads it.

    Attributes:
        turn: counted from 1.
        offered: how many before it hold an offer.
        why: why there is no place, by the host's answer.
    """

    course: NetworkCourse
    turn: int
    of: int
    seats: int
    offered: int
    why: str


def standings_of(lines: Iterable[SchoolRequestLine]) -> list[Standing]:
    """Return the family's places in waiting lists; the caller has passed the gate of the application."""
    found = []
    for line in lines:
        if line.decision != LineDecision.WAITLISTED:
            continue
        rows = queue_of(line.course)
        turn = next((turn for turn, row in enumerate(rows, start=1) if row.line.pk == line.pk), None)
        if turn is not None:
            offered = sum(row.offer is not None for row in rows[: turn - 1])
            found.append(Standing(line.course, turn, len(rows), line.course.seats, offered, line.reason))
    return found


@dataclass(frozen=True)
class FamilyView:
    """What the page of an application says about groups: the place, why not another, queues and offers.

    Attributes:
        why: title of the course and the words, for each wish above the place.
        short: how many pupils more a course needs to open, by its title.
    """

    place: AllocationPlace | None
    why: list[tuple[str, str]]
    standings: list[Standing]
    open: list[SeatOffer]
    past: list[SeatOffer]
    short: list[tuple[str, int]]

    @property
    def shown(self) -> bool:
        return bool(self.place or self.standings or self.open or self.past or self.short)


def family_view(application: Application, lines: Iterable[SchoolRequestLine]) -> FamilyView:
    """Return what a family and its school read about groups; the caller has passed the gate of the application."""
    own = list(lines)
    place = place_of(application)
    titles = {choice.course_id: choice.course.programme.title for choice in _choices(application)}
    offers = offers_of(own)
    return FamilyView(
        place=place,
        why=[(titles.get(row["course"], ""), row["text"]) for row in place.explanation] if place else [],
        standings=standings_of(own),
        open=[offer for offer in offers if offer.state == OfferState.OFFERED],
        past=[offer for offer in offers if offer.state != OfferState.OFFERED],
        short=[] if place or application.state not in BEFORE_GROUPS else _short(application),
    )


def _choices(application: Application) -> list[ApplicationChoice]:
    return list(application.choices.select_related("course__programme"))


def _short(application: Application) -> list[tuple[str, int]]:
    """Return the wished courses for which too few have applied for one group to open."""
    found = []
    for choice in _choices(application):
        applied = ApplicationChoice.objects.filter(
            course=choice.course_id, rank=1, application__state__in=[*BEFORE_GROUPS, ApplicationState.PLACED]
        ).count()
        if applied < choice.course.min_size:
            found.append((choice.course.programme.title, choice.course.min_size - applied))
    return found
