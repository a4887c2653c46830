"""Report cards: what blocks them, three signatures, receipt, annulment, what the database keeps (3.10, T14)."""

from __future__ import annotations

from datetime import date

import pytest
from django.db import IntegrityError, InternalError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from courses.models import NetworkCourse
from enrollment.models import Enrolment
from gradebook.enums import CardState, DisputeState, Term, TermValue
from gradebook.models import MonthlyTransfer, ReportCard, ReportCardLine, TermMark, TransferDispute
from gradebook.selectors.card_pages import card_view
from gradebook.selectors.cards import card_row, card_rows, computed, groups_with_cards
from gradebook.selectors.waiting import tasks_for
from gradebook.services import cards
from gradebook.services.terms import TermEdit, TermRefusalError, term_marks_save
from network_portal.common.errors import RuleError, StaleError
from network_portal.documents.enums import DocumentState
from network_portal.documents.selectors import current_version
from network_portal.notices.models import Notice
from schools.enums import DutyKind, Role
from tests.factories.cards import Signed, half_year, mark_all, next_term
from tests.factories.courses import StudyGroupFactory
from tests.factories.gradebook import pupils, seal
from tests.factories.schools import GuardianLinkFactory, acting_as, sign_in
from tests.shared import shared

pytestmark = pytest.mark.django_db
K = DutyKind


def half_year_over() -> Signed:
    return half_year()


world = shared(half_year_over)


def row_of(world: Signed) -> list[str]:
    row = card_row(world.place.group, world.place.home.pk, Term.H1)
    assert row is not None
    return [one.text for one in row.blockers]


def test_card_is_blocked_by_unsealed_months_objections_and_missing_marks() -> None:
    """3.10, rule 14: the list names what stands in the way with its page, the service and the database refuse."""
    world = half_year(sealed=False)
    place = world.place
    TermMark.objects.filter(enrolment=place.own[0]).delete()
    row = card_row(place.group, place.home.pk, Term.H1)
    assert row is not None
    assert [(one.text, one.url) for one in row.blockers] == [
        ("не передана ведомость за ноябрь 2026\u00a0г.", f"{reverse('transfer_list')}?month=2026-11"),
        ("нет отметки за период у 1 обучающегося", f"{reverse('term_marks', args=[place.group.pk])}?term=h1"),
    ]
    with pytest.raises(cards.CardBlockedError, match="не передана ведомость за ноябрь"):
        world.compose()
    seal(place)
    TermMark.objects.create(
        enrolment=place.own[0], term=Term.H1, value=3, reason="по работам", given_by=place.teacher.user,
        given_at=world.at,
    )  # fmt: skip
    assert row_of(world) == []
    card = world.compose()
    for slot, actor in world.signers[:2]:
        card = world.sign(card, slot, actor)
    transfer = MonthlyTransfer.objects.get()
    dispute = TransferDispute.objects.create(
        transfer=transfer, enrolment=place.own[0], reason="нет", raised_at=world.at, raised_by=place.teacher.user,
        due_on=date(2026, 12, 9),
    )  # fmt: skip
    with pytest.raises(cards.CardBlockedError, match="не рассмотрено возражение по ведомости"):
        world.sign(card, *world.signers[2])
    with pytest.raises(IntegrityError, match="есть возражения"), transaction.atomic():
        ReportCard.objects.filter(pk=card.pk).update(state=CardState.SENT, sent_at=world.at)
    TransferDispute.objects.filter(pk=dispute.pk).update(state=DisputeState.REJECTED, answer="верно")
    assert world.sign(card, *world.signers[2]).state == CardState.SENT


def test_card_goes_from_calculation_through_three_signatures_to_receipt(world: Signed) -> None:
    """S1-4.10, T14: only the own pupils of that home school; each signer in turn; numbered, locked, families told."""
    place, parent = world.place, GuardianLinkFactory(student=world.place.own[0].student).user
    stranger = GuardianLinkFactory(student=place.others[0].student).user
    card = world.compose()
    view = card_view(place.teacher, card)
    assert [tuple(one.paper[name] for name in ("name", "mark", "mean", "missed", "ill")) for one in view.lines] == [
        (place.own[0].student.full_name, "5", "3,83", 1, 1),
        (place.own[1].student.full_name, "4", "3,83", 1, 1),
    ]
    totals = [view.content[name] for name in ("passing", "quality", "planned", "held")]
    assert totals == ["100\u00a0%", "100\u00a0%", 3, 3]
    director = world.person(place.host, K.DIRECTOR)
    with pytest.raises(RuleError, match="Сначала документ подписывает учитель"):
        world.sign(card, "director", director)
    assert "Подписать табель" in [task.title for task in tasks_for(place.teacher, world.at.date())]
    family = acting_as(parent, Role.PARENT)
    assert ReportCard.objects.visible_to(family).count() == 0
    for slot, actor in world.signers:
        card = world.sign(card, slot, actor)
    assert (card.state, card.document.number, card.document.state) == (CardState.SENT, 1, DocumentState.IN_FORCE)
    assert [one.enrolment for one in ReportCardLine.objects.visible_to(family)] == [place.own[0]]
    assert ReportCard.objects.visible_to(acting_as(stranger, Role.PARENT)).count() == 0
    assert Notice.objects.filter(user=parent, text__startswith="Подписан табель").count() == 1
    curator = world.person(place.home, K.CURATOR)
    assert [task.title for task in tasks_for(curator, world.at.date()) if "табеля" in task.title] == [
        "Отметить получение табеля №\u00a01"
    ]
    with pytest.raises(StaleError, match="уже подписан"):
        world.compose()
    received = cards.card_receive(actor=curator, card=card, at=world.tick())
    assert (received.state, received.received_by) == (CardState.RECEIVED, curator.user)
    with pytest.raises(StaleError):
        cards.card_receive(actor=curator, card=card, at=world.tick())


def test_card_of_a_changed_journal_is_not_signed_and_a_returned_one_is_calculated_anew(world: Signed) -> None:
    """3.13, rules 1 and 3: a signature is for what the journal says now; a refusal needs a reason and reaches all."""
    place = world.place
    card = world.sign(world.compose(), *world.signers[0])
    first = current_version(card.document)
    TermMark.objects.filter(enrolment=place.own[0]).update(value=4, proposal=4)
    deputy = world.person(place.host, K.DEPUTY)
    with pytest.raises(StaleError, match="рассчитайте табель заново"):
        world.sign(card, "deputy", deputy)
    card = world.compose()
    assert (card.state, current_version(card.document).no, card.lines.count()) == (CardState.COMPUTED, 2, 2)
    assert first.signatures.count() == 1
    assert card.lines.earliest("pk").value == 4
    card = world.sign(card, *world.signers[0])
    with pytest.raises(RuleError, match="причину"):
        cards.card_return(actor=deputy, card=card, slot="deputy", reason=" ", at=world.tick())
    card = cards.card_return(actor=deputy, card=card, slot="deputy", reason="Нет основания н/а", at=world.tick())
    assert card.state == CardState.DRAFT
    told = Notice.objects.filter(text__contains="Нет основания н/а").values_list("user", flat=True)
    assert {place.teacher.user.pk, deputy.user.pk} <= set(told)
    assert [one.text for one in card_view(deputy, card).blockers] == []
    assert world.compose().state == CardState.COMPUTED


def test_signed_card_is_locked_in_the_database_and_replaced_after_annulment(world: Signed) -> None:
    """I-6, I-9: rows, lines and the final marks behind them are closed for SQL; the new card names the old one."""
    place = world.place
    card = world.sent()
    line = card.lines.earliest("pk")
    for table, pk, change in (
        ("gradebook_reportcardline", line.pk, "value = 2"),
        ("gradebook_reportcard", card.pk, "term = 'h2'"),
        ("gradebook_reportcard", card.pk, "state = 'draft'"),
        ("gradebook_termmark", TermMark.objects.get(enrolment=place.own[0]).pk, "value = 2"),
    ):
        for statement in (f"UPDATE {table} SET {change} WHERE id = {pk}", f"DELETE FROM {table} WHERE id = {pk}"):
            with pytest.raises((IntegrityError, InternalError)), transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(statement)
    edit = {place.own[0].pk: TermEdit(2, "ошибка", "5|")}
    with pytest.raises(TermRefusalError) as refused:
        term_marks_save(actor=place.teacher, group=place.group, term=Term.H1, edits=edit, at=world.tick())
    assert "вошла в табель №\u00a01" in next(iter(refused.value.errors.values()))
    other = {place.others[0].pk: TermEdit(4, "другая школа не подписана", "5|")}
    assert term_marks_save(actor=place.teacher, group=place.group, term=Term.H1, edits=other, at=world.tick()) == 1
    deputy = world.person(place.host, K.DEPUTY)
    with pytest.raises(RuleError, match="почему"):
        cards.card_annul(actor=deputy, card=card, reason=" ", at=world.tick())
    card = cards.card_annul(actor=deputy, card=card, reason="Перепутаны отметки", at=world.tick())
    assert (card.state, ReportCard.objects.get().document.state) == (CardState.ANNULLED, DocumentState.CANCELLED)
    assert term_marks_save(actor=place.teacher, group=place.group, term=Term.H1, edits=edit, at=world.tick()) == 1
    new = world.sent()
    assert (new.replaces, new.document.number, new.lines.earliest("pk").value) == (card, 2, 2)
    assert "Перепутаны отметки" in card_view(deputy, new).content["replaces"]
    # a reason may name another child: families read that the card is annulled, not why
    family = sign_in(Client(), acting_as(GuardianLinkFactory(student=place.own[0].student).user, Role.PARENT))
    pages = [family.get(reverse("card", args=[one.pk])).text for one in (card, new)]
    assert [("аннулирован" in page, "Перепутаны" in page) for page in pages] == [(True, False)] * 2


def test_who_left_and_who_is_not_attested_stay_in_the_card() -> None:
    """Rule 18, 6.6: a pupil who left needs no mark; «н/а» says on what basis."""
    world = half_year(sealed=False)
    place = world.place
    left, absent = place.own
    TermMark.objects.filter(enrolment__in=place.own).delete()
    Enrolment.objects.filter(pk=left.pk).update(date_to=date(2026, 11, 20))
    seal(place)
    TermMark.objects.create(
        enrolment=absent, term=Term.H1, value=TermValue.NA, reason="пропущено 10 из 18",
        given_by=place.teacher.user, given_at=world.at,
    )  # fmt: skip
    row = card_row(place.group, place.home.pk, Term.H1)
    assert row is not None
    assert row.ready
    made = computed(place.group, place.home, row.period, None)
    assert [(one.mark, one.note) for one in made.paper.lines] == [
        ("–", "обучение окончено 20.11.2026"),
        ("н/а", "пропущено 10 из 18"),
    ]
    assert (made.paper.passing, made.paper.quality) == ("0\u00a0%", "0\u00a0%")


def test_list_asks_the_same_number_of_questions_with_one_group_and_with_three(world: Signed) -> None:
    place = world.place
    client = sign_in(Client(), world.person(place.host, K.COORDINATOR))
    url = f"{reverse('card_list')}?year=2026&term=h1"
    page = client.get(url).text
    assert "Рассчитать табель" in page
    with CaptureQueriesContext(connection) as one:
        client.get(url)
    half_year_beside(world)
    groups = groups_with_cards(world.person(place.host, K.COORDINATOR), 2026)
    assert len(groups) == 2
    assert len(card_rows(groups, Term.H1)) == 3
    with CaptureQueriesContext(connection) as more:
        client.get(url)
    assert len(one) == len(more)
    # a group whose half-year goes on is not asked for its cards beside one whose is over
    coordinator, on = world.person(place.host, K.COORDINATOR), world.at.date()
    NetworkCourse.objects.filter(pk=groups[1].course_id).update(date_to=date(2027, 5, 31))
    assert [one.about for one in tasks_for(coordinator, on) if "Рассчитать" in one.title] == ["Готовы 1, не готовы 1"]


def half_year_beside(world: Signed) -> None:
    """Add a group of the same host with a pupil of the same home school."""
    group = StudyGroupFactory(open=True, course__programme__host=world.place.host, name="Ф-2", capacity=60)
    days = {"date_from": date(2026, 11, 1), "date_to": date(2026, 11, 30)}
    NetworkCourse.objects.filter(pk=group.course_id).update(**days)
    pupils(group, world.place.home, 1, "Восьмов")
    Enrolment.objects.filter(group=group).update(**days)


def test_year_card_shows_the_terms(world: Signed) -> None:
    """6.5: the card of the year has the marks of its terms beside that of the year."""
    place = world.place
    world.at = world.at.replace(year=2027, month=2)
    next_term(world, (date(2026, 12, 1), date(2027, 1, 15)), (2026, 12))
    next_term(world, (date(2027, 1, 1), date(2027, 1, 15)), (2027, 1))
    place.group.course.refresh_from_db()
    mark_all(place, Term.H2, (4, 4))
    mark_all(place, Term.YEAR, (5, 4))
    card = world.sent(Term.YEAR)
    view = card_view(world.person(place.home, K.CURATOR), card)
    assert [tuple(one.paper["terms"]) for one in view.lines] == [("5", "4"), ("4", "4")]
    assert view.content["terms"] == ["I полугодие", "II полугодие"]
    assert view.content["transfers"].count("№") == 3
