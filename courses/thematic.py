"""The thematic plan of a programme: topics with their hours, pasted from the programme as text."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import ProtectedError

from courses.enums import Verb
from courses.models import Programme, ThematicRow
from network_portal.common.errors import RuleError
from network_portal.common.seen import check_seen
from schools.acting import Acting
from schools.services.trail import note

MOST_ROWS = 300
MOST_HOURS = 99
LONGEST_TOPIC = 300
#: «1. », «12) » before a topic.
_NUMBER = re.compile(r"^\d{1,3}\s*[.)]\s*")
#: «(2 ч)», «– 2 часа», «, 2 ч.» after a topic.
_HOURS = re.compile(r"(?:\s*[-–—,;(]\s*|\s+)(\d{1,3})\s*(?:ч|час|часа|часов)\.?\s*\)?\s*$", re.IGNORECASE)


@dataclass(frozen=True)
class Topic:
    """A topic with its academic hours."""

    topic: str
    hours: int


def parse_plan(text: str) -> list[Topic]:
    """Return the topics that a text has, a line for each: cells of a table, or «1. Тема (2 ч)»; no hours mean one.

    Raises:
        RuleError: a line means nothing; too many lines.
    """
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    if len(lines) > MOST_ROWS:
        raise RuleError(f"В плане может быть не больше {MOST_ROWS} строк, прислано {len(lines)}.", field="text")
    return [_topic(line, number) for number, line in enumerate(lines, start=1)]


def _topic(line: str, number: int) -> Topic:
    cells = [cell.strip() for cell in re.split(r"\t|;|\s*\|\s*", line) if cell.strip()]
    hours = 1
    if len(cells) > 1 and cells[-1].isdecimal():
        hours = int(cells.pop())
    if len(cells) > 1 and cells[0].rstrip(".)").isdecimal():
        cells.pop(0)
    topic = _NUMBER.sub("", " ".join(cells))
    if found := _HOURS.search(topic):
        hours, topic = int(found[1]), topic[: found.start()]
    topic = topic.strip(" .,;–—-")
    if not any(letter.isalpha() for letter in topic):
        raise RuleError(
            f"Строка {number}: не видно темы. Пишите тему и часы, например: «Импульс тела (2 ч)».", field="text"
        )
    if len(topic) > LONGEST_TOPIC:
        raise RuleError(f"Строка {number}: тема длиннее {LONGEST_TOPIC} знаков.", field="text")
    if not 1 <= hours <= MOST_HOURS:
        raise RuleError(f"Строка {number}: часов от 1 до {MOST_HOURS}.", field="text")
    return Topic(topic, hours)


def plan_text(rows: list[ThematicRow]) -> str:
    """Return a plan as its form shows it, so that it can be read back by `parse_plan`."""
    return "\n".join(f"{row.number}. {row.topic} ({row.hours} ч)" for row in rows)


def plan_of(programme: Programme) -> list[ThematicRow]:
    """Return the topics of a programme in their order."""
    return list(ThematicRow.objects.filter(programme=programme).order_by("number"))


@transaction.atomic
def plan_replace(*, actor: Acting, programme: Programme, text: str, seen: str = "", at: datetime) -> list[ThematicRow]:
    """Take a text as the thematic plan of a programme; a topic keeps its number, and lessons keep their topics.

    Args:
        actor: who prepares courses at the host, or a teacher of the programme.
        programme: a programme of the host.
        text: a line for each topic, see `parse_plan`.
        seen: the plan that the page showed, by `common.seen.seen_of`.
        at: the moment.

    Raises:
        RuleError: a line means nothing; a topic was taken out that stands in a journal already.
        StaleError: somebody else changed the plan meanwhile.
    """
    Programme.objects.select_for_update(no_key=True).get(pk=programme.pk)
    before = plan_of(programme)
    check_seen(seen, {"text": plan_text(before)})
    topics = parse_plan(text)
    try:
        ThematicRow.objects.filter(programme=programme, number__gt=len(topics)).delete()
    except ProtectedError as error:
        last = max(row.number for row in before)
        raise RuleError(
            f"Темы с № {len(topics) + 1} по № {last} уже стоят в журнале, убрать их нельзя: "
            f"в плане должно остаться не меньше строк.",
            field="text",
        ) from error
    ThematicRow.objects.bulk_create(
        [
            ThematicRow(programme=programme, number=number, topic=one.topic, hours=one.hours)
            for number, one in enumerate(topics, start=1)
        ],
        update_conflicts=True,
        unique_fields=["programme", "number"],
        update_fields=["topic", "hours"],
    )
    note(Verb.PLAN_CHANGED, actor, programme, at, topics=len(topics), hours=sum(one.hours for one in topics))
    return plan_of(programme)
