"""What a reader sees of a run."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Q, QuerySet

from courses.enums import GroupState
from courses.models import NetworkCourse, StudyGroup
from enrollment import access
from enrollment.enums import AllocationState, LineDecision, RequestState
from enrollment.models import AllocationPlace, AllocationRun, Application, FixedSeat, SchoolRequestLine
from enrollment.selectors.allocation.season import UNANSWERED
from enrollment.selectors.conditions import SENT_STATES
from schools.acting import Acting
from schools.enums import AllocationApproval, Role
from schools.models import Network, Organisation

TONES = {
    AllocationState.DRAFT: "warn",
    AllocationState.APPROVED: "good",
    AllocationState.REPLACED: "neutral",
    AllocationState.CANCELLED: "neutral",
}


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
    def by_council(self) -> bool:
        return self.kind == AllocationApproval.COUNCIL

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
        draft and kind == AllocationApproval.DEPARTMENT and own and acting.is_(Role.DIRECTOR),
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
