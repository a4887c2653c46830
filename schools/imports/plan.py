"""What saving a file would change in the school: each row's kind, the namesakes beside it, and a hash of all that.

A pupil is recognised by the whole name and the birth date within one school, never by the name alone. What a person
decided by hand, another class or that a pupil has left, is offered and not done unasked.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from network_portal.common.dates import ru_day
from schools.imports import columns as c
from schools.imports.rows import Parent, Pupil, Row, person_key

NEW, SAME, MOVE, BACK, REJECTED = "new", "same", "move", "back", "rejected"
KINDS = (NEW, MOVE, BACK, REJECTED, SAME)
#: Of each sort; who has more of them has a file of one name.
MOST_NAMESAKES = 10
#: Kinds that are done only where a person ticks them.
ASKED = (MOVE, BACK)


@dataclass(frozen=True)
class Known:
    """A pupil whom the school has, as the plan needs it."""

    pk: int
    last_name: str
    first_name: str
    patronymic: str
    full_name: str
    birth_date: date
    class_name: str
    class_key: tuple[int, int, str]
    left_on: date | None
    parents: tuple[str, ...] = ()

    @property
    def words(self) -> str:
        """The second identifiers that tell notes apart."""
        left = f", выбыл {ru_day(self.left_on)}" if self.left_on else ""
        return f"{self.full_name}, {self.class_name}, {ru_day(self.birth_date)}{left}"


@dataclass(frozen=True)
class Planned:
    """What is to be done with one row; written to the database as JSON.

    Attributes:
        number: the row of the file.
        kind: one of `KINDS`.
        name, born, class_name: as the file has them; `born` is ISO.
        student: the pupil who is meant, where the school has one.
        was: the class of that pupil now, where the file says another.
        notes: namesakes and other things to look at.
        reasons: why the row is rejected.
        pupil: the fields of a row that is not rejected.
        parents: the parents whom the school does not have yet.
        cells: the values of a rejected row, for the file that is given back.
    """

    number: int
    kind: str
    name: str
    born: str = ""
    class_name: str = ""
    student: int | None = None
    was: str = ""
    notes: tuple[str, ...] = ()
    reasons: tuple[str, ...] = ()
    pupil: Mapping[str, Any] | None = None
    parents: tuple[Mapping[str, str], ...] = ()
    cells: Mapping[str, str] | None = None


@dataclass(frozen=True)
class Plan:
    """All rows in the order of the file, the classes that would be made, and the pupils whom the file does not name."""

    rows: tuple[Planned, ...]
    new_classes: tuple[tuple[int, str], ...]
    missing: tuple[str, ...]

    @property
    def counts(self) -> dict[str, int]:
        counted = Counter(row.kind for row in self.rows)
        return {kind: counted[kind] for kind in KINDS} | {"parents": sum(len(row.parents) for row in self.rows)}

    def as_json(self) -> dict[str, Any]:
        """Return the plan as it is kept; `digest` is over this."""
        whole = {"rows": [vars(row) for row in self.rows], "new_classes": self.new_classes, "missing": self.missing}
        kept: dict[str, Any] = json.loads(json.dumps(whole, ensure_ascii=False))
        return kept


def digest(plan: Mapping[str, Any], stamp: str) -> str:
    """Return the hash of a kept plan and of the state of the school that it was made for."""
    text = json.dumps(plan, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(f"{stamp}\n{text}".encode()).hexdigest()


def make_plan(rows: Iterable[Row], known: Iterable[Known], classes: Iterable[tuple[int, str]], year: int) -> Plan:
    """Compare a file with the school.

    Args:
        rows: the rows of the file.
        known: every pupil of the school, also those who left.
        classes: grade and letter of the classes that the school has in that year.
        year: the school year of the file.
    """
    read = _without_duplicates(list(rows))
    school = list(known)
    by_key = {(person_key(one.full_name), one.birth_date): one for one in school}
    by_name = defaultdict(list)
    for known_one in school:
        by_name[person_key(known_one.full_name)].append(known_one)
    similar = {(person_key(f"{one.last_name} {one.first_name}"), one.birth_date): one for one in school}
    in_file = defaultdict(list)
    for row in read:
        if row.pupil:
            in_file[person_key(row.pupil.full_name)].append(row)
    planned, met = [], set()
    for row in read:
        if row.pupil is None:
            planned.append(_rejected(row))
            continue
        one: Known | None = by_key.get((person_key(row.pupil.full_name), row.pupil.birth_date))
        other = similar.get((person_key(f"{row.pupil.last_name} {row.pupil.first_name}"), row.pupil.birth_date))
        if one is None and other is not None:
            met.add(other.pk)
            reason = (
                f"В школе есть {other.words}: отличается только отчество. Исправьте отчество в файле или в карточке, "
                "портал не решает сам, один это человек или два."
            )
            planned.append(_rejected(replace(row, reasons=(reason,))))
            continue
        if one is not None:
            met.add(one.pk)
        key = person_key(row.pupil.full_name)
        notes = [f"Тёзка в школе: {n.words}" for n in by_name[key][:MOST_NAMESAKES] if n != one]
        notes += [
            f"Тёзка в файле: строка {n.number}, {n.pupil.class_name}, {ru_day(n.pupil.birth_date)}"
            for n in in_file[key][:MOST_NAMESAKES]
            if n.pupil and n.number != row.number
        ]
        if not row.pupil.gender:
            notes.append("Пол по имени не определить: укажите его в карточке или добавьте столбец «Пол».")
        planned.append(_of_pupil(row, row.pupil, one, tuple(notes), year))
    have = set(classes)
    wanted = {(p.pupil["grade"], p.pupil["letter"]) for p in planned if p.pupil and p.kind != SAME}
    missing = sorted(each.words for each in school if each.pk not in met and each.left_on is None)
    return Plan(tuple(planned), tuple(sorted(wanted - have)), tuple(missing))


def _of_pupil(row: Row, pupil: Pupil, one: Known | None, notes: tuple[str, ...], year: int) -> Planned:
    kind, was = NEW, ""
    if one is not None:
        same_class = one.class_key == (year, pupil.grade, pupil.letter)
        kind = BACK if one.left_on else SAME if same_class else MOVE
        was = "" if kind == SAME else f"выбыл {ru_day(one.left_on)}" if one.left_on else one.class_name
    parents = [parent for parent in pupil.parents if one is None or person_key(parent.name) not in one.parents]
    return Planned(
        number=row.number,
        kind=kind,
        name=pupil.full_name,
        born=pupil.birth_date.isoformat(),
        class_name=pupil.class_name,
        student=one.pk if one else None,
        was=was,
        notes=notes,
        pupil={
            "last_name": pupil.last_name,
            "first_name": pupil.first_name,
            "patronymic": pupil.patronymic,
            "gender": str(pupil.gender),
            "grade": pupil.grade,
            "letter": pupil.letter,
        },
        parents=tuple(_parent(parent) for parent in parents),
    )


def _parent(parent: Parent) -> dict[str, str]:
    return {"name": parent.name, "email": parent.email, "phone": parent.phone}


def _rejected(row: Row) -> Planned:
    name = row.pupil.full_name if row.pupil else _typed_name(row.cells)
    return Planned(number=row.number, kind=REJECTED, name=name, reasons=row.reasons, cells=dict(row.cells))


def _typed_name(cells: Mapping[str, str]) -> str:
    return " ".join(cells[name] for name in (c.FULL_NAME, c.LAST, c.FIRST, c.PATRONYMIC) if name in cells)


def _without_duplicates(rows: list[Row]) -> list[Row]:
    """Reject every row of a pupil who stands in the file more than once: nobody can tell which one is meant."""
    places = defaultdict(list)
    for row in rows:
        if row.pupil:
            places[person_key(row.pupil.full_name), row.pupil.birth_date].append(row.number)
    doubled = {number: numbers for numbers in places.values() if len(numbers) > 1 for number in numbers}
    return [
        replace(
            row,
            pupil=None,
            reasons=(
                f"Обучающийся записан в файле несколько раз: строки {', '.join(map(str, doubled[row.number]))}. "
                "Оставьте одну; второго родителя указывают в столбце «Родитель 2».",
            ),
        )
        if row.number in doubled
        else row
        for row in rows
    ]
