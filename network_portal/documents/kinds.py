"""Kinds of papers: a frozen dataclass holds the content, the registry knows its code, title and template.

    @paper(code="T16", title="Ведомость передачи отметок", template="documents/t16.html", landscape=True)
    @dataclass(frozen=True, kw_only=True)
    class TransferSheet:
        group: str = field("Группа")
        reason: str | None = field("Причина, по которой занятий не было")
        lines: tuple[Line, ...] = field("Строки ведомости", optional=True)

A field is required unless its type allows None or it says `optional=True`; a required field that is empty refuses the
paper and is named by its Russian label (5.1). Rows may be dataclasses too, with the same rules.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
from collections.abc import Callable, Iterator
from datetime import date, datetime, time
from decimal import Decimal
from enum import Enum
from types import NoneType
from typing import Any, TypeVar, get_args, get_type_hints

from network_portal.common.errors import RuleError

T = TypeVar("T")


@dataclasses.dataclass(frozen=True)
class Kind:
    """What the portal knows about a kind of paper."""

    code: str
    title: str
    template: str
    landscape: bool
    version: int
    content: type[Any]


_kinds: dict[str, Kind] = {}


def field(label: str, *, optional: bool = False, **options: Any) -> Any:
    """Declare a field of a paper with its Russian `label`; other options go to `dataclasses.field`."""
    return dataclasses.field(metadata={"label": label, "optional": optional}, **options)


def paper(
    *, code: str, title: str, template: str, landscape: bool = False, version: int = 1
) -> Callable[[type[T]], type[T]]:
    """Register a dataclass as the content of a kind of paper.

    Args:
        code: the code of the template, "T16"; also the key of the register of numbers.
        title: the name of the kind in Russian, shown to everyone; it holds no personal data.
        template: the path of the template, which extends `documents/base.html`.
        landscape: lay the pages on their side.
        version: raise it when the template changes, so that a paper tells which one made it.

    Raises:
        TypeError: a required field has no label, or another dataclass has the code.
    """

    def register(content: type[T]) -> type[T]:
        for owner, item in _all_fields(content):
            if _is_required(owner, item) and "label" not in item.metadata:
                raise TypeError(f"{owner.__name__}.{item.name} needs a Russian label")
        known = _kinds.get(code)
        if known and known.content.__qualname__ != content.__qualname__:
            raise TypeError(f"{code} is already {known.content.__qualname__}")
        _kinds[code] = Kind(code, title, template, landscape, version, content)
        content.__paper_code__ = code  # type: ignore[attr-defined]
        return content

    return register


def kind_of(content: object) -> Kind:
    """Return the kind of a paper's content; TypeError when its class is not registered."""
    code = getattr(type(content), "__paper_code__", None)
    if code is None:
        raise TypeError(f"{type(content).__name__} is not a paper")
    return _kinds[code]


def kind_by_code(code: str) -> Kind:
    """Return the kind registered under `code`; KeyError when there is none."""
    return _kinds[code]


def canonical(value: Any) -> str:
    """Return the canonical JSON of `value`: sorted keys, no spaces, dates in ISO form, decimals as strings.

    Equal contents give equal text, whatever the order in which they were built.
    """
    return json.dumps(_plain(value), ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)


def content_sha256(text: str) -> str:
    """Return the SHA-256 of canonical JSON in hexadecimal."""
    return hashlib.sha256(text.encode()).hexdigest()


def content_of(content: object) -> str:
    """Return the canonical JSON of a complete paper with the code of its kind.

    Raises:
        RuleError: a required field is empty; the message names all such fields in Russian.
    """
    if empty := list(dict.fromkeys(_empty(content))):
        names = ", ".join(f"«{label}»" for label in empty)
        raise RuleError(f"Документ не готов: не заполнено {names}. Заполните и повторите.")
    return canonical({"kind": kind_of(content).code, "paper": content})


class Fields(dict[str, Any]):
    """The content of a paper as its template sees it.

    A name that the paper does not have is an error of the template and stops it; an empty optional field prints as
    nothing, never as «None».
    """

    def __init__(self, values: dict[str, Any]) -> None:
        super().__init__({name: "" if value is None else value for name, value in values.items()})

    def __missing__(self, name: str) -> Any:
        raise MissingFieldError(name)


class MissingFieldError(Exception):
    """A template asks for a field that its paper does not have."""


def parse(text: str) -> Fields:
    """Return the fields of a paper from the canonical JSON of its version."""
    fields: Fields = json.loads(text, object_hook=Fields)["paper"]
    return fields


def _plain(value: Any) -> Any:
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {item.name: _plain(getattr(value, item.name)) for item in dataclasses.fields(value)}
    if isinstance(value, dict):
        return {str(name): _plain(item) for name, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    if isinstance(value, Enum):
        return _plain(value.value)
    if isinstance(value, (date, datetime, time)):
        return value.isoformat()
    if isinstance(value, Decimal):
        return format(value, "f")
    if value is None or isinstance(value, (bool, int, str)):
        return value
    raise TypeError(f"{type(value).__name__} has no canonical form")


def _empty(content: Any) -> Iterator[str]:
    for item in dataclasses.fields(content):
        value = getattr(content, item.name)
        if _is_required(type(content), item) and _is_empty(value):
            yield item.metadata["label"]
        for row in value if isinstance(value, (list, tuple)) else (value,):
            if dataclasses.is_dataclass(row):
                yield from _empty(row)


def _is_empty(value: Any) -> bool:
    return value is None or (isinstance(value, str) and not value.strip()) or value in ((), [], {})


def _is_required(content: type[Any], item: dataclasses.Field[Any]) -> bool:
    return not item.metadata.get("optional") and NoneType not in get_args(get_type_hints(content)[item.name])


def _all_fields(content: type[Any]) -> Iterator[tuple[type[Any], dataclasses.Field[Any]]]:
    """Yield the fields of `content` and of the dataclasses that its fields hold."""
    hints = get_type_hints(content)
    for item in dataclasses.fields(content):
        yield content, item
        for inner in _classes_in(hints[item.name]):
            if inner is not content:
                yield from _all_fields(inner)


def _classes_in(hint: Any) -> Iterator[type[Any]]:
    if isinstance(hint, type) and dataclasses.is_dataclass(hint):
        yield hint
    for inner in get_args(hint):
        yield from _classes_in(inner)
