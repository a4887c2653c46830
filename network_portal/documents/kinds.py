"""Kinds of papers: a frozen dataclass holds the content, the registry knows its code, title and template.

    @paper(code="T16", title="Ведомость передачи отметок", template="documents/t16.html", landscape=True)
    @dataclass(frozen=True, kw_only=True)
    class TransferSheet:
        group: str = field("Группа")
        reason: str | None = field("Причина, по которой занятий не было")
        lines: tuple[Line, ...] = field("Строки ведомости", optional=True)

A field is required unless its type allows None or it says `optional=True`; a required field that is empty refuses the
paper and is named by its Russian label (5.1). Rows may be dataclasses too, with the same rules. The kind also says how
long its papers are kept, how much they tell about people, who signs them in which order and who agrees to them first.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime, time
from decimal import Decimal
from enum import Enum
from types import NoneType
from typing import TYPE_CHECKING, Any, TypeVar, get_args, get_type_hints

from django.template import TemplateDoesNotExist
from django.template.loader import get_template

from network_portal.common.errors import RuleError
from network_portal.common.russian import plural
from network_portal.documents.enums import PersonalData, Standard

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

T = TypeVar("T")
D = TypeVar("D", bound="DataclassInstance")


#: From this day the standard of 2025 is in force (5.1).
STANDARD_2025_FROM = date(2025, 8, 18)
_known_hints: dict[type[Any], dict[str, Any]] = {}


@dataclasses.dataclass(frozen=True)
class Kind:
    """What the portal knows about a kind of paper; the fields are the arguments of `paper`."""

    code: str
    title: str
    template: str
    landscape: bool
    version: int
    content: type[Any]
    keep_years: int | None
    personal_data: PersonalData
    signers: Mapping[str, str] | None
    agreed_by: str
    open_ended: bool
    effective_from: str
    effective_to: str

    @property
    def retention(self) -> str:
        """Return how long papers of the kind are kept, in words (L-6)."""
        if self.keep_years is None:
            return "постоянно"
        return f"{self.keep_years}\u00a0{plural(self.keep_years, 'год,года,лет')}"

    @property
    def may_be_published(self) -> bool:
        """Tell whether a copy of such a paper may stand on a public page (L-9)."""
        return self.personal_data != PersonalData.FULL

    def template_of(self, version: int) -> str:
        """Return the template that belongs to `version` of the kind: an old one is kept as «t06.v1.html».

        Raises:
            TemplateGoneError: the template has changed since, and the old one was not kept.
        """
        if version == self.version:
            return self.template
        old = f"{self.template.removesuffix('.html')}.v{version}.html"
        try:
            get_template(old)
        except TemplateDoesNotExist:
            raise TemplateGoneError(self.title) from None
        return old


class TemplateGoneError(RuleError):
    """A version was prepared for a template that the portal no longer has: it must not print by another one."""

    def __init__(self, title: str) -> None:
        super().__init__(
            f"«{title}»: образец документа изменился после подготовки. Подготовьте новую редакцию и подпишите её."
        )


def standard_on(day: date) -> Standard:
    """Return the standard that papers dated `day` follow."""
    return Standard.GOST_2025 if day >= STANDARD_2025_FROM else Standard.GOST_2016


_kinds: dict[str, Kind] = {}


def field(label: str, *, optional: bool = False, **options: Any) -> Any:
    """Declare a field of a paper with its Russian `label`; other options go to `dataclasses.field`."""
    return dataclasses.field(metadata={"label": label, "optional": optional}, **options)


def paper(
    *,
    code: str,
    title: str,
    template: str,
    landscape: bool = False,
    version: int = 1,
    keep_years: int | None = 5,
    personal_data: PersonalData = PersonalData.FULL,
    signers: Mapping[str, str] | None = None,
    agreed_by: str = "",
    open_ended: bool = False,
    effective_from: str = "",
    effective_to: str = "",
) -> Callable[[type[T]], type[T]]:
    """Register a dataclass as the content of a kind of paper.

    Args:
        code: the code of the template, "T16"; also the key of the register of numbers.
        title: the name of the kind in Russian, shown to everyone; it holds no personal data.
        template: the path of the template, which extends `documents/base.html`.
        landscape: lay the pages on their side.
        version: raise it when the words of the template change and keep the old template beside as «t06.v1.html»
            while papers of it wait to be printed.
        keep_years: how long a paper is kept after the year in which its work ends; None for ever (L-6).
        personal_data: how much it tells about people (L-9).
        signers: the places for signatures in their order: key and, in Russian, who signs there; {} when nobody does;
            None when each paper says it for itself.
        agreed_by: who agrees to it before it is signed, in Russian, where the kind asks for that (I-5).
        open_ended: it is in force until another paper or a decision ends it, not for a term.
        effective_from: the field with the first day of effect; without one it is the day of registration.
        effective_to: the field with the last day of effect, where there is one.

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
        _kinds[code] = Kind(
            code,
            title,
            template,
            landscape,
            version,
            content,
            keep_years,
            personal_data,
            signers,
            agreed_by,
            open_ended,
            effective_from,
            effective_to,
        )
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


def all_kinds() -> list[Kind]:
    """Return every registered kind by its code."""
    return [_kinds[code] for code in sorted(_kinds)]


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


def each_value(content: D, change: Callable[[Any], Any]) -> D:
    """Return a copy of `content` with `change` applied to every value, those of its rows and tuples included."""
    return dataclasses.replace(
        content,
        **{item.name: _changed(getattr(content, item.name), change) for item in dataclasses.fields(content)},
    )


def _changed(value: Any, change: Callable[[Any], Any]) -> Any:
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return each_value(value, change)
    if isinstance(value, tuple):
        return tuple(_changed(one, change) for one in value)
    return change(value)


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


def term_of(kind: Kind, text: str) -> tuple[date | None, date | None]:
    """Return the first and the last day of effect that the content `text` of a paper of `kind` names, if it does."""
    fields = json.loads(text)["paper"]
    first, last = (fields.get(name) if name else None for name in (kind.effective_from, kind.effective_to))
    return date.fromisoformat(first) if first else None, date.fromisoformat(last) if last else None


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
    return not item.metadata.get("optional") and NoneType not in get_args(_hints(content)[item.name])


def _hints(content: type[Any]) -> dict[str, Any]:
    """Return the types of the fields; they are worked out once for a class."""
    if content not in _known_hints:
        _known_hints[content] = get_type_hints(content)
    return _known_hints[content]


def _all_fields(content: type[Any]) -> Iterator[tuple[type[Any], dataclasses.Field[Any]]]:
    """Yield the fields of `content` and of the dataclasses that its fields hold."""
    hints = _hints(content)
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
