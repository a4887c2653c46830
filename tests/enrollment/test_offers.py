"""Waiting lists: a freed place is offered in turn, nobody is passed over without a reason that is kept (3.3, I-3)."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import time, timedelta
from random import Random
from typing import Any

import pytest

from courses.models import StudyGroup
from enrollment import services
from enrollment.enums import ApplicationState, EnrolmentState, LineDecision, OfferState, Verb
from enrollment.models import Application, Enrolment, SchoolRequestLine, SeatOffer
from enrollment.selectors.queues import family_view, queue_of, standings_of
from network_portal.audit.models import AuditEntry
from network_portal.common.errors import RuleError, StaleError
from network_portal.notices.models import Notice
from schools.acting import Acting
from schools.enums import Role
from schools.models import GuardianLink
from schools.services.week import DayHours, class_week_set
from tests.enrollment.network import AT, World
from tests.enrollment.test_races import at_once
from tests.factories.courses import StudyGroupFactory, TimetableSlotFactory
from tests.factories.enrollment import (
    ApplicationFactory,
    ConsentFactory,
    EnrolmentFactory,
    SchoolRequestFactory,
    SchoolRequestLineFactory,
)
from tests.shared import shared

pytestmark = pytest.mark.django_db

LATER = AT + timedelta(hours=1)


@dataclass
class Queue:
    """A course with a group of two seats and a list on which pupils wait, each a minute later than the one before."""

    world: World
    minute: int = 0
    request: Any = field(init=False)

    def __post_init__(self) -> None:
        self.request = SchoolRequestFactory(agreement=self.world.agreement, sent=True)

    def line(self, decision: LineDecision = LineDecision.WAITLISTED, **fields: Any) -> SchoolRequestLine:
        self.minute += 1
        states = {LineDecision.WAITLISTED: ApplicationState.WAITLISTED}
        application = ApplicationFactory(
            student=fields.pop("student", None) or self.world.child()[0],
            state=states.get(decision, ApplicationState.LISTED),
            registered_at=fields.pop("at", AT + timedelta(minutes=self.minute)),
            courses=[self.world.course, *fields.pop("others", [])],
        )
        for operator in (self.world.home.organisation, self.world.host.organisation):
            if not application.student.consents.filter(operator=operator).exists():
                ConsentFactory(student=application.student, operator=operator)
        return SchoolRequestLineFactory(
            request=self.request, application=application, course=self.world.course, decision=decision
        )

    def offer(self) -> list[SeatOffer]:
        return services.offers_make(actor=self.world.host.deputy, course=self.world.course, at=LATER)

    def seats_taken(self) -> int:
        return StudyGroup.objects.get(pk=self.world.group.pk).seats_taken

    def capacity(self, seats: int) -> None:
        StudyGroup.objects.filter(pk=self.world.group.pk).update(capacity=seats)


@shared
def queue(world: World) -> Queue:
    return Queue(world)


def family(line: SchoolRequestLine) -> Acting:
    return Acting(GuardianLink.objects.filter(student=line.application.student).latest("pk").user, Role.PARENT)


def accept(offer: SeatOffer, **fields: Any) -> Enrolment:
    fields = {"at": LATER + timedelta(hours=1)} | fields
    return services.offer_accept(actor=family(offer.line), offer=offer, **fields)


def test_free_seats_are_offered_to_the_first_ones_and_held(queue: Queue) -> None:
    lines = [queue.line() for _ in range(3)]
    made = queue.offer()
    assert [offer.line for offer in made] == lines[:2]
    assert [offer.expires_at for offer in made] == [LATER + timedelta(hours=48)] * 2
    assert queue.seats_taken() == 2
    assert queue.offer() == []
    text = "Освободилось место на курсе «Физика вокруг нас». Ответьте до 26.08.2026 17:45."
    assert Notice.objects.filter(user=family(lines[0]).user).latest("pk").text == text


def test_family_takes_the_place(queue: Queue) -> None:
    line = queue.line()
    [offer] = queue.offer()
    enrolment = accept(offer)
    line.refresh_from_db()
    offer.refresh_from_db()
    assert (enrolment.state, line.decision, offer.state) == (
        EnrolmentState.BOOKED, LineDecision.ACCEPTED, OfferState.ACCEPTED,
    )  # fmt: skip
    assert queue.seats_taken() == 1
    with pytest.raises(StaleError, match="принято семьёй"):
        accept(offer)


def test_family_that_declines_leaves_and_the_next_one_is_asked(queue: Queue) -> None:
    queue.capacity(1)
    first, second = queue.line(), queue.line()
    [offer] = queue.offer()
    services.offer_decline(actor=family(first), offer=offer, at=LATER)
    first.refresh_from_db()
    first.application.refresh_from_db()
    assert (first.decision, first.reason) == (LineDecision.REFUSED, "Семья отказалась от предложенного места.")
    assert first.application.state == ApplicationState.NOT_PLACED
    assert [(one.line, queue.seats_taken()) for one in SeatOffer.objects.open()] == [(second, 1)]


def test_offer_expires_to_the_next_one_and_the_family_stands_behind(queue: Queue) -> None:
    queue.capacity(1)
    first, second = queue.line(), queue.line()
    [offer] = queue.offer()
    with pytest.raises(StaleError, match=r"Ответить нужно было до 26\.08\.2026 17:45"):
        accept(offer, at=LATER + timedelta(hours=48))
    assert services.offers_sweep(at=LATER + timedelta(hours=48, seconds=-1)) == 0
    assert SeatOffer.objects.open().get().line == first
    services.offers_sweep(at=LATER + timedelta(hours=48))
    assert SeatOffer.objects.open().get().line == second
    assert [row.line for row in queue_of(queue.world.course)] == [second, first]
    assert queue.seats_taken() == 1


def test_sweep_offers_a_place_that_became_free(queue: Queue) -> None:
    queue.capacity(1)
    enrolled = EnrolmentFactory(group=StudyGroup.objects.get(pk=queue.world.group.pk), state=EnrolmentState.BOOKED)
    line = queue.line()
    assert services.offers_sweep(at=LATER) == 0
    services.line_refuse(
        actor=queue.world.host.deputy, line=enrolled.line, reason="Выбыл", seen=LineDecision.ACCEPTED, at=LATER
    )
    assert services.offers_sweep(at=LATER) == 1
    assert SeatOffer.objects.open().get().line == line


def test_earlier_line_that_waits_for_the_answer_is_not_overtaken(queue: Queue) -> None:
    pending = queue.line(LineDecision.PENDING)
    queue.line()
    assert queue.offer() == []
    services.line_waitlist(actor=queue.world.host.deputy, line=pending, seen=LineDecision.PENDING, at=LATER)
    assert queue.offer()[0].line == pending


def test_accepting_by_hand_past_the_waiting_list_needs_a_reason(queue: Queue) -> None:
    queue.capacity(1)
    waits, later = queue.line(), queue.line(LineDecision.PENDING)
    with pytest.raises(RuleError, match="раньше стоит 1"):
        queue.world.accept_line(later)
    with pytest.raises(RuleError) as refusal:
        services.queue_skip(actor=queue.world.host.deputy, line=waits, reason=" ", at=LATER)
    assert refusal.value.field == "reason"
    services.queue_skip(actor=queue.world.host.deputy, line=waits, reason="Семья просит со второй четверти", at=AT)
    queue.world.accept_line(later)
    logged = AuditEntry.objects.get(verb=Verb.OFFER_SKIPPED)
    assert (logged.target_id, logged.changes) == (waits.pk, {"reason": "Семья просит со второй четверти"})
    view = family_view(waits.application, [waits])
    assert [(offer.get_state_display(), offer.reason) for offer in view.past] == [
        ("пропущено с причиной", "Семья просит со второй четверти")
    ]


def test_skip_counts_for_one_place_only(queue: Queue) -> None:
    queue.capacity(1)
    first, second = queue.line(), queue.line()
    services.queue_skip(actor=queue.world.host.deputy, line=first, reason="Причина", at=AT)
    [offer] = queue.offer()
    assert offer.line == second
    queue.capacity(2)
    assert [one.line for one in queue.offer()] == [first]


def test_who_cannot_take_the_place_is_passed_over_with_the_reason(queue: Queue) -> None:
    """A place on another course, or the lessons of the class: the same rule as when groups are formed (6.8)."""
    queue.capacity(1)
    busy, in_class, next_one = queue.line(), queue.line(), queue.line()
    lessons = {1: DayHours(time(8, 30), time(15, 30), 8)}
    school_class = in_class.application.student.school_class
    class_week_set(actor=queue.world.home.deputy, school_class=school_class, days=lessons, at=AT)
    other = StudyGroupFactory(course=queue.world.course_of_host(programme__title="Химия рядом"))
    TimetableSlotFactory(group=other)
    EnrolmentFactory(group=other, student=busy.application.student)
    [offer] = queue.offer()
    assert offer.line == next_one
    assert SeatOffer.objects.get(line=busy).reason == (
        "Занятия совпадают с курсом «Химия рядом», на котором ребёнок уже занимает место."
    )
    assert SeatOffer.objects.get(line=in_class).reason == "Занятия совпадают с уроками класса."


def test_clash_that_came_after_the_offer_is_refused_at_acceptance(queue: Queue) -> None:
    line = queue.line()
    [offer] = queue.offer()
    other = StudyGroupFactory(course=queue.world.course_of_host(programme__title="Химия рядом"))
    TimetableSlotFactory(group=other)
    EnrolmentFactory(group=other, student=line.application.student)
    with pytest.raises(RuleError, match="Занятия совпадают с курсом «Химия рядом»"):
        accept(offer)
    offer.refresh_from_db()
    assert (offer.state, queue.seats_taken()) == (OfferState.OFFERED, 1)


def test_lower_wish_gives_way_to_the_accepted_place(queue: Queue) -> None:
    world = queue.world
    other = world.course_of_host()
    group = StudyGroupFactory(course=other, capacity=1)
    line = queue.line(others=[other])
    Application.objects.filter(pk=line.application_id).update(state=ApplicationState.LISTED)
    lower = SchoolRequestLineFactory(request=queue.request, application=line.application, course=other)
    world.accept_line(lower, group)
    [offer] = queue.offer()
    accept(offer)
    lower.refresh_from_db()
    group.refresh_from_db()
    assert (lower.decision, group.seats_taken) == (LineDecision.WITHDRAWN, 0)
    assert list(Enrolment.objects.holding_seats().values_list("line", flat=True)) == [line.pk]


def test_withdrawn_application_gives_the_offered_seat_back(queue: Queue) -> None:
    line = queue.line()
    [offer] = queue.offer()
    services.application_withdraw(actor=family(line), application=line.application, at=LATER)
    offer.refresh_from_db()
    assert (offer.state, queue.seats_taken()) == (OfferState.RECALLED, 0)


def test_family_reads_its_turn(queue: Queue) -> None:
    queue.capacity(1)
    lines = [queue.line() for _ in range(3)]
    queue.offer()
    [standing] = standings_of([lines[2]])
    assert (standing.turn, standing.of, standing.offered) == (3, 3, 1)


@pytest.mark.parametrize("seed", range(6))
def test_nobody_is_overtaken_without_a_logged_reason(queue: Queue, seed: int) -> None:
    """Whatever families and host do: when a place goes to somebody, all before were asked, or a reason is kept."""
    random = Random(seed)
    queue.capacity(1)
    lines = [queue.line(at=AT + timedelta(minutes=random.randrange(3))) for _ in range(5)]
    moment = LATER
    for _ in range(14):
        moment += timedelta(minutes=1)
        waiting = [row.line for row in queue_of(queue.world.course) if row.offer is None and not row.passed]
        opened = list(SeatOffer.objects.open().select_related("line__application"))
        act = random.choice(["accept", "decline", "expire", "skip", "offer", "free"])
        before = queue_of(queue.world.course)
        asked = set(SeatOffer.objects.exclude(state=OfferState.SKIPPED).values_list("pk", flat=True))
        if act == "accept" and opened:
            accept(opened[0], at=moment)
        elif act == "decline" and opened:
            services.offer_decline(actor=family(opened[0].line), offer=opened[0], at=moment)
        elif act == "expire" and opened:
            moment = opened[0].expires_at
            services.offers_sweep(at=moment)
        elif act == "skip" and waiting:
            services.queue_skip(actor=queue.world.host.deputy, line=random.choice(waiting), reason="Причина", at=moment)
        elif act == "offer":
            services.offers_make(actor=None, course=queue.world.course, at=moment)
        elif act == "free":
            queue.capacity(queue.seats_taken() + 1)
        for offer in SeatOffer.objects.exclude(pk__in=asked).exclude(state=OfferState.SKIPPED):
            turn = next(row.turn for row in before if row.line.pk == offer.line_id)
            for row in before:
                if row.turn < turn:
                    own = SeatOffer.objects.filter(line=row.line)
                    kept = own.filter(state=OfferState.SKIPPED).exclude(reason="").exists()
                    assert kept or own.exclude(state=OfferState.SKIPPED).exists(), (row.line, offer)
        group = StudyGroup.objects.get(pk=queue.world.group.pk)
        held = Enrolment.objects.holding_seats().count() + SeatOffer.objects.open().count()
        assert (group.seats_taken, group.seats_taken <= group.capacity) == (held, True)
    assert len(lines) == 5


@pytest.mark.django_db(transaction=True)
def test_twenty_sweeps_offer_the_last_freed_seat_once(world: World) -> None:
    queue = Queue(world)
    queue.capacity(1)
    lines = [queue.line() for _ in range(3)]
    ends = at_once([lambda: services.offers_make(actor=None, course=world.course, at=LATER) for _ in range(20)])
    assert Counter(ends) == {"done": 20}
    assert [offer.line for offer in SeatOffer.objects.open()] == lines[:1]
    assert queue.seats_taken() == 1


@pytest.mark.django_db(transaction=True)
def test_twenty_want_the_last_freed_seat(world: World) -> None:
    """The family answers from many tabs while the host accepts others by hand: one place is given, to the family."""
    queue = Queue(world)
    queue.capacity(1)
    queue.line()
    [offer] = queue.offer()
    others = [queue.line(LineDecision.PENDING, at=AT - timedelta(days=1)) for _ in range(10)]
    acts = [lambda: accept(offer) for _ in range(10)]
    acts += [lambda line=line: world.accept_line(line) for line in others]
    ends = Counter(at_once(acts))
    assert (ends["done"], ends["stale"], ends["full"]) == (1, 9, 10)
    assert (queue.seats_taken(), Enrolment.objects.holding_seats().count()) == (1, 1)
