"""The waiting list: a freed place is offered to the first family, which answers within the network's term (3.3, I-3).

An open offer holds its seat. Nobody is passed over without a reason that is kept and that the family reads.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F
from django.urls import reverse

from courses.models import NetworkCourse, StudyGroup
from enrollment.enums import ApplicationState, LineDecision, OfferState, Verb
from enrollment.models import Enrolment, SchoolRequest, SchoolRequestLine, SeatOffer
from enrollment.selectors.queues import (
    WAITS,
    QueueRow,
    clash_of,
    courses_to_offer,
    expired_offers,
    free_groups,
    hindrance_of,
    obstacle_of,
    queue_of,
    unanswered_of,
)
from enrollment.services._shared import (
    change_decision,
    checked,
    legal_day,
    lock_application,
    lock_request,
    not_placed,
    release_place,
    request_follows,
    tell_family,
    tell_managers,
)
from enrollment.services.lines import line_accept
from network_portal.audit.services import record
from network_portal.common.dates import ru_moment
from network_portal.common.errors import RuleError, StaleError
from network_portal.common.states import move
from schools.acting import Acting
from schools.models import Student
from schools.services.trail import note

DECLINED = "Семья отказалась от предложенного места."
HIGHER = "Ребёнок получает место на курсе, который семья указала выше."


@transaction.atomic
def seat_take(
    *, actor: Acting, line: SchoolRequestLine, group: StudyGroup, seen: LineDecision, at: datetime
) -> Enrolment:
    """Book a place whose turn is established, by a run or by an offer; a lower wish of the application gives way.

    Raises:
        RuleError: as of `line_accept`; the lessons clash with another place of the pupil.
        StaleError: as of `line_accept`.
    """
    requests = [
        lock_request(request)
        for request in SchoolRequest.objects.filter(lines__application=line.application_id).distinct().order_by("pk")
    ]
    application = lock_application(line.application)
    Student.objects.select_for_update(no_key=True).get(pk=application.student_id)
    line = SchoolRequestLine.objects.select_related("request", "course__programme", "application").get(pk=line.pk)
    if application.state == ApplicationState.PLACED:
        raise StaleError(
            "По этому заявлению ребёнок уже зачислен приказом на другой курс. Чтобы перейти, нужно заявление об "
            "отчислении из той группы: обратитесь в свою школу."
        )
    if clash := clash_of(line, group):
        raise RuleError(clash)
    for request in requests:
        lower = request.lines.filter(application=application, decision=LineDecision.ACCEPTED).exclude(pk=line.pk)
        for other in lower:
            release_place(other, actor=actor, at=at)
            change_decision(other, LineDecision.WITHDRAWN, actor=actor, at=at, reason=HIGHER)
            note(Verb.LINE_WITHDRAWN, actor, other, at)
            tell_managers(
                request.host,
                f"{request.home.short_name}: по одной строке заявки место освободилось.",
                reverse("request", args=[request.pk]),
                on=legal_day(request, at),
                at=at,
            )
            request_follows(request, actor=actor, at=at)
    return line_accept(actor=actor, line=line, group=group, seen=seen, in_turn=True, at=at)


@transaction.atomic
def offers_make(*, actor: Acting | None, course: NetworkCourse, at: datetime) -> list[SeatOffer]:
    """Offer the free seats of a course to the first of its waiting list, one each.

    Whoever cannot take a place now is passed over with that reason, once somebody behind gets an offer. Nothing is
    offered past a line that is earlier and still waits for the host's answer.

    Args:
        actor: the host's manager; None for the portal's own sweep.
        course: the course.
        at: the moment.

    Returns:
        The new offers, in the order of the queue.
    """
    list(StudyGroup.objects.select_for_update().filter(course=course).order_by("pk"))
    made: list[SeatOffer] = []
    while offer := _offer_next(actor, course, at):
        made.append(offer)
    return made


@transaction.atomic
def queue_skip(*, actor: Acting, line: SchoolRequestLine, reason: str, at: datetime) -> SeatOffer:
    """Pass a family over for the next place of the course; the reason stays in the trail and the family reads it.

    Raises:
        RuleError: on the field "reason" when there is none; the course has no group.
        StaleError: the line no longer waits, or has an offer.
    """
    if not reason.strip():
        raise RuleError("Укажите причину: её увидит семья.", field="reason")
    groups = list(StudyGroup.objects.select_for_update().filter(course=line.course_id).order_by("pk"))
    row = next((row for row in queue_of(line.course) if row.line.pk == line.pk), None)
    if row is None or row.offer is not None:
        raise StaleError("Очередь изменилась: семья уже не ждёт места, или оно ей предложено. Обновите страницу.")
    if row.passed:
        raise StaleError("Эта семья уже пропущена для следующего места. Обновите страницу.")
    if not groups:
        raise RuleError("На курсе нет групп: предлагать нечего.")
    return _pass_over(actor, row, groups[0], reason.strip(), at)


@transaction.atomic
def offer_accept(*, actor: Acting, offer: SeatOffer, at: datetime) -> Enrolment:
    """Take the offered place for the child; the host's order enrols later.

    Args:
        actor: a guardian.
        offer: an open offer.
        at: the moment; that of the end of the term is too late.

    Raises:
        StaleError: the term is over, the offer was answered or taken back.
        RuleError: the lessons clash with another place, or a condition of the enrolment is not met.
    """
    line = SchoolRequestLine.objects.select_related("request", "application").get(pk=offer.line_id)
    _lock_requests(line)
    application = lock_application(line.application)
    Student.objects.select_for_update(no_key=True).get(pk=application.student_id)
    group, offer = _lock_open(offer)
    if offer.expires_at is not None and at >= offer.expires_at:
        raise StaleError(f"Ответить нужно было до {_until(offer)}. Место предлагают следующей семье.")
    _free(offer, OfferState.ACCEPTED, at)
    enrolment = seat_take(actor=actor, line=line, group=group, seen=LineDecision.WAITLISTED, at=at)
    _recorded(Verb.OFFER_ACCEPTED, actor, offer, at)
    _tell_schools(offer, "семья приняла предложенное место, нужен приказ о зачислении.", at)
    return enrolment


@transaction.atomic
def offer_decline(*, actor: Acting, offer: SeatOffer, at: datetime) -> SeatOffer:
    """Turn the offered place down: the family leaves this waiting list, the place goes to the next one.

    Raises:
        StaleError: the offer was answered or taken back, or its term is over.
    """
    line = SchoolRequestLine.objects.select_related("request", "application", "course").get(pk=offer.line_id)
    requests = _lock_requests(line)
    application = lock_application(line.application)
    _, offer = _lock_open(offer)
    _free(offer, OfferState.DECLINED, at)
    line.refresh_from_db()
    change_decision(line, LineDecision.REFUSED, actor=actor, at=at, reason=DECLINED)
    not_placed(application, reason=DECLINED)
    _recorded(Verb.OFFER_DECLINED, actor, offer, at)
    _tell_schools(offer, "семья отказалась от предложенного места.", at)
    for request in requests:
        request_follows(request, actor=actor, at=at)
    offers_make(actor=None, course=line.course, at=at)
    return offer


@transaction.atomic
def offer_expire(*, offer: SeatOffer, at: datetime) -> SeatOffer | None:
    """End an offer that the family did not answer in time, or that nobody waits for any more.

    Returns:
        None when it was answered meanwhile.
    """
    list(StudyGroup.objects.select_for_update().filter(course=offer.group.course_id).order_by("pk"))
    found = (
        SeatOffer.objects.open()
        .select_for_update(of=("self",))
        .select_related("line__application", "line__request__agreement__network", "group__course")
        .filter(pk=offer.pk)
        .first()
    )
    if found is None:
        return None
    line = found.line
    waits = line.decision == LineDecision.WAITLISTED and line.application.state in WAITS
    due = found.expires_at is not None and at >= found.expires_at
    if waits and not due:
        return None
    _free(found, OfferState.EXPIRED if waits else OfferState.RECALLED, at)
    _recorded(Verb.OFFER_EXPIRED if waits else Verb.OFFER_RECALLED, None, found, at)
    if waits:
        tell_family(
            line.application,
            f"Срок ответа о месте на курсе «{found.group.course}» истёк. Место предлагают следующей семье; "
            "ребёнок остаётся в листе ожидания после тех, кому место ещё не предлагали.",
            at=at,
        )
        _tell_schools(found, "семья не ответила о предложенном месте в срок.", at)
    offers_make(actor=None, course=found.group.course, at=at)
    return found


def offers_sweep(*, at: datetime) -> int:
    """End what is overdue and offer what is free, each course in a transaction of its own.

    Returns:
        How many offers were made for seats that had become free otherwise.
    """
    for offer in expired_offers(at):
        offer_expire(offer=offer, at=at)
    return sum(len(offers_make(actor=None, course=course, at=at)) for course in courses_to_offer())


# --- parts --------------------------------------------------------------------------------------------------------


def _lock_requests(line: SchoolRequestLine) -> list[SchoolRequest]:
    found = SchoolRequest.objects.filter(lines__application=line.application_id).distinct().order_by("pk")
    return [lock_request(request) for request in found]


def _lock_open(offer: SeatOffer) -> tuple[StudyGroup, SeatOffer]:
    group = StudyGroup.objects.select_for_update(of=("self",)).select_related("course").get(pk=offer.group_id)
    found = (
        SeatOffer.objects.select_for_update(of=("self",))
        .select_related("line__application", "line__request__agreement__network", "group__course__programme__host")
        .get(pk=offer.pk)
    )
    if found.state != OfferState.OFFERED:
        raise StaleError(f"Это предложение уже в состоянии «{found.get_state_display()}». Обновите страницу.")
    return group, found


def _free(offer: SeatOffer, to: OfferState, at: datetime) -> None:
    """Close an open offer and give its seat back; its group is locked."""
    move(offer, to, answered_at=at)
    StudyGroup.objects.filter(pk=offer.group_id).update(seats_taken=F("seats_taken") - 1)


def _offer_next(actor: Acting | None, course: NetworkCourse, at: datetime) -> SeatOffer | None:
    groups = free_groups(course)
    if not groups:
        return None
    unanswered = unanswered_of(course)
    passed: list[tuple[QueueRow, StudyGroup, str]] = []
    for row in queue_of(course):
        if row.offer is not None or row.passed:
            continue
        if unanswered and unanswered[0].turn[1:] < row.turn[1:]:
            return None
        against = obstacle_of(row.line, at)
        group = None if against else next((one for one in groups if not hindrance_of(row.line, one)), None)
        if group is None:
            passed.append((row, groups[0], against or hindrance_of(row.line, groups[0])))
            continue
        for before, free, reason in passed:
            _pass_over(actor, before, free, reason, at)
        return _offer(actor, row, group, at)
    return None


def _offer(actor: Acting | None, row: QueueRow, group: StudyGroup, at: datetime) -> SeatOffer:
    line = row.line
    term = timedelta(hours=line.request.agreement.network.offer_hours)
    offer = SeatOffer(line=line, group=group, offered_at=at, expires_at=at + term)
    checked(offer).save()
    StudyGroup.objects.filter(pk=group.pk).update(seats_taken=F("seats_taken") + 1)
    _recorded(Verb.OFFER_MADE, actor, offer, at)
    tell_family(
        line.application,
        f"Освободилось место на курсе «{line.course}». Ответьте до {_until(offer)}.",
        at=at,
    )
    _tell_schools(offer, f"место предложено семье, ответ до {_until(offer)}.", at)
    return offer


def _until(offer: SeatOffer) -> str:
    """Write until when the family answers, by the clock of its network."""
    return ru_moment(offer.expires_at, offer.line.request.agreement.network.time_zone)


def _pass_over(actor: Acting | None, row: QueueRow, group: StudyGroup, reason: str, at: datetime) -> SeatOffer:
    offer = SeatOffer(
        line=row.line, group=group, state=OfferState.SKIPPED, offered_at=at, answered_at=at, reason=reason[:500]
    )
    checked(offer).save()
    record(
        Verb.OFFER_SKIPPED,
        actor=actor.user if actor else None,
        organisation=actor.organisation if actor else None,
        target=row.line,
        at=at,
        changes={"reason": offer.reason},
    )
    tell_family(
        row.line.application,
        f"Освободившееся место на курсе «{row.line.course}» предлагают следующим в очереди: {offer.reason}",
        at=at,
    )
    return offer


def _recorded(verb: Verb, actor: Acting | None, offer: SeatOffer, at: datetime) -> None:
    record(
        verb,
        actor=actor.user if actor else None,
        organisation=actor.organisation if actor else None,
        target=offer.line,
        at=at,
        changes={"group": offer.group_id},
    )


def _tell_schools(offer: SeatOffer, words: str, at: datetime) -> None:
    """Tell the managers of both schools, without the pupil's name."""
    request = SchoolRequest.objects.select_related("home", "host", "agreement__network").get(pk=offer.line.request_id)
    for school in (request.home, request.host):
        tell_managers(
            school,
            f"Лист ожидания курса «{offer.group.course}»: {words}",
            reverse("request", args=[request.pk]),
            on=legal_day(request, at),
            at=at,
        )
