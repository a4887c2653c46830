"""How a programme marks: scale, weights, thresholds, conditions, agreed by all its schools (S2-2м, 6.1–6.6)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import transaction

from courses.enums import DEFAULT_WEIGHTS, CourseState, Scale, TermSystem, Verb, WorkType, YearTie
from courses.models import GradingPolicy, NetworkCourse, Programme
from network_portal.audit.services import record
from network_portal.common.cleaning import clean
from network_portal.common.errors import RuleError
from network_portal.common.seen import check_seen
from schools.acting import Acting
from schools.models import Organisation

#: The columns of a policy that a form fills.
FIELDS = (
    "act",
    "scale",
    "weights",
    "five",
    "four",
    "three",
    "terms",
    "year_tie",
    "least_1",
    "least_2",
    "least_3",
    "absence_limit",
    "free_days",
)


@dataclass(frozen=True)
class Policy:
    """The policy of a programme as code reads it.

    Attributes:
        thresholds: the least mean of each mark, the highest first; means are compared unrounded (6.4).
        least: how many marks a term needs, by hours a week: 1, 2, 3 and more (6.6).
        absence_limit: per cent of a term's lessons; more than that and too few marks is «н/а».
        free_days: days after a mark was given in which it is changed without a reason (3.8).
    """

    scale: Scale = Scale.FIVE
    weights: Mapping[WorkType, Decimal] = field(
        default_factory=lambda: {kind: Decimal(weight) for kind, weight in DEFAULT_WEIGHTS.items()}
    )
    thresholds: tuple[tuple[int, Decimal], ...] = ((5, Decimal("4.5")), (4, Decimal("3.5")), (3, Decimal("2.5")))
    terms: TermSystem = TermSystem.HALVES
    year_tie: YearTie = YearTie.UP
    least: tuple[int, int, int] = (5, 7, 7)
    absence_limit: int = 50
    free_days: int = 3

    def weight(self, kind: str) -> Decimal:
        """Return the weight of a kind of work; a kind that the policy does not name any more weighs 1."""
        return self.weights.get(WorkType(kind), Decimal(1))

    def least_marks(self, hours_week: int) -> int:
        """Return how many marks a term needs at so many hours a week (6.6)."""
        return self.least[min(max(hours_week, 1), 3) - 1]


DEFAULT = Policy()


def policy_of(programme: Programme) -> Policy:
    """Return the policy by which `programme` marks; without a row, that of the portal."""
    row: GradingPolicy | None = getattr(programme, "policy", None)
    if row is None:
        return DEFAULT
    return Policy(
        scale=Scale(row.scale),
        weights={WorkType(kind): Decimal(weight) for kind, weight in row.weights.items()},
        thresholds=((5, row.five), (4, row.four), (3, row.three)),
        terms=TermSystem(row.terms),
        year_tie=YearTie(row.year_tie),
        least=(row.least_1, row.least_2, row.least_3),
        absence_limit=row.absence_limit,
        free_days=row.free_days,
    )


def policy_row(host: Organisation, programme: Programme | None) -> GradingPolicy:
    """Return the stored policy of a programme, or of the school; one not stored yet has the values it would have."""
    row = GradingPolicy.objects.filter(host=host, programme=programme).first()
    return row or GradingPolicy(host=host, programme=programme)


def policy_facts(row: GradingPolicy) -> dict[str, Any]:
    """Return what the form of a policy shows."""
    facts = {name: getattr(row, name) for name in FIELDS if name != "weights"}
    weights = {kind: Decimal(weight) for kind, weight in row.weights.items()}
    return facts | {f"weight_{kind.value}": weights.get(kind.value, "") for kind in WorkType}


def is_fixed(programme: Programme) -> bool:
    """Tell whether the policy of `programme` is fixed: families and schools have read it with a published course."""
    return NetworkCourse.objects.filter(programme=programme).exclude(state=CourseState.DRAFT).exists()


def policy_copy(programme: Programme) -> GradingPolicy:
    """Give a new programme the school's act as its policy; part of the service that makes the programme."""
    act = policy_row(programme.host, None)
    values = {name: getattr(act, name) for name in FIELDS}
    return GradingPolicy.objects.create(host=programme.host, programme=programme, **values)


@transaction.atomic
def policy_set(
    *, actor: Acting, programme: Programme | None, values: Mapping[str, Any], seen: str = "", at: datetime
) -> GradingPolicy:
    """Set the policy of a programme whose courses are drafts, or the school's act that new programmes take over.

    Args:
        actor: who prepares courses at the host.
        programme: None for the school's act.
        values: the columns `FIELDS`; weights by kind of work.
        seen: what the page showed, by `common.seen.seen_of`.
        at: the moment.

    Raises:
        RuleError: the programme is offered to families already; the values contradict each other.
        StaleError: someone else changed it meanwhile.
    """
    assert actor.organisation is not None
    host = Organisation.objects.select_for_update(no_key=True).get(pk=actor.organisation.pk)
    if programme is not None and is_fixed(programme):
        raise RuleError(
            "Курс по этой программе уже опубликован: порядок оценивания согласован школами. "
            "Чтобы оценивать иначе, составьте новую программу."
        )
    row = policy_row(host, programme)
    check_seen(seen, policy_facts(row))
    if not values["weights"]:
        raise RuleError("Укажите вес хотя бы одного вида работ.")
    for name in FIELDS:
        setattr(row, name, values[name])
    clean(row, exclude=["host", "programme"])
    row.save(update_fields=FIELDS if row.pk else None)
    record(Verb.POLICY_SET, actor=actor.user, organisation=host, target=row, at=at)
    return row
