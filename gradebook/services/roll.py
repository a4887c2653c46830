"""The roll call of a lesson, taken in one tap (6.2)."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from courses.models import StudyGroup
from gradebook.enums import LessonState, Verb
from gradebook.models import Lesson
from gradebook.services.cells import UnknownCellError
from gradebook.services.lessons import refuse_future
from gradebook.services.refusals import refusals
from network_portal.audit.services import record
from network_portal.common.errors import RuleError
from network_portal.common.states import move
from schools.acting import Acting


@refusals()
@transaction.atomic
def roll_confirm(*, actor: Acting, group: StudyGroup, lesson: int, at: datetime) -> None:
    """Confirm that the roll call is complete: whoever has no letter was present; doing it twice changes nothing.

    Args:
        actor: who fills the lesson.
        group: the journal, with its course, programme and network.
        lesson: the id of the lesson.
        at: the moment.

    Raises:
        RuleError: the lesson is of another group, cancelled or ahead; its month is sealed.
    """
    one = Lesson.objects.select_for_update(no_key=True).filter(group=group, pk=lesson).first()
    if one is None:
        raise UnknownCellError
    one.group = group
    if one.state == LessonState.CANCELLED:
        raise RuleError("Занятие отменено: посещаемость не отмечается.")
    refuse_future(one, at)
    if one.attendance_confirmed_at:
        return
    if one.state == LessonState.PLANNED:
        move(one, LessonState.HELD)
    one.attendance_confirmed_at = at
    one.save(update_fields=["attendance_confirmed_at"])
    record(
        Verb.ATTENDANCE_CONFIRMED,
        actor=actor.user,
        organisation=group.course.programme.host,
        target=one,
        at=at,
        changes={"lesson": one.pk},
    )
