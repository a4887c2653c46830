"""Rules of lists, answers and orders: agreement, conditions, capacity, states, what follows what."""

from __future__ import annotations

from datetime import date
from html import unescape

import pytest
from django.test import Client
from django.urls import reverse

from courses.enums import GroupState
from enrollment import services
from enrollment.enums import ApplicationState, EnrolmentState, LineDecision, OrderState, RequestState
from enrollment.models import Consent, Enrolment, SchoolRequest
from enrollment.selectors.conditions import enrolment_conditions, evidence_for, failed
from network_portal.common.errors import RuleError, StaleError
from network_portal.documents import rendering
from network_portal.documents.selectors import current_version
from network_portal.notices.models import Notice
from schools.enums import AgreementState
from schools.models import Student
from tests.enrollment.network import AT, ON, Applied, World, submit
from tests.factories.courses import NetworkCourseFactory, StudyGroupFactory
from tests.factories.schools import sign_in

pytestmark = pytest.mark.django_db


def suspend(world: World) -> None:
    world.agreement.state = AgreementState.SUSPENDED
    world.agreement.save(update_fields=["state"])


def withdraw_consent(world: World, student: object) -> None:
    Consent.objects.filter(student=student, operator=world.host.organisation).update(withdrawn_at=AT)


# --- composing ----------------------------------------------------------------------------------------------------


def test_no_list_without_an_agreement(world: World) -> None:
    with pytest.raises(RuleError, match="нет действующего договора"):
        services.request_create(actor=world.home.deputy, host=world.stranger.organisation, year=2026, on=ON, at=AT)


def test_second_draft_for_a_host_is_the_first(world: World, accepted: Applied) -> None:
    first = world.request(accepted[0])
    again = services.request_create(actor=world.home.deputy, host=world.host.organisation, year=2026, on=ON, at=AT)
    assert again == first


def test_application_without_consent_is_not_listed(world: World, accepted: Applied) -> None:
    application, _ = accepted
    withdraw_consent(world, application.student)
    with pytest.raises(RuleError, match="Нет действующего согласия, данного оператору «МАОУ гимназия № 40»"):
        world.request(application)
    application.refresh_from_db()
    assert application.state == ApplicationState.ACCEPTED


def test_undecided_or_foreign_application_is_not_listed(world: World, submitted: Applied) -> None:
    registered, _ = submitted
    with pytest.raises(StaleError, match="Состав принятых заявлений изменился"):
        world.request(registered)


def test_pupil_taken_off_the_list_waits_again(world: World, accepted: Applied) -> None:
    application, _ = accepted
    request = world.request(application)
    services.request_remove(actor=world.home.deputy, line=request.lines.get(), at=AT)
    application.refresh_from_db()
    assert (application.state, request.lines.count()) == (ApplicationState.ACCEPTED, 0)


def test_empty_list_is_not_handed_to_the_director(world: World) -> None:
    request = services.request_create(actor=world.home.deputy, host=world.host.organisation, year=2026, on=ON, at=AT)
    with pytest.raises(RuleError, match="нет ни одного обучающегося"):
        services.request_submit(actor=world.home.deputy, request=request, at=AT)


def test_consent_withdrawn_before_the_signature_stops_it(world: World, accepted: Applied) -> None:
    application, _ = accepted
    request = services.request_submit(actor=world.home.deputy, request=world.request(application), at=AT)
    withdraw_consent(world, application.student)
    with pytest.raises(RuleError, match="Список не готов"):
        world.sign_list(request)


def test_family_withdraws_while_the_list_is_at_the_director(world: World, accepted: Applied) -> None:
    (first, parent), (second, _) = accepted, world.accepted()
    request = services.request_submit(actor=world.home.deputy, request=world.request(first, second), at=AT)
    services.application_withdraw(actor=parent, application=first, at=AT)
    assert current_version(request.document).no == 2
    assert [line.application for line in request.lines.all()] == [second]


def test_returned_list_is_edited_and_gets_a_new_version(world: World, accepted: Applied) -> None:
    request = services.request_submit(actor=world.home.deputy, request=world.request(accepted[0]), at=AT)
    with pytest.raises(RuleError, match="Укажите причину"):
        services.request_return(actor=world.home.director, request=request, reason=" ", at=AT)
    request = services.request_return(actor=world.home.director, request=request, reason="Нет класса", at=AT)
    assert request.state == RequestState.DRAFT
    request = services.request_submit(actor=world.home.deputy, request=request, at=AT)
    assert (request.state, current_version(request.document).no) == (RequestState.SIGNING, 2)


def test_unsigned_list_is_not_sent_and_a_sent_one_not_again(world: World, accepted: Applied) -> None:
    application, _ = accepted
    request = world.request(application)
    with pytest.raises(StaleError, match="«черновик»"):
        services.request_send(actor=world.home.deputy, request=request, at=AT)
    services.request_remove(actor=world.home.deputy, line=request.lines.get(), at=AT)
    request = world.sent(application)
    with pytest.raises(StaleError, match="«направлена»"):
        services.request_send(actor=world.home.deputy, request=request, at=AT)


# --- answers ------------------------------------------------------------------------------------------------------


def test_full_group_refuses_and_the_counter_is_right(world: World, accepted: Applied) -> None:
    world.group.capacity = 1
    world.group.save(update_fields=["capacity"])
    request = world.sent(accepted[0], world.accepted()[0])
    first, second = request.lines.all()
    world.accept_line(first)
    with pytest.raises(RuleError, match="В группе Ф-1 не осталось мест: занято 1 из 1"):
        world.accept_line(second)
    world.group.refresh_from_db()
    assert (world.group.seats_taken, Enrolment.objects.count()) == (1, 1)
    request.refresh_from_db()
    assert request.state == RequestState.SENT


def test_group_of_another_course_or_closed_is_refused(world: World, sent: SchoolRequest) -> None:
    line = sent.lines.get()
    other = StudyGroupFactory(course=world.course_of_host())
    closed = StudyGroupFactory(course=world.course, state=GroupState.CLOSED)
    for group in (other, closed):
        with pytest.raises(RuleError, match="Выберите действующую группу этого курса") as refusal:
            world.accept_line(line, group)
        assert refusal.value.field == "group"


def test_second_answer_to_a_line_is_told(world: World, sent: SchoolRequest) -> None:
    line = sent.lines.get()
    world.accept_line(line)
    for act in (
        lambda: world.accept_line(line),
        lambda: services.line_waitlist(actor=world.host.coordinator, line=line, seen=LineDecision.PENDING, at=AT),
        lambda: services.line_refuse(
            actor=world.host.coordinator, line=line, reason="Нет", seen=LineDecision.PENDING, at=AT
        ),
    ):
        line.decision = LineDecision.PENDING
        with pytest.raises(StaleError, match="По этой строке уже решено: принят"):
            act()


def test_conditions_are_named_when_a_line_is_accepted(world: World, accepted: Applied, sent: SchoolRequest) -> None:
    application, _ = accepted
    line = sent.lines.get()
    suspend(world)
    withdraw_consent(world, application.student)
    with pytest.raises(RuleError) as refusal:
        world.accept_line(line)
    assert "Нет действующего согласия, данного оператору «МАОУ гимназия № 40»" in refusal.value.message
    assert "нет действующего договора" in refusal.value.message


def test_waiting_list_then_a_place(world: World, accepted: Applied, sent: SchoolRequest) -> None:
    application, _ = accepted
    line = services.line_waitlist(actor=world.host.deputy, line=sent.lines.get(), seen=LineDecision.PENDING, at=AT)
    sent.refresh_from_db()
    application.refresh_from_db()
    assert (sent.state, application.state) == (RequestState.ANSWERED, ApplicationState.WAITLISTED)
    world.accept_line(line)
    world.sign_order(world.order(sent))
    application.refresh_from_db()
    assert application.state == ApplicationState.PLACED


def test_waiting_list_needs_the_familys_word(world: World, drafted: Applied) -> None:
    application, parent = drafted
    services.application_waitlist(actor=parent, application=application, waitlist_ok=False, at=AT)
    application, parent = world.prepare(application, parent)

    application = services.application_accept(actor=world.home.deputy, application=submit(application, parent), at=AT)
    with pytest.raises(RuleError, match="не согласна на лист ожидания"):
        services.line_waitlist(
            actor=world.host.deputy, line=world.sent(application).lines.get(), seen=LineDecision.PENDING, at=AT
        )


def test_refusal_needs_a_reason(world: World, sent: SchoolRequest) -> None:
    line = sent.lines.get()
    with pytest.raises(RuleError, match="Укажите причину отказа"):
        services.line_refuse(actor=world.host.deputy, line=line, reason="", seen=LineDecision.PENDING, at=AT)


def test_booked_place_is_given_back_by_a_refusal(world: World, sent: SchoolRequest) -> None:
    line = sent.lines.get()
    world.accept_line(line)
    line.refresh_from_db()
    services.line_refuse(actor=world.host.deputy, line=line, reason="Ошибка", seen=LineDecision.ACCEPTED, at=AT)
    world.group.refresh_from_db()
    assert (world.group.seats_taken, Enrolment.objects.get().state) == (0, EnrolmentState.CANCELLED)


def test_second_place_on_the_same_programme_is_refused(world: World) -> None:
    child = world.child()
    application, _ = world.accepted(child=child)
    world.accept_line(world.sent(application).lines.get())
    distance = NetworkCourseFactory(
        programme=world.course.programme, network=world.network, form="distance", min_size=1
    )
    second, _ = world.accepted(distance, child=child)
    line = world.sent(second).lines.get()
    with pytest.raises(RuleError, match="уже занимает место на этом курсе"):
        world.accept_line(line, StudyGroupFactory(course=distance))


# --- orders -------------------------------------------------------------------------------------------------------


def test_order_needs_someone_and_dates_of_the_course(world: World, sent: SchoolRequest) -> None:
    with pytest.raises(RuleError, match="Зачислять некого"):
        world.order(sent)
    world.accept_line(sent.lines.get())
    for field, dates in {
        "date_from": (date(2026, 8, 1), date(2027, 5, 31)),
        "date_to": (date(2026, 9, 1), date(2027, 6, 30)),
    }.items():
        with pytest.raises(RuleError, match="Даты выходят за срок курса") as refusal:
            services.order_create(
                actor=world.host.deputy,
                request=sent,
                group=world.group,
                date_from=dates[0],
                date_to=dates[1],
                at=AT,
            )
        assert refusal.value.field == field
    world.order(sent)
    with pytest.raises((StaleError, RuleError)):
        world.order(sent)


def test_consent_withdrawn_before_the_order_names_the_pupil(
    world: World, accepted: Applied, sent: SchoolRequest
) -> None:
    application, _ = accepted
    world.accept_line(sent.lines.get())
    order = world.order(sent)
    withdraw_consent(world, application.student)
    with pytest.raises(RuleError, match="Зачислить нельзя") as refusal:
        world.sign_order(order)
    assert application.student.short_name in refusal.value.message
    order.refresh_from_db()
    assert (order.state, order.document.number) == (OrderState.DRAFT, None)


def test_signed_order_is_not_signed_again(world: World, sent: SchoolRequest, booked: Enrolment) -> None:
    order = world.sign_order(world.order(sent))
    with pytest.raises(StaleError, match="«зарегистрирован»"):
        world.sign_order(order)


def test_returned_order_leaves_the_places_booked(world: World, sent: SchoolRequest, booked: Enrolment) -> None:
    order = services.order_return(actor=world.host.director, order=world.order(sent), reason="Не та дата", at=AT)
    booked.refresh_from_db()
    assert (order.state, booked.state, booked.order) == (OrderState.CANCELLED, EnrolmentState.BOOKED, None)
    assert world.sign_order(world.order(sent)).state == OrderState.REGISTERED


def test_list_is_closed_when_every_accepted_line_has_an_order(world: World, accepted: Applied) -> None:
    request = world.sent(accepted[0], world.accepted()[0])
    second = StudyGroupFactory(course=world.course)
    lines = list(request.lines.all())
    world.accept_line(lines[0])
    world.accept_line(lines[1], second)
    world.sign_order(world.order(request))
    request.refresh_from_db()
    assert request.state == RequestState.ANSWERED
    world.sign_order(world.order(request, second))
    request.refresh_from_db()
    assert request.state == RequestState.CLOSED


def test_answer_of_the_host_is_shown_beside_the_list_and_printed(
    world: World, accepted: Applied, monkeypatch: pytest.MonkeyPatch
) -> None:
    """«Решение принимающей организации: принято…, отклонено…» of T03; the registered list itself never changes."""
    monkeypatch.setattr(rendering, "render", lambda html: rendering.Pdf(html.encode(), 1))
    request = world.sent(accepted[0], world.accepted()[0])
    first, second = request.lines.all()
    home, answer = sign_in(Client(), world.home.deputy), reverse("request_answer", args=[request.pk])
    world.accept_line(first)
    assert "Рассмотрены не все строки" in home.get(answer).content.decode()
    assert answer not in home.get(reverse("request", args=[request.pk])).content.decode()
    services.line_refuse(
        actor=world.host.deputy, line=second, seen=LineDecision.PENDING, reason="Нет лаборатории", at=AT
    )
    assert answer in home.get(reverse("request", args=[request.pk])).content.decode()
    said = " ".join(unescape(home.get(answer).content.decode()).replace("\u00a0", " ").split())
    for words in ("Рассмотрено 24.08.2026", "группа Ф-1", "Нет лаборатории", "Решение принимающей организации"):
        assert words in said


def test_enrolled_pupil_is_not_withdrawn_or_refused(world: World, accepted: Applied, sent: SchoolRequest) -> None:
    application, parent = accepted
    line = sent.lines.get()
    world.accept_line(line)
    world.sign_order(world.order(sent))
    with pytest.raises(StaleError, match="Ребёнок уже зачислен приказом"):
        services.application_withdraw(actor=parent, application=application, at=AT)
    line.refresh_from_db()
    with pytest.raises(RuleError, match="только другим приказом"):
        services.line_refuse(actor=world.host.deputy, line=line, reason="Нет", seen=LineDecision.ACCEPTED, at=AT)


def test_conditions_of_an_enrolment_are_in_one_place(world: World, accepted: Applied) -> None:
    application, _ = accepted
    request = world.request(application)
    application.refresh_from_db()
    evidence = evidence_for([application], ON)
    conditions = enrolment_conditions(application=application, course=world.course, evidence=evidence, request=request)
    assert [condition.met for condition in conditions] == [True, True, True, True, True, False]
    assert failed(conditions) == "Заявка школы в состоянии «черновик»."


# --- opening a group ----------------------------------------------------------------------------------------------


def test_opening_names_everything_that_is_missing(world: World) -> None:
    group = StudyGroupFactory(course=world.course, teacher=None)
    with pytest.raises(RuleError) as refusal:
        services.group_open(actor=world.host.deputy, group=group, on=ON, at=AT)
    assert refusal.value.message == (
        "Открыть группу нельзя. В группе ещё нет зачисленных. Сетевой учитель не назначен. "
        "В расписании группы нет ни одного занятия. Зачислено 0 из 1."
    )


def test_booked_places_do_not_open_a_group(world: World, sent: SchoolRequest) -> None:
    world.accept_line(sent.lines.get())
    with pytest.raises(RuleError, match="Зачислено 0 из 1"):
        services.group_open(actor=world.host.deputy, group=world.group, on=ON, at=AT)


def test_group_does_not_open_after_the_agreement_has_ended(world: World, enrolment: Enrolment) -> None:
    suspend(world)
    with pytest.raises(RuleError, match="Нет действующего договора: МАОУ СОШ № 7"):
        services.group_open(actor=world.host.deputy, group=world.group, on=ON, at=AT)


def test_group_is_opened_once(world: World, enrolment: Enrolment) -> None:
    services.group_open(actor=world.host.deputy, group=world.group, on=ON, at=AT)
    with pytest.raises(StaleError, match="Группа уже в состоянии «открыта»"):
        services.group_open(actor=world.host.deputy, group=world.group, on=ON, at=AT)


def test_signed_list_is_not_sent_under_a_suspended_agreement(world: World, accepted: Applied) -> None:
    application, _ = accepted
    request = services.request_submit(actor=world.home.deputy, request=world.request(application), at=AT)
    request = world.sign_list(request)
    suspend(world)
    with pytest.raises(RuleError, match="нет действующего договора"):
        services.request_send(actor=world.home.deputy, request=request, at=AT)


def test_nobody_is_put_on_the_waiting_list_under_a_suspended_agreement(world: World, sent: SchoolRequest) -> None:
    line = sent.lines.get()
    suspend(world)
    with pytest.raises(RuleError, match="нет действующего договора"):
        services.line_waitlist(actor=world.host.deputy, line=line, seen=LineDecision.PENDING, at=AT)


def test_pupil_who_has_changed_school_gets_no_place(world: World, accepted: Applied, sent: SchoolRequest) -> None:
    application, _ = accepted
    line = sent.lines.get()
    Student.objects.filter(pk=application.student_id).update(home_school=world.stranger.organisation)
    with pytest.raises(RuleError, match="больше не числится"):
        world.accept_line(line)


def test_notices_of_lists_and_consents_name_no_pupil(world: World, accepted: Applied, sent: SchoolRequest) -> None:
    """They stay with a person whose duty has ended (2.3 (6))."""
    application, parent = accepted
    line = sent.lines.get()
    services.line_refuse(actor=world.host.deputy, line=line, reason="Нет мест", seen=LineDecision.PENDING, at=AT)
    consent = Consent.objects.filter(student=application.student_id).earliest("pk")
    services.consent_withdraw(actor=parent, consent=consent, at=AT)
    texts = " ".join(Notice.objects.exclude(user=parent.user).values_list("text", flat=True))
    assert application.student.last_name not in texts
