"""The summary register: carried in one act, each cell with its line, equality checked, printed (T15, 6.5)."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from courses.models import NetworkCourse
from enrollment.models import Enrolment
from gradebook.enums import CardState, Term
from gradebook.models import ReportCard, SummaryEntry, TermMark
from gradebook.selectors.register_paper import register_paper
from gradebook.selectors.registers import _total, card_differences, register_page
from gradebook.selectors.slips import slips_of
from gradebook.selectors.waiting import tasks_for
from gradebook.services import cards, registers
from gradebook.services.transfers import transfer_seal
from network_portal.common.errors import RuleError
from schools.enums import DutyKind, Role
from schools.models import SchoolClass
from tests.factories.cards import Signed, half_year, mark_all
from tests.factories.courses import StudyGroupFactory
from tests.factories.enrollment import EnrolmentFactory, OrderFactory
from tests.factories.gradebook import scene
from tests.factories.schools import DutyFactory, GuardianLinkFactory, acting_as, sign_in
from tests.shared import shared

pytestmark = pytest.mark.django_db
K = DutyKind


def received_world() -> Signed:
    world = half_year()
    world.received()
    return world


world = shared(received_world)


def texts(world: Signed) -> list[list[str]]:
    page = register_page(world.school_class)
    return [[cell.text for cell in row.cells] for row in page.rows]


def test_marks_are_carried_in_one_act_and_each_cell_keeps_its_line(world: Signed) -> None:
    """S1-4.10, 3.10: class teacher carries, the deputy verifies; the database refuses a cell unlike its line."""
    place, card = world.place, ReportCard.objects.get()
    teacher, deputy = world.class_teacher, world.person(place.home, K.DEPUTY)
    assert [task.title for task in tasks_for(teacher, world.at.date()) if "сводную" in task.title] == [
        "Перенести 2 отметки в сводную ведомость"
    ]
    before = register_page(world.school_class)
    assert (before.waiting, len(before.differences), before.subjects[0].title) == (2, 2, "Физика (сет.)")
    with pytest.raises(RuleError, match="2 отметки не перенесены"):
        cards.card_verify(actor=deputy, card=card, at=world.tick())
    assert world.carry() == 2
    entries = list(SummaryEntry.objects.order_by("student__sort_key"))
    assert [(one.value, one.line_id) for one in entries] == list(card.lines.order_by("pk").values_list("value", "pk"))
    assert texts(world) == [["5", "–", "–", "–", "–"], ["4", "–", "–", "–", "–"]]
    card.refresh_from_db()
    assert (card.state, register_page(world.school_class).differences) == (CardState.CARRIED, [])
    with pytest.raises(RuleError, match="Переносить нечего"):
        world.carry()
    for statement in (
        "UPDATE gradebook_summaryentry SET value = 3 WHERE id = %s",
        "DELETE FROM gradebook_summaryentry WHERE id = %s",
    ):
        with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement, [entries[0].pk])
    verified = cards.card_verify(actor=deputy, card=card, at=world.tick())
    assert (verified.state, verified.verified_by, card_differences(card)) == (CardState.VERIFIED, deputy.user, [])


def test_annulled_card_shows_in_the_register_until_the_new_one_is_carried(world: Signed) -> None:
    """3.10: «ошибка → аннулирован → новый»; who is not on the new card loses the cell, with history."""
    place, card = world.place, ReportCard.objects.get()
    world.carry()
    cards.card_annul(actor=world.person(place.host, K.DIRECTOR), card=card, reason="Ошибка в отметке", at=world.tick())
    page = register_page(world.school_class)
    assert [one.partition(": ")[2] for one in page.differences] == ["табель №\u00a01 аннулирован, нового ещё нет"] * 2
    with pytest.raises(RuleError, match="Переносить нечего"):
        world.carry()
    TermMark.objects.filter(enrolment=place.own[0]).update(value=3, proposal=3)
    TermMark.objects.filter(enrolment=place.own[1]).update(value=0, reason="не аттестован", proposal=None)
    new = world.received()
    page = register_page(world.school_class)
    assert (page.waiting, page.differences[0].partition(": ")[2]) == (2, "в табеле №\u00a02 отметка 3, перенесите её")
    assert world.carry() == 2
    assert {one.line.card_id for one in SummaryEntry.objects.select_related("line")} == {new.pk}
    assert [row[0] for row in texts(world)] == ["3", "н/а"]
    new.refresh_from_db()
    assert new.state == CardState.CARRIED


def test_register_is_for_the_own_class_and_prints_once(world: Signed) -> None:
    """2.4, T15, L-6: another class's teacher sees nothing; an unchanged register is printed once; slips from cards."""
    place = world.place
    teacher, url = world.class_teacher, reverse("register", args=[world.school_class.pk])
    world.carry()
    other = acting_as(DutyFactory(organisation=place.home, kind=K.CLASS_TEACHER))
    strangers = [other, world.person(place.other, K.DEPUTY), world.person(place.host, K.DEPUTY)]
    assert [sign_in(Client(), who).get(url).status_code for who in strangers] == [404, 404, 404]
    deputy = world.person(place.home, K.DEPUTY)
    assert sign_in(Client(), deputy).post(reverse("register_carry", args=[world.school_class.pk])).status_code == 403
    client, student = sign_in(Client(), teacher), place.own[0].student
    page = client.get(url).text
    line = ReportCard.objects.get().lines.earliest("pk")
    assert f"{reverse('card', args=[line.card_id])}#line-{line.pk}" in page
    assert "совпадает с табелями" in page
    assert place.others[0].student.last_name not in page
    data = {f"decision_{one.student_id}": "переведён в 11 класс" for one in place.own}
    assert client.post(url, {**data, "seen": ""}).status_code == 302
    typed = data | {f"decision_{student.pk}": "условно", "seen": "0" * 64}
    stale = client.post(url, typed)
    assert (stale.status_code, "Сейчас сохранено: переведён в 11 класс" in stale.text) == (409, True)
    assert client.post(url, typed | {"seen": stale.context["form"]["seen"].value()}).status_code == 302
    first = registers.register_print(actor=teacher, school_class=world.school_class, at=world.tick())
    assert registers.register_print(actor=deputy, school_class=world.school_class, at=world.tick()) == first
    paper = first.document.versions.get().content
    assert "переведён в 11 класс" in paper
    assert "перенёс классный руководитель" in paper
    assert "не сверено" in paper
    slips = slips_of(teacher, world.school_class)
    assert [(one.courses[0].marks, one.courses[0].cards) for one in slips] == [
        ({"h1": "5"}, ["№\u00a01"]), ({"h1": "4"}, ["№\u00a01"])
    ]  # fmt: skip
    parent = GuardianLinkFactory(student=student).user
    family = sign_in(Client(), acting_as(parent, Role.PARENT))
    shown = family.get(reverse("card_list")).text
    assert student.short_name.replace("\u00a0", " ") in shown.replace("\u00a0", " ")
    card = ReportCard.objects.get()
    own = family.get(reverse("card", args=[card.pk])).text
    assert student.full_name in own
    assert place.own[1].student.full_name not in own
    assert family.get(reverse("card_pdf", args=[card.pk])).status_code == 403


def test_marks_of_a_pupil_who_changed_class_stand_in_both_registers(world: Signed) -> None:
    """Rule 18: carried once; the new class teacher has nothing to carry again, the old register keeps the pupil."""
    pupil = world.place.own[0].student
    world.carry()
    other = SchoolClass.objects.create(organisation=world.place.home, year=2026, grade=10, letter="Щ")
    pupil.school_class = other
    pupil.save(update_fields=["school_class"])
    assert [row[0] for row in texts(world)] == ["5", "4"]
    page = register_page(other)
    assert ([cell.text for cell in page.rows[0].cells[:1]], page.waiting, page.differences) == (["5"], 0, [])


@pytest.mark.parametrize("pupils", [1, 3])
def test_register_asks_the_same_number_of_questions(pupils: int) -> None:
    world = half_year(own=pupils, others=0)
    world.received()
    world.carry()
    client, url = sign_in(Client(), world.class_teacher), reverse("register", args=[world.school_class.pk])
    with CaptureQueriesContext(connection) as asked:
        page = client.get(url).text
    assert (page.count("#line-"), len(asked)) == (pupils, 12)


def test_certificate_mark_of_the_last_class_takes_six_values() -> None:
    """6.5, 6.11: half-year and year marks of both years; one missing leaves it open."""

    def before(*values: int) -> dict[Term, SummaryEntry | None]:
        return {
            term: SummaryEntry(value=value) for term, value in zip((Term.H1, Term.H2, Term.YEAR), values, strict=False)
        }

    now = {Term.H1: 3, Term.H2: 4, Term.YEAR: 4}
    assert _total(11, now, before(4, 4, 4)) == 4
    assert _total(11, {Term.H1: 3, Term.H2: 4, Term.YEAR: 3}, before(3, 4, 4)) == 4
    assert _total(11, now, before(4, 4)) is None
    assert _total(10, now, {}) == 4


def test_cards_of_two_years_give_the_six_values_of_the_last_class() -> None:
    """6.5, 6.11: half-year and year marks of the 10th and the 11th class, each with its card; halves go up."""
    place = scene(own=1, others=0, lessons=0)
    world = Signed(place)
    _year(world, 2026, (5, 5, 5))
    tenth, pupil = world.school_class, place.own[0].student
    eleventh = SchoolClass.objects.create(
        organisation=place.home, year=2027, grade=11, letter=tenth.letter, class_teacher=world.class_teacher.duty
    )
    pupil.school_class = eleventh
    pupil.save(update_fields=["school_class"])
    assert [row[0] for row in texts(world)] == ["5"]  # the register of the tenth class stays as it was
    group = StudyGroupFactory(
        open=True, course__programme=place.group.course.programme, course__network=place.group.course.network,
        course__year=2027, name="Ф-2", teacher=place.group.teacher,
    )  # fmt: skip
    order = OrderFactory(group=group, request=place.own[0].order.request)
    own = [EnrolmentFactory(group=group, order=order, student=pupil)]
    later = Signed(replace(place, group=group, own=own), people=world.people)
    _year(later, 2027, (4, 4, 4))
    page = register_page(eleventh)
    assert page.subjects[0].labels == (
        "10\u00a0кл. I полуг.", "10\u00a0кл. II полуг.", "10\u00a0кл. год",
        "I полуг.", "II полуг.", "атт.", "год", "итог",
    )  # fmt: skip
    assert (texts(later), page.differences) == ([["5", "5", "5", "4", "4", "–", "4", "5"]], [])
    assert len({cell.line.card_id for cell in page.rows[0].cells if cell.line}) == 6
    assert register_paper(eleventh).sheets[0].lines[0].marks == ("5", "5", "5", "4", "4", "–", "4", "5")


def _year(world: Signed, year: int, values: tuple[int, int, int]) -> None:
    """Let a course last from Christmas to Epiphany, and carry its two half-years and its year into the register."""
    place, days = world.place, {"date_from": date(year, 12, 25), "date_to": date(year + 1, 1, 6)}
    NetworkCourse.objects.filter(pk=place.group.course_id).update(**days)
    Enrolment.objects.filter(group=place.group).update(**days)
    place.group.course.refresh_from_db()
    world.at = datetime(year + 1, 2, 3, 9, 0, tzinfo=UTC)
    for of, month in ((year, 12), (year + 1, 1)):
        transfer_seal(
            actor=place.coordinator, group=place.group, home=place.home, year=of, month=month, at=world.tick()
        )
    for term, value in zip((Term.H1, Term.H2, Term.YEAR), values, strict=True):
        mark_all(place, term, (value,))
        world.received(term)
    assert world.carry() == 3
