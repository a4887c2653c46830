"""Founding a council by the administrator; afterwards the administrator changes nothing of it (S1-5.4)."""

from __future__ import annotations

from datetime import date

import pytest
from django.test import Client
from django.urls import reverse

from council.models import CouncilMember
from council.services import founder_seat
from schools.enums import Role
from tests.council.asking import refusal_of
from tests.factories.accounts import UserFactory
from tests.factories.council import AT, CouncilFactory, Hall
from tests.factories.schools import DutyFactory, MembershipFactory, acting_as, sign_in

pytestmark = pytest.mark.django_db


def test_administrator_seats_founders_and_after_signed_minutes_nobody(client: Client, signed: Hall) -> None:
    admin = UserFactory(is_staff=True)
    sign_in(client, admin, Role.ADMIN)
    council = CouncilFactory()
    director, scribe = DutyFactory(kind="director"), DutyFactory(kind="deputy")
    address = reverse("admin:council_councilmember_add")
    for duty, secretary in ((director, ""), (scribe, "on")):
        data = {"council": council.pk, "appointee": duty.pk, "basis": "№ 1 от 01.09.2026", "on": "2026-09-01"}
        assert client.post(address, data | ({"secretary": "on"} if secretary else {})).status_code == 302
    seats = CouncilMember.objects.filter(council=council).order_by("pk")
    assert [(one.user, one.voting, one.capacity) for one in seats] == [
        (director.user, True, "director"),
        (scribe.user, False, "deputy"),
    ]

    words = refusal_of(
        founder_seat, actor=acting_as(admin, Role.ADMIN), council=signed.council, appointee=director, secretary=False,
        basis="№ 1", on=date(2026, 9, 1), at=AT,
    )  # fmt: skip
    assert "только решением совета" in words


def test_administrator_reads_members_of_a_network_with_decisions(client: Client, over: Hall) -> None:
    sign_in(client, UserFactory(is_staff=True), Role.ADMIN)
    rows = [MembershipFactory(), MembershipFactory(network=over.council.network)]
    over.submit()
    over.sign_both()
    pages = [client.get(reverse("admin:schools_membership_change", args=[row.pk])) for row in rows]
    assert [(page.status_code, 'name="_save"' in page.text) for page in pages] == [(200, True), (200, False)]
