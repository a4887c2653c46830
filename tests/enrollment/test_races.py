"""Two at once, with real threads on a real database: the last seat, one row, one draft, one paper."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from threading import Barrier

import pytest
from django.db import connection

from courses.enums import CourseState
from enrollment import services
from enrollment.enums import ApplicationState, LineDecision, RequestState
from enrollment.models import Application, Enrolment, SchoolRequestLine
from network_portal.common.errors import RuleError, StaleError
from schools.acting import Acting
from schools.enums import Role
from tests.enrollment.network import AT, World, submit
from tests.factories.documents import may_sign
from tests.factories.enrollment import ConsentFactory, SchoolRequestFactory, SchoolRequestLineFactory

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(acts: Iterable[Callable[[], object]]) -> list[str]:
    """Run `acts` at the same moment, each with a connection of its own; return how each ended."""
    acts = list(acts)
    gate = Barrier(len(acts), timeout=60)

    def run(act: Callable[[], object]) -> str:
        try:
            gate.wait()
            act()
        except StaleError:
            return "stale"
        except RuleError as refusal:
            return "full" if "не осталось мест" in refusal.message else refusal.message
        finally:
            connection.close()
        return "done"

    with ThreadPoolExecutor(len(acts)) as pool:
        return sorted(pool.map(run, acts))


def line_of_own_list(world: World) -> SchoolRequestLine:
    """Return a line of a list of its own, with everything that its pupil needs."""
    request = SchoolRequestFactory(agreement=world.agreement, state=RequestState.SENT, sent_at=AT, answer_due=AT.date())
    line = SchoolRequestLineFactory(request=request, course=world.course)
    student = line.application.student
    ConsentFactory(student=student)
    ConsentFactory(student=student, operator=world.host.organisation)
    return line


def test_twenty_lists_want_the_last_seat(world: World) -> None:
    world.group.capacity = 1
    world.group.save(update_fields=["capacity"])
    lines = [line_of_own_list(world) for _ in range(20)]
    ends = at_once([lambda line=line: world.accept_line(line) for line in lines])
    world.group.refresh_from_db()
    assert Counter(ends) == {"done": 1, "full": 19}
    assert (world.group.seats_taken, Enrolment.objects.count()) == (1, 1)
    assert SchoolRequestLine.objects.filter(decision=LineDecision.ACCEPTED).count() == 1


def test_lines_of_one_list_want_the_last_seats(world: World) -> None:
    first = line_of_own_list(world)
    lines = [first]
    for _ in range(5):
        other = line_of_own_list(world)
        SchoolRequestLine.objects.filter(pk=other.pk).update(request=first.request)
        other.refresh_from_db()
        lines.append(other)
    ends = at_once([lambda line=line: world.accept_line(line) for line in lines])
    world.group.refresh_from_db()
    assert Counter(ends) == {"done": 2, "full": 4}
    assert world.group.seats_taken == 2


def test_two_deputies_answer_one_line(world: World) -> None:
    line = line_of_own_list(world)
    ends = at_once(
        [
            lambda: world.accept_line(line),
            lambda: services.line_refuse(
                actor=world.host.coordinator, line=line, reason="Нет", seen=LineDecision.PENDING, at=AT
            ),
        ]
    )
    line.refresh_from_db()
    world.group.refresh_from_db()
    assert ends == ["done", "stale"]
    assert world.group.seats_taken == (line.decision == LineDecision.ACCEPTED)


def test_two_deputies_decide_one_application(world: World) -> None:
    application, _ = world.submitted()
    ends = at_once(
        [
            lambda: services.application_accept(actor=world.home.deputy, application=application, at=AT),
            lambda: services.application_refuse(
                actor=world.home.coordinator, application=application, reason="Класс", at=AT
            ),
        ]
    )
    assert ends == ["done", "stale"]


def test_application_submitted_from_two_tabs(world: World) -> None:
    application, parent = world.prepared()
    may_sign(parent.user, world.home.organisation)
    ends = at_once([lambda: submit(application, parent)] * 2)
    application.refresh_from_db()
    assert ends == ["done", "stale"]
    assert (application.state, application.document.number) == (ApplicationState.REGISTERED, 1)


def test_draft_started_from_two_tabs_is_one(world: World) -> None:
    child, parent = world.child()
    ends = at_once([lambda: services.application_start(actor=parent, student=child, at=AT)] * 4)
    assert (ends, Application.objects.count()) == (["done"] * 4, 1)


def test_withdrawal_and_answer_leave_no_seat_behind(world: World) -> None:
    application, parent = world.accepted()
    request = world.sent(application)
    line = request.lines.get()
    at_once(
        [
            lambda: world.accept_line(line),
            lambda: services.application_withdraw(actor=parent, application=application, at=AT),
        ]
    )
    application.refresh_from_db()
    world.group.refresh_from_db()
    assert application.state == ApplicationState.WITHDRAWN
    assert world.group.seats_taken == Enrolment.objects.holding_seats().count() == 0


def test_two_lists_at_once_take_a_pupil_once(world: World) -> None:
    application, _ = world.accepted()
    request = services.request_create(
        actor=world.home.deputy, host=world.host.organisation, year=2026, on=AT.date(), at=AT
    )
    ends = at_once(
        [
            lambda: services.request_add(
                actor=world.home.deputy, request=request, application_ids=[application.pk], at=AT
            )
        ]
        * 2
    )
    assert (ends, request.lines.count()) == (["done", "stale"], 1)
    assert world.course.state == CourseState.PUBLISHED


def test_start_and_signature_of_one_application_do_not_wait_for_each_other(world: World) -> None:
    """Both touch the pupil and the application; in another order each, they would lock each other out."""
    student, parent = world.child()
    draft = services.application_start(actor=parent, student=student, course_id=world.course.pk, at=AT)

    def start() -> None:
        for _ in range(15):
            services.application_start(actor=parent, student=student, course_id=world.course.pk, at=AT)

    def sign() -> None:
        for _ in range(15):
            with suppress(RuleError):
                submit(draft, parent)

    assert at_once([start, sign, start, sign]) == ["done"] * 4


def test_answers_and_withdrawals_in_many_lists_do_not_lock_each_other(world: World) -> None:
    """Lists, applications, places and one group, changed by everyone at once: refusals are words, never deadlocks."""
    world.group.capacity = 4
    world.group.save(update_fields=["capacity"])
    lines = [line_of_own_list(world) for _ in range(6)]
    parents = [Acting(line.application.guardian, Role.PARENT) for line in lines]

    def change(line: SchoolRequestLine, parent: Acting) -> None:
        with suppress(RuleError):
            world.accept_line(line)
        with suppress(RuleError):
            world.order(line.request)
        line.refresh_from_db()
        with suppress(RuleError):
            services.line_refuse(
                actor=world.host.deputy, line=line, reason="Нет", seen=LineDecision(line.decision), at=AT
            )
        with suppress(RuleError):
            services.application_withdraw(actor=parent, application=line.application, at=AT)

    acts = [lambda line=line, parent=parent: change(line, parent) for line, parent in zip(lines, parents, strict=True)]
    assert at_once(acts * 2) == ["done"] * 12
    world.group.refresh_from_db()
    assert world.group.seats_taken == Enrolment.objects.holding_seats().count() == 0
