"""What the two states of an enrolment come to (lessons, addition 1)."""

from __future__ import annotations

from dataclasses import dataclass

from enrollment.enums import EnrolmentState, ExitRecord, HomeState, Outcome, Review
from enrollment.models import Enrolment

TONES = {
    Outcome.WAITS_HOST: "warn",
    Outcome.WAITS_HOME: "warn",
    Outcome.STUDIES: "good",
    Outcome.UNSOLVED: "bad",
    Outcome.COMPLETED: "good",
    Outcome.NOT_STUDIED: "neutral",
    Outcome.LEFT: "neutral",
    Outcome.EXCLUDED: "bad",
    Outcome.CANCELLED: "neutral",
}


def outcome(host: EnrolmentState, home: HomeState, exit_record: ExitRecord, review: Review) -> Outcome:
    """Return the one word that both states come to; two that contradict each other need a decision."""
    if host == EnrolmentState.CANCELLED:
        return Outcome.CANCELLED
    if host == EnrolmentState.COMPLETED:
        return Outcome.COMPLETED
    if host == EnrolmentState.LEFT:
        if home == HomeState.RELEASED:
            return Outcome.EXCLUDED
        return Outcome.NOT_STUDIED if exit_record == ExitRecord.NOT_STUDIED else Outcome.LEFT
    if review or home not in (HomeState.PROPOSED, HomeState.DIRECTED):
        return Outcome.UNSOLVED
    if host == EnrolmentState.BOOKED:
        return Outcome.WAITS_HOST
    return Outcome.STUDIES if home == HomeState.DIRECTED else Outcome.WAITS_HOME


@dataclass(frozen=True)
class TwoStates:
    """An enrolment as pages show it: the host's state, the home's, and the outcome."""

    enrolment: Enrolment

    @property
    def outcome(self) -> Outcome:
        one = self.enrolment
        return outcome(
            EnrolmentState(one.state), HomeState(one.home_state), ExitRecord(one.exit_record), Review(one.review)
        )

    @property
    def tone(self) -> str:
        return TONES[self.outcome]
