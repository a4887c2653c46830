"""How a programme marks: scale, weights of the kinds of work, and what else its schools have agreed on (S2-2м, 6.1)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from types import MappingProxyType

from courses.enums import Scale, WorkType
from courses.models import Programme

WEIGHTS = MappingProxyType(
    {
        WorkType.ANSWER: Decimal(1),
        WorkType.HOMEWORK: Decimal(1),
        WorkType.INDEPENDENT: Decimal(2),
        WorkType.PRACTICAL: Decimal(2),
        WorkType.TEST: Decimal(3),
        WorkType.PROJECT: Decimal(3),
    }
)


@dataclass(frozen=True)
class Policy:
    """The policy of a programme as code reads it."""

    scale: Scale = Scale.FIVE
    weights: Mapping[WorkType, Decimal] = field(default_factory=lambda: WEIGHTS)
    free_days: int = 3

    def weight(self, kind: str) -> Decimal:
        """Return the weight of a kind of work; a kind that the policy does not name any more weighs 1."""
        return self.weights.get(WorkType(kind), Decimal(1))


DEFAULT = Policy()


def policy_of(programme: Programme) -> Policy:
    """Return the policy by which `programme` marks."""
    return DEFAULT
