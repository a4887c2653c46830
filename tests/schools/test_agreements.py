"""The agreement of two schools: drafts, two signatures, refusal, stale versions, its end, and who sees it."""

from __future__ import annotations

from dataclasses import asdict, replace
from datetime import UTC, date, datetime

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from network_portal.audit.selectors import history_of
from network_portal.common.errors import RuleError, StaleError
from network_portal.documents.enums import DocumentState
from network_portal.documents.selectors import current_version, signature_slots
from network_portal.documents.services import document_pdf
from network_portal.notices.selectors import notices_of
from schools.access import students_for
from schools.acting import Acting
from schools.agreements import agreement_in_force, agreement_status, paper_to_sign
from schools.enums import AgreementState, DutyKind
from schools.models import Agreement
from schools.selectors import tasks_for
from schools.services import (
    agreement_agree,
    agreement_create,
    agreement_edit,
    agreement_end,
    agreement_refuse,
    agreement_resume,
    agreement_send,
    agreement_sign,
    agreement_suspend,
)
from tests.factories.accounts import PASSWORD
from tests.factories.documents import proof_of
from tests.factories.schools import (
    TERMS,
    AgreementFactory,
    DutyFactory,
    MembershipFactory,
    SchoolClassFactory,
    StudentFactory,
    acting_as,
    sign_in,
    terms_data,
)
from tests.schools.conftest import World

AT = datetime(2026, 9, 1, 9, 0, tzinfo=UTC)
ON = date(2026, 9, 1)


def drafted(world: World) -> Agreement:
    return agreement_create(actor=acting_as(world.home_deputy), host=world.host, terms=TERMS, at=AT)


def reviewed(world: World) -> Agreement:
    return agreement_send(actor=acting_as(world.home_deputy), agreement=drafted(world), at=AT)


def agree(world: World, agreement: Agreement) -> Agreement:
    sha256 = current_version(agreement.document).sha256
    return agreement_agree(actor=acting_as(world.host_deputy), agreement=agreement, version_sha256=sha256, at=AT)


def sent(world: World) -> Agreement:
    return agree(world, reviewed(world))


def sign(agreement: Agreement, actor: Acting, sha256: str | None = None, password: str = PASSWORD) -> Agreement:
    agreement.refresh_from_db()
    paper = paper_to_sign(agreement) or agreement.document
    assert paper is not None
    seen = sha256 or current_version(paper).sha256
    proof = proof_of(actor.user, paper, at=AT, password=password)
    return agreement_sign(actor=actor, agreement=agreement, version_sha256=seen, proof=proof, at=AT)


def signed(world: World) -> Agreement:
    agreement = sent(world)
    sign(agreement, acting_as(world.home_director))
    return sign(agreement, acting_as(world.host_director))


def test_agreement_is_registered_and_in_force_after_both_signatures(world: World) -> None:
    agreement = sent(world)
    sign(agreement, acting_as(world.home_director))
    assert agreement_in_force(home=world.home, host=world.host, on=ON) is None

    done = sign(agreement, acting_as(world.host_director))

    assert done.state == AgreementState.SIGNED
    assert done.document is not None
    assert (done.document.organisation, done.document.number, done.document.registered_on) == (world.home, 1, ON)
    assert document_pdf(done.document)[:5] == b"%PDF-"
    assert agreement_in_force(home=world.home, host=world.host, on=ON) == done
    assert agreement_in_force(home=world.host, host=world.home, on=ON) is None


@pytest.mark.parametrize(
    ("on", "words", "in_force"),
    [
        (date(2026, 8, 31), "подписан, вступит в силу 1\u00a0сентября 2026\u00a0г.", False),
        (date(2026, 9, 1), "подписан, действует", True),
        (date(2027, 8, 31), "подписан, действует", True),
        (date(2027, 9, 1), "истёк", False),
    ],
)
def test_agreement_is_in_force_only_within_its_term(world: World, on: date, words: str, in_force: bool) -> None:
    agreement = AgreementFactory(
        network=world.network, home=world.home, host=world.host, date_from=date(2026, 9, 1), date_to=date(2027, 8, 31)
    )
    assert agreement_status(agreement, on).label == words
    assert agreement_in_force(home=world.home, host=world.host, on=on) == (agreement if in_force else None)


def test_host_director_cannot_sign_before_the_home_director(world: World) -> None:
    agreement = sent(world)
    with pytest.raises(RuleError, match="Сначала документ подписывает директор МАОУ СОШ № 7"):
        sign(agreement, acting_as(world.host_director))


def test_one_person_cannot_sign_for_both_schools(world: World) -> None:
    world.host_director.user = world.home_director.user
    world.host_director.save()
    agreement = sent(world)
    sign(agreement, acting_as(world.home_director))
    with pytest.raises(RuleError, match="Вы уже подписали этот документ"):
        sign(agreement, acting_as(world.host_director))
    agreement.refresh_from_db()
    assert agreement.state == AgreementState.SIGNING


def test_stranger_director_has_no_place_to_sign(world: World) -> None:
    with pytest.raises(RuleError, match="школ, которые его заключают"):
        sign(sent(world), acting_as(world.stranger_director))


def test_wrong_password_does_not_sign(world: World) -> None:
    agreement = sent(world)
    with pytest.raises(RuleError) as refusal:
        sign(agreement, acting_as(world.home_director), password="не тот пароль")
    assert refusal.value.field == "password"
    assert [slot.signed for slot in signature_slots(agreement.document)] == [False, False]


def test_refusal_returns_to_draft_and_tells_both_sides(world: World) -> None:
    agreement = sent(world)
    sign(agreement, acting_as(world.home_director))
    agreement_refuse(actor=acting_as(world.host_director), agreement=agreement, reason="Мало часов", at=AT)
    agreement.refresh_from_db()
    assert agreement.state == AgreementState.DRAFT
    text = "Договор возвращён с замечаниями: МАОУ СОШ № 7 – МАОУ гимназия № 40. Мало часов"
    told = (world.home_deputy, world.home_director, world.host_deputy, world.host_director)
    assert [notices_of(duty.user).filter(text=text).count() for duty in told] == [1, 1, 1, 1]
    assert notices_of(world.stranger_director.user).count() == 0
    assert [task.title for task in tasks_for(acting_as(world.home_deputy), ON)] == ["Исправить договор"]


def test_refusal_needs_a_reason(world: World) -> None:
    agreement = sent(world)
    with pytest.raises(RuleError) as refusal:
        agreement_refuse(actor=acting_as(world.home_director), agreement=agreement, reason=" ", at=AT)
    assert refusal.value.field == "reason"


def test_signature_of_an_old_version_is_stale(world: World) -> None:
    agreement = sent(world)
    old = current_version(agreement.document).sha256
    agreement_refuse(actor=acting_as(world.home_director), agreement=agreement, reason="Добавьте часы", at=AT)
    terms = replace(TERMS, weights="Положение об оценивании, новая редакция")
    agreement_edit(actor=acting_as(world.home_deputy), agreement=agreement, terms=terms, at=AT)
    agreement = agreement_send(actor=acting_as(world.home_deputy), agreement=agreement, at=AT)
    agreement = agree(world, agreement)
    with pytest.raises(StaleError):
        sign(agreement, acting_as(world.home_director), sha256=old)
    assert current_version(agreement.document).no == 2
    sign(agreement, acting_as(world.home_director))
    assert sign(agreement, acting_as(world.host_director)).document.state == DocumentState.IN_FORCE


def test_sent_agreement_cannot_be_edited(world: World) -> None:
    with pytest.raises(StaleError):
        agreement_edit(actor=acting_as(world.home_deputy), agreement=sent(world), terms=TERMS, at=AT)


def test_agreement_needs_a_common_network(world: World) -> None:
    outsider = MembershipFactory().organisation
    with pytest.raises(RuleError, match="в одной сети") as refusal:
        agreement_create(actor=acting_as(world.home_deputy), host=outsider, terms=TERMS, at=AT)
    assert refusal.value.field == "host"


def test_agreement_is_not_sent_without_a_director(world: World) -> None:
    world.host_director.date_to = date(2026, 8, 31)
    world.host_director.save()
    with pytest.raises(RuleError, match="нет директора"):
        sent(world)


def test_agreement_is_not_sent_without_the_details_of_a_school(world: World) -> None:
    world.host.license_no = ""
    world.host.save()
    with pytest.raises(RuleError, match="«Лицензия»"):
        sent(world)


def test_term_that_ends_before_it_begins_is_refused(world: World) -> None:
    terms = replace(TERMS, date_to=date(2026, 8, 1))
    with pytest.raises(RuleError, match="Дата окончания раньше даты начала"):
        agreement_create(actor=acting_as(world.home_deputy), host=world.host, terms=terms, at=AT)


def test_suspended_agreement_is_not_in_force_until_resumed(world: World) -> None:
    agreement, actor = signed(world), acting_as(world.host_director)
    agreement_suspend(actor=actor, agreement=agreement, reason="Ремонт", at=AT)
    assert agreement_in_force(home=world.home, host=world.host, on=ON) is None
    agreement_resume(actor=actor, agreement=agreement, reason="Ремонт окончен", at=AT)
    assert agreement_in_force(home=world.home, host=world.host, on=ON) == agreement
    agreement_end(actor=actor, agreement=agreement, reason="Соглашение сторон", at=AT)
    assert agreement_in_force(home=world.home, host=world.host, on=ON) is None
    with pytest.raises(StaleError):
        agreement_resume(actor=actor, agreement=agreement, reason="Передумали", at=AT)


def test_agreement_that_is_being_signed_is_not_resumed_into_force(world: World) -> None:
    agreement = sent(world)
    with pytest.raises(StaleError):
        agreement_resume(actor=acting_as(world.home_director), agreement=agreement, reason="Так быстрее", at=AT)
    agreement.refresh_from_db()
    assert agreement.state == AgreementState.SIGNING


def test_each_step_is_in_the_history(world: World) -> None:
    agreement = signed(world)
    assert [entry.verb for entry in history_of(agreement)] == [
        "agreement.signed",
        "agreement.signed_by_one",
        "agreement.agreed",
        "agreement.sent",
        "agreement.drafted",
    ]


def test_signature_is_a_task_of_the_director_whose_turn_it_is(world: World) -> None:
    agreement = sent(world)

    def waits() -> list[bool]:
        return [bool(tasks_for(acting_as(duty), ON)) for duty in (world.home_director, world.host_director)]

    assert waits() == [True, False]
    sign(agreement, acting_as(world.home_director))
    assert waits() == [False, True]
    sign(agreement, acting_as(world.host_director))
    assert waits() == [False, False]


@pytest.mark.parametrize(
    ("begins", "due"), [(date(2026, 9, 1), date(2026, 9, 8)), (date(2026, 10, 1), date(2026, 10, 1))]
)
def test_signature_is_due_when_the_agreement_begins_but_not_at_once(world: World, begins: date, due: date) -> None:
    actor = acting_as(world.home_deputy)
    terms = replace(TERMS, date_from=begins, duties=TERMS.duties[:1])
    agreement = agreement_create(actor=actor, host=world.host, terms=terms, at=AT)
    agree(world, agreement_send(actor=actor, agreement=agreement, at=AT))
    assert [task.due for task in tasks_for(acting_as(world.home_director), ON)] == [due]


# --- pages ------------------------------------------------------------------------------------------------------


def test_agreement_goes_through_its_pages(client: Client, world: World) -> None:
    sign_in(client, world.home_deputy)
    response = client.post(reverse("agreement_create"), {**terms_data(), "host": world.host.pk})
    agreement = Agreement.objects.get()
    page = reverse("agreement", args=[agreement.pk])
    assert response.headers["Location"] == page
    assert client.post(reverse("agreement_send", args=[agreement.pk])).status_code == 302
    sign_in(client, world.host_deputy)
    sha256 = client.get(page).context["reviewed"]
    client.post(reverse("agreement_agree", args=[agreement.pk]), {"version_sha256": sha256})
    for director in (world.home_director, world.host_director):
        sign_in(client, director)
        form = client.get(page).context["sign"]
        agreement.refresh_from_db()
        answer = client.post(
            reverse("agreement_sign", args=[agreement.pk]),
            {
                "version_sha256": form.initial["version_sha256"],
                **asdict(proof_of(director.user, agreement.document, at=timezone.now())),
            },
        )
        assert answer.headers["Location"] == page
    agreement.refresh_from_db()
    assert agreement.state == AgreementState.SIGNED
    pdf = client.get(reverse("agreement_pdf", args=[agreement.pk]))
    assert bytes(pdf.content) == document_pdf(agreement.document)


def test_wrong_password_shows_the_page_again(client: Client, world: World) -> None:
    agreement = sent(world)
    sign_in(client, world.home_director)
    sha256 = current_version(agreement.document).sha256
    url = reverse("agreement_sign", args=[agreement.pk])
    proof = proof_of(world.home_director.user, agreement.document, at=timezone.now(), password="не тот")
    response = client.post(url, {"version_sha256": sha256, **asdict(proof)})
    assert response.status_code == 422
    assert list(response.context["sign"].errors) == ["password"]


def test_stale_signature_answers_409(client: Client, world: World) -> None:
    agreement = sent(world)
    sign_in(client, world.home_director)
    url = reverse("agreement_sign", args=[agreement.pk])
    assert client.post(url, {"version_sha256": "0" * 64, "password": PASSWORD, "code": "1"}).status_code == 409


def test_stranger_finds_no_agreement_of_others(client: Client, world: World) -> None:
    agreement = signed(world)
    for duty in (world.stranger_director, world.stranger_deputy):
        sign_in(client, duty)
        assert client.get(reverse("agreement_list")).context["rows"] == []
        urls = [reverse(name, args=[agreement.pk]) for name in ("agreement", "agreement_edit", "agreement_pdf")]
        assert [client.get(url).status_code for url in urls] == [404, 404, 404]
        acts = ("send", "sign", "refuse", "suspend", "resume", "end")
        posts = [reverse(f"agreement_{act}", args=[agreement.pk]) for act in acts]
        assert [client.post(url, {"reason": "проба"}).status_code for url in posts] == [404] * 6


def test_draft_is_hidden_from_the_host(client: Client, world: World) -> None:
    agreement = drafted(world)
    sign_in(client, world.host_director)
    assert client.get(reverse("agreement", args=[agreement.pk])).status_code == 404
    assert client.get(reverse("agreement_list")).context["rows"] == []


def test_host_and_coordinator_may_not_edit_a_draft(client: Client, world: World) -> None:
    agreement = drafted(world)
    sign_in(client, DutyFactory(organisation=world.home, kind=DutyKind.COORDINATOR))
    assert client.get(reverse("agreement", args=[agreement.pk])).status_code == 200
    assert client.get(reverse("agreement_edit", args=[agreement.pk])).status_code == 403
    assert client.post(reverse("agreement_send", args=[agreement.pk])).status_code == 403


def test_deputy_may_not_sign(client: Client, world: World) -> None:
    agreement = sent(world)
    sign_in(client, world.home_deputy)
    assert client.post(reverse("agreement_sign", args=[agreement.pk]), {"password": PASSWORD}).status_code == 403


def test_paper_of_a_draft_is_not_there_yet(client: Client, world: World) -> None:
    agreement = drafted(world)
    sign_in(client, world.home_deputy)
    assert client.get(reverse("agreement_pdf", args=[agreement.pk])).status_code == 404


def test_refused_form_keeps_what_was_typed(client: Client, world: World) -> None:
    sign_in(client, world.home_deputy)
    data = {**terms_data(), "host": world.host.pk, "date_to": "2026-01-01"}
    response = client.post(reverse("agreement_create"), data)
    assert response.status_code == 422
    forms = response.context["forms"]
    assert forms.main["safety"].value() == TERMS.safety
    assert forms.rows["conditions"].forms[0]["programme"].value() == TERMS.conditions[0].programme


@pytest.mark.parametrize("rows", [1, 3])
def test_agreement_list_asks_the_same_number_of_queries(
    client: Client, world: World, rows: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    AgreementFactory.create_batch(rows, network=world.network, home=world.home)
    sign_in(client, world.home_deputy)
    with django_assert_num_queries(7):
        response = client.get(reverse("agreement_list"))
    assert len(response.context["rows"]) == rows


def test_public_list_names_schools_but_no_people(client: Client, world: World) -> None:
    agreement = signed(world)
    AgreementFactory(state=AgreementState.SUSPENDED)
    AgreementFactory(date_from=date(2020, 9, 1), date_to=date(2021, 8, 31))
    response = client.get(reverse("agreement_public_list"))
    assert list(response.context["page"]) == [agreement]
    text = response.content.decode()
    assert "МАОУ СОШ №\u00a07" in text
    people = [duty.user.last_name for duty in (world.home_director, world.host_director, world.home_deputy)]
    assert [name for name in people if name in text] == []
    assert agreement.home.inn not in text


@pytest.mark.parametrize("rows", [1, 3])
def test_public_list_asks_the_same_number_of_queries(
    client: Client, db: None, rows: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    AgreementFactory.create_batch(rows)
    with django_assert_num_queries(3):
        client.get(reverse("agreement_public_list"))


def test_draft_sent_twice_is_one(world: World) -> None:
    assert drafted(world) == drafted(world)


def test_class_teacher_sees_the_own_school_s_class_only(world: World) -> None:
    """A class that names another school's teacher by mistake of the reference data shows that person nobody."""
    teacher = DutyFactory(organisation=world.stranger, kind=DutyKind.CLASS_TEACHER)
    StudentFactory(
        home_school=world.home, school_class=SchoolClassFactory(organisation=world.home, class_teacher=teacher)
    )
    assert list(students_for(acting_as(teacher))) == []
