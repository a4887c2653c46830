"""Consents to the processing of a child's data: apart from the application, one for each operator (L-2)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.urls import reverse

from enrollment.enums import Verb
from enrollment.models import Application, Consent
from enrollment.selectors.applications import consents_needed
from enrollment.services._shared import checked, lock_application, tell_managers
from enrollment.services.leaving import reviews_follow
from network_portal.audit.services import record
from network_portal.common.errors import RuleError, StaleError
from schools.acting import Acting
from schools.models import Student


@transaction.atomic
def consent_give(
    *, actor: Acting, application: Application, operator_ids: Iterable[int], at: datetime, ip: str = ""
) -> None:
    """Give the ticked consents that an application needs; one that is in force already is left as it is.

    Args:
        actor: the parent.
        application: names the child and the operators.
        operator_ids: the schools ticked.
        at: the moment.
        ip: where the request came from, kept as evidence.

    Raises:
        RuleError: a school is not an operator of this application, or none was ticked.
    """
    application = lock_application(application)
    Student.objects.select_for_update(no_key=True).get(pk=application.student_id)
    needed = {need.operator.pk: need for need in consents_needed(application)}
    ticked = set(operator_ids)
    if not ticked:
        raise RuleError("Отметьте согласие, которое вы даёте.")
    if not ticked <= needed.keys():
        raise RuleError("Для этого заявления нужны другие согласия. Обновите страницу.")
    for operator_id in sorted(ticked):
        need = needed[operator_id]
        if need.given is not None:
            continue
        consent = checked(
            Consent(
                student=application.student,
                guardian=actor.user,
                operator=need.operator,
                purpose=need.purpose,
                text=need.text,
                given_at=at,
                evidence={"method": "checkbox", "ip": ip, "login": actor.user.email},
            )
        )
        consent.save()
        record(
            Verb.CONSENT_GIVEN,
            actor=actor.user,
            organisation=None,
            target=consent,
            at=at,
            changes={"operator": operator_id},
        )
    reviews_follow(student_id=application.student_id, at=at)


@transaction.atomic
def consent_withdraw(*, actor: Acting, consent: Consent, at: datetime) -> None:
    """Withdraw a consent; both the operator's and the home school's managers are told.

    Nobody is expelled by it: an enrolment that has not become active yet is refused by its conditions (I-4), one that
    has needs a decision of the home school.

    Raises:
        StaleError: it was withdrawn before.
    """
    consent = (
        Consent.objects.select_for_update(of=("self",))
        .select_related("operator", "student__home_school")
        .get(pk=consent.pk)
    )
    if consent.withdrawn_at is not None:
        raise StaleError("Это согласие уже отозвано.")
    consent.withdrawn_at = at
    consent.save(update_fields=["withdrawn_at"])
    record(Verb.CONSENT_WITHDRAWN, actor=actor.user, organisation=None, target=consent, at=at)
    tell_managers(
        consent.student.home_school,
        f"Отозвано согласие на обработку данных обучающегося. Оператор: {consent.operator.short_name}.",
        reverse("application_list"),
        on=at.date(),
        at=at,
    )
    reviews_follow(student_id=consent.student_id, at=at)
