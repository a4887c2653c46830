"""Queries that are put together once: the same answers as the queryset gives, whoever asks in whatever thread."""

from __future__ import annotations

from datetime import date
from threading import Thread

import pytest
from django.db import connection

from network_portal.common.prepared import Prepared
from schools.enums import DutyKind
from schools.models import Duty
from tests.factories.schools import DutyFactory

pytestmark = pytest.mark.django_db


def test_prepared_query_finds_what_its_queryset_finds() -> None:
    duties = [DutyFactory(kind=kind) for kind in (DutyKind.CURATOR, DutyKind.DEPUTY)]
    made = []

    def build(user: int, organisation: int) -> object:
        made.append(user)
        return Duty.objects.filter(user=user, organisation=organisation).select_related("organisation")

    query = Prepared(build)  # type: ignore[arg-type, var-annotated]  # a queryset all the same
    found = [query.ask(duty.user_id, duty.organisation_id) for duty in duties]
    assert found == [[duty] for duty in duties]
    assert [one.organisation for (one,) in found] == [duty.organisation for duty in duties]
    assert query.ask(duties[0].user_id, duties[1].organisation_id) == []
    assert len(made) == 2  # to be put together, and to see that it does not compute with its ids


def test_prepared_query_that_computes_with_an_id_is_refused() -> None:
    with pytest.raises(ValueError, match="compute"):
        Prepared(lambda pk: Duty.objects.filter(pk=pk + 1)).ask(1)
    with pytest.raises(ValueError, match="compute"):
        Prepared(lambda pk: Duty.objects.filter(pk=pk, date_from=date.fromordinal(1 + pk % 1000))).ask(1)


def test_prepared_query_that_never_finds_anything_asks_nothing(django_assert_num_queries: object) -> None:
    with django_assert_num_queries(0):  # type: ignore[operator]  # the fixture of pytest-django
        assert Prepared(lambda pk: Duty.objects.filter(pk=pk, kind__in=[])).ask(1) == []


@pytest.mark.django_db(transaction=True)
def test_prepared_query_asks_the_connection_of_its_thread() -> None:
    duty = DutyFactory()
    query = Prepared(lambda pk: Duty.objects.filter(pk=pk))
    assert query.ask(duty.pk) == [duty]
    found: list[object] = []

    def act() -> None:
        found.extend([query.ask(duty.pk), connection.connection])
        connection.close()

    thread = Thread(target=act)
    thread.start()
    thread.join()
    assert found[0] == [duty]
    assert found[1] not in (None, connection.connection)
