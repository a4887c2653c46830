from collections.abc import Iterator
from datetime import timedelta

import pytest
import time_machine

from tests.factories.council import AT, Hall, ended, hall, signed_hall
from tests.shared import shared


@pytest.fixture(autouse=True)
def _quick_papers(quick_papers: None) -> None:
    """Lay papers out only where a test asks for `real_papers`."""


@pytest.fixture
def clock() -> Iterator[None]:
    """The portal's clock stands half an hour after the planned beginning."""
    with time_machine.travel(AT + timedelta(minutes=30), tick=False):
        yield


@shared
def unled() -> Hall:
    """Return a council of three without a chair, with a meeting that is convened."""
    return hall(3)


@shared
def led() -> Hall:
    """Return a council of three with a chair, with a meeting that is convened and has two questions."""
    return hall(3, items=2, chair=True)


@shared
def sitting(led: Hall) -> Hall:
    """Return `led` with all three in the hall."""
    led.open(3)
    return led


@shared
def large() -> Hall:
    """Return a council of ten with a chair, with a meeting that is convened and has two questions."""
    return hall(10, items=2, chair=True)


@shared
def running(large: Hall) -> Hall:
    """Return `large` with eight in the hall, who have agreed to the agenda."""
    large.open(8)
    large.agree()
    return large


@shared
def over() -> Hall:
    """Return a council of three whose meeting is closed after one vote; nobody has drawn up the minutes."""
    return ended()


@shared
def submitted(over: Hall) -> Hall:
    """Return `over` with minutes that wait for two signatures."""
    over.submit()
    return over


@shared
def signed() -> Hall:
    """Return a council of three whose meeting is over: one vote, all for, minutes signed and registered."""
    return signed_hall(3, chair=True)
