import pytest

from enrollment import services
from enrollment.models import Enrolment, SchoolOrder, SchoolRequest
from tests.enrollment.network import AT, Applied, DueContract, World, submit
from tests.shared import shared


@pytest.fixture(autouse=True)
def _quick_papers(quick_papers: None) -> None:
    """Lay papers out only where a test asks for `real_papers`."""


@shared
def world() -> World:
    return World.create()


@shared
def drafted(world: World) -> Applied:
    return world.drafted()


@shared
def prepared(world: World, drafted: Applied) -> Applied:
    return world.prepare(*drafted)


@shared
def submitted(prepared: Applied) -> Applied:
    application, parent = prepared
    return submit(application, parent), parent


@shared
def accepted(world: World, submitted: Applied) -> Applied:
    application, parent = submitted
    return services.application_accept(actor=world.home.deputy, application=application, at=AT), parent


@shared
def sent(world: World, accepted: Applied) -> SchoolRequest:
    """Return the list with `accepted` that the host has got."""
    return world.sent(accepted[0])


@shared
def booked(world: World, sent: SchoolRequest) -> Enrolment:
    """Return the place that the host has booked for the one line of `sent`."""
    return world.accept_line(sent.lines.get())


@shared
def enrolment(world: World, sent: SchoolRequest, booked: Enrolment) -> Enrolment:
    """Return `booked` when the order of the host is registered."""
    world.sign_order(world.order(sent))
    booked.refresh_from_db()
    return booked


@shared
def main(world: World, enrolment: Enrolment) -> SchoolOrder:
    """Return the registered T04 that directs `enrolment`."""
    order = world.sign_school_order(world.main_order())
    enrolment.refresh_from_db()
    return order


@shared
def due_contract(world: World) -> DueContract:
    return world.due_contract()
