"""What the services of enrolment share: locking in one order, telling people, taking a line back.

Rows are locked in the order list, application, pupil, group, enrolment, so that two services never wait for each other.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, TypeVar

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db.models import F, Model
from django.urls import reverse

from courses.models import StudyGroup
from enrollment.documents import order_paper, request_paper
from enrollment.enums import (
    DECISION_CHANGES,
    ApplicationState,
    EnrolmentState,
    HomeState,
    LineDecision,
    OfferState,
    OrderState,
    RequestState,
    Verb,
)
from enrollment.models import (
    Acquaintance,
    Application,
    Enrolment,
    FamilyCall,
    HomeSide,
    Order,
    SchoolRequest,
    SchoolRequestLine,
    SeatOffer,
)
from enrollment.selectors.people import MANAGER_KINDS, guardians_of
from network_portal.accounts.models import User
from network_portal.audit.services import record
from network_portal.common.dates import add_working_days, local_day, ru_day, ru_moment
from network_portal.common.errors import RuleError, StaleError
from network_portal.common.russian import NBSP
from network_portal.common.states import move
from network_portal.documents.models import Document
from network_portal.documents.services import document_revise
from network_portal.notices.services import notify
from schools.acting import Acting
from schools.agreements import agreement_in_force
from schools.models import Organisation
from schools.selectors import staff_of
from schools.services.trail import note

M = TypeVar("M", bound=Model)

#: Working days in which a person named in an order reads it.
ACQUAINT_DAYS = 3


def checked(row: M) -> M:
    """Return the new `row` after its constraints were checked; RuleError with their Russian words."""
    unset = {item.name for item in row._meta.fields if item.null and getattr(row, item.attname) is None}
    try:
        row.full_clean(exclude=unset)
    except ValidationError as error:
        raise RuleError(" ".join(error.messages)) from error
    return row


def lock_request(request: SchoolRequest) -> SchoolRequest:
    return (
        SchoolRequest.objects.select_for_update(of=("self",))
        .select_related("home", "host", "agreement__network", "agreement__document", "document")
        .get(pk=request.pk)
    )


def lock_application(application: Application) -> Application:
    return (
        Application.objects.select_for_update(of=("self",))
        .select_related("student__school_class", "home", "guardian", "document", "prepared")
        .get(pk=application.pk)
    )


def legal_day(request: SchoolRequest, at: datetime) -> date:
    """Return the day of the moment `at` in the time zone of the list's network (I-10)."""
    return local_day(at, request.agreement.network.time_zone)


def refuse_without_agreement(request: SchoolRequest, on: date) -> None:
    """Raise RuleError when no agreement between the two schools of a list is in force on the day `on` (3.2, I-4)."""
    if agreement_in_force(home=request.home, host=request.host, on=on, year=request.year) is None:
        raise RuleError(
            f"Между {request.home.short_name} и {request.host.short_name} нет действующего договора. "
            "Он приостановлен, прекращён или истёк: откройте раздел «Договоры»."
        )


# --- the two states of an enrolment -------------------------------------------------------------------------------


def move_host(enrolment: Enrolment, to: EnrolmentState, *, actor: Acting | None, at: datetime, **fields: Any) -> None:
    """Change the host's state of a locked enrolment, with its author and moment."""
    move(enrolment, to, state_by=actor.user if actor else None, state_at=at, **fields)


def move_home(enrolment: Enrolment, to: HomeState, *, actor: Acting | None, at: datetime, **fields: Any) -> None:
    """Change the home school's state of a locked enrolment, with its author and moment."""
    move(HomeSide(enrolment), to, home_by=actor.user if actor else None, home_at=at, **fields)


# --- telling people -----------------------------------------------------------------------------------------------


def tell_family(application: Application, text: str, *, at: datetime) -> None:
    on = local_day(at, settings.TIME_ZONE)
    notify(guardians_of(application.student_id, on), text, reverse("application", args=[application.pk]), at=at)
    if application.guardian_id is None:
        FamilyCall.objects.create(application=application, text=text[:300], created_at=at)


def tell_managers(organisation: Organisation, text: str, url: str, *, on: date, at: datetime) -> None:
    notify(staff_of(organisation, *MANAGER_KINDS, on=on), text, url, at=at)


@dataclass(frozen=True)
class Named:
    """A person whom an order names, and as what."""

    user: User
    school: Organisation
    capacity: str


def ask_to_read(document: Document, named: Iterable[Named], *, on: date, at: datetime, url: str) -> None:
    """Ask the people whom a registered order names to acquaint themselves with it (3.5, T28)."""
    due = add_working_days(on, ACQUAINT_DAYS)
    for one in {(one.user.pk, one.school.pk): one for one in named}.values():
        asked = Acquaintance(document=document, user=one.user, organisation=one.school, capacity=one.capacity, due=due)
        checked(asked).save()
        notify([one.user], f"Ознакомьтесь с приказом №{NBSP}{document.number} до {ru_day(due)}", url, at=at)


# --- answers and places -------------------------------------------------------------------------------------------


def change_decision(
    line: SchoolRequestLine, to: LineDecision, *, actor: Acting, at: datetime, reason: str = ""
) -> None:
    """Change the answer to a line whose list is locked; StaleError names who decided otherwise meanwhile."""
    if to not in DECISION_CHANGES[LineDecision(line.decision)]:
        raise StaleError(decided_words(line))
    line.decision, line.reason = to, reason
    line.decided_by, line.decided_at = actor.user, at
    line.save(update_fields=["decision", "reason", "decided_by", "decided_at"])


def decided_words(line: SchoolRequestLine) -> str:
    """Say what was decided on a line meanwhile, and by whom."""
    who = f", {line.decided_by.short_name}, {ru_moment(line.decided_at)}" if line.decided_by else ""
    return (
        f"По этой строке уже решено: {line.get_decision_display()}{who}. Ничего не изменено. "
        "Откройте заявку заново и проверьте решение."
    )


def release_place(line: SchoolRequestLine, *, actor: Acting, at: datetime) -> None:
    """Cancel the booked place of a line, if there is one, and give the seat back to the group.

    A draft order follows: it gets a new version without the pupil, or is cancelled when nobody is left.

    Raises:
        RuleError: an order has enrolled the pupil already.
    """
    recall_offers(line, at=at)
    enrolment = Enrolment.objects.select_for_update(of=("self",)).filter(line=line).select_related("order").first()
    if enrolment is None or enrolment.state == EnrolmentState.CANCELLED:
        return
    if enrolment.state != EnrolmentState.BOOKED:
        raise RuleError("Обучающийся уже зачислен приказом. Изменить это можно только другим приказом.")
    StudyGroup.objects.select_for_update().get(pk=enrolment.group_id)
    StudyGroup.objects.filter(pk=enrolment.group_id).update(seats_taken=F("seats_taken") - 1)
    order = enrolment.order
    move_host(enrolment, EnrolmentState.CANCELLED, actor=actor, at=at, order=None)
    move_home(enrolment, HomeState.CANCELLED, actor=actor, at=at)
    if order is not None:
        _order_follows(order, actor=actor, at=at)


def recall_offers(line: SchoolRequestLine, *, at: datetime) -> None:
    """Take back the place that is offered on a line of the waiting list, if there is one."""
    offer = SeatOffer.objects.open().filter(line=line).first()
    if offer is None:
        return
    StudyGroup.objects.select_for_update().get(pk=offer.group_id)
    offer = SeatOffer.objects.open().select_for_update().filter(pk=offer.pk).first()
    if offer is not None:
        StudyGroup.objects.filter(pk=offer.group_id).update(seats_taken=F("seats_taken") - 1)
        move(offer, OfferState.RECALLED, answered_at=at)
        record(Verb.OFFER_RECALLED, actor=None, organisation=None, target=line, at=at)


def _order_follows(order: Order, *, actor: Acting, at: datetime) -> None:
    order = Order.objects.select_for_update(of=("self",)).select_related(
        "request__home", "request__host", "request__agreement__network", "request__document",
        "group__course__programme", "group__teacher__user", "document",
    ).get(pk=order.pk)  # fmt: skip
    if order.state != OrderState.DRAFT:
        return
    rest = booked_of(order)
    if rest:
        paper = order_paper(order, rest, legal_day(order.request, at))
        document_revise(document=order.document, paper=paper, actor=actor.user, at=at)
        verb = Verb.ORDER_REVISED
    else:
        move(order, OrderState.CANCELLED)
        verb = Verb.ORDER_CANCELLED
    note(verb, actor, order, at)


def booked_of(order: Order) -> list[Enrolment]:
    """Return the booked places that a draft order is to enrol."""
    return list(
        Enrolment.objects.filter(order=order, state=EnrolmentState.BOOKED).select_related("student__school_class")
    )


def request_follows(request: SchoolRequest, *, actor: Acting, at: datetime) -> None:
    """Move a locked list on: answered when no line waits, closed when an order covers every accepted line."""
    decisions = set(request.lines.values_list("decision", flat=True))
    if request.state == RequestState.SENT and LineDecision.PENDING not in decisions:
        move(request, RequestState.ANSWERED, answered_at=at)
        note(Verb.REQUEST_ANSWERED, actor, request, at)
        tell_managers(
            request.home,
            f"{request.host.short_name}: заявка рассмотрена.",
            reverse("request", args=[request.pk]),
            on=legal_day(request, at),
            at=at,
        )
    if request.state == RequestState.ANSWERED and LineDecision.ACCEPTED in decisions:
        uncovered = Enrolment.objects.filter(line__request=request, state=EnrolmentState.BOOKED)
        if not uncovered.exists():
            move(request, RequestState.CLOSED)


def drop_lines(application: Application, requests: Iterable[SchoolRequest], *, actor: Acting, at: datetime) -> None:
    """Take a withdrawn application off the locked lists it stands on.

    A draft list loses the line, one at the director gets a new version, a sent one shows that the family withdrew.
    """
    for request in requests:
        for line in request.lines.filter(application=application):
            if request.state in (RequestState.DRAFT, RequestState.SIGNING):
                line.delete()
                _signing_follows(request, actor=actor, at=at)
            elif line.decision not in (LineDecision.REFUSED, LineDecision.WITHDRAWN):
                release_place(line, actor=actor, at=at)
                change_decision(line, LineDecision.WITHDRAWN, actor=actor, at=at)
                record(Verb.LINE_WITHDRAWN, actor=actor.user, organisation=None, target=line, at=at)
                if request.state not in (RequestState.SIGNED,):
                    tell_managers(
                        request.host,
                        f"{request.home.short_name}: по одной строке заявки заявление отозвано.",
                        reverse("request", args=[request.pk]),
                        on=legal_day(request, at),
                        at=at,
                    )
        request_follows(request, actor=actor, at=at)


def _signing_follows(request: SchoolRequest, *, actor: Acting, at: datetime) -> None:
    if request.state != RequestState.SIGNING or request.document is None:
        return
    if request.lines.exists():
        paper = request_paper(request, legal_day(request, at))
        document_revise(document=request.document, paper=paper, actor=actor.user, at=at)
    else:
        move(request, RequestState.DRAFT)


def not_placed(application: Application, *, reason: str) -> None:
    """Note on a locked application that a host refused it: the home lists it again for the next choice.

    One that stands on another host's list, or waits there, goes on.
    """
    goes_on = application.lines.filter(
        decision__in=[LineDecision.PENDING, LineDecision.ACCEPTED, LineDecision.WAITLISTED]
    ).exists()
    if not goes_on and application.state in (ApplicationState.LISTED, ApplicationState.WAITLISTED):
        move(application, ApplicationState.NOT_PLACED, reason=reason)
