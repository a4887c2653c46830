"""What tests of the journal do again and again: pages, the work of a worker, acts at the same moment."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection
from django.test import Client
from django.urls import reverse
from playwright.sync_api import Page

from courses.models import StudyGroup
from courses.policies import policy_of
from gradebook.means import mean_text
from gradebook.models import Lesson
from gradebook.selectors.entries import figures_of
from gradebook.selectors.months import Month
from gradebook.services.cells import CellEdit
from gradebook.services.journal import cells_save
from network_portal.outbox.models import OutboxEvent
from network_portal.outbox.services import deliver
from schools.acting import Acting
from tests.factories.gradebook import DECEMBER, Scene
from tests.factories.schools import sign_in

#: Opens a page of the portal in a browser as somebody.
Open = Callable[[Acting, str], Page]


def journal_url(place: Scene) -> str:
    return reverse("journal", args=[place.group.pk])


def page_of(who: Acting, url: str) -> str:
    response = sign_in(Client(), who).get(url)
    assert response.status_code == 200
    return response.content.decode()


def work(topic: str, at: datetime = DECEMBER) -> None:
    """Do the events of a topic as a worker would."""
    for event in OutboxEvent.objects.filter(topic=topic):
        deliver(event_id=event.pk, at=at)


@dataclass(frozen=True)
class Saved:
    """What a cell holds now, with the pupil's figures of that month."""

    text: str
    mean: str
    absences: int


def cell_save(
    *,
    actor: Acting,
    group: StudyGroup,
    lesson: int,
    enrolment: int,
    value: str,
    seen: str,
    reason: str = "",
    at: datetime,
) -> Saved:
    """Save one cell, or raise why it is not saved."""
    (result,) = cells_save(
        actor=actor, group=group, edits=[CellEdit(lesson, enrolment, value, seen)], reason=reason, at=at
    )
    if result.error:
        raise result.error
    first, last = Month.of(Lesson.objects.get(pk=lesson).date).days
    figures = figures_of([enrolment], first, last, policy_of(group.course.programme))[enrolment]
    return Saved(result.text, mean_text(figures.mean), figures.absences)


def run_together(*acts: Any) -> list[Any]:
    """Run the acts in threads of their own; return what each gave or raised."""
    results: list[Any] = [None] * len(acts)
    start = threading.Barrier(len(acts), timeout=60)

    def run(place: int) -> None:
        start.wait()
        try:
            results[place] = acts[place]()
        except Exception as error:
            results[place] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(place,)) for place in range(len(acts))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return results
