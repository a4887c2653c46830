"""A host with people, a home school and a stranger with data that could leak."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from schools.enums import DutyKind
from schools.models import Duty, Network, Organisation
from tests.factories.schools import DutyFactory, MembershipFactory, NetworkFactory, OrganisationFactory


@dataclass(frozen=True)
class World:
    network: Network
    host: Organisation
    stranger: Organisation
    deputy: Duty
    director: Duty
    teacher: Duty
    stranger_deputy: Duty


@pytest.fixture
def world(db: None) -> World:
    network = NetworkFactory()
    host = OrganisationFactory(short_name="МАОУ гимназия № 40")
    stranger = OrganisationFactory(short_name="МАОУ лицей № 12")
    for school in (host, stranger):
        MembershipFactory(network=network, organisation=school)
    return World(
        network=network,
        host=host,
        stranger=stranger,
        deputy=DutyFactory(organisation=host),
        director=DutyFactory(organisation=host, kind=DutyKind.DIRECTOR),
        teacher=DutyFactory(organisation=host, kind=DutyKind.NETWORK_TEACHER),
        stranger_deputy=DutyFactory(organisation=stranger),
    )
