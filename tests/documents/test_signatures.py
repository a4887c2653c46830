"""One-time codes, agreements T24, signatures made elsewhere, reminders, and what no raw SQL can change (L-10)."""

from __future__ import annotations

import re
import threading
from dataclasses import replace
from datetime import date, timedelta

import pytest
from django.core import mail
from django.db import DatabaseError, connection, transaction

from network_portal.common.errors import RuleError, StaleError
from network_portal.documents import rendering
from network_portal.documents.enums import DocumentState, SignatureKind
from network_portal.documents.models import Document, KeptFile, Signature, SigningAgreement, SigningCode
from network_portal.documents.proofs import Proof, SignedElsewhere, code_digest
from network_portal.documents.selectors import current_version, next_slot, signature_slots, signing_agreement_of
from network_portal.documents.services import (
    IdentityDocument,
    document_refuse,
    document_register,
    document_revise,
    document_sign,
    file_content,
    signature_remind,
    signing_agreement_end,
    signing_agreement_prepare,
    signing_agreement_print,
    signing_agreement_register,
    signing_code_ask,
    signing_code_keep,
)
from network_portal.documents.signing import code_status, file_of, link_token, mask_email, reminder_of_token
from network_portal.documents.uploads import Upload
from network_portal.outbox.models import OutboxEvent
from network_portal.outbox.services import deliver
from tests.documents.conftest import PASSWORD, organisation
from tests.documents.test_services import sign
from tests.factories.accounts import UserFactory
from tests.factories.documents import AT, ON, SAMPLE, TWO_SLOTS, draft, may_sign, proof_of

pytestmark = pytest.mark.django_db
SCAN = Upload("скан.pdf", "application/pdf", b"%PDF-1.7 scan")
IDENTITY = IdentityDocument("паспорт гражданина Российской Федерации", "5703 123456", "УВД г. Перми 01.02.2020")


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    monkeypatch.setattr(rendering, "render", lambda html: rendering.Pdf(html.encode(), 1))


@pytest.fixture
def document(school, director) -> Document:
    return draft(school, actor=director, signers=TWO_SLOTS)


def by_hand(document, slot, name, *, clerk, signer=None, on=ON, at=AT, sha256=None, **changes):
    signed = SignedElsewhere(signer_name=name, signed_on=on, file=SCAN, signer=signer, **changes)
    sha256 = sha256 or current_version(document).sha256
    return document_sign(document=document, version_sha256=sha256, slot=slot, signer=clerk, proof=signed, at=at)


def send_all(at=AT) -> None:
    for event in OutboxEvent.objects.open():
        deliver(event_id=event.pk, at=at)


# --- the code ---------------------------------------------------------------------------------------------------


@pytest.fixture
def now_is_at(monkeypatch):
    monkeypatch.setattr("network_portal.documents.handlers.timezone.now", lambda: AT)


def test_code_comes_by_letter_and_signs_once(document, director, school, now_is_at):
    may_sign(director, school)
    sha256 = current_version(document).sha256
    asked = signing_code_ask(user=director, version_sha256=sha256, at=AT, ip="10.0.0.7", user_agent="Firefox")
    assert code_status(director, sha256, AT).waiting
    send_all()
    [letter] = mail.outbox
    assert (letter.to, letter.subject) == ([director.email], "Код для подписания документа")
    code = re.search(r"\d{6}", letter.body)[0]
    assert [name for name in (director.last_name, director.first_name, school.short_name) if name in letter.body] == []
    asked.refresh_from_db()
    assert (asked.sent_to, asked.digest) == (director.email, code_digest(director.pk, sha256, code))
    kept = [*OutboxEvent.objects.values_list("payload", "key"), *SigningCode.objects.values_list()]
    assert code not in str(kept)
    status = code_status(director, sha256, AT)
    assert (status.waiting, status.masked, status.valid_until) == (
        False,
        "d…7@school.example",
        AT + timedelta(minutes=10),
    )
    proof = Proof(PASSWORD, code)
    signature = document_sign(
        document=document, version_sha256=sha256, slot="home", signer=director, proof=proof, at=AT, ip="10.0.0.7"
    )
    assert (signature.code, signature.evidence["code_user_agent"], signature.evidence["agreement"]) == (
        asked,
        "Firefox",
        1,
    )
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE documents_signingcode SET used_at = NULL")


def test_code_is_asked_once_a_minute_and_six_times_an_hour(document, director, school):
    may_sign(director, school)
    sha256 = current_version(document).sha256
    signing_code_ask(user=director, version_sha256=sha256, at=AT)
    with pytest.raises(RuleError, match="через 20\u00a0секунд"):
        signing_code_ask(user=director, version_sha256=sha256, at=AT + timedelta(seconds=40))
    for minute in range(1, 6):
        signing_code_ask(user=director, version_sha256=sha256, at=AT + timedelta(minutes=minute))
    with pytest.raises(RuleError, match="не больше 6\u00a0кодов"):
        signing_code_ask(user=director, version_sha256=sha256, at=AT + timedelta(minutes=10))
    signing_code_ask(user=director, version_sha256=sha256, at=AT + timedelta(minutes=61))


def test_code_is_not_sent_without_an_agreement_or_for_what_cannot_be_signed(document, director, school):
    sha256 = current_version(document).sha256
    with pytest.raises(RuleError, match="соглашение о простой электронной подписи"):
        signing_code_ask(user=director, version_sha256=sha256, at=AT)
    may_sign(director, school)
    document_revise(document=document, paper=SAMPLE, actor=director, at=AT)
    with pytest.raises(StaleError, match="уже нельзя подписать"):
        signing_code_ask(user=director, version_sha256="0" * 64, at=AT)
    document_refuse(document=document, slot="home", signer=director, reason="Нет", at=AT)
    with pytest.raises(StaleError, match="уже нельзя подписать"):
        signing_code_ask(user=director, version_sha256=sha256, at=AT)


def test_letter_that_comes_too_late_is_not_sent(document, director, school, monkeypatch):
    may_sign(director, school)
    signing_code_ask(user=director, version_sha256=current_version(document).sha256, at=AT)
    monkeypatch.setattr("network_portal.documents.handlers.timezone.now", lambda: AT + timedelta(minutes=11))
    send_all()
    assert mail.outbox == []


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (lambda d, o, other: {"version_sha256": current_version(other).sha256}, "Запросите код"),
        (lambda d, o, other: {"user": o}, "Запросите код"),
        (lambda d, o, other: {"at": AT - timedelta(minutes=10)}, "Запросите код"),
        (lambda d, o, other: {"code": "000000"}, "Код неверен"),
    ],
)
def test_code_of_another_version_or_person_or_an_old_or_wrong_one_is_refused(
    document, director, other_director, school, spoil, words
):
    other = draft(school, signers=TWO_SLOTS, hours=99)
    may_sign(director, school)
    sent = {"user": director, "version_sha256": current_version(document).sha256, "code": "271828", "at": AT}
    signing_code_keep(**sent | spoil(director, other_director, other))
    with pytest.raises(RuleError, match=words) as refusal, transaction.atomic():
        document_sign(
            document=document,
            version_sha256=sent["version_sha256"],
            slot="home",
            signer=director,
            proof=Proof(PASSWORD, "271828"),
            at=AT,
        )
    assert refusal.value.field == "code"


@pytest.mark.parametrize(
    ("address", "masked"), [("ivanov@school.example", "i…v@school.example"), ("ab@x.ru", "a…@x.ru")]
)
def test_address_is_masked(address, masked):
    assert mask_email(address) == masked


# --- the agreement T24 --------------------------------------------------------------------------------------------


def prepared(director, school, user) -> SigningAgreement:
    return signing_agreement_prepare(
        actor=director,
        capacity="директор МАОУ СОШ № 7",
        organisation=school,
        user=user,
        identity=IDENTITY,
        portal="https://portal.example",
        on=ON,
        at=AT,
    )


def test_agreement_is_prepared_printed_registered_and_ended(director, school):
    user = UserFactory()
    agreement = prepared(director, school, user)
    assert signing_agreement_of(user) is None
    assert "5703 123456" in signing_agreement_print(agreement).decode()
    done = signing_agreement_register(actor=director, agreement=agreement, scan=SCAN, on=ON, at=AT)
    assert signing_agreement_of(user) == done
    version = current_version(done.document)
    assert list(version.signatures.values_list("slot", "kind", "signer_name").order_by("slot")) == [
        ("person", "hand", user.full_name),
        ("school", "hand", director.full_name),
    ]
    assert "456" in version.content
    signing_agreement_end(actor=director, agreement=done, reason="Заявление от 02.09.2026", at=AT)
    assert (signing_agreement_of(user), done.document.state) == (None, DocumentState.IN_FORCE)
    assert Document.objects.get(pk=done.document_id).state == DocumentState.CANCELLED


def test_number_of_the_passport_is_nowhere_in_the_open(director, school):
    agreement = prepared(director, school, UserFactory())
    signing_agreement_register(
        actor=director, agreement=agreement, scan=Upload("с.pdf", "application/pdf", b"%PDF 5703 123456"), on=ON, at=AT
    )
    with connection.cursor() as cursor:
        found = []
        for table in ("documentversion", "signingagreement", "keptfile", "registeredpdf", "signature"):
            cursor.execute(f"SELECT * FROM documents_{table}")
            found += [
                table
                for row in cursor.fetchall()
                if any("123456" in (bytes(v).decode("latin1") if isinstance(v, memoryview) else str(v)) for v in row)
            ]
    assert found == []
    kept = KeptFile.objects.get()
    assert (kept.sealed, file_content(kept)) == (True, b"%PDF 5703 123456")


def test_nobody_makes_the_own_agreement_or_a_second_one(director, other_director, school):
    with pytest.raises(RuleError, match="самому себе"):
        prepared(director, school, director)
    agreement = prepared(other_director, school, director)
    with pytest.raises(RuleError, match="уже подготовлено"):
        prepared(other_director, school, director)
    with pytest.raises(RuleError, match="другой сотрудник"):
        signing_agreement_register(actor=director, agreement=agreement, scan=SCAN, on=ON, at=AT)
    for day in (ON - timedelta(days=1), ON + timedelta(days=1)):
        with pytest.raises(RuleError, match="Дата на бумаге"):
            signing_agreement_register(actor=other_director, agreement=agreement, scan=SCAN, on=day, at=AT)
    signing_agreement_register(actor=other_director, agreement=agreement, scan=SCAN, on=ON, at=AT)
    with pytest.raises(RuleError, match="действует"):
        prepared(other_director, school, director)
    with pytest.raises(StaleError):
        signing_agreement_register(actor=other_director, agreement=agreement, scan=SCAN, on=ON, at=AT)


def test_ended_agreement_closes_the_door_at_once(document, director, school):
    proof = proof_of(director, document, at=AT)
    signing_agreement_end(actor=director, agreement=signing_agreement_of(director), reason="Пароль известен", at=AT)
    with pytest.raises(RuleError, match="соглашение о простой электронной подписи"):
        document_sign(
            document=document,
            version_sha256=current_version(document).sha256,
            slot="home",
            signer=director,
            proof=proof,
            at=AT,
        )


# --- signatures made elsewhere --------------------------------------------------------------------------------------


def test_paper_signed_by_hand_and_electronically_is_registered(document, director, other_director, school):
    clerk = UserFactory()
    first = by_hand(document, "home", "Белых Ольга  Львовна", clerk=clerk)
    assert (first.signer, first.signer_name, first.registered_by, first.kind) == (
        None,
        "Белых Ольга Львовна",
        clerk,
        SignatureKind.HAND,
    )
    assert [slot.signed for slot in signature_slots(document)] == [True, False]
    sign(document, "host", other_director)
    done = document_register(document=document, on=ON, at=AT)
    page = rendering.page_of(done, current_version(done)).replace("\u00a0", " ")
    sha16 = current_version(done).sha256[:16]
    assert (
        "Подписано собственноручно: Белых Ольга Львовна, директор МАОУ СОШ № 7, 02.09.2026, "
        f"скан зарегистрирован 02.09.2026 16:45 (UTC+3), контрольная сумма документа {sha16}"
    ) in page
    assert file_content(file_of(done, first.file_id)) == SCAN.content
    assert file_of(draft(school), first.file_id) is None


def test_qualified_signature_is_kept_byte_for_byte_and_says_that_nobody_checked_it(document, director):
    original = Upload("договор.pdf", "application/pdf", b"%PDF signed")
    signature = by_hand(
        document, "home", director.full_name, clerk=UserFactory(), signer=director, kind=SignatureKind.QUALIFIED,
        original=original,
    )  # fmt: skip
    assert file_content(signature.original) == b"%PDF signed"
    text = rendering.mark_text(signature, current_version(document))
    assert "не\u00a0проверялся порталом" in text or "не проверялся порталом" in text


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"name": "Белых"}, "signer_name"),
        ({"on": date(2026, 9, 1)}, "signed_on"),
        ({"on": date(2026, 9, 3)}, "signed_on"),
    ],
)
def test_paper_signature_with_a_wrong_name_or_day_is_refused(document, changes, field):
    values = {"name": "Белых Ольга", "on": ON} | changes
    with pytest.raises(RuleError) as refusal:
        by_hand(document, "home", values["name"], clerk=UserFactory(), on=values["on"])
    assert refusal.value.field == field


def test_one_person_does_not_sign_two_places_in_two_ways(document, director):
    sign(document, "home", director)
    with pytest.raises(RuleError, match="уже подписал"):
        by_hand(document, "host", director.full_name.upper(), clerk=UserFactory())
    with pytest.raises(RuleError, match="уже подписал"):
        by_hand(document, "host", "Другая Фамилия", clerk=UserFactory(), signer=director)


def test_paper_of_an_older_version_is_refused_and_shows_what_changed(document, director, school):
    seen = current_version(document).sha256
    document_revise(document=document, paper=replace(SAMPLE, hours=68), actor=director, at=AT)
    with pytest.raises(StaleError) as refusal:
        by_hand(document, "home", "Белых Ольга", clerk=UserFactory(), sha256=seen)
    assert [(change.label, change.before, change.after) for change in refusal.value.differences] == [
        ("Часов", "34", "68")
    ]


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE documents_signature SET signer_name = 'x'",
        "DELETE FROM documents_signature",
        "UPDATE documents_keptfile SET content = ''",
        "DELETE FROM documents_keptfile",
        "UPDATE documents_refusal SET reason = 'x'",
        "DELETE FROM documents_refusal",
        "UPDATE documents_reminder SET at = now()",
        "DELETE FROM documents_signingagreement",
        "UPDATE documents_signingagreement SET identity_sealed = ''",
        "UPDATE documents_signingagreement SET user_id = checked_by_id",
        "UPDATE documents_signingagreement SET scan_id = (SELECT max(id) FROM documents_keptfile)",
        "DELETE FROM documents_signingcode",
    ],
)
def test_raw_sql_cannot_change_what_proves_a_signature(document, director, other_director, school, statement):
    agreement = prepared(other_director, school, director)
    signing_agreement_register(actor=other_director, agreement=agreement, scan=SCAN, on=ON, at=AT)
    proof_of(director, document, at=AT)
    signature_remind(actor=other_director, document=document, people=[director], url="/x", at=AT)
    by_hand(document, "home", "Белых Ольга", clerk=other_director)
    document_refuse(document=document, slot="host", signer=other_director, reason="Нет", at=AT)
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


# --- reminders --------------------------------------------------------------------------------------------------


def test_reminder_goes_to_whose_turn_it_is_no_oftener_than_daily(document, director, other_director):
    [reminder] = signature_remind(
        actor=other_director, document=document, people=[director], url="/agreements/1/", at=AT
    )
    send_all()
    [letter] = mail.outbox
    assert letter.to == [director.email]
    token = re.search(r"/signing/link/([^/]+)/", letter.body)[1]
    assert reminder_of_token(token) == reminder
    assert reminder_of_token(token[:-2]) is None
    with pytest.raises(RuleError, match="через 1\u00a0час"):
        signature_remind(
            actor=other_director, document=document, people=[director], url="/x", at=AT + timedelta(hours=23)
        )
    signature_remind(actor=other_director, document=document, people=[director], url="/x", at=AT + timedelta(hours=24))


def test_reminder_needs_someone_who_can_sign(document, director):
    with pytest.raises(RuleError, match="Напомнить некому"):
        signature_remind(actor=director, document=document, people=[director], url="/x", at=AT)
    document_refuse(document=document, slot="home", signer=director, reason="Нет", at=AT)
    with pytest.raises(RuleError, match="никто не ждёт"):
        signature_remind(actor=director, document=document, people=[director], url="/x", at=AT)


def test_reminder_of_a_signature_given_meanwhile_is_not_sent(document, director, other_director):
    [reminder] = signature_remind(actor=other_director, document=document, people=[director], url="/x", at=AT)
    sign(document, "home", director)
    send_all()
    assert (mail.outbox, link_token(reminder) != "") == ([], True)


# --- at once ------------------------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_hand_and_electronic_signature_at_once_leave_one():
    school = organisation(7)
    one, clerk = UserFactory(), UserFactory()
    document = draft(school, signers=TWO_SLOTS)
    proof = proof_of(one, document, at=AT)
    sha256 = current_version(document).sha256
    paper = SignedElsewhere(signer_name="Белых Ольга", signed_on=ON, file=SCAN)
    barrier, outcomes = threading.Barrier(2, timeout=60), []

    def run(signer, how):
        barrier.wait()
        try:
            document_sign(document=document, version_sha256=sha256, slot="home", signer=signer, proof=how, at=AT)
            outcomes.append("signed")
        except RuleError:
            outcomes.append("refused")
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=pair) for pair in ((one, proof), (clerk, paper))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["refused", "signed"]
    assert (Signature.objects.count(), next_slot(document).key) == (1, "host")


@pytest.mark.django_db(transaction=True)
def test_two_requests_for_a_code_at_once_give_one():
    school = organisation(7)
    user = UserFactory()
    may_sign(user, school)
    sha256 = current_version(draft(school, signers=TWO_SLOTS)).sha256
    barrier, outcomes = threading.Barrier(2, timeout=60), []

    def run():
        barrier.wait()
        try:
            signing_code_ask(user=user, version_sha256=sha256, at=AT)
            outcomes.append("asked")
        except RuleError:
            outcomes.append("refused")
        finally:
            connection.close()

    threads = [threading.Thread(target=run) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["asked", "refused"]
