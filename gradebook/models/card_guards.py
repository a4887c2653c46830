"""What the database itself keeps of report cards: what stands against a signature, lines, final marks, the register."""

from __future__ import annotations

import pgtrigger

#: Names that the triggers give to their refusals.
CARD_BLOCKED = "gradebook_card_blocked"
CARD_LINES = "gradebook_card_lines"
MARK_IN_CARD = "gradebook_term_mark_in_card"
ENTRY_OF_CARD = "gradebook_summary_entry_of_card"

_REFUSE = "USING ERRCODE = 'check_violation', CONSTRAINT = '{}'"
IN_EFFECT = "('sent', 'received', 'carried', 'verified')"
TAKEN = "('received', 'carried', 'verified')"


def card_is_clear() -> pgtrigger.Trigger:
    """Return the trigger that lets no card be signed while a month is not sealed or an objection waits (3.10).

    The group's row is locked: a seal or a correction of one of its months waits, or is seen.
    """
    return pgtrigger.Trigger(
        name="is_clear",
        when=pgtrigger.Before,
        operation=pgtrigger.Update,
        condition=pgtrigger.Condition("NEW.state = 'sent' AND OLD.state <> 'sent'"),
        func=f"""
        PERFORM FROM courses_studygroup WHERE id = NEW.group_id FOR UPDATE;
        IF EXISTS (
            SELECT FROM gradebook_monthlytransfer transfer
            WHERE transfer.group_id = NEW.group_id AND transfer.home_id = NEW.home_id
                AND make_date(transfer.year, transfer.month, 1)
                    BETWEEN date_trunc('month', NEW.date_from::timestamp)::date AND NEW.date_to
                AND (
                    EXISTS (
                        SELECT FROM gradebook_transferdispute dispute
                        WHERE dispute.transfer_id = transfer.id AND dispute.state IN ('open', 'accepted')
                    ) OR EXISTS (
                        SELECT FROM gradebook_correction correction
                        WHERE correction.transfer_id = transfer.id AND correction.state IN ('requested', 'approved')
                    )
                )
        ) THEN
            RAISE EXCEPTION 'Табель нельзя подписать: по ведомостям периода есть возражения или исправления.'
                {_REFUSE.format(CARD_BLOCKED)};
        END IF;
        IF EXISTS (
            SELECT FROM generate_series(
                date_trunc('month', NEW.date_from::timestamp), NEW.date_to::timestamp, interval '1 month'
            ) AS month (first)
            WHERE EXISTS (
                SELECT FROM enrollment_enrolment enrolment
                WHERE enrolment.group_id = NEW.group_id AND enrolment.home_id = NEW.home_id
                    AND enrolment.state IN ('enrolled', 'completed', 'left')
                    AND enrolment.date_from
                        <= LEAST((month.first + interval '1 month - 1 day')::date, NEW.date_to)
                    AND (enrolment.date_to IS NULL
                        OR enrolment.date_to >= GREATEST(month.first::date, NEW.date_from))
            ) AND NOT EXISTS (
                SELECT FROM gradebook_monthlytransfer transfer
                WHERE transfer.group_id = NEW.group_id AND transfer.home_id = NEW.home_id
                    AND transfer.year = EXTRACT(YEAR FROM month.first)
                    AND transfer.month = EXTRACT(MONTH FROM month.first)
            )
        ) THEN
            RAISE EXCEPTION 'Табель нельзя подписать: не все ведомости периода переданы.'
                {_REFUSE.format(CARD_BLOCKED)};
        END IF;
        RETURN NEW;
        """,
    )


def card_lines() -> pgtrigger.Trigger:
    """Return the trigger that lets lines come and go only while their card is a draft (I-6)."""
    return pgtrigger.Trigger(
        name="of_a_draft",
        when=pgtrigger.Before,
        operation=pgtrigger.Insert | pgtrigger.Update | pgtrigger.Delete,
        func=f"""
        IF EXISTS (
            SELECT FROM gradebook_reportcard card
            WHERE card.id IN (OLD.card_id, NEW.card_id) AND card.state <> 'draft'
        ) THEN
            RAISE EXCEPTION 'Строки табеля не меняют: табель подписывается или подписан.'
                {_REFUSE.format(CARD_LINES)};
        END IF;
        RETURN COALESCE(NEW, OLD);
        """,
    )


def mark_in_card() -> pgtrigger.Trigger:
    """Return the trigger of final marks: one that a signed card has passed on stays until the card is annulled."""
    return pgtrigger.Trigger(
        name="in_card",
        when=pgtrigger.Before,
        operation=pgtrigger.Insert | pgtrigger.Update | pgtrigger.Delete,
        declare=[("place", "RECORD"), ("paper", "RECORD")],
        func=f"""
        FOR place IN
            SELECT DISTINCT enrolment.group_id, enrolment.home_id, mark.term
            FROM (VALUES (OLD.enrolment_id, OLD.term), (NEW.enrolment_id, NEW.term)) AS mark (enrolment_id, term)
            JOIN enrollment_enrolment enrolment ON enrolment.id = mark.enrolment_id
        LOOP
            PERFORM FROM courses_studygroup WHERE id = place.group_id FOR KEY SHARE;
            SELECT document.number, document.registered_on INTO paper
            FROM gradebook_reportcard card JOIN documents_document document ON document.id = card.document_id
            WHERE card.group_id = place.group_id AND card.home_id = place.home_id AND card.term = place.term
                AND card.state IN {IN_EFFECT};
            IF FOUND THEN
                RAISE EXCEPTION 'Отметка вошла в табель № % от %. Исправить её можно, когда табель аннулируют.',
                    paper.number, to_char(paper.registered_on, 'DD.MM.YYYY')
                    {_REFUSE.format(MARK_IN_CARD)};
            END IF;
        END LOOP;
        RETURN COALESCE(NEW, OLD);
        """,
    )


def equals_its_line() -> pgtrigger.Trigger:
    """Return the trigger of the register: a cell says what its line says, and stays while the card has effect."""
    return pgtrigger.Trigger(
        name="equals_its_line",
        when=pgtrigger.Before,
        operation=pgtrigger.Insert | pgtrigger.Update | pgtrigger.Delete,
        func=f"""
        IF TG_OP = 'DELETE' THEN
            IF EXISTS (
                SELECT FROM gradebook_reportcardline line JOIN gradebook_reportcard card ON card.id = line.card_id
                WHERE line.id = OLD.line_id AND card.state <> 'annulled'
            ) THEN
                RAISE EXCEPTION 'Отметку сводной ведомости убирают, только когда её табель аннулирован.'
                    {_REFUSE.format(ENTRY_OF_CARD)};
            END IF;
            RETURN OLD;
        END IF;
        IF NOT EXISTS (
            SELECT FROM gradebook_reportcardline line
            JOIN gradebook_reportcard card ON card.id = line.card_id
            JOIN enrollment_enrolment enrolment ON enrolment.id = line.enrolment_id
            WHERE line.id = NEW.line_id AND line.value = NEW.value AND card.term = NEW.term
                AND enrolment.student_id = NEW.student_id AND enrolment.course_id = NEW.course_id
                AND card.state IN {TAKEN}
        ) THEN
            RAISE EXCEPTION 'Отметка сводной ведомости должна совпадать с полученным табелем.'
                {_REFUSE.format(ENTRY_OF_CARD)};
        END IF;
        RETURN NEW;
        """,
    )
