"""Two states of an enrolment, T04 and orders that change others, exits, closing (S0-5, 3.5-3.7; lessons 1, 2, 8)."""

from __future__ import annotations

from datetime import date, timedelta
from importlib import import_module
from itertools import product

import pytest
from django.db import connection

from courses.enums import GroupState
from enrollment import services
from enrollment.enums import (
    Counts,
    EnrolmentState,
    ExitReason,
    ExitRecord,
    HomeState,
    LeaveState,
    LineDecision,
    OfferState,
    Outcome,
    RequestState,
    Review,
)
from enrollment.models import Acquaintance, Enrolment, SchoolOrder, SchoolRequest, SeatOffer
from enrollment.selectors.leaving import exits_of_home
from enrollment.selectors.outcomes import TwoStates, outcome
from enrollment.services import Exit
from network_portal.common.errors import RuleError, StaleError
from network_portal.documents.enums import DocumentState
from network_portal.notices.selectors import notices_of
from network_portal.outbox.models import OutboxEvent
from network_portal.outbox.services import deliver
from schools.services import agreement_end, agreement_suspend
from tests.enrollment.network import AT, ON, Applied, World, duty_of, give_consents
from tests.factories.enrollment import EnrolmentFactory
from tests.factories.schools import AgreementFactory, DutyFactory

pytestmark = pytest.mark.django_db

H, S, X, R, O = EnrolmentState, HomeState, ExitRecord, Review, Outcome  # noqa: E741 -- as in the table below


def words_of(enrolment: Enrolment) -> str:
    enrolment.refresh_from_db()
    return str(TwoStates(enrolment).outcome.label)


# --- the outcome --------------------------------------------------------------------------------------------------

OPEN_TABLE = {
    (H.BOOKED, S.PROPOSED): O.WAITS_HOST,
    (H.BOOKED, S.DIRECTED): O.WAITS_HOST,
    (H.ENROLLED, S.PROPOSED): O.WAITS_HOME,
    (H.ENROLLED, S.DIRECTED): O.STUDIES,
}


@pytest.mark.parametrize(("host", "home"), list(product((H.BOOKED, H.ENROLLED), S)))
def test_outcome_while_the_study_goes_on(host: EnrolmentState, home: HomeState) -> None:
    """Lessons, addition 1: two states that contradict each other need a decision."""
    assert outcome(host, home, X.NONE, R.NONE) == OPEN_TABLE.get((host, home), O.UNSOLVED)
    assert {outcome(host, home, X.NONE, why) for why in (R.CONSENT, R.MOVED, R.AGREEMENT)} == {O.UNSOLVED}


@pytest.mark.parametrize("home", S)
def test_outcome_at_the_end(home: HomeState) -> None:
    assert outcome(H.CANCELLED, home, X.NONE, R.NONE) == O.CANCELLED
    assert outcome(H.COMPLETED, home, X.NONE, R.NONE) == O.COMPLETED
    left = {record: outcome(H.LEFT, home, record, R.NONE) for record in (X.LEFT, X.NOT_STUDIED)}
    if home == S.RELEASED:
        assert left == {X.LEFT: O.EXCLUDED, X.NOT_STUDIED: O.EXCLUDED}
    else:
        assert left == {X.LEFT: O.LEFT, X.NOT_STUDIED: O.NOT_STUDIED}


def test_both_states_keep_their_authors(world: World, enrolment: Enrolment) -> None:
    assert (enrolment.state, enrolment.state_by, enrolment.state_at) == (H.ENROLLED, world.host.director.user, AT)
    assert (enrolment.home_state, enrolment.home_by, enrolment.home_at) == (S.PROPOSED, None, AT)
    assert words_of(enrolment) == "зачислен, ждём приказ своей школы"
    world.sign_school_order(world.main_order())
    enrolment.refresh_from_db()
    assert (enrolment.home_state, enrolment.home_by) == (S.DIRECTED, world.home.director.user)
    assert words_of(enrolment) == "обучается"


def test_rows_of_old_are_given_both_states(world: World) -> None:
    enrolment = EnrolmentFactory(group=world.group, student=world.child()[0])
    line = enrolment.line
    line.decided_by, line.decided_at = world.host.deputy.user, AT
    line.save()
    with connection.cursor() as cursor:
        cursor.execute(import_module("enrollment.migrations.0006_two_states").FORWARDS)
    enrolment.refresh_from_db()
    assert (enrolment.state_by, enrolment.state_at, enrolment.home_state) == (world.host.deputy.user, AT, S.PROPOSED)
    assert enrolment.home_at == line.request.sent_at


# --- the mapping --------------------------------------------------------------------------------------------------


def test_list_without_mapping_is_not_sent(world: World, sent: SchoolRequest) -> None:
    """Lessons, addition 6."""
    assert sent.state == RequestState.SENT
    other = world.course_of_host(programme__title="Робототехника")
    second, _ = world.accepted(other)
    with pytest.raises(RuleError, match="не сопоставлены с учебным планом вашей школы «Робототехника»"):
        _signed_and_sent(world, second)


def _signed_and_sent(world: World, application: object) -> None:
    mapped = world.mapped
    world.mapped = lambda *courses, home=None: None
    try:
        world.sent(application)
    finally:
        world.mapped = mapped


def test_mapping_needs_hours(world: World) -> None:
    with pytest.raises(RuleError, match="число часов"):
        services.mapping_set(
            actor=world.home.deputy, course=world.course, part="Физика", hours=0, counts=Counts.ADDS, at=AT
        )


# --- T04 and its changes ------------------------------------------------------------------------------------------


def test_main_order_names_people_and_asks_them_to_read(world: World, enrolment: Enrolment) -> None:
    teacher = DutyFactory(organisation=world.home.organisation, kind="class_teacher")
    school_class = enrolment.student.school_class
    school_class.class_teacher = teacher
    school_class.save()
    order = world.sign_school_order(world.main_order())
    asked = Acquaintance.objects.filter(document=order.document)
    assert [(row.user, row.capacity, row.due) for row in asked] == [
        (world.home.deputy.user, "ответственный за сетевое взаимодействие", date(2026, 8, 27)),
        (world.home.curator.user, "учитель-куратор", date(2026, 8, 27)),
        (teacher.user, "классный руководитель", date(2026, 8, 27)),
    ]
    services.order_acquaint(actor=world.home.curator, document=order.document, at=AT)
    assert asked.get(user=world.home.curator.user).seen_at == AT
    with pytest.raises(StaleError, match="уже ознакомились"):
        services.order_acquaint(actor=world.home.curator, document=order.document, at=AT)
    with pytest.raises(StaleError, match="Вас в этом приказе нет"):
        services.order_acquaint(actor=world.host.deputy, document=order.document, at=AT)


def test_second_main_order_is_refused(world: World, enrolment: Enrolment) -> None:
    world.main_order()
    with pytest.raises(RuleError, match="уже есть проект приказа"):
        world.main_order()


def test_registered_order_is_changed_by_another(world: World, main: SchoolOrder) -> None:
    """3.5: a registered order is never edited."""
    world.group.refresh_from_db()
    (added,) = world.enrolled()
    curator = DutyFactory(organisation=world.home.organisation, kind="curator")
    change = services.home_change_create(
        actor=world.home.deputy, order=main, added=[added], curator=curator, ground="служебная записка", at=AT
    )
    main.document.refresh_from_db()
    assert main.document.state == DocumentState.IN_FORCE
    change = world.sign_school_order(change)
    main.document.refresh_from_db()
    assert (main.document.state, list(main.changes.all())) == (DocumentState.AMENDED, [change])
    assert words_of(added) == "обучается"
    assert [row.user for row in Acquaintance.objects.filter(document=change.document)] == [
        world.home.deputy.user,
        curator.user,
    ]


def test_change_that_changes_nothing_is_refused(world: World, enrolment: Enrolment, main: SchoolOrder) -> None:
    with pytest.raises(RuleError, match="ничего не меняет"):
        services.home_change_create(actor=world.home.deputy, order=main, at=AT)


# --- exits --------------------------------------------------------------------------------------------------------


def left_by_wish(world: World, enrolment: Enrolment, main: SchoolOrder, last_day: date) -> None:
    parent = enrolment.line.application.guardian
    wish = world.wish(enrolment, type("P", (), {"user": parent})(), last_day)
    out = Exit(enrolment, ExitReason.WISH, last_day)
    world.sign_school_order(services.home_change_create(actor=world.home.deputy, order=main, exits=[out], at=AT))
    wish.refresh_from_db()
    assert wish.state == LeaveState.EXECUTED


@pytest.mark.parametrize(
    ("last_day", "free", "record", "words"),
    [
        (date(2026, 9, 10), date(2026, 9, 14), X.NOT_STUDIED, "не обучался"),
        (date(2026, 9, 14), date(2026, 9, 14), X.NOT_STUDIED, "не обучался"),
        (date(2026, 9, 15), date(2026, 9, 14), X.LEFT, "выбыл"),
        (date(2026, 10, 30), None, X.LEFT, "выбыл"),
        (date(2026, 8, 26), None, X.NOT_STUDIED, "не обучался"),
    ],
)
def test_exit_by_the_last_free_day(
    world: World,
    enrolment: Enrolment,
    main: SchoolOrder,
    last_day: date,
    free: date | None,
    record: ExitRecord,
    words: str,
) -> None:
    """Lessons, addition 2."""
    world.group.last_free_exit = free
    world.group.save(update_fields=["last_free_exit"])
    left_by_wish(world, enrolment, main, last_day)
    enrolment.refresh_from_db()
    world.group.refresh_from_db()
    assert (enrolment.state, enrolment.home_state, enrolment.exit_record) == (H.LEFT, S.WITHDRAWN, record)
    assert (enrolment.date_to, world.group.seats_taken, words_of(enrolment)) == (last_day, 0, words)


def test_wish_without_application_is_not_executed(world: World, enrolment: Enrolment, main: SchoolOrder) -> None:
    with pytest.raises(RuleError, match="нет поданного заявления семьи"):
        services.home_change_create(
            actor=world.home.deputy, order=main, exits=[Exit(enrolment, ExitReason.WISH, ON)], at=AT
        )


def test_each_school_has_its_own_reasons(world: World, enrolment: Enrolment, main: SchoolOrder) -> None:
    """Lessons, addition 8: a wish is executed by the home only, exclusion by the host's order only."""
    with pytest.raises(RuleError, match="отчисляет только его школа"):
        services.host_change_create(
            actor=world.host.deputy, order=enrolment.order, exits=[Exit(enrolment, ExitReason.WISH, ON)], at=AT
        )
    with pytest.raises(RuleError, match="отчисляет только его школа"):
        services.home_change_create(
            actor=world.home.deputy, order=main, exits=[Exit(enrolment, ExitReason.ABSENCE, ON)], at=AT
        )
    with pytest.raises(RuleError, match="причину отчисления словами"):
        services.host_change_create(
            actor=world.host.deputy, order=enrolment.order, exits=[Exit(enrolment, ExitReason.OTHER, ON)], at=AT
        )


def test_exclusion_frees_the_seat_and_offers_it(world: World, accepted: Applied) -> None:
    first, second = accepted[0], world.accepted()[0]
    waiting, _ = world.accepted()
    enrolments = world.enrolled(first, second)
    line = world.sent(waiting).lines.get()
    services.line_waitlist(actor=world.host.deputy, line=line, seen=LineDecision.PENDING, at=AT)
    out = Exit(enrolments[0], ExitReason.ABSENCE, date(2026, 10, 30))
    change = services.host_change_create(actor=world.host.deputy, order=enrolments[0].order, exits=[out], at=AT)
    order = world.sign_school_order(change)
    enrolments[0].refresh_from_db()
    assert (enrolments[0].state, enrolments[0].home_state) == (H.LEFT, S.RELEASED)
    assert words_of(enrolments[0]) == "отчислен принимающей школой"
    assert [(offer.line, offer.state) for offer in SeatOffer.objects.all()] == [(line, OfferState.OFFERED)]
    order.amends_order.document.refresh_from_db()
    assert order.amends_order.document.state == DocumentState.AMENDED
    for school in (world.home, world.host):
        told = school.deputy.user.notices.filter(text__contains="выбывает обучающихся: 1")
        assert told.count() == 1


def test_host_changes_the_term(world: World, enrolment: Enrolment) -> None:
    new = enrolment.date_to - timedelta(days=10)
    world.sign_school_order(
        services.host_change_create(
            actor=world.host.deputy, order=enrolment.order, date_to=new, ground="календарный график", at=AT
        )
    )
    enrolment.refresh_from_db()
    assert (enrolment.state, enrolment.date_to) == (H.ENROLLED, new)


def test_returned_order_changes_nothing(world: World, enrolment: Enrolment) -> None:
    order = services.school_order_return(
        actor=world.home.director, order=world.main_order(), reason="не тот куратор", at=AT
    )
    assert (order.state, words_of(enrolment)) == ("cancelled", "зачислен, ждём приказ своей школы")
    world.main_order()


# --- what needs a decision ----------------------------------------------------------------------------------------


def test_withdrawn_consent_needs_a_decision_until_a_new_one(world: World) -> None:
    application, parent = world.accepted(child=world.child(birth_date=date(2014, 1, 1)))
    (enrolment,) = world.enrolled(application)
    consent = application.student.consents.get(operator=world.host.organisation)
    services.consent_withdraw(actor=parent, consent=consent, at=AT)
    enrolment.refresh_from_db()
    assert (enrolment.review, enrolment.review_due, enrolment.state) == (R.CONSENT, date(2026, 8, 27), H.ENROLLED)
    assert words_of(enrolment) == "требует решения"
    give_consents(application, parent, world.host.organisation)
    enrolment.refresh_from_db()
    assert (enrolment.review, enrolment.review_due) == (R.NONE, None)


def test_end_of_the_agreement_asks_the_home_school_to_decide(world: World, accepted: Applied) -> None:
    """3.2: nobody is expelled by it; each school hears of it once, and a new agreement lifts the flag."""
    first, second = world.enrolled(accepted[0], world.accepted()[0])
    order = world.sign_school_order(world.main_order())
    agreement_end(actor=world.host.director, agreement=world.agreement, reason="Соглашение сторон", at=AT)
    event = OutboxEvent.objects.get(topic="agreement.ended")
    deliver(event_id=event.pk, at=AT)
    for one in (first, second):
        one.refresh_from_db()
        assert (one.review, one.state) == (R.AGREEMENT, H.ENROLLED)
    words = "Договор школ МАОУ СОШ № 7 и МАОУ гимназия № 40 прекращён. Требуют решения: 2\u00a0зачисления."
    told = (world.home.deputy, world.host.deputy)
    assert [notices_of(one.user).filter(text=words).count() for one in told] == [1, 1]
    assert {one.reason for one in exits_of_home(order)} == {ExitReason.AGREEMENT}
    AgreementFactory(network=world.network, home=world.home.organisation, host=world.host.organisation)
    services.reviews_sweep(at=AT)
    first.refresh_from_db()
    assert (first.review, first.review_due) == (R.NONE, None)


def test_agreement_that_has_run_out_is_found_by_the_daily_look(world: World, enrolment: Enrolment) -> None:
    world.agreement.date_to = ON - timedelta(days=1)
    world.agreement.save()
    assert services.reviews_sweep(at=AT) == 1
    enrolment.refresh_from_db()
    assert enrolment.review == R.AGREEMENT


def test_suspension_needs_no_decision(world: World, enrolment: Enrolment) -> None:
    agreement_suspend(actor=world.home.director, agreement=world.agreement, reason="Ремонт", at=AT)
    assert services.reviews_sweep(at=AT) == 0


def test_pupil_who_changed_school_needs_a_decision(world: World, enrolment: Enrolment) -> None:
    student = enrolment.student
    student.home_school = world.stranger.organisation
    student.school_class = world.child(world.stranger)[0].school_class
    student.save()
    assert services.reviews_sweep(at=AT) == 1
    enrolment.refresh_from_db()
    assert (enrolment.review, words_of(enrolment)) == (R.MOVED, "требует решения")
    main = None
    with pytest.raises(RuleError, match="Направлять некого"):
        main = world.main_order()
    assert main is None


# --- closing ------------------------------------------------------------------------------------------------------


def test_group_closes_at_the_end_of_the_course(world: World, enrolment: Enrolment) -> None:
    end = world.course.date_to
    with pytest.raises(RuleError, match="Курс идёт до"):
        services.group_close(actor=world.host.deputy, group=world.group, on=end, at=AT)
    type(world.group).objects.filter(pk=world.group.pk).update(
        state=GroupState.OPEN, opened_on=ON, teacher=duty_of(world.host.deputy)
    )
    assert services.groups_sweep(on=end, at=AT) == 0
    assert services.groups_sweep(on=end + timedelta(days=1), at=AT) == 1
    enrolment.refresh_from_db()
    world.group.refresh_from_db()
    assert (enrolment.state, enrolment.home_state, words_of(enrolment)) == (
        H.COMPLETED,
        S.COMPLETED,
        "завершил обучение",
    )
    assert (world.group.state, world.group.closed_on) == (GroupState.CLOSED, end + timedelta(days=1))


def test_order_enrols_only_within_the_dates_of_the_group(world: World, sent: SchoolRequest, booked: Enrolment) -> None:
    services.group_dates_set(
        actor=world.host.deputy,
        group=world.group,
        enrol_from=None,
        enrol_to=world.course.date_from - timedelta(days=1),
        last_free_exit=None,
        at=AT,
    )
    with pytest.raises(RuleError, match="В группу Ф-1 зачисляют по"):
        world.order(sent)
