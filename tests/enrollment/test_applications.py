"""Rules of the application: window, class, agreement, consents, duplicates, the school's decision."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from courses.enums import CourseState
from enrollment import services
from enrollment.enums import ApplicationState
from enrollment.models import Application
from enrollment.selectors.applications import check_choices, courses_late, courses_offered, window_end_words
from network_portal.common.errors import RuleError, StaleError
from network_portal.documents.kinds import parse
from network_portal.documents.proofs import Proof
from network_portal.documents.selectors import current_version
from schools.enums import AgreementState
from tests.enrollment.network import AT, Applied, World, submit, tick
from tests.factories.courses import NetworkCourseFactory, StudyGroupFactory, TimetableSlotFactory
from tests.factories.schools import (
    GuardianLinkFactory,
    MembershipFactory,
    NetworkFactory,
    OrganisationFactory,
    SchoolClassFactory,
    acting_as,
)

pytestmark = pytest.mark.django_db
MOSCOW = ZoneInfo("Europe/Moscow")


# --- what is offered ----------------------------------------------------------------------------------------------


def test_courses_offered_fit_the_child(world: World) -> None:
    child, _ = world.child()
    world.course_of_host(state=CourseState.DRAFT)
    world.course_of_host(state=CourseState.CLOSED)
    world.course_of_host(applications_from=AT + timedelta(days=1))
    world.course_of_host(applications_until=AT)
    world.course_of_host(programme__grade_from=7, programme__grade_to=9)
    NetworkCourseFactory(network=world.network, programme__host=world.home.organisation)
    NetworkCourseFactory(network=NetworkFactory(), programme__host=world.host.organisation)
    assert list(courses_offered(child, AT)) == [world.course]


def test_class_counts_in_the_year_of_the_course(world: World) -> None:
    ninth = SchoolClassFactory(organisation=world.home.organisation, grade=8, year=2025)
    child, _ = world.child(school_class=ninth)
    assert list(courses_offered(child, AT)) == [world.course]


@pytest.mark.parametrize("what", ["course of another network", "own school's course", "no such course"])
def test_course_that_is_not_offered_cannot_be_chosen(world: World, drafted: Applied, what: str) -> None:
    application, parent = drafted
    other = {
        "course of another network": lambda: NetworkCourseFactory(programme__host=world.host.organisation).pk,
        "own school's course": lambda: (
            NetworkCourseFactory(network=world.network, programme__host=world.home.organisation).pk
        ),
        "no such course": lambda: 10**6,
    }[what]()
    with pytest.raises(RuleError, match="подать заявление нельзя"):
        services.application_choose(actor=parent, application=application, course_id=other, at=AT)
    assert application.choices.count() == 1


# --- wishes -------------------------------------------------------------------------------------------------------


def titles(application: Application) -> list[str]:
    return [choice.course.programme.title for choice in application.choices.order_by("rank")]


def test_wishes_are_moved_and_taken_out(world: World) -> None:
    courses = [world.course_of_host(programme__title=title) for title in ("А", "Б", "В")]
    application, parent = world.drafted(*courses)
    common = {"actor": parent, "application": application, "at": AT}
    services.application_rank(**common, course_id=courses[2].pk, up=True)
    assert titles(application) == ["А", "В", "Б"]
    services.application_rank(**common, course_id=courses[0].pk, up=True)
    services.application_rank(**common, course_id=courses[1].pk, up=False)
    assert titles(application) == ["А", "В", "Б"]
    services.application_unchoose(**common, course_id=courses[0].pk)
    assert titles(application) == ["В", "Б"]
    assert list(application.choices.order_by("rank").values_list("rank", flat=True)) == [1, 2]


def test_draft_is_there_tomorrow(world: World, drafted: Applied) -> None:
    application, parent = drafted
    again = services.application_start(actor=parent, student=application.student, at=AT + timedelta(days=1))
    assert again == application
    assert titles(again) == ["Физика вокруг нас"]


def test_start_from_the_page_of_a_course(world: World) -> None:
    child, parent = world.child()
    application = services.application_start(actor=parent, student=child, course_id=world.course.pk, at=AT)
    assert titles(application) == ["Физика вокруг нас"]


# --- the window (6.11) --------------------------------------------------------------------------------------------


def closing_at_midnight(world: World) -> datetime:
    """Let the window of the course end with 28 August in the network's zone; return that midnight."""
    midnight = datetime.combine(date(2026, 8, 29), time.min, MOSCOW)
    world.course.applications_until = midnight
    world.course.save(update_fields=["applications_until"])
    return midnight


def test_last_microsecond_is_in_time(world: World) -> None:
    midnight = closing_at_midnight(world)
    last = (midnight - timedelta(microseconds=1)).astimezone(UTC)
    assert last == datetime(2026, 8, 28, 20, 59, 59, 999999, tzinfo=UTC)
    application, parent = world.prepared(at=last - timedelta(hours=1))
    application = submit(application, parent, at=last)
    assert application.state == ApplicationState.REGISTERED
    assert application.document.registered_on == date(2026, 8, 28)


def test_window_that_closed_while_the_form_was_open_is_told_and_nothing_is_lost(world: World) -> None:
    midnight = closing_at_midnight(world)
    application, parent = world.prepared()
    with pytest.raises(RuleError, match=r"приём заявлений закончился: «Физика вокруг нас»\. Всё, что вы выбрали"):
        submit(application, parent, at=midnight.astimezone(UTC))
    application.refresh_from_db()
    assert (application.state, application.choices.count()) == (ApplicationState.DRAFT, 1)
    services.application_prepare(actor=parent, application=application, at=midnight)
    tick(application, parent, at=midnight)
    application = submit(application, parent, at=midnight)
    assert (application.state, application.registered_at) == (ApplicationState.REGISTERED, midnight)
    assert application.choices.get().late


@pytest.mark.parametrize(
    ("zone", "last_utc"),
    [
        ("Asia/Yekaterinburg", datetime(2026, 8, 28, 18, 59, 59, tzinfo=UTC)),
        ("Europe/Kaliningrad", datetime(2026, 8, 28, 21, 59, 59, tzinfo=UTC)),
    ],
)
def test_last_second_counts_in_the_networks_own_zone(world: World, zone: str, last_utc: datetime) -> None:
    world.network.time_zone = zone
    world.network.save(update_fields=["time_zone"])
    world.course.applications_until = datetime.combine(date(2026, 8, 29), time.min, ZoneInfo(zone))
    world.course.save(update_fields=["applications_until"])
    application, parent = world.prepared(at=last_utc)
    application = submit(application, parent, at=last_utc)
    assert (application.choices.get().late, application.document.registered_on) == (False, date(2026, 8, 28))
    late, mother = world.prepared(at=last_utc + timedelta(seconds=1))
    assert submit(late, mother, at=last_utc + timedelta(seconds=1)).choices.get().late


def test_window_that_ends_in_the_doubled_hour_of_the_clock_change(world: World) -> None:
    """In Berlin 25.10.2026 02:30 comes twice; the window ends at its second coming."""
    berlin = ZoneInfo("Europe/Berlin")
    world.network.time_zone = "Europe/Berlin"
    world.network.save(update_fields=["time_zone"])
    end = datetime(2026, 10, 25, 2, 30, tzinfo=berlin, fold=1)
    world.course.applications_until = end.astimezone(UTC)
    world.course.save(update_fields=["applications_until"])
    first_time = datetime(2026, 10, 25, 2, 30, tzinfo=berlin).astimezone(UTC)
    assert end.astimezone(UTC) - first_time == timedelta(hours=1)
    assert world.course.takes_applications(first_time)
    assert world.course.takes_applications(end.astimezone(UTC) - timedelta(seconds=1))
    assert not world.course.takes_applications(end.astimezone(UTC))
    assert window_end_words(world.course) == "до 02:30 25\xa0октября 2026\xa0г."


def test_late_application_is_chosen_apart_and_the_paper_says_so(world: World) -> None:
    midnight = closing_at_midnight(world)
    student, _ = child = world.child()
    assert (list(courses_offered(student, midnight)), list(courses_late(student, midnight))) == ([], [world.course])
    application, _ = world.prepared(child=child, at=midnight)
    assert [remark[0] for remark in remarks(application, midnight)] == ["warn"]
    assert parse(current_version(application.prepared).content)["late"] == ["«Физика вокруг нас»"]


def test_late_application_is_accepted_by_the_deputy_alone_with_a_reason(world: World) -> None:
    midnight = closing_at_midnight(world)
    application, _ = world.submitted(at=midnight)
    common = {"application": application, "at": midnight}
    with pytest.raises(RuleError, match="только заместитель директора"):
        services.application_accept(actor=world.home.coordinator, **common, late_reason="Болел")
    with pytest.raises(RuleError, match="Укажите, почему") as refusal:
        services.application_accept(actor=world.home.deputy, **common)
    assert refusal.value.field == "reason"
    application = services.application_accept(actor=world.home.deputy, **common, late_reason="Семья переехала")
    assert (application.state, application.late_reason) == (ApplicationState.ACCEPTED, "Семья переехала")


def test_course_that_is_over_takes_no_late_application(world: World) -> None:
    closing_at_midnight(world)
    after = datetime(2027, 6, 1, tzinfo=UTC)
    student, _ = world.child()
    assert list(courses_late(student, after)) == []


def test_day_of_the_paper_is_that_of_the_networks_zone(world: World) -> None:
    evening = datetime(2026, 8, 24, 21, 30, tzinfo=UTC)
    application, parent = world.prepared(at=evening)
    assert submit(application, parent, at=evening).document.registered_on == date(2026, 8, 25)


def test_window_words_name_the_hour_when_it_is_not_midnight(world: World) -> None:
    world.course.applications_until = datetime(2026, 8, 28, 15, 0, tzinfo=UTC)
    assert window_end_words(world.course) == "до 18:00 28\xa0августа 2026\xa0г."


def test_course_closed_while_the_form_was_open(world: World, prepared: Applied) -> None:
    application, parent = prepared
    world.course.state = CourseState.CLOSED
    world.course.save(update_fields=["state"])
    with pytest.raises(RuleError, match="«Физика вокруг нас»: Принимающая школа сняла курс с набора"):
        submit(application, parent)


# --- the check ----------------------------------------------------------------------------------------------------


def remarks(application: Application, at: datetime = AT) -> list[tuple[str, str]]:
    return [(remark.tone, remark.text) for one in check_choices(application, at) for remark in one.remarks]


def test_nothing_stands_against(world: World, drafted: Applied) -> None:
    application, _ = drafted
    assert remarks(application) == [("good", "Препятствий нет.")]


def test_without_an_agreement_in_force_the_course_is_blocked(world: World, drafted: Applied) -> None:
    application, parent = drafted
    world.agreement.state = AgreementState.SUSPENDED
    world.agreement.save(update_fields=["state"])
    assert [tone for tone, text in remarks(application) if "нет действующего договора" in text] == ["bad"]
    with pytest.raises(RuleError, match="нет действующего договора"):
        services.application_prepare(actor=parent, application=application, at=AT)


def test_class_that_does_not_fit_any_more(world: World, drafted: Applied) -> None:
    application, _ = drafted
    programme = world.course.programme
    programme.grade_to = 9
    programme.save(update_fields=["grade_to"])
    assert remarks(application) == [
        ("bad", "Курс для 9–9\xa0классов, а ребёнок в 2026/2027 учебном году учится в 10\xa0классе.")
    ]


def test_closing_window_and_full_course_are_warnings_and_wishes_do_not_clash_with_each_other(world: World) -> None:
    same_time = world.course_of_host(programme__title="Химия", seats=1, applications_until=AT + timedelta(days=2))
    group = StudyGroupFactory(course=same_time, capacity=1, seats_taken=1)
    TimetableSlotFactory(group=group, starts=time(15, 30), ends=time(16, 15))
    application, parent = world.drafted(world.course, same_time)
    assert [(tone, text.split()[0]) for tone, text in remarks(application)] == [
        ("good", "Препятствий"), ("warn", "Срок"), ("warn", "Свободных"),
    ]  # fmt: skip
    services.application_prepare(actor=parent, application=application, at=AT)


def test_second_application_for_a_course_is_blocked(world: World) -> None:
    child = world.child()
    world.submitted(child=child)
    second, parent = world.drafted(child=child)
    assert [tone for tone, text in remarks(second) if "уже подано заявление №\xa01" in text] == ["bad"]
    with pytest.raises(RuleError, match="уже подано заявление"):
        services.application_prepare(actor=parent, application=second, at=AT)


def test_the_other_guardian_is_told_that_there_is_an_application(world: World) -> None:
    student, parent = world.child()
    mother = acting_as(GuardianLinkFactory(student=student).user)
    first, _ = world.prepared(child=(student, parent))
    second, _ = world.prepared(child=(student, mother))
    submit(first, parent)
    with pytest.raises(RuleError, match="уже подано заявление №\xa01"):
        submit(second, mother)


# --- signing ------------------------------------------------------------------------------------------------------


def test_wrong_password_leaves_the_draft(world: World, prepared: Applied) -> None:
    application, parent = prepared
    with pytest.raises(RuleError, match="Пароль неверен"):
        submit(application, parent, password="не тот пароль")
    application.refresh_from_db()
    assert (application.state, application.document) == (ApplicationState.DRAFT, None)


def test_wishes_changed_after_the_check_are_not_signed_unseen(world: World, prepared: Applied) -> None:
    application, parent = prepared
    other = world.course_of_host(programme__title="Химия")
    services.application_choose(actor=parent, application=application, course_id=other.pk, at=AT)
    with pytest.raises(StaleError, match="Заявление изменилось после проверки"):
        submit(application, parent)
    application.refresh_from_db()
    old = current_version(application.sheet).sha256
    services.application_prepare(actor=parent, application=application, at=AT)
    tick(application, parent)
    application.refresh_from_db()
    with pytest.raises(StaleError, match="вы открывали редакцию 1, сейчас действует редакция 2"):
        services.application_submit(
            actor=parent, application=application, version_sha256=old, proof=Proof("любой"), at=AT
        )


def test_added_course_of_a_returned_application_takes_its_own_place(world: World) -> None:
    other = world.course_of_host(programme__title="Химия")
    application, parent = world.submitted()
    services.application_return(actor=world.home.deputy, application=application, reason="Уточните", at=AT)
    later = AT + timedelta(days=2)
    common = {"actor": parent, "application": application, "at": later}
    services.application_choose(**common, course_id=other.pk)
    services.application_rank(**common, course_id=other.pk, up=True)
    application.refresh_from_db()
    application = services.application_prepare(**common)
    assert submit(application, parent, at=later).registered_at == later


def test_returned_application_may_be_mended_after_the_window(world: World) -> None:
    midnight = closing_at_midnight(world)
    application, parent = world.submitted()
    services.application_return(actor=world.home.deputy, application=application, reason="Уточните", at=AT)
    application.refresh_from_db()
    application = services.application_prepare(actor=parent, application=application, at=midnight)
    application = submit(application, parent, at=midnight)
    assert (application.state, application.registered_at) == (ApplicationState.REGISTERED, AT)


# --- the school decides -------------------------------------------------------------------------------------------


def test_return_and_refusal_need_a_reason(world: World, submitted: Applied) -> None:
    application, _ = submitted
    for service in (services.application_return, services.application_refuse):
        with pytest.raises(RuleError, match="Укажите причину") as refusal:
            service(actor=world.home.deputy, application=application, reason="  ", at=AT)
        assert refusal.value.field == "reason"
    application.refresh_from_db()
    assert application.state == ApplicationState.REGISTERED


def test_second_deputy_is_told_who_decided(world: World, submitted: Applied) -> None:
    application, _ = submitted
    services.application_accept(actor=world.home.deputy, application=application, at=AT)
    with pytest.raises(StaleError, match=r"Заявление уже в состоянии «принято школой»\. Решение: "):
        services.application_accept(actor=world.home.coordinator, application=application, at=AT)


def test_withdrawn_application_cannot_be_decided(world: World, submitted: Applied) -> None:
    application, parent = submitted
    services.application_withdraw(actor=parent, application=application, at=AT)
    with pytest.raises(StaleError, match="отозвано"):
        services.application_accept(actor=world.home.deputy, application=application, at=AT)


def test_director_must_be_known_before_the_paper_is_made(world: World) -> None:
    home = OrganisationFactory()
    MembershipFactory(network=world.network, organisation=home)
    world.home.organisation = home
    world.agreement.conditions.update(home=home)
    application, parent = world.drafted()
    with pytest.raises(RuleError, match="не заполнено «Директор школы"):
        services.application_prepare(actor=parent, application=application, at=AT)
