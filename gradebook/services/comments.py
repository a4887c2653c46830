"""What a teacher says to a pupil and the family beside a mark or an absence (2.1b)."""

from __future__ import annotations

from datetime import datetime

import pghistory
from django.db import transaction

from courses.models import StudyGroup
from gradebook.enums import LONGEST_COMMENT, Verb
from gradebook.models import CellComment
from gradebook.services.cells import Batch, CellConflictError, CellEdit
from gradebook.services.refusals import refusals
from network_portal.audit.services import record
from network_portal.common.errors import RuleError
from schools.acting import Acting


@refusals()
@transaction.atomic
def comment_write(*, actor: Acting, group: StudyGroup, edit: CellEdit, at: datetime) -> str:
    """Write, change or remove the comment of one cell; the same words sent twice are written once.

    Args:
        actor: who fills the lesson.
        group: the journal, with its course, programme and network.
        edit: the cell; `value` and `seen` are the words of the comment, empty for none.
        at: the moment.

    Returns:
        What the comment is now.

    Raises:
        RuleError: it is too long; or what forbids a mark in this cell forbids it too, a sealed month among them (3.8).
        CellConflictError: someone else has changed it meanwhile.
    """
    cell = Batch(actor, group, [edit], at)
    lesson, enrolment = cell.place(edit)
    text = " ".join(edit.value.split())
    comment = CellComment.objects.filter(lesson=lesson, enrolment=enrolment).first()
    current = comment.text if comment else ""
    if text == current:
        return current
    cell.refuse_closed(lesson, enrolment)
    if len(text) > LONGEST_COMMENT:
        raise RuleError(f"Комментарий длиннее {LONGEST_COMMENT}\u00a0знаков. Сократите его.")
    if current != edit.seen:
        raise CellConflictError(current, text)
    with pghistory.context(user=actor.user_id):
        if not text:
            CellComment.objects.filter(lesson=lesson, enrolment=enrolment).delete()
        elif comment:
            comment.text = text
            comment.save(update_fields=["text"])
        else:
            CellComment.objects.create(lesson=lesson, enrolment=enrolment, text=text)
    record(
        Verb.COMMENT_SET if text else Verb.COMMENT_REMOVED,
        actor=actor.user,
        organisation=group.course.programme.host,
        target=enrolment,
        at=at,
        changes={"lesson": lesson.pk},
    )
    return text
