"""What the home school decides on an application, and its withdrawal by the family (3.3, S0-3)."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.urls import reverse

from enrollment.enums import ApplicationState, Verb
from enrollment.models import Application, SchoolRequest
from enrollment.services._shared import drop_lines, lock_application, lock_request, tell_family, tell_managers
from enrollment.services.guardians import guardian_confirmations
from enrollment.services.submissions import legal_day_of
from network_portal.audit.services import record
from network_portal.common.dates import ru_moment
from network_portal.common.errors import RuleError, StaleError
from network_portal.common.russian import NBSP
from network_portal.common.states import can_move, move
from schools.acting import Acting
from schools.enums import Role
from schools.services.trail import note


@transaction.atomic
def application_accept(*, actor: Acting, application: Application, at: datetime, late_reason: str = "") -> Application:
    """Accept a registered application (S0-3); a late one only the deputy director accepts, and says why (3.3).

    Args:
        actor: who decides.
        application: a registered one.
        at: the moment.
        late_reason: why one that came after the window is accepted; it stands last all the same.

    Raises:
        RuleError: the word of another representative is missing; it is late and the actor is not the deputy; on the
            field "reason" when there is none.
        StaleError: someone has decided on it meanwhile, or the family took it back.
    """
    application = _lock_undecided(application)
    guardian_confirmations(application=application, at=at)
    late_reason = late_reason.strip()
    if application.choices.filter(late=True).exists():
        if not actor.is_(Role.DEPUTY):
            raise RuleError("Заявление поступило после срока: принять его может только заместитель директора.")
        if not late_reason:
            raise RuleError("Заявление поступило после срока. Укажите, почему его принимают.", field="reason")
    else:
        late_reason = ""
    move(
        application,
        ApplicationState.ACCEPTED,
        decided_by=actor.user,
        decided_at=at,
        reason="",
        late_reason=late_reason,
    )
    words = "Школа приняла заявление, поданное после срока" if late_reason else "Школа приняла заявление"
    _decided(Verb.APPLICATION_ACCEPTED, application, actor, at, words, late_reason)
    return application


@transaction.atomic
def application_return(*, actor: Acting, application: Application, reason: str, at: datetime) -> Application:
    """Return an application for correction; the parent signs a new paper and keeps the place in the queue.

    Raises:
        RuleError: on the field "reason" when there is none.
        StaleError: someone has decided on it meanwhile.
    """
    reason = _reason(reason)
    application = lock_application(application)
    if application.state != ApplicationState.ACCEPTED:
        _undecided(application)
    move(application, ApplicationState.RETURNED, decided_by=actor.user, decided_at=at, reason=reason)
    _decided(Verb.APPLICATION_RETURNED, application, actor, at, "Школа вернула заявление на исправление", reason)
    return application


@transaction.atomic
def application_refuse(*, actor: Acting, application: Application, reason: str, at: datetime) -> Application:
    """Refuse an application for good.

    Raises:
        RuleError: on the field "reason" when there is none.
        StaleError: someone has decided on it meanwhile.
    """
    reason = _reason(reason)
    application = _lock_undecided(application)
    move(application, ApplicationState.REFUSED, decided_by=actor.user, decided_at=at, reason=reason)
    _decided(Verb.APPLICATION_REFUSED, application, actor, at, "Школа отказала в приёме заявления", reason)
    return application


@transaction.atomic
def application_withdraw(*, actor: Acting, application: Application, at: datetime) -> Application:
    """Take an application back, at any time before the pupil is enrolled (3.3).

    Lists follow in the same transaction: a draft loses the line, a booked place is given back.

    Raises:
        StaleError: the pupil has been enrolled, or the application is closed already.
    """
    requests = [
        lock_request(request)
        for request in SchoolRequest.objects.filter(lines__application=application).distinct().order_by("pk")
    ]
    application = lock_application(application)
    if application.state == ApplicationState.PLACED:
        raise StaleError(
            "Ребёнок уже зачислен приказом. Чтобы прекратить обучение, нужно другое заявление: об отчислении из "
            "группы. Его подают на странице этого заявления."
        )
    was_draft = application.state == ApplicationState.DRAFT
    move(application, ApplicationState.WITHDRAWN)
    known = {request.pk for request in requests}
    if application.lines.exclude(request__in=known).exists():
        raise StaleError("Школа как раз меняет список с этим заявлением. Повторите через минуту.")
    drop_lines(application, requests, actor=actor, at=at)
    record(Verb.APPLICATION_WITHDRAWN, actor=actor.user, organisation=None, target=application, at=at)
    if not was_draft:
        tell_managers(
            application.home,
            f"Отозвано заявление №{NBSP}{application.document.number if application.document else ''}.",
            reverse("application", args=[application.pk]),
            on=legal_day_of(application, at),
            at=at,
        )
    return application


def _lock_undecided(application: Application) -> Application:
    application = lock_application(application)
    _undecided(application)
    return application


def _undecided(application: Application) -> None:
    """Tell the second of two deputies what the first one has decided."""
    if can_move(application, ApplicationState.REFUSED):
        return
    who = application.decided_by
    by = f" Решение: {who.short_name}, {ru_moment(application.decided_at)}." if who else ""
    raise StaleError(f"Заявление уже в состоянии «{application.get_state_display()}».{by} Ничего не изменено.")


def _reason(reason: str) -> str:
    if not reason.strip():
        raise RuleError("Укажите причину: её увидит семья.", field="reason")
    return reason.strip()


def _decided(verb: Verb, application: Application, actor: Acting, at: datetime, words: str, reason: str) -> None:
    note(verb, actor, application, at, **({"reason": reason} if reason else {}))
    ending = f": {reason}" if reason else "."
    tell_family(application, f"{words}{ending}"[:300], at=at)
