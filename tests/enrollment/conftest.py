import pytest

from tests.enrollment.network import World


@pytest.fixture
def world(db: None) -> World:
    return World.create()
