"""What many tests begin with, built once: each stage in a transaction in which the next stages and the tests nest."""

from __future__ import annotations

import copy
import inspect
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from itertools import groupby
from typing import Any, NamedTuple

import pytest
from django.db import transaction
from pytest_django import DjangoDbBlocker

from network_portal.documents import rendering

Build = Callable[..., Any]


def shared(build: Build) -> Any:
    """Make a fixture of `build` that runs once for all tests in a row that begin with it.

    Its parameters name the stages it stands upon. Each test gets its own copy of what the stages returned, and what it
    writes is rolled back to where the stage ended. Papers get a stand-in for their file. A test with real commits
    (`transaction=True`) has the stages built for itself. The test needs `django_db`.
    """

    def stage(**_: Any) -> Any:
        return stages.given[build.__name__]

    stage.__signature__ = inspect.signature(build)  # type: ignore[attr-defined] # what pytest reads
    stage.__name__, stage.__doc__, stage.build = build.__name__, build.__doc__, build  # type: ignore[attr-defined]
    return pytest.fixture(stage)


class Level(NamedTuple):
    build: Build
    opened: ExitStack
    values: dict[str, Any]


class Stages:
    """The stages that are open now."""

    def __init__(self) -> None:
        self.levels: list[Level] = []
        self.given: dict[str, Any] = {}
        self.blocker: DjangoDbBlocker | None = None

    def close(self, kept: list[Build]) -> None:
        """Roll back what is built upon the stages that are `kept`."""
        self.given = {}
        while self.levels and [level.build for level in self.levels] != kept[: len(self.levels)]:
            self.levels.pop().opened.close()

    def give(self, builds: list[Build]) -> None:
        """Have `builds` and nothing else stand, and copy for a test what they returned."""
        self.close(builds)
        for build in builds[len(self.levels) :]:
            values = copy.deepcopy(self.levels[-1].values) if self.levels else {}
            with ExitStack() as opened:
                opened.enter_context(undone())
                add(build, values)
                self.levels.append(Level(build, opened.pop_all(), values))
        self.given = copy.deepcopy(self.levels[-1].values) if builds else {}


stages = Stages()


@contextmanager
def undone() -> Iterator[None]:
    block = transaction.atomic()
    block._from_testcase = True  # type: ignore[attr-defined] # what must be outermost in life may be inside it
    with block:
        yield
        transaction.set_rollback(True)


def add(build: Build, values: dict[str, Any]) -> None:
    with pytest.MonkeyPatch.context() as patched:
        stand_in_for_papers(patched)
        values[build.__name__] = build(**{name: values[name] for name in inspect.signature(build).parameters})


def stand_in_for_papers(patched: pytest.MonkeyPatch) -> None:
    """Give papers a stand-in for their file, which takes most of a second to lay out."""
    patched.setattr(rendering, "render", lambda html: rendering.Pdf(b"%PDF-stand-in", 1))


def builds_of(item: pytest.Item | None) -> list[Build]:
    """Return the stages of a test, each after those it stands upon."""
    found: dict[str, Build] = {}
    definitions = item._fixtureinfo.name2fixturedefs if isinstance(item, pytest.Function) else {}

    def find(name: str) -> None:
        build = getattr(definitions[name][-1].func, "build", None) if name in definitions else None
        if build and name not in found:
            for below in inspect.signature(build).parameters:
                find(below)
            found[name] = build

    for name in definitions:
        find(name)
    return list(found.values())


def commits(item: pytest.Item) -> bool:
    marker = item.get_closest_marker("django_db")
    real = {"transactional_db", "live_server"} & set(getattr(item, "fixturenames", ()))
    return bool(real or (marker and marker.kwargs.get("transaction")))


def shareable(item: pytest.Item | None) -> list[Build]:
    return [] if item is None or commits(item) else builds_of(item)


def set_up(request: pytest.FixtureRequest, blocker: DjangoDbBlocker, database: Callable[[], None]) -> None:
    """Open the stages of a test, then its `database`: the transaction of the test is the innermost."""
    stages.blocker = blocker
    with blocker.unblock():
        stages.give(shareable(request.node))
    database()
    if commits(request.node):
        for build in builds_of(request.node):
            add(build, stages.given)


def close_after(nextitem: pytest.Item | None) -> None:
    """Leave the stages that the next test does not begin with, before its own fixtures are set up."""
    if stages.blocker:
        with stages.blocker.unblock():
            stages.close(shareable(nextitem))


def in_order_of_stages(items: list[pytest.Item]) -> None:
    """Put the tests of a module that begin alike next to each other."""
    modules = [list(tests) for _, tests in groupby(items, lambda item: (item.path, commits(item)))]
    items[:] = [
        item for tests in modules for item in sorted(tests, key=lambda one: [b.__name__ for b in shareable(one)])
    ]
