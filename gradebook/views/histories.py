"""What stood in a cell before, and what is said of it."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from gradebook import access
from gradebook.selectors.entries import EMPTY, comments_of, entries_of
from gradebook.selectors.histories import cell_history
from schools.acting import ActingRequest


@require_safe
def journal_cell_history(request: ActingRequest, pk: int, enrolment_pk: int) -> HttpResponse:
    """Show a cell's comment and changes, as a part of a page, to everyone who reads the pupil's line of the journal."""
    lesson = access.lesson_for(request.acting, pk)
    enrolment = access.enrolment_for(request.acting, lesson.group, enrolment_pk)
    place = lesson.pk, enrolment.pk
    cell = entries_of([lesson.pk], [enrolment.pk]).get(place, EMPTY)
    context = {
        "lesson": lesson,
        "pupil": enrolment.student,
        "cell": cell.text,
        "comment": comments_of([lesson.pk], [enrolment.pk]).get(place, ""),
        "revisions": cell_history(lesson, enrolment),
    }
    return render(request, "gradebook/_cell_history.html", context)
