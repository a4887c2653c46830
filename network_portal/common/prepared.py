"""Queries that every request asks, put together once.

With subqueries and many joins the ORM takes several times as long to put a query together as the database to answer it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from copy import copy
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from inspect import signature
from typing import Any, Generic, TypeVar

from django.core.exceptions import EmptyResultSet
from django.db import DEFAULT_DB_ALIAS, connection
from django.db.models import Model, QuerySet

M = TypeVar("M", bound=Model)
#: Ids that no row has, to find in the text's values what stands for which argument.
SAMPLES = tuple(2**62 + 997 * no for no in range(10))
OTHERS = tuple(2**61 + 997 * no for no in range(10))


@dataclass(frozen=True)
class _Place:
    """Where the value of an argument goes."""

    no: int


#: What can be compared; lists and JSON are wrapped for the driver anew each time.
SIMPLE = (_Place, int, str, date)


class Prepared(Generic[M]):
    """A query that differs from one question to the next in ids alone.

    The rules stay where they are: in the queryset that `build` makes at the first question.
    """

    def __init__(self, build: Callable[..., QuerySet[M]]) -> None:
        """Keep `build`, which takes ids, one for each of its parameters, and puts them into a query as they are."""
        self.build = build

    def ask(self, *ids: int) -> list[M]:
        """Return the rows that the query of `build(*ids)` finds."""
        if self._text is None:
            return []
        queryset, compiler, sql, params = self._text
        values = tuple(ids[value.no] if isinstance(value, _Place) else value for value in params)
        own = copy(compiler)
        own.connection = connection  # of this thread
        own.as_sql = lambda *_, **__: (sql, values)
        asked: Any = queryset.all()
        asked.query.get_compiler = lambda *_, **__: own
        return list(asked)

    @cached_property
    def _text(self) -> tuple[QuerySet[M], Any, str, list[Any]] | None:
        """The query as SQL with the places of the ids among its values; None for one that never finds anything."""
        count = len(signature(self.build).parameters)
        queryset = self.build(*SAMPLES[:count])
        compiler: Any = queryset.query.get_compiler(DEFAULT_DB_ALIAS)
        try:
            sql, found = compiler.as_sql()
        except EmptyResultSet:
            return None
        params = _placed(found, SAMPLES)
        _, again = self.build(*OTHERS[:count]).query.sql_with_params()
        if [one for one in params if isinstance(one, SIMPLE)] != [
            one for one in _placed(again, OTHERS) if isinstance(one, SIMPLE)
        ]:
            raise ValueError("a prepared query must not compute with its ids")
        return queryset, compiler, sql, params


def _placed(params: Iterable[Any], samples: tuple[int, ...]) -> list[Any]:
    return [_Place(samples.index(one)) if isinstance(one, int) and one in samples else one for one in params]
