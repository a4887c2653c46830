"""The contract of three parties: nobody is enrolled before its third signature (S3-(4), I-4, T07)."""

from __future__ import annotations

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from enrollment import services
from enrollment.enums import ContractState, EnrolmentState
from enrollment.models import Contract, PaperApplicant, SchoolRequest
from enrollment.services.paper import NamedOnPaper
from network_portal.common.errors import RuleError, StaleError
from network_portal.documents.desks import desk_of
from network_portal.documents.selectors import current_version
from schools.acting import Acting
from tests.enrollment.network import AT, ON, DueContract, World
from tests.enrollment.test_paper import NAMED, SCAN
from tests.factories.documents import proof_of
from tests.factories.schools import sign_in

pytestmark = pytest.mark.django_db


def signed(contract: Contract, slot: str, actor: Acting) -> Contract:
    return services.contract_sign(
        actor=actor,
        contract=contract,
        slot=slot,
        version_sha256=current_version(contract.document).sha256,
        proof=proof_of(actor.user, contract.document, at=AT),
        at=AT,
    )


def test_nobody_is_enrolled_before_the_third_signature(world: World, due_contract: DueContract) -> None:
    line, parent = due_contract
    contract = services.contract_create(actor=world.host.deputy, line=line, at=AT)
    contract = signed(contract, "base_director", world.host.director)
    contract = signed(contract, "home_director", world.home.director)
    with pytest.raises(RuleError, match="Трёхсторонний договор с семьёй подписан не всеми тремя сторонами"):
        world.order(line.request)
    contract = signed(contract, "guardian", parent)
    assert (contract.state, contract.document.number) == (ContractState.IN_FORCE, 1)
    world.sign_order(world.order(line.request))
    line.enrolment.refresh_from_db()
    assert line.enrolment.state == EnrolmentState.ENROLLED


def test_family_without_an_account_signs_on_paper_by_its_own_name(world: World, due_contract: DueContract) -> None:
    """The clerk of the home school registers it; no power of attorney is asked of a parent (rule 4)."""
    line, _ = due_contract
    application = line.application
    PaperApplicant.objects.create(application=application, basis_document="свидетельство", **vars_of(NAMED))
    application.guardian, application.method, application.entered_by = None, "paper", world.home.deputy.user
    application.save()
    contract = services.contract_create(actor=world.host.deputy, line=line, at=timezone.now())
    desk = desk_of(contract.document)
    assert desk.named(contract, "base_director", ON) == ""
    assert desk.named(contract, "guardian", ON) == "Ёлкина Анна Петровна"
    for slot, director in (("base_director", world.host.director), ("home_director", world.home.director)):
        contract = services.contract_sign(
            actor=director, contract=contract, slot=slot,
            version_sha256=current_version(contract.document).sha256,
            proof=proof_of(director.user, contract.document, at=timezone.now()), at=timezone.now(),
        )  # fmt: skip
    client = sign_in(Client(), world.home.deputy)
    address = reverse("paper_sign_elsewhere", args=[contract.document_id])
    form = client.get(address).context["form"]
    assert ("named", "Ёлкина Анна Петровна") in form.fields["signer"].choices
    sent = {
        "version_sha256": current_version(contract.document).sha256, "kind": "hand", "signer": "named", "same": "on",
        "signed_on": timezone.localdate().isoformat(), "file": SimpleUploadedFile("скан.png", SCAN.content),
    }  # fmt: skip
    assert client.post(address, sent).status_code == 302
    contract.refresh_from_db()
    last = current_version(contract.document).signatures.get(slot="guardian")
    assert (contract.state, last.signer_name, last.basis) == (ContractState.IN_FORCE, "Ёлкина Анна Петровна", "")


def vars_of(named: NamedOnPaper) -> dict[str, str]:
    return {name: value for name, value in vars(named).items() if name != "basis_document"}


def test_contract_is_signed_in_the_order_of_its_places(world: World, due_contract: DueContract) -> None:
    line, parent = due_contract
    contract = services.contract_create(actor=world.host.deputy, line=line, at=AT)
    with pytest.raises(RuleError, match="Сначала документ подписывает директор"):
        signed(contract, "guardian", parent)


def test_refused_contract_makes_way_for_another(world: World, due_contract: DueContract) -> None:
    line, parent = due_contract
    contract = services.contract_create(actor=world.host.deputy, line=line, at=AT)
    with pytest.raises(StaleError, match="уже составлен"):
        services.contract_create(actor=world.host.deputy, line=line, at=AT)
    contract = services.contract_refuse(
        actor=world.home.director, contract=contract, slot="home_director", reason="не указан кабинет", at=AT
    )
    assert contract.state == ContractState.CANCELLED
    with pytest.raises(StaleError, match="не заключён"):
        signed(contract, "base_director", world.host.director)
    assert services.contract_create(actor=world.host.deputy, line=line, at=AT).state == ContractState.SIGNING
    told = "Трёхсторонний договор не подписан одной из сторон: не указан кабинет"
    assert parent.user.notices.filter(text=told).count() == 1


def test_network_without_the_setting_needs_no_contract(world: World, sent: SchoolRequest) -> None:
    line = sent.lines.get()
    world.accept_line(line)
    with pytest.raises(RuleError, match="трёхсторонний договор не нужен"):
        services.contract_create(actor=world.host.deputy, line=line, at=AT)


def test_line_that_is_not_accepted_has_no_contract(world: World, sent: SchoolRequest) -> None:
    world.network.tripartite = True
    world.network.save(update_fields=["tripartite"])
    line = sent.lines.get()
    with pytest.raises(RuleError, match="когда место забронировано"):
        services.contract_create(actor=world.host.deputy, line=line, at=AT)
