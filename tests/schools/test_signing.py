"""Agreements T24 on their pages, signatures on paper under an agreement of schools, powers of attorney, reminders."""

from __future__ import annotations

import io
from datetime import date, timedelta
from html import unescape

import pikepdf
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from network_portal.common.errors import RuleError
from network_portal.documents import rendering
from network_portal.documents.enums import SignatureKind
from network_portal.documents.models import Signature, SigningAgreement
from network_portal.documents.proofs import SignedElsewhere
from network_portal.documents.selectors import current_version, next_slot, signing_agreement_of
from network_portal.documents.services import document_revise, signature_remind
from network_portal.documents.signing import link_token
from network_portal.documents.uploads import Upload
from schools.access import people_to_agree_for
from schools.enums import AgreementState, BasisKind, DutyKind
from schools.models import Agreement
from schools.services import agreement_send, agreement_sign, amendment_signers, basis_end, basis_enter
from schools.services.duties import duty_end
from tests.factories.accounts import UserFactory
from tests.factories.documents import may_sign
from tests.factories.schools import DutyFactory, GuardianClaimFactory, GuardianLinkFactory, acting_as, sign_in
from tests.schools.conftest import World
from tests.schools.test_agreements import AT, ON, agree, drafted, sent, sign

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    monkeypatch.setattr(rendering, "render", lambda html: rendering.Pdf(html.encode(), 1))


def scan(name: str = "скан.pdf") -> SimpleUploadedFile:
    made, target = pikepdf.new(), io.BytesIO()
    made.add_blank_page()
    made.save(target)
    return SimpleUploadedFile(name, target.getvalue())


def sent_now(world: World) -> Agreement:
    agreement = agreement_send(actor=acting_as(world.home_deputy), agreement=drafted(world), at=timezone.now())
    return agree(world, agreement)


# --- T24 --------------------------------------------------------------------------------------------------------


def test_only_verified_parents_and_people_in_office_of_the_own_school_are_listed(world):
    parent = GuardianLinkFactory(student__home_school=world.home, organisation=world.home).user
    GuardianClaimFactory(organisation=world.home)
    GuardianLinkFactory(student__home_school=world.stranger, organisation=world.stranger)
    DutyFactory(organisation=world.home, date_from=date(2020, 9, 1), date_to=date(2021, 8, 31))
    agreed = DutyFactory(organisation=world.home, kind=DutyKind.CURATOR)
    may_sign(agreed.user, world.home)
    people = people_to_agree_for(acting_as(world.home_deputy), timezone.localdate())
    assert set(people) == {parent, world.home_director.user}


def test_deputy_makes_an_agreement_with_a_parent(world):
    parent = GuardianLinkFactory(student__home_school=world.home, organisation=world.home).user
    client = sign_in(Client(), world.home_deputy)
    answer = client.post(
        reverse("signing_agreement_create", args=[parent.pk]),
        {"kind": "паспорт гражданина Российской Федерации", "number": "5703 123456", "issued": "УВД г. Перми"},
    )
    agreement = SigningAgreement.objects.get()
    assert answer.url == reverse("signing_agreement", args=[agreement.pk])
    assert "5703 123456" in client.get(reverse("signing_agreement_print", args=[agreement.pk])).content.decode()
    day = timezone.localdate().isoformat()
    register = reverse("signing_agreement_register", args=[agreement.pk])
    assert client.post(register, {"on": day, "scan": scan("скан.png")}).status_code == 422
    assert client.post(register, {"on": day, "scan": scan()}).status_code == 302
    assert signing_agreement_of(parent) == agreement
    kept = client.get(reverse("signing_agreement_scan", args=[agreement.pk]))
    assert (kept["Content-Disposition"][:10], kept["X-Content-Type-Options"]) == ("attachment", "nosniff")
    assert kept.content.startswith(b"%PDF")
    for stranger in (world.host_deputy, world.stranger_director):
        answer = sign_in(Client(), stranger).get(reverse("signing_agreement", args=[agreement.pk]))
        assert answer.status_code == 404
    client.post(reverse("signing_agreement_end", args=[agreement.pk]), {"reason": "Заявление родителя"})
    assert signing_agreement_of(parent) is None


def test_nobody_registers_the_own_agreement_or_reads_the_own_passport_there(world):
    director = sign_in(Client(), world.home_director)
    data = {"kind": "паспорт гражданина Российской Федерации", "number": "5703 123456", "issued": "УВД г. Перми"}
    own = world.home_deputy.user
    assert director.post(reverse("signing_agreement_create", args=[own.pk]), data).status_code == 302
    agreement = SigningAgreement.objects.get()
    client = sign_in(Client(), world.home_deputy)
    page = client.get(reverse("signing_agreement", args=[agreement.pk])).content.decode()
    assert "5703 123456" not in page
    register = reverse("signing_agreement_register", args=[agreement.pk])
    assert client.post(register, {"on": "2026-09-02", "scan": scan()}).status_code == 403
    assert client.get(reverse("signing_agreement_create", args=[own.pk])).status_code == 404


# --- paper ------------------------------------------------------------------------------------------------------


def elsewhere(client: Client, agreement: Agreement, **changes):
    assert agreement.document is not None
    version = current_version(agreement.document)
    data = {
        "version_sha256": version.sha256,
        "kind": "hand",
        "signer": "power",
        "signer_name": "Белых Ольга Львовна",
        "power_number": "5",
        "power_issued_on": timezone.localdate().isoformat(),
        "power_valid_until": timezone.localdate().isoformat(),
        "signed_on": timezone.localdate().isoformat(),
        "file": scan(),
        "same": "on",
    }
    data = {name: value for name, value in (data | changes).items() if value is not None}
    return client.post(reverse("paper_sign_elsewhere", args=[agreement.document_id]), data)


def test_clerks_of_both_schools_register_what_their_directors_signed_on_paper(world):
    agreement = sent_now(world)
    assert elsewhere(sign_in(Client(), world.host_deputy), agreement).status_code == 403
    home = sign_in(Client(), world.home_deputy)
    refused = elsewhere(home, agreement, same=None)
    assert (refused.status_code, "Сверьте контрольную сумму" in refused.content.decode()) == (422, True)
    director = world.home_director.user
    assert elsewhere(home, agreement, signer=director.pk).url == reverse("agreement", args=[agreement.pk])
    assert elsewhere(sign_in(Client(), world.host_deputy), agreement).status_code == 302
    agreement.refresh_from_db()
    assert agreement.state == AgreementState.SIGNED
    assert list(Signature.objects.order_by("pk").values_list("kind", "signer", "registered_by")) == [
        ("hand", director.pk, world.home_deputy.user_id),
        ("hand", None, world.host_deputy.user_id),
    ]
    file_pk = Signature.objects.earliest("pk").file_id
    address = reverse("paper_file", args=[agreement.document_id, file_pk])
    assert sign_in(Client(), world.host_director).get(address)["Content-Disposition"][:10] == "attachment"
    assert sign_in(Client(), world.stranger_director).get(address).status_code == 404


def test_paper_is_signed_by_whoever_is_entitled_on_its_day_or_by_a_power_of_attorney_that_is_kept(world):
    agreement = sent_now(world)
    home, today = sign_in(Client(), world.home_deputy), timezone.localdate()
    day = f"{today:%d.%m.%Y}"
    bare = elsewhere(home, agreement, power_number=None, power_issued_on=None, power_valid_until=None)
    assert (bare.status_code, "Укажите номер доверенности" in bare.content.decode()) == (422, True)
    yesterday = (today - timedelta(days=1)).isoformat()
    late = elsewhere(home, agreement, power_issued_on=yesterday, power_valid_until=yesterday)
    assert f"На {day}, когда поставлена подпись, доверенность не действует" in unescape(late.content.decode())
    assert elsewhere(home, agreement, signer=world.host_director.user_id).status_code == 422
    before = elsewhere(home, agreement, signer=world.home_director.user_id, signed_on="2019-09-02")
    assert "На 02.09.2019 этот человек не вправе подписывать" in unescape(before.content.decode())
    assert Signature.objects.count() == 0
    assert elsewhere(home, agreement).status_code == 302
    kept = Signature.objects.get()
    assert (kept.signer, kept.signer_name, kept.basis) == (
        None,
        "Белых Ольга Львовна",
        f"по доверенности №\u00a05 от {day}, действует по {day}",
    )


def test_qualified_signature_needs_the_file_that_was_signed(world):
    agreement = sent_now(world)
    body = bytes.fromhex("06092a864886f70d010702a003020101")
    signature = SimpleUploadedFile("договор.sig", b"\x30" + bytes([len(body)]) + body)
    client = sign_in(Client(), world.home_director)
    answer = elsewhere(client, agreement, kind="qes", file=signature)
    assert (answer.status_code, "без него подпись нельзя проверить" in answer.content.decode()) == (422, True)
    signature.seek(0)
    assert elsewhere(client, agreement, kind="qes", file=signature, original=scan()).status_code == 302
    assert Signature.objects.get().kind == SignatureKind.QUALIFIED
    page = client.get(reverse("paper_signatures", args=[agreement.document_id])).content.decode()
    assert "порталом не проверялась" in page
    sheet = client.get(reverse("paper_signatures_pdf", args=[agreement.document_id])).content.decode()
    assert "порталом не проверялась" in sheet


def test_stale_version_shows_what_changed_on_the_page(world):
    from dataclasses import replace

    from schools.services.agreements import paper_content

    agreement = sent_now(world)
    seen = current_version(agreement.document).sha256
    paper = paper_content(agreement, timezone.now())
    changed = replace(paper, terms=replace(paper.terms, weights="Веса по новому положению"))
    document_revise(document=agreement.document, paper=changed, actor=None, at=timezone.now())
    answer = elsewhere(sign_in(Client(), world.home_deputy), agreement, version_sha256=seen)
    page = unescape(answer.content.decode())
    assert answer.status_code == 409
    assert [text for text in ("Веса работ", "Веса по новому положению") if text not in page] == []


# --- powers of attorney -------------------------------------------------------------------------------------------


def power(world: World, *, until: date = ON + timedelta(days=30)):
    return basis_enter(
        actor=acting_as(world.home_director),
        duty=world.home_deputy,
        kind=BasisKind.POWER,
        number="5",
        issued_on=ON,
        valid_until=until,
        at=AT,
    )


def test_deputy_with_a_power_of_attorney_signs_for_the_director(world):
    agreement = sent(world)
    with pytest.raises(RuleError, match="тот, кому он выдал доверенность"):
        sign(agreement, acting_as(world.home_deputy))
    power(world)
    sign(agreement, acting_as(world.home_deputy))
    signature = Signature.objects.get()
    assert signature.capacity.startswith("заместитель директора")
    assert signature.basis.replace("\u00a0", " ") == "по доверенности № 5 от 01.09.2026, действительной по 01.10.2026"


def test_scan_of_a_deputy_s_signature_names_the_power_of_attorney_of_its_day(world):
    """The person has an account: what the director entered is kept, not what the clerk would type (T06, L-10)."""
    agreement = sent(world)
    power(world, until=ON)
    seen, clerk = current_version(agreement.document).sha256, acting_as(world.home_deputy)

    def on_paper(signer, day: date) -> None:
        proof = SignedElsewhere(
            signer_name=signer.full_name,
            signer=signer,
            signed_on=day,
            file=Upload("скан.pdf", "application/pdf", b"%PDF"),
        )
        agreement_sign(
            actor=clerk, agreement=agreement, version_sha256=seen, proof=proof, at=AT + timedelta(days=2), ip=""
        )

    with pytest.raises(RuleError, match=r"доверенность №.5 истекла 01\.09\.2026"):
        on_paper(world.home_deputy.user, ON + timedelta(days=1))
    with pytest.raises(RuleError, match="не вправе подписывать за школу"):
        on_paper(world.host_director.user, ON)
    on_paper(world.home_deputy.user, ON)
    signature = Signature.objects.get()
    assert (signature.kind, signature.capacity.split()[0], signature.basis.replace("\u00a0", " ")) == (
        "hand",
        "заместитель",
        "по доверенности № 5 от 01.09.2026, действительной по 01.09.2026",
    )


@pytest.mark.parametrize("ended", ["expired", "withdrawn"])
def test_power_of_attorney_that_has_ended_is_refused_with_words(world, ended):
    agreement = sent(world)
    basis = power(world, until=ON)
    if ended == "withdrawn":
        basis_end(actor=acting_as(world.home_director), basis=basis, on=ON, at=AT)
        words = "отменена 01.09.2026"
    else:
        basis.valid_until = basis.issued_on = ON - timedelta(days=1)
        basis.save()
        words = "истекла 31.08.2026"
    with pytest.raises(RuleError, match=words):
        sign(agreement, acting_as(world.home_deputy))


def test_director_signs_by_the_charter(world):
    agreement = sent(world)
    sign(agreement, acting_as(world.home_director))
    assert Signature.objects.get().basis == "на основании устава"


@pytest.mark.parametrize(
    ("kind", "number", "until", "field"),
    [
        (BasisKind.CHARTER, "", None, "kind"),
        (BasisKind.POWER, "5", None, "valid_until"),
        (BasisKind.POWER, " ", ON, "number"),
    ],
)
def test_basis_without_what_it_needs_is_refused(world, kind, number, until, field):
    with pytest.raises(RuleError) as refusal:
        basis_enter(
            actor=acting_as(world.home_director),
            duty=world.home_deputy,
            kind=kind,
            number=number,
            issued_on=ON,
            valid_until=until,
            at=AT,
        )
    assert refusal.value.field == field


def test_director_enters_and_withdraws_a_power_of_attorney_on_the_page(world):
    client, today = sign_in(Client(), world.home_director), timezone.localdate()
    data = {
        "duty": world.home_deputy.pk,
        "kind": "power",
        "number": "7",
        "issued_on": today.isoformat(),
        "valid_until": today.isoformat(),
    }
    assert client.post(reverse("basis_list"), data).status_code == 302
    assert client.post(reverse("basis_list"), data | {"duty": world.host_deputy.pk}).status_code == 422
    basis = world.home_deputy.bases.get()
    assert sign_in(Client(), world.host_director).post(reverse("basis_end", args=[basis.pk])).status_code == 404
    client.post(reverse("basis_end", args=[basis.pk]))
    basis.refresh_from_db()
    assert basis.ended_on == today


def test_amendment_names_who_signed_and_who_replaced_them(world):
    agreement = sent(world)
    sign(agreement, acting_as(world.home_director))
    sign(agreement, acting_as(world.host_director))
    agreement.refresh_from_db()
    assert [place.key for place in amendment_signers(agreement, ON)] == ["home_director", "host_director"]
    later, former = ON + timedelta(days=10), world.home_director.user
    duty_end(actor=acting_as(world.home_director), duty=world.home_director, on=later, at=AT)
    DutyFactory(organisation=world.home, kind=DutyKind.DIRECTOR, date_from=later)
    places = amendment_signers(agreement, later)
    assert [place.key for place in places] == ["home_director", "host_director"]
    assert f"договор подписан: {former.full_name}" in places[0].capacity
    DutyFactory(organisation=world.home, user=former, date_from=later)
    assert [place.key for place in amendment_signers(agreement, later)] == [
        "home_director_first",
        "home_director",
        "host_director",
    ]


# --- reminders --------------------------------------------------------------------------------------------------


def test_reminder_by_the_sender_leads_to_the_page_as_the_right_duty(world):
    agreement = sent_now(world)
    client = sign_in(Client(), world.home_deputy)
    address = reverse("paper_remind", args=[agreement.document_id])
    assert client.post(address).status_code == 302
    page = client.get(reverse("paper_signatures", args=[agreement.document_id])).content.decode()
    assert ("Последнее напоминание" in page, "Напомнить о подписи" in page) == (True, False)
    director = world.home_director.user
    assert director.notices.count() == 2
    other_duty = DutyFactory(user=director, organisation=world.stranger, kind=DutyKind.CURATOR)
    reminder = current_version(agreement.document).reminders.get()
    link = reverse("signing_link", args=[link_token(reminder)])
    at_work = sign_in(Client(), other_duty)
    assert at_work.get(link).url == reverse("agreement", args=[agreement.pk])
    assert at_work.session["acting"] == str(world.home_director.pk)
    assert sign_in(Client(), world.host_director).get(link).status_code == 400
    assert Client().get(link).url.startswith(reverse("account_login"))


def test_no_reminder_of_a_paper_of_another_school(world):
    agreement = sent_now(world)
    for who, status in ((world.stranger_deputy, 404), (DutyFactory(organisation=world.home, kind="curator"), 403)):
        answer = sign_in(Client(), who).post(reverse("paper_remind", args=[agreement.document_id]))
        assert answer.status_code == status


def test_signed_in_form_asks_for_a_code_with_and_without_scripts(world):
    agreement = sent_now(world)
    director = world.home_director
    client = sign_in(Client(), director)
    page = client.get(reverse("agreement", args=[agreement.pk])).content.decode()
    assert "Подписать на портале пока нельзя" in page
    may_sign(director.user, world.home)
    data = {"version_sha256": current_version(agreement.document).sha256, "next": "/home/"}
    assert client.post(reverse("signing_code"), data).url == "/home/"
    answer = client.post(reverse("signing_code"), data, headers={"HX-Request": "true"})
    assert (answer.status_code, "Код уже запрошен" in answer.content.decode()) == (200, True)
    other = client.post(reverse("signing_code"), data | {"next": "https://evil.example/"}, headers={"Referer": ""})
    assert other.status_code == 400


def test_remind_service_needs_a_signature_to_wait_for(world):
    agreement = sent(world)
    sign(agreement, acting_as(world.home_director))
    assert next_slot(agreement.document).key == "host_director"
    with pytest.raises(RuleError, match="Напомнить некому"):
        signature_remind(actor=UserFactory(), document=agreement.document, people=[], url="/x", at=AT)
