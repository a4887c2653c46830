"""What a sealed package says, as the canonical JSON holds it: cells in words, and how two packages differ."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from gradebook.enums import ATTENDANCE_LETTERS, AttendanceCode

#: How nothing prints where something was or will be.
EMPTY = "–"

Package = Mapping[str, Any]
Line = Mapping[str, Any]


@dataclass(frozen=True)
class Change:
    """One cell, or the mere presence of a pupil, that differs between two packages."""

    enrolment: int
    name: str
    date: str
    before: str
    after: str


def full_name(line: Line) -> str:
    return " ".join(part for part in (line["last_name"], line["first_name"], line["patronymic"]) if part)


def cells(line: Line) -> dict[int, tuple[str, str]]:
    """Return what stands at each lesson of a line: date and text, by the lesson's id."""
    found: dict[int, tuple[str, list[str]]] = {}
    for mark in line["marks"]:
        found.setdefault(mark["lesson"], (str(mark["date"]), []))[1].append(mark_text(mark))
    for item in line["attendance"]:
        found.setdefault(item["lesson"], (str(item["date"]), []))[1].append(code_text(item))
    return {lesson: (day, " ".join(texts)) for lesson, (day, texts) in found.items()}


def mark_text(mark: Mapping[str, Any]) -> str:
    """Return a mark as it is written in the journal."""
    return str(mark["value"])


def weight_text(mark: Mapping[str, Any]) -> str:
    """Return the weight of a mark without needless zeros: «3», «1,5»."""
    text = str(mark["weight"])
    return (text.rstrip("0").rstrip(".") if "." in text else text).replace(".", ",")


def code_text(item: Mapping[str, Any]) -> str:
    """Return a letter of attendance as it is written in the journal."""
    return f"{ATTENDANCE_LETTERS[AttendanceCode(item['code'])]}{item.get('minutes') or ''}"


def changes(before: Package, after: Package) -> list[Change]:
    """Return the cells that differ between two versions of one month, in the order of the lines of the later one."""
    old = {line["enrolment"]: line for line in before["lines"]}
    found: list[Change] = []
    for line in after["lines"]:
        name = full_name(line)
        earlier = old.pop(line["enrolment"], None)
        if earlier is None:
            found.append(Change(line["enrolment"], name, "", "строки не было", "строка добавлена"))
            continue
        was, now = cells(earlier), cells(line)
        for lesson in sorted({*was, *now}, key=lambda key: ((now.get(key) or was[key])[0], key)):
            day = (now.get(lesson) or was[lesson])[0]
            texts = [side[lesson][1] if lesson in side else EMPTY for side in (was, now)]
            if texts[0] != texts[1]:
                found.append(Change(line["enrolment"], name, day, *texts))
    found += [
        Change(gone["enrolment"], full_name(gone), "", "строка была", "строка исключена") for gone in old.values()
    ]
    return found


def as_rows(found: list[Change]) -> list[dict[str, Any]]:
    """Return changes as a package keeps them."""
    return [asdict(change) for change in found]


@dataclass(frozen=True)
class Since:
    """How a pupil's line differs from the month before."""

    new: bool
    mean_before: str | None
    absent_before: int

    def words(self, line: Line) -> list[str]:
        """Return the differences in words; nothing where the months are alike."""
        if self.new:
            return ["в прошлом месяце не обучался"]
        said = []
        if line["mean"] != self.mean_before:
            said.append(f"средний был {mean_words(self.mean_before)}")
        if absent(line) != self.absent_before:
            said.append(f"пропусков было {self.absent_before}")
        return said


def since(line: Line, before: Package | None) -> Since | None:
    """Return how a line differs from the package of the month before; None when there is none."""
    if before is None:
        return None
    earlier = next((one for one in before["lines"] if one["enrolment"] == line["enrolment"]), None)
    if earlier is None:
        return Since(True, None, 0)
    return Since(False, earlier["mean"], absent(earlier))


def absent(line: Line) -> int:
    """Return how many lessons of the line the pupil was away from."""
    return sum(line["absences"].values())


def mean_words(mean: str | None) -> str:
    """Return a mean as it prints: «4,75»."""
    return mean.replace(".", ",") if mean else EMPTY
