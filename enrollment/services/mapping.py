"""To which part of the home school's own curriculum a network course counts (lessons, addition 6; L-8)."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from courses.models import NetworkCourse
from enrollment.enums import Counts, Verb
from enrollment.models import CourseMapping
from enrollment.services._shared import checked
from network_portal.audit.services import record
from schools.acting import Acting
from schools.models import Organisation


@transaction.atomic
def mapping_set(
    *, actor: Acting, course: NetworkCourse, part: str, hours: int, counts: Counts, at: datetime
) -> CourseMapping:
    """Say what a network course counts for in the own school's curriculum; a later word replaces an earlier one.

    Args:
        actor: a manager of the home school.
        course: a course that the school's pupils want.
        part: the subject or another part of the curriculum.
        hours: by the curriculum.
        counts: how the result counts.
        at: the moment.

    Raises:
        RuleError: the part is empty, or there are no hours.
    """
    assert actor.organisation is not None
    home = Organisation.objects.select_for_update(no_key=True).get(pk=actor.organisation.pk)
    mapping = CourseMapping.objects.filter(home=home, course=course).first() or CourseMapping(home=home, course=course)
    mapping.part, mapping.hours, mapping.counts = part.strip(), hours, counts
    mapping.set_by, mapping.set_at = actor.user, at
    checked(mapping)
    if mapping.pk:
        mapping.save(update_fields=["part", "hours", "counts", "set_by", "set_at"])
    else:
        mapping.save()
    record(
        Verb.COURSE_MAPPED,
        actor=actor.user,
        organisation=home,
        target=mapping,
        at=at,
        changes={"part": mapping.part, "hours": hours, "counts": str(counts)},
    )
    return mapping
