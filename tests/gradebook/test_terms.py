"""Final marks: arithmetic by the policy, what is proposed, and what the teacher gives (6.3–6.6, 6.11)."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from courses.enums import Scale, TermSystem, YearTie
from courses.models import GradingPolicy
from courses.policies import Policy, policy_of
from enrollment.models import Enrolment
from gradebook.attestation import propose, propose_year
from gradebook.enums import AttendanceCode, MarkValue, Term, TermValue
from gradebook.means import attestat_mark, to_mark, weighted_mean, year_mark
from gradebook.models import TermMark
from gradebook.selectors.terms import term_page, terms_of
from gradebook.services.terms import TermEdit, TermRefusalError, term_marks_save
from network_portal.common.errors import RuleError, StaleError
from schools.enums import DutyKind
from tests.factories.courses import AcademicYearFactory, HolidayFactory, StudyGroupFactory
from tests.factories.enrollment import EnrolmentFactory
from tests.factories.gradebook import DECEMBER, AttendanceFactory, MarkFactory, Scene, scene
from tests.factories.schools import sign_in

MATH = Policy().thresholds
STRICT = ((5, Decimal("4.65")), (4, Decimal("3.65")), (3, Decimal("2.65")))


# --- arithmetic ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("mean", "thresholds", "mark"),
    [
        ("4.5", MATH, 5),
        ("2.5", MATH, 3),
        ("3.49", MATH, 3),
        ("4.50", STRICT, 4),
        ("4.65", STRICT, 5),
        ("3.64", STRICT, 3),
        ("3.65", STRICT, 4),
        ("3.649", STRICT, 3),
        ("2", STRICT, 2),
    ],
)
def test_mark_of_a_mean_by_thresholds(mean: str, thresholds: tuple[tuple[int, Decimal], ...], mark: int) -> None:
    """6.11: the mean is compared unrounded."""
    assert to_mark(Decimal(mean), thresholds) == mark


def test_certificate_mark_of_the_requirements() -> None:
    """6.11: six half-year and year marks, rounded half up."""
    assert (attestat_mark([4, 4, 4, 3, 4, 4]), attestat_mark([3, 4, 4, 3, 4, 3])) == (4, 4)


@pytest.mark.parametrize(
    ("terms", "tie", "mark"),
    [
        ([3, 4], YearTie.UP, 4),
        ([3, 4], YearTie.LAST, 4),
        ([4, 3], YearTie.LAST, 3),
        ([4, 3], YearTie.UP, 4),
        ([3, 3, 4, 4], YearTie.LAST, 4),
        ([5, 4, 4, 4], YearTie.LAST, 4),
    ],
)
def test_year_mark_at_a_half_goes_where_the_policy_says(terms: list[int], tie: YearTie, mark: int) -> None:
    assert year_mark(terms, tie) == mark


@given(st.lists(st.integers(2, 5), min_size=1, max_size=6), st.sampled_from(YearTie))
def test_year_mark_is_the_nearest(terms: list[int], tie: YearTie) -> None:
    mean = Fraction(sum(terms), len(terms))
    assert abs(year_mark(terms, tie) - mean) <= Fraction(1, 2)


@given(
    st.lists(st.tuples(st.integers(2, 5), st.decimals("0.1", "10", places=2)), min_size=1, max_size=40),
    st.sampled_from([MATH, STRICT]),
)
def test_mark_reaches_its_threshold_and_no_higher_one(
    marks: list[tuple[int, Decimal]], thresholds: tuple[tuple[int, Decimal], ...]
) -> None:
    mean = weighted_mean(marks)
    assert mean is not None
    mark = to_mark(mean, thresholds)
    total = sum(Fraction(value) * Fraction(weight) for value, weight in marks)
    exact = total / sum(Fraction(weight) for _, weight in marks)
    assert mark == next((one for one, least in thresholds if exact >= Fraction(least)), 2)


def proposed(**facts: object) -> tuple[int | None, str]:
    values = {"mean": Decimal("4.2"), "marks": 5, "passed": 0, "absences": 0, "lessons": 18, **facts}
    proposal = propose(Policy(), 1, **values)  # type: ignore[arg-type]  # a table of facts
    return proposal.value, proposal.note


def test_proposal_of_the_requirements() -> None:
    """6.11, 6.6: half-year, 1 hour a week, 5 marks at least, more than half of the lessons missed."""
    assert proposed(absences=10, marks=2) == (TermValue.NA, "пропущено 10 из 18, отметок 2 из 5")
    assert proposed(absences=9, marks=4) == (
        None,
        "недостаточно отметок: 4 из 5",
    )
    assert proposed(absences=17) == (4, "")
    assert proposed(marks=0, mean=None, lessons=0)[0] is None


def test_proposal_of_a_pass_or_fail_course_is_the_majority() -> None:
    policy = Policy(scale=Scale.PASS_FAIL)
    found = [propose(policy, 1, mean=None, marks=6, passed=passed, absences=0, lessons=9).value for passed in (3, 4)]
    assert found == [TermValue.FAIL, TermValue.PASS]


def test_year_is_proposed_when_every_term_has_a_mark() -> None:
    policy = Policy()
    assert propose_year(policy, [(Term.H1, 4), (Term.H2, 5)]).value == 5
    assert propose_year(policy, [(Term.H1, 4), (Term.H2, None)]).note == "нет отметки: II полугодие"
    assert propose_year(policy, [(Term.H1, 4), (Term.H2, TermValue.NA)]).value is None


# --- the group ----------------------------------------------------------------------------------------------------


def standing(place: Scene, *, marks: int = 5) -> None:
    """Give the first pupil marks and one absence, the second two marks and no presence."""
    first, second = place.own
    for number, lesson in enumerate(place.lessons):
        if number < marks:
            MarkFactory(lesson=lesson, enrolment=first, value=4 + number % 2)
        if number < 2:
            MarkFactory(lesson=lesson, enrolment=second, value=2)
        else:
            AttendanceFactory(lesson=lesson, enrolment=second, code=AttendanceCode.ILL)


def save(place: Scene, *edits: tuple[Enrolment, TermEdit], term: str = "h1", at: datetime = DECEMBER) -> int:
    return term_marks_save(
        actor=place.teacher, group=place.group, term=term, edits={one.pk: edit for one, edit in edits}, at=at
    )


@pytest.mark.django_db
def test_terms_are_those_of_the_policy_and_the_calendar() -> None:
    group = StudyGroupFactory(open=True)
    year = AcademicYearFactory(organisation=group.course.programme.host)
    HolidayFactory(academic_year=year)
    HolidayFactory(academic_year=year, title="Зимние", date_from=date(2026, 12, 28), date_to=date(2027, 1, 10))
    assert [(one.term, one.first, one.last) for one in terms_of(group, Policy())] == [
        (Term.H1, date(2026, 9, 1), date(2026, 12, 31)),
        (Term.H2, date(2027, 1, 1), date(2027, 5, 31)),
        (Term.YEAR, date(2026, 9, 1), date(2027, 5, 31)),
    ]
    assert [(one.term, one.last) for one in terms_of(group, Policy(terms=TermSystem.QUARTERS))] == [
        (Term.Q1, date(2026, 10, 25)),
        (Term.Q2, date(2026, 12, 27)),
        (Term.Q3, date(2027, 3, 28)),
        (Term.Q4, date(2027, 5, 31)),
        (Term.YEAR, date(2027, 5, 31)),
    ]
    group.course.date_to = date(2026, 12, 20)
    assert [one.term for one in terms_of(group, Policy())] == [Term.H1]


@pytest.mark.django_db
def test_page_shows_each_pupil_what_is_proposed() -> None:
    place = scene(lessons=6)
    standing(place)
    page = term_page(place.teacher, place.group, term="", today=date(2026, 12, 3))
    assert [
        (row.standing.mean, row.standing.figures.absences, row.standing.lessons, row.standing.proposal.text)
        for row in page.rows
    ] == [("–", 0, 6, "–"), ("4,40", 0, 6, "4"), ("2,00", 4, 6, "н/а")]


@pytest.mark.django_db
def test_final_mark_differs_from_the_proposal_with_a_reason_only() -> None:
    """6.4: the computed value is a proposal; a deviation needs a reason; each value stays in the history."""
    place = scene(lessons=6)
    standing(place)
    first, second = place.own
    with pytest.raises(TermRefusalError) as refused:
        save(place, (first, TermEdit(5)), (second, TermEdit(TermValue.NA)), (place.others[0], TermEdit(3)))
    assert refused.value.errors == {
        first.pk: "Предложено «4», вы ставите «5»: укажите причину.",
        place.others[0].pk: "Портал ничего не предлагает: укажите, на каком основании ставится отметка.",
    }
    assert TermMark.objects.count() == 0
    assert save(place, (first, TermEdit(5, " Победа на олимпиаде ")), (second, TermEdit(TermValue.NA))) == 2
    mark = TermMark.objects.get(enrolment=first)
    assert (mark.value, mark.proposal, mark.mean, mark.reason, mark.given_by_id) == (
        5,
        4,
        Decimal("4.40"),
        "Победа на олимпиаде",
        place.teacher.user_id,
    )
    assert save(place, (first, TermEdit(4, seen="5|Победа на олимпиаде"))) == 1
    assert save(place, (first, TermEdit(None, seen="4|"))) == 1
    events = TermMark.pgh_event_model.objects.filter(enrolment=first).order_by("pgh_id")  # type: ignore[attr-defined]  # added by pghistory
    assert list(events.values_list("pgh_label", "value")) == [("insert", 5), ("update", 4), ("delete", 4)]
    with pytest.raises(IntegrityError, match="term_mark_reason"), transaction.atomic():
        TermMark.objects.filter(enrolment=second).update(value=5)


@pytest.mark.django_db
def test_final_mark_is_refused_for_a_forged_term_value_pupil_or_before_its_time() -> None:
    place = scene(lessons=6)
    standing(place)
    first = place.own[0]
    with pytest.raises(RuleError, match="периода у группы нет"):
        save(place, (first, TermEdit(4)), term="q1")
    with pytest.raises(RuleError, match="ещё не ставятся"):
        save(place, (first, TermEdit(4)), term="h2")
    with pytest.raises(TermRefusalError) as refused:
        save(place, (first, TermEdit(MarkValue.PASS)))
    assert refused.value.errors == {first.pk: "Такой отметки на этом курсе нет."}
    with pytest.raises(RuleError, match="Состав группы"):
        save(place, (EnrolmentFactory(group=StudyGroupFactory(open=True)), TermEdit(4)))
    Enrolment.objects.filter(pk=first.pk).update(date_from=date(2027, 1, 12))
    with pytest.raises(TermRefusalError) as refused:
        save(place, (first, TermEdit(4)))
    assert refused.value.errors == {first.pk: "В этом периоде обучающийся в группе не обучался."}


@pytest.mark.django_db
def test_final_mark_changed_meanwhile_is_told() -> None:
    place = scene(lessons=6)
    standing(place)
    save(place, (place.own[0], TermEdit(4)))
    with pytest.raises(StaleError, match="уже изменили"):
        save(place, (place.own[0], TermEdit(5, "Зачёт по проекту")))


@pytest.mark.django_db
def test_year_follows_from_the_terms() -> None:
    place = scene(lessons=6)
    standing(place)
    save(place, (place.own[0], TermEdit(4)))
    later = datetime(2027, 5, 28, 9, tzinfo=UTC)
    save(place, (place.own[0], TermEdit(5, "Перезачёт")), term="h2", at=later)
    assert save(place, (place.own[0], TermEdit(5)), term="year", at=later) == 1


# --- the page -----------------------------------------------------------------------------------------------------


@pytest.mark.django_db
@pytest.mark.parametrize("pupils", [1, 3])
def test_page_takes_the_same_number_of_queries(pupils: int) -> None:
    place = scene(own=pupils, lessons=6)
    client = sign_in(Client(), place.teacher)
    with CaptureQueriesContext(connection) as queries:
        page = client.get(reverse("term_marks", args=[place.group.pk]) + "?term=h1").content.decode()
    assert (len(queries), page.count("<tr>")) == (10, pupils + 2), [query["sql"][:90] for query in queries]


@pytest.mark.django_db
def test_page_keeps_what_was_typed_and_shows_home_its_own() -> None:
    place = scene(lessons=6)
    standing(place)
    url = reverse("term_marks", args=[place.group.pk]) + "?term=h1"
    client = sign_in(Client(), place.teacher)
    first, second = place.own
    data = {f"value_{first.pk}": "5", f"value_{second.pk}": "2", f"reason_{second.pk}": "Пересдача не сдана"}
    response = client.post(url, data)
    page = response.content.decode()
    assert response.status_code == 422
    assert "Предложено «4», вы ставите «5»: укажите причину." in page
    assert 'value="Пересдача не сдана"' in page
    assert client.post(url, {**data, f"reason_{first.pk}": "Олимпиада"}).status_code == 302
    assert "Сейчас стоит: 5." in client.post(url, {**data, f"reason_{first.pk}": "Другое"}).content.decode()
    curator = place.staff(place.home, DutyKind.CURATOR)
    seen = sign_in(Client(), curator).get(url).content.decode()
    assert ("Седьмова" in seen, "Двенадцатов" in seen, "<select" in seen, "Олимпиада" in seen) == (
        True,
        False,
        False,
        True,
    )
    assert sign_in(Client(), curator).post(url, data).status_code == 403


# --- the policy ---------------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_policy_of_the_programme_decides_weights_scale_and_least_marks() -> None:
    place = scene(lessons=6)
    standing(place)
    programme = place.group.course.programme
    GradingPolicy.objects.create(
        host=programme.host, programme=programme, five="4.40", four="3.40", three="2.40", least_1=2, absence_limit=70
    )
    programme.refresh_from_db()
    page = term_page(place.teacher, place.group, term="h1", today=date(2026, 12, 3))
    assert [row.standing.proposal.text for row in page.rows] == ["–", "5", "2"]
    assert policy_of(programme).least_marks(4) == 7


@pytest.mark.django_db
def test_absence_before_the_pupil_came_does_not_count() -> None:
    """Rule 10: before enrolment «не обучался», out of the percentage."""
    place = scene(lessons=6)
    Enrolment.objects.filter(pk=place.own[0].pk).update(date_from=place.lessons[4].date)
    page = term_page(place.teacher, place.group, term="h1", today=place.lessons[5].date + timedelta(days=1))
    assert [row.standing.lessons for row in page.rows] == [6, 2, 6]
