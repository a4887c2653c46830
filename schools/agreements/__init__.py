"""Reads of agreements: which one is in force for whom, the terms as a value, both copies, seats, what a page shows."""

from schools.agreements.cards import AgreementCard, Status, agreement_card, agreement_rows, agreement_status, stops_with
from schools.agreements.in_force import (
    AgreedSeats,
    Directions,
    agreed_seats,
    agreement_covers,
    agreement_in_force,
    conditions_in_force,
    directions_in_force,
    directions_standing,
    seats_by,
    stopped_days,
    taught_by,
)
from schools.agreements.signing import FIRST, HOME_SLOT, HOST_SLOT, paper_to_sign, slot_of, waiting_slot
from schools.agreements.terms import JOURNAL_READERS, PLAIN, amended_terms, copies_of, terms_json, terms_of
from schools.agreements.waiting import tasks_for

__all__ = [
    "FIRST",
    "HOME_SLOT",
    "HOST_SLOT",
    "JOURNAL_READERS",
    "PLAIN",
    "AgreedSeats",
    "AgreementCard",
    "Directions",
    "Status",
    "agreed_seats",
    "agreement_card",
    "agreement_covers",
    "agreement_in_force",
    "agreement_rows",
    "agreement_status",
    "amended_terms",
    "conditions_in_force",
    "copies_of",
    "directions_in_force",
    "directions_standing",
    "paper_to_sign",
    "seats_by",
    "slot_of",
    "stopped_days",
    "stops_with",
    "tasks_for",
    "taught_by",
    "terms_json",
    "terms_of",
    "waiting_slot",
]
