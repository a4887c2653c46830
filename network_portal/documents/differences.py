"""What changed between two versions of a paper, field by field in Russian: for histories and stale signatures."""

from __future__ import annotations

import dataclasses
import difflib
import json
from collections.abc import Iterator, Sequence
from datetime import date, datetime, time
from typing import Any, get_args, get_type_hints

from network_portal.common.dates import ru_date, ru_moment, ru_time
from network_portal.documents.kinds import Kind

GONE = "Сведения прежнего образца"


@dataclasses.dataclass(frozen=True)
class Change:
    """One difference; an empty `before` means that it was added, an empty `after` that it was removed."""

    label: str
    before: str
    after: str


def difference(old_json: str, new_json: str, kind: Kind) -> list[Change]:
    """Return what differs between two contents of one kind, in the order of its fields.

    Args:
        old_json: canonical JSON of the earlier version, `DocumentVersion.content`.
        new_json: canonical JSON of the later version.
        kind: the kind of both; its Russian labels name the fields.

    Returns:
        One change for each field; for each changed line of a long text; for each row added, removed or changed, where
        rows are matched by their first field. Equal contents give an empty list.
    """
    return list(_fields(json.loads(old_json)["paper"], json.loads(new_json)["paper"], kind.content, ""))


def _fields(old: dict[str, Any], new: dict[str, Any], content: type[Any], prefix: str) -> Iterator[Change]:
    hints = get_type_hints(content)
    known = set()
    for item in dataclasses.fields(content):
        known.add(item.name)
        before, after = old.get(item.name), new.get(item.name)
        if before != after:
            label = prefix + item.metadata.get("label", GONE)
            yield from _values(before, after, hints[item.name], label)
    for name in sorted((set(old) | set(new)) - known):
        if old.get(name) != new.get(name):
            yield Change(prefix + GONE, _text(old.get(name), str), _text(new.get(name), str))


def _values(before: Any, after: Any, hint: Any, label: str) -> Iterator[Change]:
    row = _dataclass_in(hint)
    if row and (isinstance(before, list) or isinstance(after, list)):
        yield from _rows(before or [], after or [], row, label)
    elif row and isinstance(before, dict) and isinstance(after, dict):
        yield from _fields(before, after, row, f"{label}: ")
    elif isinstance(before, list) or isinstance(after, list):
        yield from _lines([_text(one, hint) for one in before or []], [_text(one, hint) for one in after or []], label)
    elif isinstance(before, str) and isinstance(after, str) and "\n" in before + after:
        yield from _lines(before.splitlines(), after.splitlines(), label)
    else:
        yield Change(label, _text(before, hint), _text(after, hint))


def _lines(before: Sequence[str], after: Sequence[str], label: str) -> Iterator[Change]:
    for what, a, b, c, d in difflib.SequenceMatcher(a=before, b=after, autojunk=False).get_opcodes():
        if what != "equal":
            yield Change(label, "\n".join(before[a:b]), "\n".join(after[c:d]))


def _rows(before: list[dict[str, Any]], after: list[dict[str, Any]], row: type[Any], label: str) -> Iterator[Change]:
    first = dataclasses.fields(row)[0].name
    olds, news = _by_name(before, first), _by_name(after, first)
    for key in dict.fromkeys([*olds, *news]):
        old, new = olds.get(key), news.get(key)
        if old is None or new is None:
            yield Change(label, _text(old, row), _text(new, row))
        elif old != new:
            yield from _fields(old, new, row, f"{label}, «{key[0]}»: ")
    if [key for key in olds if key in news] != [key for key in news if key in olds]:
        order = ["; ".join(name for name, _ in rows) for rows in (olds, news)]
        yield Change(f"{label}: порядок", *order)


def _by_name(rows: list[dict[str, Any]], first: str) -> dict[tuple[str, int], dict[str, Any]]:
    """Return `rows` by the value of their first field; equal values are told apart by their turn."""
    named: dict[tuple[str, int], dict[str, Any]] = {}
    for row in rows:
        name = str(row.get(first, ""))
        named[name, sum(known == name for known, _ in named)] = row
    return named


def _text(value: Any, hint: Any) -> str:
    """Return a value of canonical JSON as people read it."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "да" if value else "нет"
    if isinstance(value, dict):
        row = _dataclass_in(hint)
        hints = get_type_hints(row) if row else {}
        parts = (_text(value[name], hints.get(name, str)) for name in [*hints, *sorted(set(value) - set(hints))])
        return ", ".join(part for part in parts if part)
    if isinstance(value, list):
        return "; ".join(_text(one, hint) for one in value)
    types = {hint, *get_args(hint)}
    if datetime in types:
        return ru_moment(value)
    if date in types:
        return ru_date(value)
    if time in types:
        return ru_time(value)
    return str(value)


def _dataclass_in(hint: Any) -> type[Any] | None:
    if isinstance(hint, type) and dataclasses.is_dataclass(hint):
        return hint
    return next((found for inner in get_args(hint) if (found := _dataclass_in(inner))), None)
