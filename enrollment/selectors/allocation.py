"""Forming groups: what goes into a run, what its outcome says in words, what each reader sees of it (3.7, I-3, I-5)."""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Count, Prefetch, Q, QuerySet

from courses.enums import CourseState, GroupState
from courses.models import NetworkCourse, StudyGroup, TimetableSlot
from enrollment import access
from enrollment.allocation import (
    Allocation,
    Group,
    Lesson,
    Obstacle,
    Placement,
    Problem,
    Pupil,
    Quota,
    Why,
    Wish,
)
from enrollment.allocation import (
    Application as Wanted,
)
from enrollment.enums import AllocationState, ApplicationState, EnrolmentState, LineDecision, RequestState
from enrollment.models import (
    AllocationPlace,
    AllocationRun,
    Application,
    ApplicationChoice,
    Enrolment,
    FixedSeat,
    SchoolRequestLine,
    SeatQuota,
)
from enrollment.selectors.conditions import SENT_STATES, evidence_for, failed
from enrollment.selectors.requests import line_conditions
from network_portal.common.dates import local_day
from network_portal.common.russian import NBSP, nbsp, plural
from schools.acting import Acting
from schools.agreements import AgreedSeats, Directions, conditions_in_force, seats_by
from schools.enums import AllocationApproval, Role
from schools.models import AgreementCondition, Network, Organisation

#: Answers to lines that a run may still change.
UNANSWERED = (LineDecision.PENDING, LineDecision.WAITLISTED)
TONES = {
    AllocationState.DRAFT: "warn",
    AllocationState.APPROVED: "good",
    AllocationState.REPLACED: "neutral",
    AllocationState.CANCELLED: "neutral",
}


# --- what goes in -------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Season:
    """A problem with the rows it was made of.

    Attributes:
        applications: those that take part.
        left_out: those on the lists that cannot take part, with the reason.
        groups: the groups that take part, by id.
    """

    problem: Problem
    applications: Mapping[int, Application]
    left_out: Mapping[int, tuple[Application, str]]
    groups: Mapping[int, StudyGroup]


def season_of(network: Network, year: int, base: AllocationRun | None, at: datetime) -> Season:
    """Return what a run of a network and a year starts from at the moment `at`.

    Applications on sent lists whose line waits for an answer or stands on the waiting list; groups that are not closed,
    with the seats that are held; quotas of the agreements; seats fixed by hand; places that families were told of.
    """
    on = local_day(at, network.time_zone)
    groups = {
        group.pk: group
        for group in StudyGroup.objects.filter(course__network=network, course__year=year)
        .exclude(state=GroupState.CLOSED)
        .exclude(course__state=CourseState.DRAFT)
        .select_related("course__programme__host")
        .prefetch_related("slots")
        .order_by("name", "pk")
    }
    lines = _lines(network, year)
    applications = {line.application_id: line.application for line in lines}
    evidence = evidence_for(applications.values(), on)
    refused = _refused(applications)
    held = _held(applications)
    left_out: dict[int, tuple[Application, str]] = {}
    for line in lines:
        if reasons := failed(line_conditions(line, line.request, evidence)):
            left_out[line.application_id] = (line.application, reasons)
    courses = {group.course_id for group in groups.values()}
    wanted: list[Wanted] = []
    pupils: dict[int, Pupil] = {}
    for application in applications.values():
        if application.pk in left_out:
            continue
        own = [row for row in held[application.student_id] if row.line.application_id == application.pk]
        others = [row for row in held[application.student_id] if row.line.application_id != application.pk]
        wishes = _wishes(application, courses, refused[application.pk], own, evidence.agreements)
        if not wishes:
            continue
        wanted.append(
            Wanted(
                key=application.pk,
                pupil=application.student_id,
                wishes=tuple(wishes),
                number=application.document.number if application.document and application.document.number else 0,
                waits=application.waitlist_ok,
            )
        )
        pupils[application.student_id] = Pupil(
            key=application.student_id,
            home=application.home_id,
            busy=tuple(lesson for row in others for lesson in lessons_of(row.group)),
            programmes=tuple(sorted({row.course.programme_id for row in others})),
        )
    keys = {one.key for one in wanted}
    problem = Problem(
        groups=tuple(_group(group) for group in groups.values()),
        pupils=tuple(pupils.values()),
        applications=tuple(wanted),
        quotas=tuple(_quotas(network, year, on)),
        fixed={
            seat.application_id: seat.group_id
            for seat in FixedSeat.objects.filter(lifted_at=None, application__in=keys, group__in=groups)
        },
        previous={
            place.application_id: place.group_id
            for place in AllocationPlace.objects.filter(run=base, application__in=keys, group__in=groups)
            if base is not None and place.group_id is not None
        },
    )
    return Season(problem, {key: applications[key] for key in keys}, left_out, groups)


def _lines(network: Network, year: int) -> list[SchoolRequestLine]:
    choices = ApplicationChoice.objects.order_by("rank").select_related("course__programme")
    return list(
        SchoolRequestLine.objects.filter(
            request__agreement__network=network, request__year=year, request__state__in=SENT_STATES,
            decision__in=UNANSWERED,
        )
        .exclude(application__state__in=[ApplicationState.PLACED, ApplicationState.WITHDRAWN])
        .select_related(
            "request__home", "request__host", "course__programme__host", "application__home",
            "application__document", "application__student__school_class",
        )
        .prefetch_related(Prefetch("application__choices", choices))
        .order_by("pk")
    )  # fmt: skip


def _refused(applications: Iterable[int]) -> dict[int, set[int]]:
    """Return the courses on which each application has been answered for good."""
    refused: dict[int, set[int]] = defaultdict(set)
    answered = SchoolRequestLine.objects.filter(
        application__in=applications, decision__in=[LineDecision.REFUSED, LineDecision.WITHDRAWN]
    )
    for application_id, course_id in answered.values_list("application_id", "course_id"):
        refused[application_id].add(course_id)
    return refused


def _held(applications: Mapping[int, Application]) -> dict[int, list[Enrolment]]:
    """Return the places that the pupils hold."""
    held: dict[int, list[Enrolment]] = defaultdict(list)
    students = {application.student_id for application in applications.values()}
    rows = (
        Enrolment.objects.filter(student__in=students)
        .holding_seats()
        .exclude(state=EnrolmentState.COMPLETED)
        .select_related("course", "line", "group__course")
        .prefetch_related("group__slots")
        .order_by("pk")
    )
    for row in rows:
        held[row.student_id].append(row)
    return held


def _wishes(
    application: Application,
    courses: set[int],
    refused: set[int],
    own: list[Enrolment],
    agreements: Directions,
) -> Iterable[Wish]:
    """Return the wishes that may be met: up to the place that the application has booked already."""
    booked = {row.course_id for row in own}
    wishes = []
    for choice in application.choices.all():
        course = choice.course
        if course.pk in booked:
            break
        agreed = agreements.covers(
            home=application.home_id, host=course.programme.host_id, network=course.network_id, year=course.year
        )
        if course.pk in courses and course.pk not in refused and agreed and choice.registered_at:
            wishes.append(Wish(course.pk, choice.registered_at, choice.registered_at >= course.applications_until))
    return wishes


def lessons_of(group: StudyGroup) -> tuple[Lesson, ...]:
    """Return the week of a group."""
    return tuple(sorted(_lesson(slot, group.course) for slot in group.slots.all()))


def _lesson(slot: TimetableSlot, course: NetworkCourse) -> Lesson:
    return Lesson(slot.weekday, _minutes(slot.starts), _minutes(slot.ends), course.date_from, course.date_to)


def _minutes(moment: time) -> int:
    return moment.hour * 60 + moment.minute


def _group(group: StudyGroup) -> Group:
    course = group.course
    return Group(
        key=group.pk,
        course=course.pk,
        programme=course.programme_id,
        host=course.programme.host_id,
        capacity=group.capacity,
        min_size=course.min_size if group.state == GroupState.FORMING else 0,
        taken=group.seats_taken,
        lessons=lessons_of(group),
    )


def _quotas(network: Network, year: int, on: date) -> Iterable[Quota]:
    """Return the quotas set by hand, and for the courses without one the seats that the agreements in force name."""
    quotas = list(SeatQuota.objects.filter(agreement__network=network, year=year).select_related("agreement"))
    courses: dict[int, list[NetworkCourse]] = defaultdict(list)
    for course in NetworkCourse.objects.filter(network=network, year=year).select_related("programme").order_by("pk"):
        courses[course.programme.host_id].append(course)
    held = (
        Enrolment.objects.filter(course__network=network, course__year=year)
        .holding_seats()
        .values_list("home_id", "course_id")
        .annotate(count=Count("pk"))
        .order_by()
    )
    counts = {(home_id, course_id): count for home_id, course_id, count in held}
    for quota in quotas:
        hosted = [course.pk for course in courses[quota.agreement.host_id]]
        covered = [quota.course_id] if quota.course_id else hosted
        home_id = quota.agreement.home_id
        taken = sum(counts.get((home_id, course_id), 0) for course_id in covered)
        yield Quota(home_id, tuple(covered), quota.seats, taken)
    set_by_hand = {(quota.agreement.home_id, quota.agreement.host_id, quota.course_id) for quota in quotas}
    conditions: dict[tuple[int, int], list[AgreementCondition]] = defaultdict(list)
    for condition in conditions_in_force(year, on).filter(agreement__network=network).order_by("home", "host", "pk"):
        conditions[condition.home_id, condition.host_id].append(condition)
    for (home_id, host_id), rows in conditions.items():
        agreed: dict[AgreedSeats, list[int]] = defaultdict(list)
        for course in courses[host_id]:
            by_hand = {(home_id, host_id, None), (home_id, host_id, course.pk)} & set_by_hand
            seats = seats_by(rows, programme=course.programme.title, subject=course.programme.subject)
            if seats is not None and not by_hand:
                agreed[seats].append(course.pk)
        for seats, covered in agreed.items():
            taken = sum(counts.get((home_id, course_id), 0) for course_id in covered)
            yield Quota(home_id, tuple(covered), seats.seats, taken)


# --- words --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Words:
    """What the words of a run need: names of courses and groups, and the clock of the network."""

    groups: Mapping[int, StudyGroup]
    zone: str

    def course(self, key: int | None) -> str:
        group = next(group for group in self.groups.values() if group.course_id == key)
        return f"«{group.course.programme.title}»"

    def moment(self, moment: datetime, other: datetime) -> str:
        """Return «24.08 16:45», with seconds when the other moment is within the same minute."""
        local, beside = (one.astimezone(ZoneInfo(self.zone)) for one in (moment, other))
        same = local.replace(second=0, microsecond=0) == beside.replace(second=0, microsecond=0)
        year = "" if local.year == beside.year else ".%Y"
        return f"{local:%d.%m{year} %H:%M{':%S' if same else ''}}"


def explain(words: Words, wish: Wish, obstacles: Iterable[Obstacle]) -> str:
    """Say to the family why the application has no place on the course of a wish; nobody else is named.

    Args:
        words: names and clock.
        wish: the wish that was not met.
        obstacles: what stands against each group of the course.
    """
    rows = list(obstacles)
    if not rows:
        return "На курсе пока нет групп."
    if len(rows) > 1 and all(row.why == Why.FULL for row in rows):
        lasts = [(row.last_late, row.last) for row in rows if row.last]
        late, last = max(lasts) if lasts else (False, None)
        whole = Obstacle(
            0, Why.FULL, seats=sum(row.seats for row in rows), taken=sum(row.taken for row in rows),
            fixed=sum(row.fixed for row in rows), last=last, last_late=late,
        )  # fmt: skip
        return nbsp(_sentence(words, wish, whole))
    said = [(words.groups[row.group].name, _sentence(words, wish, row)) for row in rows]
    if len({sentence for _, sentence in said}) == 1:
        return nbsp(said[0][1])
    return nbsp(" ".join(f"Группа {name}: {sentence[:1].lower()}{sentence[1:]}" for name, sentence in said))


def _sentence(words: Words, wish: Wish, row: Obstacle) -> str:
    if row.why == Why.CLOSED:
        need = f"{row.seats}{NBSP}{plural(row.seats, 'ученика,учеников,учеников')}"
        return f"Группа не набрала {need}: подано {row.had}, курс не открывается."
    if row.why == Why.CLASH:
        return f"Занятия совпадают с курсом {words.course(row.course)}, на который ребёнку отведено место."
    if row.why == Why.BUSY:
        return "Занятия совпадают с курсом, на котором ребёнок уже занимает место."
    if row.why == Why.PROGRAMME:
        return "По этой программе у ребёнка уже есть место: в учебном году оно одно."
    if row.why == Why.FREE:
        return "Есть свободное место: его предложат семьям листа ожидания по очереди."
    if row.why == Why.KEPT:
        return (
            f"{_all(row.seats)} заняты: {'прежнее' if row.seats == 1 else 'прежние'} распределение подтверждено семьям."
        )
    before = _before(words, wish, row.last, row.last_late)
    if row.why == Why.QUOTA:
        used = f", {_used(row.seats)}" if row.last is None else f", все заняты {before}"
        return f"Квота вашей школы по договору: {row.seats}{NBSP}{plural(row.seats, 'место,места,мест')}{used}."
    if not row.taken and not row.fixed:
        return f"{_all(row.seats)} {_are_taken(row.seats)} {before}."
    parts = []
    if row.taken:
        parts.append(f"{row.taken}{NBSP}– занято до распределения")
    if row.fixed:
        parts.append(f"{row.fixed}{NBSP}– закреплено решением принимающей школы с указанием причины")
    if row.last:
        parts.append(f"{row.seats - row.taken - row.fixed}{NBSP}– {before}")
    return f"{_all(row.seats)} {_are_taken(row.seats)}: {'; '.join(parts)}."


def _before(words: Words, wish: Wish, last: datetime | None, last_late: bool) -> str:
    """Say by whom the seats are taken: by applications that were earlier, or in time when this one is late."""
    if last is None:
        return ""
    if wish.late and not last_late:
        return "заявлениями, поданными в срок, а ваше поступило после срока"
    if last == wish.registered:
        return f"заявлениями, поданными раньше вашего или в тот же миг с меньшим номером: {words.moment(last, last)}"
    return f"заявлениями, поданными раньше вашего: последнее {words.moment(last, wish.registered)}"


def _all(seats: int) -> str:
    return "Единственное место" if seats == 1 else f"Все {seats}{NBSP}{plural(seats, 'место,места,мест')}"


def _are_taken(seats: int) -> str:
    return "занято" if seats == 1 else "заняты"


def _used(seats: int) -> str:
    return "все заняты" if seats else "мест нет"


def explanation_rows(words: Words, wanted: Wanted, answer: Allocation, placement: Placement) -> list[dict[str, Any]]:
    """Return for each wish that was not met the words and the turn in the queue, 0 when it stands in none."""
    wishes = {wish.course: wish for wish in wanted.wishes}
    rows = []
    for refusal in placement.refused:
        queue = answer.waiting.get(refusal.course, ())
        rows.append(
            {
                "course": refusal.course,
                "text": explain(words, wishes[refusal.course], refusal.obstacles),
                "turn": queue.index(placement.application) + 1 if placement.application in queue else 0,
                "of": len(queue),
            }
        )
    return rows


def sha256_of(snapshot: Any, result: Any) -> str:
    """Return the name of one version of a run: what went in and what came out (I-5)."""
    text = json.dumps([snapshot, result], sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def result_of(season: Season, answer: Allocation) -> dict[str, Any]:
    """Return the outcome as plain data: places, waiting lists, closed groups, numbers of each group."""
    sizes: dict[int, int] = defaultdict(int)
    for group_id in answer.places.values():
        sizes[group_id] += 1
    closed = {one.group: one for one in answer.closed}
    return {
        "places": [[key, group] for key, group in sorted(answer.places.items())],
        "waiting": [[course, list(keys)] for course, keys in answer.waiting.items()],
        "closed": [[one.group, one.min_size, one.had] for one in answer.closed],
        "groups": [
            {
                "group": group.key,
                "course": group.course,
                "host": group.host,
                "capacity": group.capacity,
                "taken": group.taken,
                "placed": sizes[group.key],
                "min_size": group.min_size,
                "closed": group.key in closed,
                "had": closed[group.key].had if group.key in closed else 0,
            }
            for group in sorted(season.problem.groups)
        ],
        "left_out": sorted(season.left_out),
    }


# --- what a reader sees -------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class GroupNumbers:
    """A group in a run, without persons."""

    group: StudyGroup
    capacity: int
    taken: int
    placed: int
    waiting: int
    min_size: int
    closed: bool
    had: int

    @property
    def members(self) -> int:
        return self.taken + self.placed

    @property
    def below(self) -> bool:
        return not self.closed and 0 < self.members < self.min_size

    @property
    def outcome(self) -> tuple[str, str]:
        """The words and the tone of the badge."""
        if self.closed:
            return f"не набрана: {self.had} из {self.min_size}", "bad"
        if self.below:
            return f"меньше наименьшей наполняемости: {self.members} из {self.min_size}", "warn"
        if self.members == 0:
            return "никого нет", "neutral"
        return ("заполнена", "good") if self.members >= self.capacity else ("есть места", "info")


def numbers_of(run: AllocationRun, host_id: int | None = None) -> list[GroupNumbers]:
    """Return the numbers of each group of a run, of one host or of all."""
    data = [row for row in run.result["groups"] if host_id is None or row["host"] == host_id]
    groups = StudyGroup.objects.select_related("course__programme__host").in_bulk([row["group"] for row in data])
    waiting = {course: len(keys) for course, keys in run.result["waiting"]}
    rows = [
        GroupNumbers(
            groups[row["group"]], row["capacity"], row["taken"], row["placed"], waiting.get(row["course"], 0),
            row["min_size"], row["closed"], row["had"],
        )
        for row in data
        if row["group"] in groups
    ]  # fmt: skip
    return sorted(rows, key=lambda row: (row.group.course.programme.title, row.group.name, row.group.pk))


@dataclass(frozen=True)
class Change:
    """How the row of a run differs from the places families know of."""

    label: str
    tone: str


@dataclass(frozen=True)
class PlaceRow:
    """A row of a run as one school reads it.

    A host reads only what concerns its own groups: of the family's other wishes it knows nothing.
    """

    place: AllocationPlace
    group: StudyGroup | None
    change: Change | None
    why: list[str]
    fixed_because: str
    choices: list[StudyGroup]


def place_rows(run: AllocationRun, acting: Acting) -> list[PlaceRow]:
    """Return the rows of a run that the acting person may see, by surname."""
    own_id = acting.organisation_id
    places = list(access.places_for(acting).filter(run=run).order_by("application__student__sort_key", "pk"))
    reasons = dict(
        FixedSeat.objects.filter(lifted_at=None, application__in=[place.application_id for place in places])
        .values_list("application", "reason")
    )  # fmt: skip
    groups = {
        group.pk: group
        for group in StudyGroup.objects.filter(course__network=run.network, course__year=run.year)
        .exclude(state=GroupState.CLOSED)
        .select_related("course__programme")
        .order_by("course__programme__title", "name")
    }
    hosts = dict(
        NetworkCourse.objects.filter(network=run.network, year=run.year).values_list("pk", "programme__host_id")
    )
    titles = {group.course_id: group.course.programme.title for group in groups.values()}
    wished = {one["key"]: {wish[0] for wish in one["wishes"]} for one in run.snapshot["applications"]}
    rows = []
    for place in places:
        home = place.home_id == own_id

        def own(group: StudyGroup | None, home: bool = home) -> StudyGroup | None:
            return group if group and (home or group.course.programme.host_id == own_id) else None

        group, before = own(place.group), own(place.before)
        why = [
            f"«{titles.get(row['course'], '')}»: {row['text']}" if row["course"] else row["text"]
            for row in place.explanation
            if home or not row["course"] or hosts.get(row["course"]) == own_id
        ]
        mine = wished.get(place.application_id, set())
        choices = [one for one in groups.values() if one.course_id in mine and hosts[one.course_id] == own_id]
        rows.append(
            PlaceRow(
                place, group, _change(before, group) if run.base_id else None, why,
                reasons.get(place.application_id, "") if home or group else "", [] if home else choices,
            )
        )  # fmt: skip
    return rows


def _change(before: StudyGroup | None, now: StudyGroup | None) -> Change | None:
    if before == now:
        return None
    if before is None:
        return Change("получает место", "good")
    if now is None:
        return Change(f"теряет место в группе {before.name}", "bad")
    return Change(f"переходит из группы {before.name}", "warn")


def changes_of(rows: Iterable[PlaceRow]) -> list[tuple[str, int, str]]:
    """Return how many gain, lose and move: label, number and tone."""
    counts: dict[str, int] = defaultdict(int)
    for row in rows:
        if row.change:
            counts[row.change.tone] += 1
    labels = (("good", "получают место"), ("warn", "переходят в другую группу"), ("bad", "теряют место"))
    return [(label, counts[tone], tone) for tone, label in labels if counts[tone]]


@dataclass(frozen=True)
class Approval:
    """Who approves a run, and who has done so for its present version."""

    kind: AllocationApproval
    hosts: list[tuple[Organisation, bool]]
    may_confirm: bool
    may_record: bool

    @property
    def waits_for(self) -> list[Organisation]:
        return [host for host, done in self.hosts if not done]


def hosts_in(run: AllocationRun) -> list[Organisation]:
    """Return the schools whose groups take pupils in a run, or would have."""
    used = {row["host"] for row in run.result["groups"] if row["placed"] or row["closed"]}
    return list(Organisation.objects.filter(pk__in=used).order_by("short_name"))


def approval_of(run: AllocationRun, acting: Acting) -> Approval:
    """Return who still has to approve a run, and what the acting person may do about it."""
    kind = AllocationApproval(run.network.allocation_approval)
    done = set(run.confirmations.filter(sha256=run.sha256).values_list("organisation_id", flat=True))
    hosts = [(host, host.pk in done) for host in hosts_in(run)]
    draft = run.state == AllocationState.DRAFT
    own = any(host.pk == acting.organisation_id for host, _ in hosts)
    by_hosts = kind == AllocationApproval.HOSTS
    return Approval(
        kind,
        hosts if by_hosts else [],
        draft and by_hosts and own and acting.organisation_id not in done and acting.is_(Role.DIRECTOR, Role.DEPUTY),
        draft and not by_hosts and own and acting.is_(Role.DIRECTOR),
    )


def to_answer(run: AllocationRun, host_id: int | None) -> QuerySet[SchoolRequestLine]:
    """Return the lines of a host that an approved run answers and that wait for it."""
    return (
        SchoolRequestLine.objects.filter(
            request__host=host_id, request__state__in=[RequestState.SENT, RequestState.ANSWERED, RequestState.CLOSED],
            decision__in=UNANSWERED, application__in=run.places.values("application"),
        )
        .filter(Q(decision=LineDecision.PENDING) | Q(application__in=_placed_with(run, host_id)))
        .select_related("request", "application", "course")
        .order_by("application__registered_at", "application_id", "pk")
    )  # fmt: skip


def _placed_with(run: AllocationRun, host_id: int | None) -> QuerySet[AllocationPlace, Any]:
    return run.places.filter(group__course__programme__host=host_id).values("application")


def current_run(network: Network, year: int) -> AllocationRun | None:
    """Return the approved run of a network and a year, by which families were told."""
    return AllocationRun.objects.filter(network=network, year=year, state=AllocationState.APPROVED).first()


def place_of(application: Application) -> AllocationPlace | None:
    """Return what the approved run says about an application; the caller has passed its gate."""
    return (
        AllocationPlace.objects.filter(application=application, run__state=AllocationState.APPROVED)
        .select_related("run__network", "group__course__programme__host")
        .first()
    )


@dataclass(frozen=True)
class ToStart:
    """A network and a year for which lists wait, with the draft that there may be."""

    network: Network
    year: int
    waiting: int
    draft: AllocationRun | None


def seasons_to_start(acting: Acting) -> list[ToStart]:
    """Return where the acting person may start a run: networks in which the own school teaches and lists wait."""
    networks = {network.pk: network for network in access.networks_taught_by(acting)}
    lines = (
        SchoolRequestLine.objects.filter(
            request__agreement__network__in=networks, request__state__in=SENT_STATES, decision__in=UNANSWERED
        )
        .values_list("request__agreement__network", "request__year")
        .annotate(count=Count("pk"))
        .order_by("-request__year", "request__agreement__network")
    )
    drafts = {
        (draft.network_id, draft.year): draft
        for draft in AllocationRun.objects.filter(network__in=networks, state=AllocationState.DRAFT)
    }
    return [ToStart(networks[pk], year, count, drafts.get((pk, year))) for pk, year, count in lines]


def newer_lines(run: AllocationRun) -> int:
    """Return how many lines wait for an answer that the run knows nothing of."""
    return (
        SchoolRequestLine.objects.filter(
            request__agreement__network=run.network, request__year=run.year, request__state__in=SENT_STATES,
            decision=LineDecision.PENDING,
        )
        .exclude(application__in=run.places.values("application"))
        .count()
    )  # fmt: skip
