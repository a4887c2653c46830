"""What the database itself keeps: sealed months, groups of pupils, the history of every value."""

from __future__ import annotations

from collections.abc import Callable

import pghistory
import pgtrigger
from django.db import models

#: Names that the triggers give to their refusals; `gradebook.services` tells people by them what is wrong.
SEALED_MONTH = "gradebook_month_sealed"
FOREIGN_ENROLMENT = "gradebook_enrolment_of_the_group"

# A seal takes FOR UPDATE on the group's row, a write FOR KEY SHARE: the write is either inside the paper or refused.
_REFUSE_SEALED = f"""
    PERFORM FROM courses_studygroup WHERE id = place.group_id FOR KEY SHARE;
    SELECT document.number, document.registered_on INTO paper
    FROM gradebook_monthlytransfer transfer JOIN documents_document document ON document.id = transfer.document_id
    WHERE transfer.group_id = place.group_id AND transfer.home_id = COALESCE(place.home_id, transfer.home_id)
        AND transfer.year = EXTRACT(YEAR FROM place.date) AND transfer.month = EXTRACT(MONTH FROM place.date)
    ORDER BY transfer.version DESC LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'Месяц закрыт ведомостью № % от %. Изменить записи этого месяца нельзя.',
            paper.number, to_char(paper.registered_on, 'DD.MM.YYYY')
            USING ERRCODE = 'check_violation', CONSTRAINT = '{SEALED_MONTH}';
    END IF;
"""


#: A cell that an approved correction names is open until the correction is sealed (3.8).
_UNLESS_OPENED = f"""
    PERFORM FROM courses_studygroup WHERE id = place.group_id FOR KEY SHARE;
    IF NOT EXISTS (
        SELECT FROM gradebook_correctioncell cell
        JOIN gradebook_correction correction ON correction.id = cell.correction_id
        WHERE cell.lesson_id = place.lesson_id AND cell.enrolment_id = place.enrolment_id
            AND correction.state = 'approved'
    ) THEN
        {_REFUSE_SEALED}
    END IF;
"""

#: How a row that has a pupil finds its lesson.
_LESSON_OF = {
    "lesson": "gradebook_lesson lesson ON lesson.id = line.key",
    "work": "gradebook_work work ON work.id = line.key JOIN gradebook_lesson lesson ON lesson.id = work.lesson_id",
}


def final_but(changeable: str) -> pgtrigger.Trigger:
    """Return the trigger of rows whose fields are final, but for `changeable` as PostgreSQL writes a list of names."""
    return pgtrigger.Protect(
        name="content_is_final",
        operation=pgtrigger.Update,
        condition=pgtrigger.Condition(
            f"to_jsonb(OLD) - '{changeable}'::text[] IS DISTINCT FROM to_jsonb(NEW) - '{changeable}'::text[]"
        ),
    )


def sealed_rows(through: str) -> pgtrigger.Trigger:
    """Return the trigger of rows of a pupil at a lesson: the pupil is of the lesson's group, the month is not sealed.

    Args:
        through: the column that leads to the lesson, «lesson» or «work».
    """
    return pgtrigger.Trigger(
        name="sealed_month",
        when=pgtrigger.Before,
        operation=pgtrigger.Insert | pgtrigger.Update | pgtrigger.Delete,
        declare=[("place", "RECORD"), ("paper", "RECORD")],
        func=f"""
        FOR place IN
            SELECT DISTINCT lesson.group_id, lesson.date, enrolment.home_id, enrolment.group_id AS enrolled_in,
                lesson.id AS lesson_id, enrolment.id AS enrolment_id
            FROM (VALUES (OLD.{through}_id, OLD.enrolment_id), (NEW.{through}_id, NEW.enrolment_id))
                AS line (key, enrolment_id)
            JOIN {_LESSON_OF[through]}
            JOIN enrollment_enrolment enrolment ON enrolment.id = line.enrolment_id
        LOOP
            IF place.group_id <> place.enrolled_in THEN
                RAISE EXCEPTION 'Обучающийся не из этой группы.'
                    USING ERRCODE = 'check_violation', CONSTRAINT = '{FOREIGN_ENROLMENT}';
            END IF;
            {_UNLESS_OPENED}
        END LOOP;
        RETURN COALESCE(NEW, OLD);
        """,
    )


def sealed_works() -> pgtrigger.Trigger:
    """Return the trigger of works: a month sealed for any home school is closed, as for their lessons."""
    return pgtrigger.Trigger(
        name="sealed_month",
        when=pgtrigger.Before,
        operation=pgtrigger.Insert | pgtrigger.Update | pgtrigger.Delete,
        declare=[("place", "RECORD"), ("paper", "RECORD")],
        func=f"""
        FOR place IN
            SELECT lesson.group_id, lesson.date, NULL::bigint AS home_id
            FROM gradebook_lesson lesson WHERE lesson.id IN (OLD.lesson_id, NEW.lesson_id)
        LOOP
            {_REFUSE_SEALED}
        END LOOP;
        RETURN COALESCE(NEW, OLD);
        """,
    )


def sealed_lessons() -> pgtrigger.Trigger:
    """Return the trigger of lessons: a month sealed for any home school is closed."""
    return pgtrigger.Trigger(
        name="sealed_month",
        when=pgtrigger.Before,
        operation=pgtrigger.Insert | pgtrigger.Update | pgtrigger.Delete,
        declare=[("place", "RECORD"), ("paper", "RECORD")],
        func=f"""
        FOR place IN
            SELECT DISTINCT day.group_id, day.date, NULL::bigint AS home_id
            FROM (VALUES (OLD.group_id, OLD.date), (NEW.group_id, NEW.date)) AS day (group_id, date)
            WHERE day.group_id IS NOT NULL
        LOOP
            {_REFUSE_SEALED}
        END LOOP;
        RETURN COALESCE(NEW, OLD);
        """,
    )


def history(model_name: str) -> Callable[[type[models.Model]], type[models.Model]]:
    """Return the decorator that keeps every value of a row by triggers, bulk writes and raw SQL included (3.8).

    The events are named "insert", "update" and "delete"; `pgh_context` has the id of the person.
    """
    return pghistory.track(
        pghistory.InsertEvent(),
        pghistory.UpdateEvent(),
        pghistory.DeleteEvent(),
        model_name=model_name,
        context_field=pghistory.ContextJSONField(),
        context_id_field=None,  # type: ignore[arg-type]  # documented: no id beside a context in the row
        append_only=True,
    )
