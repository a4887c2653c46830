"""What follows the terms: directions and years, copies, disagreements, amendments, publication, duties, seats."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from django.test import Client
from django.urls import reverse

from network_portal.common.errors import RuleError, StaleError
from network_portal.documents.kinds import parse
from network_portal.documents.rendering import page_of
from network_portal.documents.selectors import current_version
from schools.agreements import (
    agreed_seats,
    agreement_in_force,
    copies_of,
    directions_in_force,
    paper_to_sign,
    stopped_days,
    tasks_for,
    terms_of,
)
from schools.enums import AgreementState, AmendmentState, Outcome, Side
from schools.models import Agreement, AgreementCondition, Amendment
from schools.services import (
    agreement_contacts,
    agreement_create,
    agreement_duty_done,
    agreement_edit,
    agreement_publish,
    agreement_send,
    agreement_suspend,
    amendment_create,
    amendment_send,
    amendment_sign,
    disagreement_add,
    disagreement_settle,
    disagreements_close,
)
from schools.terms import AppendixTerms, ConditionTerms, missing
from tests.factories.documents import proof_of
from tests.factories.schools import TERMS, StudentFactory, acting_as, sign_in, terms_data
from tests.schools.conftest import World
from tests.schools.test_agreements import AT, ON, reviewed, sent, sign, signed


def amend(world: World, agreement: Agreement, **changed: object) -> Amendment:
    """Draft, send and sign a supplementary agreement."""
    amendment = amendment_create(
        actor=acting_as(world.host_deputy),
        agreement=agreement,
        terms=replace(terms_of(agreement), **changed),
        reason="Больше желающих",
        at=AT,
    )
    amendment = amendment_send(actor=acting_as(world.host_deputy), amendment=amendment, at=AT)
    for duty in (world.home_director, world.host_director):
        assert amendment.document is not None
        amendment = amendment_sign(
            actor=acting_as(duty),
            amendment=amendment,
            version_sha256=current_version(amendment.document).sha256,
            proof=proof_of(duty.user, amendment.document, at=AT),
            at=AT,
        )
    return amendment


# --- directions and years (addition 4) --------------------------------------------------------------------------


def test_agreement_counts_only_in_its_direction_and_school_years(world: World) -> None:
    agreement = signed(world)
    pair = {"home": world.home, "host": world.host, "on": ON}
    assert [agreement_in_force(**pair, year=year) for year in (2025, 2026, 2027)] == [None, agreement, None]
    assert agreement_in_force(home=world.host, host=world.home, on=ON) is None
    found = directions_in_force(ON, homes=[world.home.pk, world.host.pk])
    assert found.covers(home=world.home.pk, host=world.host.pk, network=world.network.pk, year=2026)
    assert not found.covers(home=world.host.pk, host=world.home.pk, network=world.network.pk, year=2026)


def test_agreement_may_hold_both_directions(world: World) -> None:
    back = replace(TERMS.conditions[0], programme="Химия", teaches=Side.HOME, seats=5)
    terms = replace(TERMS, conditions=(*TERMS.conditions, back))
    agreement = agreement_create(actor=acting_as(world.home_deputy), host=world.host, terms=terms, at=AT)
    assert list(agreement.conditions.values_list("home", "host")) == [
        (world.home.pk, world.host.pk),
        (world.host.pk, world.home.pk),
    ]
    assert terms_of(agreement) == terms


def test_draft_may_leave_terms_open_and_says_which(world: World) -> None:
    open_condition = ConditionTerms(programme="Физика", teaches=Side.HOST)
    terms = replace(TERMS, conditions=(open_condition,), scale="")
    draft = agreement_create(actor=acting_as(world.home_deputy), host=world.host, terms=terms, at=AT)
    assert missing(terms_of(draft))[-1] == "Не заполнено: Шкала отметок."
    with pytest.raises(RuleError, match=r"«Физика»: ещё не определено – вид, уровень.*мест в год"):
        agreement_send(actor=acting_as(world.home_deputy), agreement=draft, at=AT)


def test_seats_are_those_of_the_narrowest_condition(world: World) -> None:
    signed(world)
    pair = {"home": world.home, "host": world.host, "on": ON, "year": 2026}
    named = agreed_seats(**pair, programme="физика вокруг нас")
    assert (named.seats, named.words) == (12, "по программе «Физика вокруг нас»")
    assert agreed_seats(**pair, programme="Другая").words == "по всем курсам школы"
    assert agreed_seats(**{**pair, "year": 2030}, programme="Физика вокруг нас") is None


# --- two copies (addition 5) ------------------------------------------------------------------------------------


def test_both_schools_register_a_copy_and_both_sums_agree(world: World) -> None:
    agreement = signed(world)
    copies = copies_of(agreement, terms_of(agreement), world.host.pk)
    assert (copies.own.document.organisation, copies.other.document.organisation) == (world.host, world.home)
    assert copies.own.document.number == copies.other.document.number == 1
    assert (copies.complete, copies.equal) == (True, True)


def test_page_shouts_when_the_terms_are_not_those_that_were_signed(client: Client, world: World) -> None:
    agreement = signed(world)
    AgreementCondition.objects.filter(agreement=agreement).update(seats=99)
    sign_in(client, world.home_deputy)
    text = client.get(reverse("agreement", args=[agreement.pk])).text
    assert "Наша копия НЕ РАВНА их копии" in text


# --- disagreements (T28) ----------------------------------------------------------------------------------------


def test_nobody_signs_until_every_clause_is_settled_and_the_protocol_signed(world: World) -> None:
    agreement, host = reviewed(world), acting_as(world.host_deputy)
    wording = {"home_wording": "5 дней", "host_wording": "10 дней"}
    line = disagreement_add(actor=host, agreement=agreement, clause="2.4", **wording, at=AT)
    agreement.refresh_from_db()
    assert (agreement.state, paper_to_sign(agreement)) == (AgreementState.DISPUTED, None)
    with pytest.raises(RuleError, match=r"По пункту 2\.4 ещё нет итога"):
        disagreements_close(actor=host, agreement=agreement, at=AT)
    home = acting_as(world.home_deputy)
    agreement_edit(actor=home, agreement=agreement, terms=replace(TERMS, correction_days=7), at=AT)
    disagreement_settle(actor=home, disagreement=line, outcome=Outcome.AGREED, agreed_wording="7 дней", at=AT)
    disagreements_close(actor=host, agreement=agreement, at=AT)
    for _ in range(2):  # the protocol first, then the agreement that names it
        for duty in (world.home_director, world.host_director):
            agreement = sign(agreement, acting_as(duty))
    content = parse(current_version(agreement.document).content)
    assert (agreement.state, content["protocol"]["number"]) == (AgreementState.SIGNED, agreement.protocol.number)


# --- amendments (rule 5) ----------------------------------------------------------------------------------------


def test_amendment_lists_only_what_changes_and_both_sums(world: World) -> None:
    agreement = signed(world)
    before = copies_of(agreement, terms_of(agreement), world.home.pk).current
    more = (replace(TERMS.conditions[0], seats=20),)
    amendment = amend(world, agreement, conditions=more)
    content = parse(current_version(amendment.document).content)
    agreement.refresh_from_db()
    copies = copies_of(agreement, terms_of(agreement), world.home.pk)
    assert [(line["before"], line["after"]) for line in content["lines"]] == [("12", "20")]
    assert (content["before"], content["after"]) == (before, copies.current)
    assert (amendment.state, copies.equal) == (AmendmentState.SIGNED, True)
    assert agreement.conditions.get().seats == 20
    page = sign_in(Client(), world.host_deputy).get(reverse("agreement", args=[agreement.pk])).text
    papers = [reverse(name, args=[amendment.pk]) for name in ("amendment_pdf", "amendment_copy_pdf")]
    assert [paper in page for paper in papers] == [True, True]


def test_terms_stay_in_force_until_the_amendment_is_signed(world: World) -> None:
    agreement = signed(world)
    more = (replace(TERMS.conditions[0], seats=20),)
    actor = acting_as(world.home_deputy)
    draft = amendment_create(
        actor=actor, agreement=agreement, terms=replace(terms_of(agreement), conditions=more), reason="Нужно", at=AT
    )
    assert agreement.conditions.get().seats == 12
    with pytest.raises(RuleError, match="ещё не подписано"):
        amendment_create(actor=actor, agreement=agreement, terms=replace(TERMS, weights="Иные"), reason="Ещё", at=AT)
    assert draft.state == AmendmentState.DRAFT


def test_contacts_need_no_approval(world: World) -> None:
    agreement = sent(world)
    sum_before = current_version(agreement.document).sha256
    agreement_contacts(actor=acting_as(world.host_deputy), agreement=agreement, contacts="+7 900 000-00-00", at=AT)
    agreement.refresh_from_db()
    assert (agreement.state, current_version(agreement.document).sha256) == (AgreementState.SIGNING, sum_before)


# --- publication (L-9) ------------------------------------------------------------------------------------------


def with_appendices(world: World) -> Agreement:
    agreement = signed(world)
    rows = (
        AppendixTerms(title="Расписание", text="Справки по телефону +7 343 111-22-33, a.b@school.example"),
        AppendixTerms(title="Список", text="Фамилии", personal=True),
    )
    amend(world, agreement, appendices=rows)
    agreement.refresh_from_db()
    return agreement


def test_published_copy_has_no_phones_addresses_signatures_and_no_personal_appendix(world: World) -> None:
    agreement = with_appendices(world)
    office, rows = acting_as(world.home_deputy), {row.title: row.pk for row in agreement.appendices.all()}
    with pytest.raises(RuleError, match="«Список» содержит персональные данные"):
        agreement_publish(actor=office, agreement=agreement, appendix_ids=rows.values(), at=AT)
    agreement = agreement_publish(actor=office, agreement=agreement, appendix_ids=[rows["Расписание"]], at=AT)
    paper = page_of(agreement.publication, current_version(agreement.publication))
    assert "Расписание" in paper
    hidden = ("111-22-33", "a.b@school.example", world.home.phone, world.home.email, "Фамилии", "Подписано")
    assert [text for text in hidden if text in paper] == []


def test_agreement_that_names_a_pupil_is_not_published(world: World) -> None:
    agreement = signed(world)
    pupil = StudentFactory(home_school=world.home)
    amend(world, agreement, safety=f"Сопровождать: {pupil.full_name}")
    with pytest.raises(RuleError, match="названы фамилия и имя обучающегося"):
        agreement_publish(actor=acting_as(world.home_deputy), agreement=agreement, appendix_ids=[], at=AT)


def test_publication_is_due_in_ten_working_days(world: World) -> None:
    agreement = signed(world)
    office = acting_as(world.home_deputy)
    due = {task.title: task.due for task in tasks_for(office, ON)}
    assert due["Разместить договор на странице для всех"] == date(2026, 9, 15)
    agreement_publish(actor=office, agreement=agreement, appendix_ids=[], at=AT)
    assert "Разместить договор на странице для всех" not in [task.title for task in tasks_for(office, ON)]


# --- duties, suspension -----------------------------------------------------------------------------------------


def test_duty_with_a_day_is_a_task_of_the_party_that_owes_it(world: World) -> None:
    agreement = signed(world)
    home, host = acting_as(world.home_deputy), acting_as(world.host_deputy)

    def owed(actor: object) -> list[date | None]:
        return [task.due for task in tasks_for(actor, ON) if task.title == "Исполнить по договору"]

    assert (owed(home), owed(host)) == ([date(2026, 9, 10)], [])
    duty = agreement.duties.get(party=Side.HOME)
    agreement_duty_done(actor=home, duty=duty, on=ON, at=AT)
    assert owed(home) == []
    with pytest.raises(StaleError):
        agreement_duty_done(actor=home, duty=duty, on=ON, at=AT)


def test_suspension_closes_the_journal_for_later_days_only(world: World) -> None:
    agreement = signed(world)
    agreement_suspend(actor=acting_as(world.home_director), agreement=agreement, reason="Ремонт", at=AT)
    days = (ON, date(2026, 9, 2))
    closed = stopped_days([world.home.pk], host=world.host.pk, days=days)
    assert closed == frozenset({(world.home.pk, days[1])})


# --- the form ---------------------------------------------------------------------------------------------------


def test_added_row_keeps_all_that_was_typed_and_saves_nothing(client: Client, world: World) -> None:
    sign_in(client, world.home_deputy)
    data = {**terms_data(), "host": world.host.pk, "date_to": "", "add": "duties"}
    response = client.post(reverse("agreement_create"), data)
    forms = response.context["forms"]
    assert response.status_code == 200
    assert [form["what"].value() for form in forms.rows["duties"].forms] == [
        "Вести занятия и журнал",
        "Назначить куратора",
        None,
    ]
    assert not Agreement.objects.exists()


def test_rows_that_were_not_changed_stay(client: Client, world: World) -> None:
    draft = agreement_create(actor=acting_as(world.home_deputy), host=world.host, terms=TERMS, at=AT)
    sign_in(client, world.home_deputy)
    changed = replace(TERMS, correction_days=9)
    assert client.post(reverse("agreement_edit", args=[draft.pk]), terms_data(changed)).status_code == 302
    assert terms_of(Agreement.objects.get(pk=draft.pk)) == changed


def test_html_in_a_term_is_text(world: World) -> None:
    terms = replace(TERMS, safety="<b>Сопровождение</b><script>x</script>")
    draft = agreement_create(actor=acting_as(world.home_deputy), host=world.host, terms=terms, at=AT)
    agreement = agreement_send(actor=acting_as(world.home_deputy), agreement=draft, at=AT)
    page = page_of(agreement.document, current_version(agreement.document))
    assert "<script>x" not in page
    assert "&lt;b&gt;Сопровождение" in page
