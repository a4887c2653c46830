"""What the database itself refuses in the council's tables (I-6)."""

from __future__ import annotations

import pgtrigger

OF_MEETING = "OLD.meeting_id, NEW.meeting_id"
OF_ITEM = "SELECT meeting_id FROM council_agendaitem WHERE id IN (OLD.item_id, NEW.item_id)"


def closed_meeting_is_final(meeting_ids: str) -> pgtrigger.Trigger:
    """Return the trigger that refuses every change of what belongs to a meeting whose record is closed (I-6).

    Args:
        meeting_ids: SQL that lists the meeting of the old and of the new row.
    """
    return pgtrigger.Trigger(
        name="closed_meeting_is_final",
        when=pgtrigger.Before,
        operation=pgtrigger.Insert | pgtrigger.Update | pgtrigger.Delete,
        func=f"""
            IF EXISTS (
                SELECT 1 FROM council_meeting
                WHERE state IN ('closed', 'not_held', 'cancelled') AND id IN ({meeting_ids})
            ) THEN
                RAISE EXCEPTION 'the record of this meeting is closed';
            END IF;
            IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
            RETURN NEW;
        """,
    )


def one_vote_each() -> pgtrigger.Trigger:
    """Return the trigger that refuses a person a second seat with a vote in the same council at the same time."""
    return pgtrigger.Trigger(
        name="one_vote_each",
        when=pgtrigger.Before,
        operation=pgtrigger.Insert | pgtrigger.Update,
        func="""
            IF NEW.voting AND EXISTS (
                SELECT FROM schools_duty own, council_councilmember seat JOIN schools_duty other
                    ON other.id = seat.duty_id
                WHERE own.id = NEW.duty_id AND seat.council_id = NEW.council_id AND seat.voting AND seat.id <> NEW.id
                    AND other.user_id = own.user_id
                    AND own.date_from <= COALESCE(other.date_to, 'infinity')
                    AND other.date_from <= COALESCE(own.date_to, 'infinity')
            ) THEN
                RAISE EXCEPTION 'У этого человека уже есть место с правом голоса в совете.'
                    USING ERRCODE = 'check_violation', CONSTRAINT = 'council_one_vote_each';
            END IF;
            RETURN NEW;
        """,
    )


def seats_come_from_decisions() -> pgtrigger.Trigger:
    """Return the trigger that refuses a seat nobody decided on, once the council has signed minutes (S1-5.4)."""
    return pgtrigger.Trigger(
        name="seats_come_from_decisions",
        when=pgtrigger.Before,
        operation=pgtrigger.Insert,
        func="""
            IF NEW.admitted_by_id IS NULL AND EXISTS (
                SELECT FROM council_meeting WHERE council_id = NEW.council_id AND state = 'closed'
            ) THEN
                RAISE EXCEPTION 'Состав совета меняется только решением совета.'
                    USING ERRCODE = 'check_violation', CONSTRAINT = 'council_seat_by_decision';
            END IF;
            RETURN NEW;
        """,
    )


def kept(name: str) -> pgtrigger.Trigger:
    """Return the trigger `name` that refuses to delete a row."""
    return pgtrigger.Protect(name=name, operation=pgtrigger.Delete)


def only_adds(name: str, *fields: str) -> pgtrigger.Trigger:
    """Return the trigger that lets `fields` be filled in once and refuses every other change of a row."""
    old = "".join(f" - '{field}'" for field in fields)
    return pgtrigger.Protect(
        name=name,
        operation=pgtrigger.Update,
        condition=pgtrigger.Condition(
            f"OLD.{fields[0]} IS NOT NULL OR to_jsonb(OLD){old} IS DISTINCT FROM to_jsonb(NEW){old}"
        ),
    )


def append_only() -> pgtrigger.Trigger:
    """Return the trigger that refuses to change or delete a row."""
    return pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)
