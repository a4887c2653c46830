"""Pupils and classes kept by hand, and whose word counts for a child on which day."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from network_portal.common.errors import RuleError, StaleError
from schools.access import students_for
from schools.acting import Acting, acting_choices
from schools.enums import DutyKind, GuardianRule, Kinship, LinkState, Role
from schools.guardians import decision_needed, needs_own_word
from schools.models import ExpectedGuardian, FormerPlace, GuardianLink, Student
from schools.selectors import candidates_for
from schools.services import link_end, link_request, link_verify
from schools.services.guardians import guardian_policy_set
from schools.services.pupils import expected_add, student_leave, student_move, student_return
from tests.factories.accounts import UserFactory
from tests.factories.schools import (
    DutyFactory,
    GuardianClaimFactory,
    GuardianLinkFactory,
    SchoolClassFactory,
    StudentFactory,
    acting_as,
    sign_in,
)
from tests.schools.conftest import World

AT = datetime(2026, 9, 1, 9, 0, tzinfo=UTC)
ON = AT.date()


def seen_by(user: object, on: date) -> list[Student]:
    return list(students_for(Acting(user, Role.PARENT, on=on)))


# --- days of a link -----------------------------------------------------------------------------------------------


def test_parents_rights_end_on_the_eighteenth_birthday_itself(world: World) -> None:
    link = GuardianLinkFactory(student=StudentFactory(home_school=world.home, birth_date=date(2008, 9, 2)))
    days = [date(2026, 9, 1), date(2026, 9, 2), date(2026, 9, 3)]
    assert [bool(seen_by(link.user, day)) for day in days] == [True, False, False]
    roles = [[choice.role for choice in acting_choices(link.user, day)] for day in days]
    assert roles == [[Role.PARENT], [Role.NOBODY], [Role.NOBODY]]


def test_child_of_29_february_is_of_age_on_1_march(world: World) -> None:
    link = GuardianLinkFactory(student=StudentFactory(home_school=world.home, birth_date=date(2008, 2, 29)))
    assert [bool(seen_by(link.user, day)) for day in (date(2026, 2, 28), date(2026, 3, 1))] == [True, False]


def test_link_gives_rights_from_its_first_to_its_last_day(world: World) -> None:
    link = GuardianLinkFactory(
        student=StudentFactory(home_school=world.home), valid_from=ON, valid_to=ON + timedelta(days=2)
    )
    days = [ON + timedelta(days=number) for number in (-1, 0, 2, 3)]
    assert [bool(seen_by(link.user, day)) for day in days] == [False, True, True, False]


def test_link_of_an_adult_is_not_verified(world: World) -> None:
    claim = GuardianClaimFactory(organisation=world.home)
    adult = StudentFactory(home_school=world.home, birth_date=date(2008, 9, 1))
    with pytest.raises(RuleError, match="исполнилось 18"):
        link_verify(actor=acting_as(world.home_deputy), link=claim, student=adult, basis_document="Паспорт", at=AT)


def test_link_for_a_time_ends_by_itself(world: World) -> None:
    claim, student = GuardianClaimFactory(organisation=world.home), StudentFactory(home_school=world.home)
    facts = {"actor": acting_as(world.home_deputy), "link": claim, "student": student, "basis_document": "Опека"}
    with pytest.raises(RuleError, match="истёк"):
        link_verify(**facts, valid_to=ON - timedelta(days=1), at=AT)
    link_verify(**facts, valid_to=ON, at=AT)
    assert [bool(seen_by(claim.user, day)) for day in (ON, ON + timedelta(days=1))] == [True, False]


def test_parent_loses_access_in_the_middle_of_an_action_with_a_clear_refusal(client: Client, world: World) -> None:
    link = GuardianLinkFactory(student=StudentFactory(home_school=world.home))
    parent = sign_in(client, link.user)
    assert parent.get(reverse("child_list")).status_code == 200
    sign_in(staff := Client(), world.home_deputy)
    end = reverse("guardian_link_end", args=[link.pk])
    assert staff.post(end, {"reason": "Решение суда"}).status_code == 422
    assert staff.post(end, {"reason": "Решение суда", "document": "Решение № 2-15 от 01.09.2026"}).status_code == 302
    link.refresh_from_db()
    assert (link.state, link.end_document) == (LinkState.ENDED, "Решение № 2-15 от 01.09.2026")
    answer = parent.post(reverse("application_create"), {"acted_as": "parent", "student": link.student_id})
    assert (answer.status_code, "ваше полномочие ещё действовало" in answer.text) == (409, True)
    assert "Решение № 2-15" not in parent.get(reverse("child_list")).text


def test_parent_of_another_child_is_told_that_the_rights_are_over(client: Client, world: World) -> None:
    link = GuardianLinkFactory(student=StudentFactory(home_school=world.home), child_name="Петрова Анна")
    GuardianLinkFactory(user=link.user, student=StudentFactory(home_school=world.home))
    parent, address = sign_in(client, link.user), reverse("application_object", args=[2**31])
    assert parent.post(address, {"reason": "Далеко ездить"}).status_code == 404
    link_end(actor=acting_as(world.home_deputy), link=link, document="Решение № 2-15", reason="Суд", at=AT)
    answer = parent.post(address, {"acted_as": "parent", "reason": "Далеко ездить"})
    assert (answer.status_code, "больше не представляете на портале ребёнка: Петрова Анна" in answer.text) == (
        409,
        True,
    )
    assert "Далеко ездить" in answer.text
    assert parent.get(address.replace("object/", "pdf/")).status_code == 404


def test_child_whose_link_ran_out_is_not_offered_an_application(client: Client, world: World) -> None:
    link = GuardianLinkFactory(student=StudentFactory(home_school=world.home), valid_to=date(2020, 1, 1))
    GuardianLinkFactory(user=link.user, student=StudentFactory(home_school=world.home))
    page = sign_in(client, link.user).get(reverse("child_list"))
    assert ([row.pk for row in page.context["closed"]], "права прекратились" in page.text) == ([link.pk], True)
    assert f"student={link.student_id}" not in page.text


def test_end_of_a_link_needs_a_document(world: World) -> None:
    link = GuardianLinkFactory(student=StudentFactory(home_school=world.home))
    with pytest.raises(RuleError) as refusal:
        link_end(actor=acting_as(world.home_deputy), link=link, document=" ", reason="Суд", at=AT)
    assert refusal.value.field == "document"


def test_person_may_have_five_open_claims(world: World) -> None:
    parent = acting_as(UserFactory(), Role.NOBODY)
    facts = {"actor": parent, "organisation": world.home, "kinship": Kinship.MOTHER, "child_class": "10 А", "at": AT}
    for number in range(5):
        link_request(**facts, child_name=f"Петров Иван{'аbвгд'[number]}", child_birth_date=date(2012, 1, 1))
    with pytest.raises(RuleError, match="уже ждут 5"):
        link_request(**facts, child_name="Петров Олег", child_birth_date=date(2012, 1, 1))
    assert GuardianLink.objects.count() == 5


# --- what the school knows of parents ---------------------------------------------------------------------------


def test_check_of_a_claim_shows_what_the_schools_list_says(client: Client, world: World) -> None:
    student = StudentFactory(home_school=world.home, last_name="Петров", birth_date=date(2010, 5, 17))
    claim = GuardianClaimFactory(organisation=world.home, child_name="Петров Иван", child_birth_date=date(2010, 5, 17))
    deputy = acting_as(world.home_deputy)
    assert [candidate.expected for candidate in candidates_for(deputy, claim)] == [""]
    expected_add(actor=deputy, student=student, name=claim.user.full_name, email=claim.user.email.upper(), at=AT)
    assert [candidate.expected for candidate in candidates_for(deputy, claim)] == ["имя и почта"]
    page = sign_in(client, world.home_deputy).get(reverse("guardian_claim", args=[claim.pk]))
    assert "родитель есть в данных школы: имя и почта" in page.text


def test_parent_on_the_schools_list_has_no_rights_by_it(world: World) -> None:
    student, parent = StudentFactory(home_school=world.home), UserFactory()
    expected_add(actor=acting_as(world.home_deputy), student=student, name=parent.full_name, email=parent.email, at=AT)
    assert seen_by(parent, ON) == []


# --- whose word -----------------------------------------------------------------------------------------------------


def test_word_is_asked_only_of_who_represents_the_child_on_that_day(world: World) -> None:
    student = StudentFactory(home_school=world.home)
    mother = GuardianLinkFactory(student=student).user
    GuardianLinkFactory(student=student, valid_to=ON - timedelta(days=1))
    guardian_policy_set(
        actor=acting_as(world.home_deputy), student=student, rule=GuardianRule.BOTH, days=3, basis="Заявление", at=AT
    )
    needed = decision_needed(student, ON)
    assert (needed.rule, needed.guardians, needed.others(mother.pk)) == (GuardianRule.BOTH, (mother,), ())


def test_rule_other_than_one_needs_a_basis(world: World) -> None:
    student = StudentFactory(home_school=world.home)
    assert decision_needed(student, ON).rule == GuardianRule.ONE
    with pytest.raises(RuleError) as refusal:
        guardian_policy_set(
            actor=acting_as(world.home_deputy), student=student, rule=GuardianRule.BOTH, days=3, basis="", at=AT
        )
    assert refusal.value.field == "basis"


def test_own_word_is_needed_from_the_fourteenth_birthday_on() -> None:
    days = (date(2012, 9, 2), date(2012, 9, 1), date(2010, 1, 1))
    assert [needs_own_word(born, ON) for born in days] == [False, True, True]


# --- pupils kept by hand ------------------------------------------------------------------------------------------


def new_pupil(world: World, **fields: object) -> dict[str, object]:
    school_class = SchoolClassFactory(organisation=world.home, grade=9, letter="Ю")
    values = {"last_name": "Юрьева", "first_name": "Ия", "patronymic": "", "gender": "", "birth_date": "2012-05-01"}
    return {**values, "school_class": school_class.pk, **fields}


def test_pupil_is_added_by_hand_once(client: Client, world: World) -> None:
    sign_in(client, world.home_deputy)
    data = new_pupil(world)
    answer = client.post(reverse("student_create"), data)
    student = Student.objects.get(last_name="Юрьева")
    assert answer.headers["Location"] == reverse("student", args=[student.pk])
    assert (student.home_school, student.gender) == (world.home, "f")
    again = client.post(reverse("student_create"), {**data, "last_name": "ЮРЬЕВА"})
    assert (again.status_code, list(again.context["form"].errors)) == (422, ["last_name"])


def test_class_of_another_school_is_not_offered(client: Client, world: World) -> None:
    foreign = SchoolClassFactory(organisation=world.stranger)
    sign_in(client, world.home_deputy)
    assert client.post(reverse("student_create"), new_pupil(world, school_class=foreign.pk)).status_code == 422


def test_moves_leave_and_return_keep_where_the_pupil_was(world: World) -> None:
    student = StudentFactory(home_school=world.home)
    first, second = student.school_class, SchoolClassFactory(organisation=world.home)
    deputy = acting_as(world.home_deputy)
    student_move(actor=deputy, student=student, school_class=second, on=ON, basis="Приказ № 1", at=AT)
    student_leave(actor=deputy, student=student, on=ON, basis="Приказ № 2", at=AT)
    student.refresh_from_db()
    assert (student.left_on, student.left_reason, student.home_school) == (ON, "Приказ № 2", world.home)
    with pytest.raises(StaleError):
        student_leave(actor=deputy, student=student, on=ON, basis="Приказ № 2", at=AT)
    with pytest.raises(RuleError, match="выбыл"):
        student_move(actor=deputy, student=student, school_class=first, on=ON, basis="Приказ", at=AT)
    student_return(actor=deputy, student=student, at=AT)
    places = [(place.school_class, place.until) for place in FormerPlace.objects.order_by("pk")]
    assert places == [(first, ON - timedelta(days=1)), (second, ON)]


def test_cases_written_by_hand_are_kept(client: Client, world: World) -> None:
    student = StudentFactory(home_school=world.home, gender="m")
    sign_in(client, world.home_deputy)
    url = reverse("student_edit", args=[student.pk])
    form = client.get(url).context["form"]
    data = {name: form.initial[name] for name in form.fields}
    assert client.post(url, {**data, "name_genitive": "Дюма Александра"}).status_code == 302
    student.refresh_from_db()
    assert student.name_genitive == "Дюма Александра"
    assert client.post(url, {**data, "name_dative": "Другое"}).status_code == 409


def test_card_keeps_parents_rule_and_classes(client: Client, world: World) -> None:
    student = StudentFactory(home_school=world.home)
    sign_in(client, world.home_deputy)
    card = reverse("student", args=[student.pk])
    client.post(
        reverse("guardian_expected_add", args=[student.pk]), {"name": "Петрова Мария", "email": "m@demo.example"}
    )
    client.post(reverse("guardian_policy", args=[student.pk]), {"rule": "objection", "days": 5, "basis": "Заявление"})
    text = client.get(card).text.replace("\xa0", " ")
    assert ("Петрова Мария, m@demo.example" in text, "возразить в срок: 5 дней" in text) == (True, True)
    expected = ExpectedGuardian.objects.get()
    client.post(reverse("guardian_expected_remove", args=[expected.pk]))
    assert ExpectedGuardian.objects.count() == 0
    refused = client.post(reverse("guardian_policy", args=[student.pk]), {"rule": "both", "days": 3, "basis": ""})
    assert (refused.status_code, list(refused.context["policy"].errors)) == (422, ["basis"])


def test_list_is_narrowed_by_class_name_and_state(client: Client, world: World) -> None:
    one = StudentFactory(home_school=world.home, last_name="Ёлкин", first_name="Пётр")
    two = StudentFactory(home_school=world.home, last_name="Яковлев")
    StudentFactory(home_school=world.stranger, last_name="Ёлкин")
    student_leave(actor=acting_as(world.home_deputy), student=two, on=ON, basis="Приказ", at=AT)
    sign_in(client, world.home_deputy)

    def found(query: str) -> list[Student]:
        return list(client.get(reverse("student_list") + query).context["page"])

    queries = ("", "?name=елк+петр", "?left=1", f"?school_class={one.school_class_id}", "?name=Нет", "?sort=-born")
    assert [found(query) for query in queries] == [[one], [one], [two], [one], [], [one]]


def test_class_teacher_sees_the_own_class_and_changes_nothing(client: Client, world: World) -> None:
    duty = DutyFactory(organisation=world.home, kind=DutyKind.CLASS_TEACHER)
    own = StudentFactory(home_school=world.home, school_class__class_teacher=duty)
    other = StudentFactory(home_school=world.home)
    sign_in(client, duty)
    assert list(client.get(reverse("student_list")).context["page"]) == [own]
    assert "Перевести" not in client.get(reverse("student", args=[own.pk])).text
    assert client.get(reverse("student", args=[other.pk])).status_code == 404
    assert client.get(reverse("student_edit", args=[own.pk])).status_code == 403


def test_empty_list_leads_to_the_import(client: Client, world: World) -> None:
    page = sign_in(client, world.home_deputy).get(reverse("student_list"))
    assert ("Обучающихся ещё нет" in page.text, page.text.count(reverse("import_list")) >= 2) == (True, True)


@pytest.mark.parametrize("rows", [1, 3])
def test_lists_of_pupils_ask_the_same_number_of_queries(
    client: Client, world: World, rows: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    StudentFactory.create_batch(rows, home_school=world.home)
    sign_in(client, world.home_deputy)
    client.get(reverse("student_list"))
    with django_assert_num_queries(7):
        assert len(client.get(reverse("student_list")).context["page"]) == rows
    with django_assert_num_queries(5):
        assert len(client.get(reverse("class_list")).context["classes"]) == rows
