"""What the portal proposes as a final mark, by the policy of the programme (6.4–6.6)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from courses.enums import Scale
from courses.policies import Policy
from gradebook.cells import mark_text
from gradebook.enums import SCALE_VALUES, Term, TermValue
from gradebook.means import to_mark, year_mark


@dataclass(frozen=True)
class Proposal:
    """A mark, or None where people decide, with what led to it."""

    value: int | None
    note: str = ""

    @property
    def text(self) -> str:
        return mark_text(self.value)


def propose(
    policy: Policy, hours_week: int, *, mean: Decimal | None, marks: int, passed: int, absences: int, lessons: int
) -> Proposal:
    """Return the proposal for a term (6.4, 6.6).

    Args:
        policy: of the programme.
        hours_week: lessons a week, which say how many marks are needed.
        mean: weighted, unrounded.
        marks: how many marks the pupil has.
        passed: how many of them are «зачёт»; more than half make the term passed.
        absences: lessons the pupil was away from.
        lessons: lessons held while the pupil studied.
    """
    least = policy.least_marks(hours_week)
    if marks < least:
        if absences * 100 > policy.absence_limit * lessons:
            return Proposal(TermValue.NA, f"пропущено {absences} из {lessons}, отметок {marks} из {least}")
        return Proposal(None, f"недостаточно отметок: {marks} из {least}")
    if policy.scale == Scale.PASS_FAIL:
        return Proposal(TermValue.PASS if 2 * passed > marks else TermValue.FAIL)
    return Proposal(None if mean is None else to_mark(mean, policy.thresholds))


def propose_year(policy: Policy, terms: Sequence[tuple[Term, int | None]]) -> Proposal:
    """Return the proposal for the year from the final marks of its terms (6.5)."""
    missing = [term.label for term, value in terms if value is None]
    if missing or not terms:
        return Proposal(None, f"нет отметки: {', '.join(missing)}")
    values = [value for _, value in terms if value is not None]
    if TermValue.NA in values:
        return Proposal(None, "есть период без аттестации, решают учитель и заместитель директора")
    if policy.scale == Scale.PASS_FAIL:
        return Proposal(TermValue.PASS if set(values) == {TermValue.PASS.value} else TermValue.FAIL)
    return Proposal(year_mark(values, policy.year_tie))


def final_values(policy: Policy) -> tuple[int, ...]:
    """Return what may be given as a final mark."""
    return (*(value.value for value in SCALE_VALUES[policy.scale]), TermValue.NA.value)
