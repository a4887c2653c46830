"""Two orders about one pupil at once, and the third signature of a contract beside the order that needs it."""

from __future__ import annotations

from collections import Counter
from datetime import date

import pytest

from enrollment import services
from enrollment.enums import EnrolmentState, ExitReason, HomeState, OrderState
from enrollment.models import Enrolment, SchoolOrder
from enrollment.services import Exit
from network_portal.documents.selectors import current_version
from tests.enrollment.network import AT, DueContract, World
from tests.enrollment.test_contracts import signed
from tests.enrollment.test_races import at_once
from tests.factories.documents import proof_of

pytestmark = pytest.mark.django_db(transaction=True)


def signing(world: World, order: SchoolOrder) -> object:
    """Return what signs the order, with a proof prepared beforehand."""
    school = world.home if order.school == world.home.organisation else world.host
    sha256 = current_version(order.document).sha256
    proof = proof_of(school.director.user, order.document, at=AT)
    return lambda: services.school_order_sign(
        actor=school.director, order=order, version_sha256=sha256, proof=proof, at=AT
    )


def test_wish_and_exclusion_at_once(world: World) -> None:
    """Lessons, addition 8: one of the two takes the pupil out, once."""
    application, parent = world.accepted()
    (enrolment,) = world.enrolled(application)
    main = world.sign_school_order(world.main_order())
    enrolment.refresh_from_db()
    last_day = date(2026, 10, 30)
    world.wish(enrolment, parent, last_day)
    wish = services.home_change_create(
        actor=world.home.deputy, order=main, exits=[Exit(enrolment, ExitReason.WISH, last_day)], at=AT
    )
    SchoolOrder.objects.filter(pk=wish.pk).update(state=OrderState.CANCELLED)  # so that the second may be drafted
    exclusion = services.host_change_create(
        actor=world.host.deputy,
        order=enrolment.order,
        exits=[Exit(enrolment, ExitReason.ABSENCE, last_day)],
        at=AT,
    )
    SchoolOrder.objects.filter(pk=wish.pk).update(state=OrderState.DRAFT)
    assert Counter(at_once([signing(world, wish), signing(world, exclusion)])) == {"done": 1, "stale": 1}
    enrolment.refresh_from_db()
    world.group.refresh_from_db()
    assert (enrolment.state, world.group.seats_taken) == (EnrolmentState.LEFT, 0)
    assert enrolment.home_state in (HomeState.WITHDRAWN, HomeState.RELEASED)


def test_one_order_signed_twice_at_once(world: World) -> None:
    (enrolment,) = world.enrolled()
    order = world.main_order()
    sign = signing(world, order)
    assert Counter(at_once([sign, sign])) == {"done": 1, "stale": 1}
    assert Enrolment.objects.get(pk=enrolment.pk).home_state == HomeState.DIRECTED


def test_two_drafts_for_one_pupil_at_once(world: World) -> None:
    world.enrolled()
    ends = at_once([world.main_order, world.main_order])
    assert [end for end in ends if end == "done"] == ["done"]
    assert SchoolOrder.objects.count() == 1


def test_third_signature_and_the_order_at_once(world: World, due_contract: DueContract) -> None:
    """I-4: the order is refused, or drafted after the signature; nobody is enrolled without it."""
    line, parent = due_contract
    contract = services.contract_create(actor=world.host.deputy, line=line, at=AT)
    contract = signed(contract, "base_director", world.host.director)
    contract = signed(contract, "home_director", world.home.director)
    sha256 = current_version(contract.document).sha256
    proof = proof_of(parent.user, contract.document, at=AT)

    def third() -> None:
        services.contract_sign(
            actor=parent, contract=contract, slot="guardian", version_sha256=sha256, proof=proof, at=AT
        )

    ends = at_once([third, lambda: world.order(line.request)])
    contract.refresh_from_db()
    assert "done" in ends
    assert contract.document.__class__.objects.get(pk=contract.document_id).number == 1
    orders = line.request.orders.count()
    assert (orders == 1) == (ends == ["done", "done"])
