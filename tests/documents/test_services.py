"""Signing, refusing and registering: what is allowed, what is refused, and what no raw SQL can change."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import date, timedelta

import pytest
from django.db import DatabaseError, connection, transaction

from network_portal.audit.models import AuditEntry
from network_portal.common.errors import RuleError, StaleError
from network_portal.documents import rendering
from network_portal.documents.enums import DOCUMENT_TRANSITIONS, DocumentState
from network_portal.documents.models import Document, RegisterCounter, Signature
from network_portal.documents.selectors import current_version, next_slot, refusal_of, signature_slots
from network_portal.documents.services import (
    document_cancel,
    document_draft,
    document_issue,
    document_refuse,
    document_register,
    document_revise,
    document_sign,
)
from tests.documents.conftest import PASSWORD, organisation
from tests.factories.documents import AT, ON, SAMPLE, TWO_SLOTS, draft, may_sign, proof_of

pytestmark = pytest.mark.django_db


def sign(document, slot, signer, *, password=PASSWORD, at=AT, sha256=None):
    proof = proof_of(signer, document, at=at, password=password)
    sha256 = sha256 or current_version(document).sha256
    return document_sign(
        document=document, version_sha256=sha256, slot=slot, signer=signer, proof=proof, at=at, ip="10.0.0.7"
    )


@pytest.fixture
def quick(monkeypatch):
    """Spare the time of rendering where the file does not matter."""
    monkeypatch.setattr(rendering, "render", lambda html: rendering.Pdf(html.encode(), 1))


@pytest.fixture
def document(school, director) -> Document:
    return draft(school, actor=director, signers=TWO_SLOTS)


def test_every_state_has_a_row_of_transitions():
    assert set(DOCUMENT_TRANSITIONS) == set(DocumentState)
    assert {state for row in DOCUMENT_TRANSITIONS.values() for state in row} <= set(DocumentState)


# --- signing ----------------------------------------------------------------------------------------------------


def test_two_directors_sign_in_turn_and_the_paper_is_registered(document, director, other_director, school, quick):
    assert next_slot(document).key == "home"
    first = sign(document, "home", director)
    document.refresh_from_db()
    assert document.state == DocumentState.SIGNING
    assert [(slot.key, slot.signed) for slot in signature_slots(document)] == [("home", True), ("host", False)]
    assert first.evidence == {
        "method": "password and code",
        "agreement": 1,
        "agreement_date": "02.09.2026",
        "code_asked_at": AT.isoformat(),
        "code_sent_at": AT.isoformat(),
        "code_sent_to": "director7@school.example",
        "code_user_agent": "",
        "user_agent": "",
        "ip": "10.0.0.7",
        "login": "director7@school.example",
        "sha256": current_version(document).sha256,
        "signs_as": "О.\u00a0Л.\u00a0Белых",
    }
    sign(document, "host", other_director)
    registered = document_register(document=document, on=ON, at=AT, actor=other_director)
    assert (registered.state, registered.number, registered.year, registered.registered_on) == (
        DocumentState.IN_FORCE,
        1,
        2026,
        ON,
    )
    assert registered.file_name == "TEST-2026-000001.pdf"
    verbs = AuditEntry.objects.order_by("pk").values_list("verb", flat=True)
    assert list(verbs) == ["document.drafted", "document.signed", "document.signed", "document.registered"]


def test_stale_version_is_refused_with_both_numbers(document, director):
    seen = current_version(document).sha256
    document_revise(document=document, paper=replace(SAMPLE, hours=68), actor=director, at=AT)
    with pytest.raises(StaleError) as refused:
        sign(document, "home", director, sha256=seen)
    assert refused.value.message == (
        "Документ изменился: вы открывали редакцию 1, сейчас действует редакция 2. "
        "Откройте её и прочтите, прежде чем подписывать."
    )
    assert Signature.objects.count() == 0


def test_signatures_of_an_older_version_no_longer_count(document, director, other_director):
    sign(document, "home", director)
    document_revise(document=document, paper=replace(SAMPLE, hours=68), actor=director, at=AT)
    document.refresh_from_db()
    assert document.state == DocumentState.DRAFT
    assert next_slot(document).key == "home"
    assert Signature.objects.count() == 1
    with pytest.raises(RuleError) as refused:
        sign(document, "host", other_director)
    assert refused.value.message == "Сначала документ подписывает директор МАОУ СОШ № 7."


def test_signing_out_of_turn_is_refused(document, other_director):
    with pytest.raises(RuleError, match="Сначала документ подписывает"):
        sign(document, "host", other_director)


def test_signing_a_signed_place_is_refused(document, director, other_director):
    sign(document, "home", director)
    with pytest.raises(RuleError, match="Эта подпись уже поставлена"):
        sign(document, "home", other_director)


def test_one_person_cannot_sign_two_places(document, director):
    sign(document, "home", director)
    with pytest.raises(RuleError, match="Вы уже подписали этот документ"):
        sign(document, "host", director)


def test_unknown_place_is_refused(document, director):
    with pytest.raises(RuleError):
        sign(document, "minister", director)
    with pytest.raises(RuleError, match="нет такого места"):
        document_refuse(document=document, slot="minister", signer=director, reason="Нет", at=AT)


# --- password ---------------------------------------------------------------------------------------------------


def test_wrong_password_is_refused_on_its_field(document, director):
    with pytest.raises(RuleError, match="Пароль неверен") as refused:
        sign(document, "home", director, password="не тот")
    assert refused.value.field == "password"
    assert Signature.objects.count() == 0


def test_five_wrong_passwords_close_the_door_although_each_was_rolled_back(document, director):
    for minute in range(5):
        with pytest.raises(RuleError, match="Пароль неверен"), transaction.atomic():
            sign(document, "home", director, password="не тот", at=AT + timedelta(minutes=minute))
    with pytest.raises(RuleError) as refused:
        sign(document, "home", director, at=AT + timedelta(minutes=5))
    assert (
        refused.value.message
        == "Слишком много неверных паролей или кодов. Подпись можно поставить через 10\u00a0минут."
    )
    assert refused.value.field == "password"
    assert sign(document, "home", director, at=AT + timedelta(minutes=15)).slot == "home"


def test_right_password_forgets_the_wrong_ones(document, director, school):
    for _ in range(4):
        with pytest.raises(RuleError):
            sign(document, "home", director, password="не тот")
    sign(document, "home", director)
    second = draft(school, signers=TWO_SLOTS)
    with pytest.raises(RuleError, match="Пароль неверен"):
        sign(second, "home", director, password="не тот")
    sign(second, "home", director)


# --- refusal ----------------------------------------------------------------------------------------------------


def test_refusal_returns_to_draft_and_keeps_the_reason(document, director, other_director):
    sign(document, "home", director)
    document_refuse(document=document, slot="host", signer=other_director, reason=" Часов мало ", at=AT)
    document.refresh_from_db()
    assert document.state == DocumentState.DRAFT
    assert (refusal_of(document).reason, refusal_of(document).capacity) == (
        "Часов мало",
        "директор МАОУ гимназии № 40",
    )
    assert next_slot(document) is None
    for refused_act in (
        lambda: sign(document, "host", other_director),
        lambda: document_refuse(document=document, slot="host", signer=other_director, reason="Ещё раз", at=AT),
        lambda: document_register(document=document, on=ON, at=AT),
    ):
        with pytest.raises(RuleError, match="отказано"):
            refused_act()
    document_revise(document=document, paper=replace(SAMPLE, hours=68), actor=director, at=AT)
    assert refusal_of(document) is None
    assert next_slot(document).key == "home"


def test_refusal_needs_a_reason(document, director):
    with pytest.raises(RuleError) as refused:
        document_refuse(document=document, slot="home", signer=director, reason="  ", at=AT)
    assert refused.value.field == "reason"


def test_signed_place_cannot_be_refused(document, director):
    sign(document, "home", director)
    with pytest.raises(RuleError, match="уже поставлена"):
        document_refuse(document=document, slot="home", signer=director, reason="Передумал", at=AT)


# --- registration -----------------------------------------------------------------------------------------------


def test_registration_waits_for_every_signature(document, director, quick):
    sign(document, "home", director)
    with pytest.raises(RuleError) as refused:
        document_register(document=document, on=ON, at=AT)
    assert refused.value.message == "Документ ещё не подписан: директор МАОУ гимназии № 40."
    assert RegisterCounter.objects.count() == 0


def test_registers_count_by_organisation_kind_and_year(school, other_school, quick):
    def issue(owner, on):
        return document_issue(actor=None, organisation=owner, paper=SAMPLE, on=on, at=AT).number

    numbers = [issue(school, ON), issue(school, ON), issue(other_school, ON), issue(school, date(2027, 1, 11))]
    assert numbers == [1, 2, 1, 1]


def test_registering_twice_is_refused(school, quick):
    document = document_issue(actor=None, organisation=school, paper=SAMPLE, on=ON, at=AT)
    for act in (
        lambda: document_register(document=document, on=ON, at=AT),
        lambda: document_revise(document=document, paper=SAMPLE, actor=None, at=AT),
    ):
        with pytest.raises(StaleError, match="уже зарегистрирован"):
            act()


def test_replacing_paper_ends_the_old_one_at_its_registration(school, quick):
    old = document_issue(actor=None, organisation=school, paper=SAMPLE, on=ON, at=AT)
    new = document_draft(actor=None, organisation=school, paper=replace(SAMPLE, hours=35), replaces=old, at=AT)
    old.refresh_from_db()
    assert old.state == DocumentState.IN_FORCE
    document_register(document=new, on=ON, at=AT)
    old.refresh_from_db()
    assert (old.state, old.number) == (DocumentState.REPLACED, 1)


def test_cancelled_paper_keeps_its_number(school, director, quick):
    document = document_issue(actor=None, organisation=school, paper=SAMPLE, on=ON, at=AT)
    document_cancel(document=document, actor=director, reason="Издан по ошибке", at=AT)
    document.refresh_from_db()
    assert (document.state, document.number) == (DocumentState.CANCELLED, 1)
    with pytest.raises(StaleError):
        document_cancel(document=document, actor=director, reason="Ещё раз", at=AT)


# --- immutability -----------------------------------------------------------------------------------------------


@pytest.fixture
def registered(document, director, other_director, quick) -> Document:
    sign(document, "home", director)
    sign(document, "host", other_director)
    return document_register(document=document, on=ON, at=AT)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE documents_documentversion SET content = '{}'",
        "DELETE FROM documents_documentversion",
        "UPDATE documents_signature SET capacity = 'сторож'",
        "DELETE FROM documents_signature",
        "UPDATE documents_registeredpdf SET pages = 2",
        "DELETE FROM documents_registeredpdf",
        "UPDATE documents_document SET number = 7",
        "UPDATE documents_document SET year = 2025",
        "UPDATE documents_document SET registered_on = '2026-01-01'",
        "UPDATE documents_document SET kind = 'T01'",
        "UPDATE documents_document SET check_code = 'X'",
        "UPDATE documents_document SET title = 'Другой'",
        "UPDATE documents_document SET state = 'draft'",
        "UPDATE documents_document SET state = 'registered'",
        "UPDATE documents_document SET effective_from = '2020-01-01'",
        "UPDATE documents_document SET effective_to = '2030-01-01'",
        "UPDATE documents_document SET replaces_id = id",
        "UPDATE audit_auditentry SET sentence = 'Ничего не было'",
        "DELETE FROM audit_auditentry",
        "DELETE FROM documents_document",
    ],
)
def test_raw_sql_cannot_change_what_is_signed_or_registered(registered, statement):
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


def test_raw_sql_cannot_move_a_paper_to_another_school(registered, other_school):
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE documents_document SET organisation_id = %s", [other_school.pk])


# --- races ------------------------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_two_people_at_one_place_at_once_leave_one_signature(director, other_director):
    document = draft(organisation(7), signers=TWO_SLOTS[:1])
    for signer in (director, other_director):
        may_sign(signer, document.organisation)
    start = threading.Barrier(2, timeout=60)
    answers: list[str] = []

    def work(signer) -> None:
        start.wait()
        try:
            sign(document, "home", signer)
            answers.append("подписано")
        except RuleError as refused:
            answers.append(refused.message)
        finally:
            connection.close()

    threads = [threading.Thread(target=work, args=[signer]) for signer in (director, other_director)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers) == ["Эта подпись уже поставлена.", "подписано"]
    assert Signature.objects.count() == 1
