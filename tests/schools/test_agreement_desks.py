"""Scans and reminders under the papers beside an agreement: its protocol (T28) and supplementary agreements (T06A)."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from django.http import Http404
from django.test import Client
from django.urls import reverse

from network_portal.documents.desks import desk_of
from network_portal.documents.models import Reminder
from schools.agreements import HOME_SLOT, HOST_SLOT, terms_of
from schools.enums import AmendmentState, DutyKind, Outcome
from schools.models import Amendment
from schools.services import (
    amendment_create,
    amendment_send,
    disagreement_add,
    disagreement_settle,
    disagreements_close,
)
from schools.services.duties import duty_end
from tests.factories.schools import DutyFactory, acting_as, sign_in
from tests.schools.conftest import World
from tests.schools.test_agreements import AT, ON, reviewed, signed

LATER = timedelta(days=10)


def amended(world: World) -> Amendment:
    """Return a supplementary agreement that waits for signatures."""
    agreement = signed(world)
    actor = acting_as(world.host_deputy)
    terms = replace(terms_of(agreement), correction_days=9)
    draft = amendment_create(actor=actor, agreement=agreement, terms=terms, reason="Учителя просят", at=AT)
    return amendment_send(actor=actor, amendment=draft, at=AT)


def test_each_school_s_clerk_takes_scans_of_its_own_place_under_an_amendment(world: World) -> None:
    amendment = amended(world)
    desk = desk_of(amendment.document)
    home, host = acting_as(world.home_deputy), acting_as(world.host_deputy)
    places = (HOME_SLOT, HOST_SLOT)
    assert [desk.clerks(home, amendment, place) for place in places] == [True, False]
    assert [desk.clerks(host, amendment, place) for place in places] == [False, True]
    assert desk.signatories(amendment, HOST_SLOT, ON) == [world.host_director.user]
    assert [
        desk.signs(acting_as(duty), amendment, HOME_SLOT) for duty in (world.home_director, world.host_director)
    ] == [
        True,
        False,
    ]
    with pytest.raises(Http404):
        desk.see(acting_as(world.stranger_deputy), amendment.document)


def test_reminder_about_an_amendment_goes_to_whose_turn_it_is(world: World) -> None:
    amendment = amended(world)
    client = sign_in(Client(), world.host_deputy)
    assert client.post(reverse("paper_remind", args=[amendment.document_id])).status_code == 302
    assert [one.user for one in Reminder.objects.all()] == [world.home_director.user]
    assert client.get(reverse("paper_signatures", args=[amendment.document_id])).status_code == 200
    assert sign_in(Client(), world.stranger_deputy).post(
        reverse("paper_remind", args=[amendment.document_id])
    ).status_code == 404  # fmt: skip


def test_place_of_who_signed_first_is_that_person_s_alone(world: World) -> None:
    """Rule 5: whoever signed the agreement and has another duty now signs beside the successor."""
    former = world.home_director.user
    agreement = signed(world)
    duty_end(actor=acting_as(world.home_director), duty=world.home_director, on=ON + LATER, at=AT)
    successor = DutyFactory(organisation=world.home, kind=DutyKind.DIRECTOR, date_from=ON + LATER)
    DutyFactory(organisation=world.home, user=former, date_from=ON + LATER)
    actor, terms = acting_as(world.host_deputy), replace(terms_of(agreement), correction_days=9)
    draft = amendment_create(actor=actor, agreement=agreement, terms=terms, reason="Нужно", at=AT + LATER)
    amendment = amendment_send(actor=actor, amendment=draft, at=AT + LATER)
    desk = desk_of(amendment.document)
    found = [desk.signatories(amendment, place, ON + LATER) for place in (f"{HOME_SLOT}_first", HOME_SLOT)]
    assert found == [[former], [successor.user]]


def test_nothing_is_taken_under_an_amendment_that_is_not_being_signed(world: World) -> None:
    amendment = amended(world)
    desk = desk_of(amendment.document)
    Amendment.objects.filter(pk=amendment.pk).update(state=AmendmentState.DROPPED)
    amendment.refresh_from_db()
    assert desk.signatories(amendment, HOME_SLOT, ON) == []
    assert not desk.clerks(acting_as(world.home_deputy), amendment, HOME_SLOT)


def test_protocol_is_signed_before_the_agreement_is(world: World) -> None:
    agreement, host = reviewed(world), acting_as(world.host_deputy)
    desk_of_agreement = desk_of(agreement.document)
    assert desk_of_agreement.signatories(agreement, HOME_SLOT, ON) == []  # it is only being agreed
    line = disagreement_add(
        actor=host, agreement=agreement, clause="2.4", home_wording="5 дней", host_wording="10 дней", at=AT
    )
    disagreement_settle(actor=host, disagreement=line, outcome=Outcome.HOME, at=AT)
    agreement = disagreements_close(actor=host, agreement=agreement, at=AT)
    home, desk = acting_as(world.home_deputy), desk_of(agreement.protocol)
    assert desk.see(home, agreement.protocol) == agreement
    assert [one.clerks(home, agreement, HOME_SLOT) for one in (desk, desk_of_agreement)] == [True, False]
    assert desk.signs(acting_as(world.home_director), agreement, HOME_SLOT)
