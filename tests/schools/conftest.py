"""Two schools of one network with their directors, and a stranger with data that could leak."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from schools.enums import DutyKind
from schools.models import Duty, Network, Organisation
from tests.factories.schools import DutyFactory, MembershipFactory, NetworkFactory, OrganisationFactory


@dataclass(frozen=True)
class World:
    network: Network
    home: Organisation
    host: Organisation
    stranger: Organisation
    home_director: Duty
    host_director: Duty
    home_deputy: Duty
    host_deputy: Duty
    stranger_director: Duty
    stranger_deputy: Duty


@pytest.fixture
def world(db: None) -> World:
    network = NetworkFactory()
    home = OrganisationFactory(short_name="МАОУ СОШ № 7")
    host = OrganisationFactory(short_name="МАОУ гимназия № 40")
    stranger = OrganisationFactory(short_name="МАОУ лицей № 12")
    for school in (home, host, stranger):
        MembershipFactory(network=network, organisation=school)
    return World(
        network=network,
        home=home,
        host=host,
        stranger=stranger,
        home_director=DutyFactory(organisation=home, kind=DutyKind.DIRECTOR),
        host_director=DutyFactory(organisation=host, kind=DutyKind.DIRECTOR),
        home_deputy=DutyFactory(organisation=home),
        host_deputy=DutyFactory(organisation=host),
        stranger_director=DutyFactory(organisation=stranger, kind=DutyKind.DIRECTOR),
        stranger_deputy=DutyFactory(organisation=stranger),
    )
