"""What comes out of forming groups, in words for families."""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from courses.models import StudyGroup
from enrollment.allocation import Allocation, Obstacle, Placement, Why, Wish
from enrollment.allocation import Application as Wanted
from enrollment.selectors.allocation.season import Season
from network_portal.common.russian import NBSP, nbsp, plural


@dataclass(frozen=True)
class Words:
    """What the words of a run need: names of courses and groups, and the clock of the network."""

    groups: Mapping[int, StudyGroup]
    zone: str

    def course(self, key: int | None) -> str:
        group = next(group for group in self.groups.values() if group.course_id == key)
        return f"«{group.course.programme.title}»"

    def moment(self, moment: datetime, other: datetime) -> str:
        """Return «24.08 16:45», with seconds when the other moment is within the same minute."""
        local, beside = (one.astimezone(ZoneInfo(self.zone)) for one in (moment, other))
        same = local.replace(second=0, microsecond=0) == beside.replace(second=0, microsecond=0)
        year = "" if local.year == beside.year else ".%Y"
        return f"{local:%d.%m{year} %H:%M{':%S' if same else ''}}"


def explain(words: Words, wish: Wish, obstacles: Iterable[Obstacle]) -> str:
    """Say to the family why the application has no place on the course of a wish; nobody else is named.

    Args:
        words: names and clock.
        wish: the wish that was not met.
        obstacles: what stands against each group of the course.
    """
    rows = list(obstacles)
    if not rows:
        return "На курсе пока нет групп."
    if len(rows) > 1 and all(row.why == Why.FULL for row in rows):
        lasts = [(row.last_late, row.last) for row in rows if row.last]
        late, last = max(lasts) if lasts else (False, None)
        whole = Obstacle(
            0, Why.FULL, seats=sum(row.seats for row in rows), taken=sum(row.taken for row in rows),
            fixed=sum(row.fixed for row in rows), last=last, last_late=late,
        )  # fmt: skip
        return nbsp(_sentence(words, wish, whole))
    said = [(words.groups[row.group].name, _sentence(words, wish, row)) for row in rows]
    if len({sentence for _, sentence in said}) == 1:
        return nbsp(said[0][1])
    return nbsp(" ".join(f"Группа {name}: {sentence[:1].lower()}{sentence[1:]}" for name, sentence in said))


def _sentence(words: Words, wish: Wish, row: Obstacle) -> str:
    if row.why == Why.CLOSED:
        need = f"{row.seats}{NBSP}{plural(row.seats, 'ученика,учеников,учеников')}"
        return f"Группа не набрала {need}: подано {row.had}, курс не открывается."
    if row.why == Why.WEEK:
        return clash_sentence("уроками класса", row.short)
    if row.why == Why.CLASH:
        return clash_sentence(f"курсом {words.course(row.course)}, на который ребёнку отведено место", row.short)
    if row.why == Why.BUSY:
        return clash_sentence("курсом, на котором ребёнок уже занимает место", row.short)
    if row.why == Why.PROGRAMME:
        return "По этой программе у ребёнка уже есть место: в учебном году оно одно."
    if row.why == Why.FREE:
        return "Есть свободное место: его предложат семьям листа ожидания по очереди."
    if row.why == Why.KEPT:
        return (
            f"{_all(row.seats)} заняты: {'прежнее' if row.seats == 1 else 'прежние'} распределение подтверждено семьям."
        )
    before = _before(words, wish, row.last, row.last_late)
    if row.why == Why.QUOTA:
        used = f", {_used(row.seats)}" if row.last is None else f", все заняты {before}"
        return f"Квота вашей школы по договору: {row.seats}{NBSP}{plural(row.seats, 'место,места,мест')}{used}."
    if not row.taken and not row.fixed:
        return f"{_all(row.seats)} {_are_taken(row.seats)} {before}."
    parts = []
    if row.taken:
        parts.append(f"{row.taken}{NBSP}– занято до распределения")
    if row.fixed:
        parts.append(f"{row.fixed}{NBSP}– закреплено решением принимающей школы с указанием причины")
    if row.last:
        parts.append(f"{row.seats - row.taken - row.fixed}{NBSP}– {before}")
    return f"{_all(row.seats)} {_are_taken(row.seats)}: {'; '.join(parts)}."


def clash_sentence(what: str, short: int) -> str:
    """Say that lessons clash with `what`, in the instrumental case, or how many minutes of the way are missing."""
    if not short:
        return f"Занятия совпадают с {what}."
    minutes = plural(short, "минуты,минут,минут")
    return f"Не хватает {short}{NBSP}{minutes} на дорогу между занятиями и {what}."


def _before(words: Words, wish: Wish, last: datetime | None, last_late: bool) -> str:
    """Say by whom the seats are taken: by applications that were earlier, or in time when this one is late."""
    if last is None:
        return ""
    if wish.late and not last_late:
        return "заявлениями, поданными в срок, а ваше поступило после срока"
    if last == wish.registered:
        return f"заявлениями, поданными раньше вашего или в тот же миг с меньшим номером: {words.moment(last, last)}"
    return f"заявлениями, поданными раньше вашего: последнее {words.moment(last, wish.registered)}"


def _all(seats: int) -> str:
    return "Единственное место" if seats == 1 else f"Все {seats}{NBSP}{plural(seats, 'место,места,мест')}"


def _are_taken(seats: int) -> str:
    return "занято" if seats == 1 else "заняты"


def _used(seats: int) -> str:
    return "все заняты" if seats else "мест нет"


def explanation_rows(words: Words, wanted: Wanted, answer: Allocation, placement: Placement) -> list[dict[str, Any]]:
    """Return for each wish that was not met the words and the turn in the queue, 0 when it stands in none."""
    wishes = {wish.course: wish for wish in wanted.wishes}
    rows = []
    for refusal in placement.refused:
        queue = answer.waiting.get(refusal.course, ())
        rows.append(
            {
                "course": refusal.course,
                "text": explain(words, wishes[refusal.course], refusal.obstacles),
                "turn": queue.index(placement.application) + 1 if placement.application in queue else 0,
                "of": len(queue),
            }
        )
    return rows


def sha256_of(snapshot: Any, result: Any) -> str:
    """Return the name of one version of a run: what went in and what came out (I-5)."""
    text = json.dumps([snapshot, result], sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def result_of(season: Season, answer: Allocation) -> dict[str, Any]:
    """Return the outcome as plain data: places, waiting lists, closed groups, numbers of each group."""
    sizes: dict[int, int] = defaultdict(int)
    for group_id in answer.places.values():
        sizes[group_id] += 1
    closed = {one.group: one for one in answer.closed}
    return {
        "places": [[key, group] for key, group in sorted(answer.places.items())],
        "waiting": [[course, list(keys)] for course, keys in answer.waiting.items()],
        "closed": [[one.group, one.min_size, one.had] for one in answer.closed],
        "groups": [
            {
                "group": group.key,
                "course": group.course,
                "host": group.host,
                "capacity": group.capacity,
                "taken": group.taken,
                "placed": sizes[group.key],
                "min_size": group.min_size,
                "closed": group.key in closed,
                "had": closed[group.key].had if group.key in closed else 0,
            }
            for group in sorted(season.problem.groups)
        ],
        "left_out": sorted(season.left_out),
    }
