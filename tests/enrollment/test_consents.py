"""Consents: papers of their own, one for each operator, signed together, withdrawn at once (L-2, L-3, L-10, T02)."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from enrollment import services
from enrollment.documents import consent_full_pdf
from enrollment.enums import ApplicationState, LineDecision
from enrollment.models import Consent, FamilyDetails
from enrollment.selectors.consents import consent_missing_since, consents_needed
from enrollment.selectors.details import details_of, details_row
from network_portal.audit.models import AuditEntry
from network_portal.common.errors import RuleError, StaleError
from network_portal.documents import rendering
from network_portal.documents.kinds import parse
from network_portal.documents.models import Document, Signature
from network_portal.documents.selectors import current_version
from network_portal.notices.models import Notice
from tests.enrollment.network import AT, DETAILS, ON, Applied, World, give_consents, submit, tick
from tests.factories.courses import StudyGroupFactory
from tests.factories.documents import proof_of
from tests.factories.enrollment import ConsentFactory, EnrolmentFactory
from tests.factories.schools import sign_in

pytestmark = pytest.mark.django_db


def test_consents_are_papers_apart_each_with_its_number_and_signature(world: World, submitted: Applied) -> None:
    application, parent = submitted
    consents = list(Consent.objects.in_force(ON).filter(student=application.student).order_by("pk"))
    assert [consent.operator for consent in consents] == [world.home.organisation, world.host.organisation]
    assert len({consent.purpose for consent in consents}) == 2
    assert [consent.document.number for consent in consents] == [1, 2]
    papers = [application.document, *(consent.document for consent in consents), application.sheet]
    signatures = Signature.objects.filter(signer=parent.user)
    assert {one.evidence["sha256"] for one in signatures} == {current_version(paper).sha256 for paper in papers}
    assert signatures.count() == 4
    listed = {line["sha256"] for line in parse(current_version(application.sheet).content)["lines"]}
    assert listed == {current_version(paper).sha256 for paper in papers[:3]}
    assert "согласие на обработку" not in current_version(application.document).content.lower()


def test_every_item_of_the_law_is_in_the_paper(world: World, submitted: Applied) -> None:
    home, host = (parse(current_version(one.document).content) for one in Consent.objects.in_force(ON).order_by("pk"))
    assert home["operator"] == world.home.organisation.full_name
    assert world.host.organisation.full_name in home["recipient"]
    assert (host["operator"], host["operator_address"]) == (
        world.host.organisation.full_name, world.host.organisation.address,
    )  # fmt: skip
    for paper in (home, host):
        assert paper["authority"] == "свидетельство о рождении"
        assert (paper["date_from"], paper["date_to"]) == ("2026-08-24", "2027-08-31")
        assert paper["pupil_decides"] is True
        assert all(paper[name] for name in ("purpose", "data", "actions", "withdrawal", "details_sha256"))


def test_addresses_and_documents_are_kept_encrypted_and_printed_for_home_and_family_alone(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    _application, _ = world.submitted()
    row = FamilyDetails.objects.get()
    assert DETAILS.number not in row.sealed
    for document in Document.objects.all():
        for version in document.versions.all():
            assert DETAILS.number not in version.content
            assert DETAILS.address not in version.content
    printed: list[str] = []
    monkeypatch.setattr(rendering, "render", lambda html: printed.append(html) or rendering.Pdf(b"%PDF-", 1))
    consent = Consent.objects.in_force(ON).get(operator=world.host.organisation)
    consent_full_pdf(consent.document, details_of(row))
    assert DETAILS.number in printed[0].replace("\xa0", " ")
    assert DETAILS.child_number in printed[0].replace("\xa0", " ")


def test_full_copy_is_opened_by_family_and_home_alone_and_each_reading_is_noted(
    world: World, submitted: Applied
) -> None:
    _, parent = submitted
    consent = Consent.objects.in_force(ON).get(operator=world.host.organisation)
    address = reverse("consent_pdf", args=[consent.pk])
    for who, status in (
        (parent, 200), (world.home.deputy, 200), (world.host.deputy, 404), (world.host.director, 404),
        (world.stranger.deputy, 404),
    ):  # fmt: skip
        assert sign_in(Client(), who).get(address).status_code == status
    assert AuditEntry.objects.filter(verb="consent.read").count() == 2


def test_details_are_asked_once_and_a_change_makes_a_new_version(world: World) -> None:
    child = world.child()
    application, parent = world.prepared(child=child)
    other = world.course_of_host(programme__title="Химия")
    again, _ = world.drafted(other, child=child)
    assert details_row(again) == details_row(application)
    draft = Consent.objects.get(operator=world.host.organisation, application=application)
    changed = replace(DETAILS, address="г. Заречный, ул. Новая, д. 1")
    services.family_details_keep(actor=parent, application=application, details=changed, at=AT)
    services.consents_prepare(actor=parent, application=application, at=AT)
    draft.refresh_from_db()
    assert (current_version(draft.document).no, draft.agreed_at) == (2, None)


def test_without_details_there_is_no_consent(world: World, drafted: Applied) -> None:
    application, parent = drafted
    with pytest.raises(RuleError, match="нужны адрес и документ"):
        services.consents_prepare(actor=parent, application=application, at=AT)


def test_nothing_is_ticked_beforehand_and_a_missing_consent_is_named(world: World, prepared: Applied) -> None:
    application, parent = prepared
    services.consents_mark(actor=parent, application=application, operator_ids=[], at=AT)
    assert [need.ticked for need in consents_needed(application, ON)] == [False, False]
    tick(application, parent, world.home.organisation)
    with pytest.raises(RuleError, match="Нет согласия на обработку данных: МАОУ гимназия № 40"):
        submit(application, parent)
    assert not Consent.objects.in_force(ON).exists()


def test_consent_for_a_foreign_operator_is_refused(world: World, prepared: Applied) -> None:
    application, parent = prepared
    with pytest.raises(RuleError, match="нужны другие согласия"):
        tick(application, parent, world.stranger.organisation)


def test_wrong_code_signs_none_of_the_papers(world: World, prepared: Applied) -> None:
    application, parent = prepared
    proof = proof_of(parent.user, application.sheet, at=AT)
    with pytest.raises(RuleError, match="Код неверен"):
        services.application_submit(
            actor=parent,
            application=application,
            version_sha256=current_version(application.sheet).sha256,
            proof=replace(proof, code="000000"),
            at=AT,
        )
    assert not Signature.objects.exists()
    assert not Consent.objects.in_force(ON).exists()


def test_code_for_one_paper_does_not_sign_the_others(world: World, prepared: Applied) -> None:
    application, parent = prepared
    proof = proof_of(parent.user, application.prepared, at=AT)
    with pytest.raises(StaleError):
        services.application_submit(
            actor=parent,
            application=application,
            version_sha256=current_version(application.prepared).sha256,
            proof=proof,
            at=AT,
        )
    assert not Signature.objects.exists()


def test_withdrawn_at_once_told_to_both_schools_and_given_again(world: World, submitted: Applied) -> None:
    application, parent = submitted
    consent = Consent.objects.in_force(ON).get(operator=world.host.organisation)
    page = sign_in(Client(), parent).get(reverse("consent_withdraw", args=[consent.pk])).content.decode()
    assert "нельзя включить в\xa0список" in page or "нельзя включить в список" in page
    services.consent_withdraw(actor=parent, consent=consent, at=AT)
    with pytest.raises(StaleError):
        services.consent_withdraw(actor=parent, consent=consent, at=AT)
    assert [need.given is None for need in consents_needed(application, ON)] == [False, True]
    for who in (world.home.deputy, world.host.deputy):
        assert Notice.objects.filter(user=who.user, text__startswith="Отозвано согласие").exists()
    given = give_consents(application, parent, world.host.organisation)
    assert [one.operator for one in given] == [world.host.organisation]
    assert [need.given is None for need in consents_needed(application, ON)] == [False, False]
    application.refresh_from_db()
    assert application.state == ApplicationState.REGISTERED


def test_consent_of_last_year_is_no_longer_in_force(world: World, submitted: Applied) -> None:
    application, _ = submitted
    assert [need.given is None for need in consents_needed(application, ON.replace(year=2027, month=9, day=1))] == [
        True, True,
    ]  # fmt: skip


def test_consent_withdrawn_between_list_and_order_stops_the_order(
    world: World,
    accepted: Applied,
) -> None:
    application, parent = accepted
    request = world.sent(application)
    world.accept_line(request.lines.get())
    order = world.order(request)
    services.consent_withdraw(
        actor=parent, consent=Consent.objects.in_force(ON).get(operator=world.host.organisation), at=AT
    )
    with pytest.raises(RuleError, match="МАОУ гимназия № 40"):
        world.sign_order(order)
    assert request.lines.get().decision == LineDecision.ACCEPTED


def test_since_when_a_host_lacks_the_consent_for_something_new(world: World) -> None:
    """The journal asks this for the day of a lesson: the home's consent and an older, ended one do not count (I-4)."""
    group = StudyGroupFactory(course=world.course, capacity=9)
    studies = [EnrolmentFactory(group=group, student=world.child()[0]) for _ in range(4)]
    host, day = world.host.organisation, AT.date()
    withdrawn, renewed, at_home, expired = (one.student for one in studies)
    ConsentFactory(student=withdrawn, operator=host, withdrawn_at=AT)
    ConsentFactory(student=renewed, operator=host, withdrawn_at=AT)
    ConsentFactory(student=renewed, operator=host, given_at=AT + timedelta(days=3))
    ConsentFactory(student=at_home, withdrawn_at=AT)
    ConsentFactory(student=at_home, operator=host)
    ConsentFactory(student=expired, operator=host, date_to=day + timedelta(days=1))
    assert consent_missing_since(studies, day) == {}  # what was taught that day is still recorded
    tomorrow, later = day + timedelta(days=1), day + timedelta(days=2)
    assert consent_missing_since(studies, tomorrow) == {studies[0].pk: tomorrow, studies[1].pk: tomorrow}
    since = {studies[0].pk: tomorrow, studies[1].pk: tomorrow, studies[3].pk: later}
    assert consent_missing_since(studies, later) == since
    del since[studies[1].pk]
    with CaptureQueriesContext(connection) as queries:
        assert consent_missing_since(studies, day + timedelta(days=3)) == since
    assert len(queries) == 1
