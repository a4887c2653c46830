"""Who accompanies pupils to lessons at the partner's premises (S1-4.7)."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from courses.enums import StudyForm
from gradebook.enums import LessonState, Verb
from gradebook.models import Escort, Lesson
from network_portal.audit.services import record
from network_portal.common.cleaning import clean
from network_portal.common.errors import RuleError, StaleError
from schools.acting import Acting


@transaction.atomic
def escort_set(*, actor: Acting, lesson: Lesson, name: str, phone: str, following: bool, at: datetime) -> Escort:
    """Name who accompanies the own pupils to a lesson; naming somebody again replaces the person.

    Args:
        actor: who answers for the pupils at home.
        lesson: a lesson at the host's premises, not cancelled.
        name: the person who accompanies.
        phone: for the host on the day; may be empty.
        following: also for the later lessons of the group that have nobody yet.
        at: the moment.

    Raises:
        RuleError: nobody was named; nobody goes anywhere for a course at a distance.
        StaleError: the lesson is cancelled.
    """
    home = actor.organisation
    assert home is not None
    lesson = Lesson.objects.select_for_update(of=("self",)).select_related("group__course__programme").get(pk=lesson.pk)
    if lesson.group.course.form == StudyForm.DISTANCE:
        raise RuleError("Курс дистанционный: сопровождать никуда не нужно.")
    if lesson.state == LessonState.CANCELLED:
        raise StaleError("Занятие отменено. Обновите страницу.")
    facts = {"name": name.strip(), "phone": phone.strip()}
    clean(Escort(lesson=lesson, home=home, **facts), exclude=["lesson"])
    escort, _ = Escort.objects.update_or_create(lesson=lesson, home=home, defaults=facts)
    if following:
        later = Lesson.objects.filter(group=lesson.group_id, date__gte=lesson.date).exclude(pk=lesson.pk)
        nobody = later.exclude(state=LessonState.CANCELLED).exclude(escorts__home=home)
        Escort.objects.bulk_create(Escort(lesson=one, home=home, **facts) for one in nobody)
    record(Verb.ESCORT_SET, actor=actor.user, organisation=home, target=lesson, at=at, changes={"following": following})
    return escort
