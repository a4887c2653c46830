"""A refusal to sign reaches all parties of the paper, with its reason (3.13, L-10)."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from council import services as council_services
from enrollment import services
from gradebook.services import cards
from network_portal.accounts.models import User
from network_portal.common.errors import RuleError
from network_portal.documents.enums import DocumentState
from network_portal.documents.models import Document, Refusal
from network_portal.documents.services import document_register
from network_portal.notices.models import Notice
from schools.enums import DutyKind
from schools.services.agreements import agreement_agree, agreement_create, agreement_refuse, agreement_send
from tests.enrollment.network import AT, ON, World
from tests.enrollment.test_contracts import signed
from tests.factories.cards import half_year
from tests.factories.council import ended
from tests.factories.schools import acting_as
from tests.schools.test_agreements import TERMS

pytestmark = pytest.mark.django_db
REASON = "Срок указан неверно"
#: Refuses to sign a new paper; returns the paper and whom that must reach.
Refused = tuple[Document, list[User]]


def agreement() -> Refused:
    world = World.create()
    one = agreement_create(actor=world.home.deputy, host=world.stranger.organisation, terms=TERMS, at=AT)
    one = agreement_send(actor=world.home.deputy, agreement=one, at=AT)
    sha256 = one.document.versions.latest("no").sha256
    one = agreement_agree(actor=world.stranger.deputy, agreement=one, version_sha256=sha256, at=AT)
    one = agreement_refuse(actor=world.home.director, agreement=one, reason=REASON, at=AT)
    parties = (world.home.director, world.home.deputy, world.stranger.director, world.stranger.deputy)
    return one.document, [acting.user for acting in parties]


def school_list() -> Refused:
    world = World.create()
    request = services.request_submit(actor=world.home.deputy, request=world.request(world.accepted()[0]), at=AT)
    services.request_return(actor=world.home.director, request=request, reason=REASON, at=AT)
    return request.document, [world.home.deputy.user, world.home.coordinator.user]


def enrolment_order() -> Refused:
    world = World.create()
    request = world.sent(world.accepted()[0])
    world.accept_line(request.lines.get())
    order = world.order(request)
    services.order_return(actor=world.host.director, order=order, reason=REASON, at=AT)
    return order.document, [world.host.deputy.user, world.host.coordinator.user]


def home_order() -> Refused:
    world = World.create()
    world.enrolled()
    order = world.main_order()
    services.school_order_return(actor=world.home.director, order=order, reason=REASON, at=AT)
    return order.document, [world.home.deputy.user, world.home.coordinator.user]


def contract() -> Refused:
    world = World.create()
    line, parent = world.due_contract()
    one = signed(
        services.contract_create(actor=world.host.deputy, line=line, at=AT), "base_director", world.host.director
    )
    services.contract_refuse(actor=world.home.director, contract=one, slot="home_director", reason=REASON, at=AT)
    schools = (world.home, world.host)
    people = [acting.user for school in schools for acting in (school.director, school.deputy, school.coordinator)]
    return one.document, [*people, parent.user]


def minutes() -> Refused:
    council = ended()
    council.submit()
    presiding, secretary = council.meeting.presiding, council.meeting.secretary
    council.sign("presiding", presiding)
    council_services.minutes_return(
        actor=acting_as(secretary.duty), meeting=council.meeting, slot="secretary", reason=REASON, at=council.tick()
    )
    return council.meeting.document, [presiding.user, secretary.user]


def report_card() -> Refused:
    world = half_year(others=0)
    card = world.sign(world.compose(), *world.signers[0])
    deputy = world.person(world.place.host, DutyKind.DEPUTY)
    cards.card_return(actor=deputy, card=card, slot="deputy", reason=REASON, at=world.tick())
    return card.document, [acting.user for _, acting in world.signers]


@pytest.mark.usefixtures("quick_papers")
@pytest.mark.parametrize(
    "refused", [agreement, school_list, enrolment_order, home_order, contract, minutes, report_card]
)
def test_refusal_reaches_all_parties_with_its_reason(refused: Callable[[], Refused]) -> None:
    document, parties = refused()
    document.refresh_from_db()
    assert (document.state, document.number) == (DocumentState.DRAFT, None)
    assert Refusal.objects.get(version__document=document).reason == REASON
    told = set(Notice.objects.filter(text__contains=REASON).values_list("user", flat=True))
    assert [user for user in parties if user.pk not in told] == []
    with pytest.raises(RuleError, match="отказано"):
        document_register(document=document, on=ON, at=AT)
