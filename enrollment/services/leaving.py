"""The ends of an enrolment, and what makes one need a decision (3.6; lessons, additions 2 and 8)."""

from __future__ import annotations

from collections import Counter
from datetime import datetime

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import F
from django.urls import reverse

from courses.models import StudyGroup
from enrollment.enums import EnrolmentState, HomeState, LeaveState, Review, Verb
from enrollment.models import SEALED_MONTH, Application, Enrolment, LeaveApplication, SchoolOrderLine
from enrollment.selectors.leaving import exit_record_of, review_needed, reviews_to_check
from enrollment.services._shared import legal_day, lock_application, move_home, move_host, tell_family, tell_managers
from network_portal.audit.services import record
from network_portal.common.dates import add_working_days, local_day
from network_portal.common.errors import RuleError, trigger_words
from network_portal.common.russian import NBSP, plural
from network_portal.common.states import move
from schools.acting import Acting
from schools.models import Agreement, Organisation
from schools.services.trail import note

#: Working days in which the home school decides on an enrolment that lost what it rests on.
REVIEW_DAYS = 3


@transaction.atomic
def enrolment_end(*, actor: Acting, line: SchoolOrderLine, by_home: bool, at: datetime) -> Enrolment:
    """Take a pupil out of the group by a line of an order that is being signed; the seat is free at once.

    Args:
        actor: the director who signs.
        line: a line that removes; its enrolment, group, pupil and application are locked.
        by_home: whether the home school's order does it, or the host's.
        at: the moment.

    Raises:
        RuleError: a month that this would change has been sealed by a transfer.
    """
    enrolment = line.enrolment
    assert line.last_day is not None
    exit_record = exit_record_of(enrolment, line.last_day)
    last_day = min(line.last_day, enrolment.date_to or line.last_day)
    try:
        with transaction.atomic():
            move_host(
                enrolment, EnrolmentState.LEFT, actor=actor, at=at, date_to=last_day, exit_record=exit_record,
                review=Review.NONE, review_due=None,
            )  # fmt: skip
    except IntegrityError as error:
        if words := trigger_words(error, SEALED_MONTH):
            raise RuleError(
                f"{enrolment.student.short_name}: {words} Укажите последний день после закрытых месяцев."
            ) from error
        raise
    move_home(enrolment, HomeState.WITHDRAWN if by_home else HomeState.RELEASED, actor=actor, at=at)
    StudyGroup.objects.filter(pk=enrolment.group_id).update(seats_taken=F("seats_taken") - 1)
    wishes = LeaveApplication.objects.select_for_update().filter(
        enrolment=enrolment, state__in=[LeaveState.DRAFT, LeaveState.REGISTERED]
    )
    for wish in wishes:
        move(wish, LeaveState.EXECUTED if wish.pk == line.leave_id else LeaveState.WITHDRAWN)
    note(
        Verb.ENROLMENT_LEFT,
        actor,
        enrolment,
        at,
        reason=line.reason,
        last_day=line.last_day.isoformat(),
        record=str(exit_record),
    )
    return enrolment


@transaction.atomic
def enrolment_review(*, enrolment: Enrolment, at: datetime, tell_schools: bool = True) -> Enrolment:
    """Look whether a pupil's study still rests on consents, home school and agreement; flag it or lift the flag.

    Nobody is expelled by this: the home school has three working days to mend it or to end the study.

    Args:
        enrolment: any enrolment; only that of a pupil who studies is looked at.
        at: the moment.
        tell_schools: False when the caller tells the schools of many studies at once.
    """
    application = Application.objects.get(lines__enrolment=enrolment)
    lock_application(application)
    enrolment = (
        Enrolment.objects.select_for_update(of=("self",))
        .select_related(
            "home",
            "student",
            "group",
            "course__programme__host",
            "line__application",
            "line__request__agreement__network",
        )
        .get(pk=enrolment.pk)
    )
    if enrolment.state != EnrolmentState.ENROLLED:
        return enrolment
    on = legal_day(enrolment.line.request, at)
    needed = review_needed(enrolment, on)
    if needed == enrolment.review:
        return enrolment
    enrolment.review = needed
    enrolment.review_due = add_working_days(on, REVIEW_DAYS) if needed else None
    enrolment.save(update_fields=["review", "review_due"])
    host = enrolment.course.programme.host
    record(
        Verb.REVIEW_STARTED if needed else Verb.REVIEW_ENDED,
        actor=None,
        organisation=enrolment.home,
        target=enrolment,
        at=at,
        changes={"why": str(needed)},
    )
    if needed:
        words = f"Зачисление требует решения: {Review(needed).label}. Группа {enrolment.group.name}."
    else:
        words = f"Вопрос о зачислении решён. Группа {enrolment.group.name}."
    url = reverse("group", args=[enrolment.group_id])
    if tell_schools:
        tell_managers(enrolment.home, words, reverse("leaving_list") if needed else url, on=on, at=at)
        tell_managers(host, words, url, on=on, at=at)
    if needed:
        tell_family(enrolment.line.application, f"{words} Обратитесь в школу ребёнка.", at=at)
    return enrolment


def reviews_follow(*, student_id: int, at: datetime) -> None:
    """Look at the studies of one pupil whose consent was given or withdrawn."""
    for enrolment in Enrolment.objects.filter(student=student_id, state=EnrolmentState.ENROLLED).order_by("pk"):
        enrolment_review(enrolment=enrolment, at=at)


@transaction.atomic
def agreement_reviews(*, agreement_id: int, at: datetime) -> int:
    """Look at the studies under an agreement that has ended (3.2); both schools are told once of all of them.

    Args:
        agreement_id: the agreement.
        at: the moment.

    Returns:
        How many need a decision because of it.
    """
    studies = Enrolment.objects.filter(line__request__agreement=agreement_id, state=EnrolmentState.ENROLLED)
    flagged: Counter[tuple[Organisation, Organisation]] = Counter()
    for one in studies.order_by("pk"):
        enrolment = enrolment_review(enrolment=one, at=at, tell_schools=False)
        if enrolment.review == Review.AGREEMENT:
            flagged[enrolment.home, enrolment.course.programme.host] += 1
    zone = Agreement.objects.values_list("network__time_zone", flat=True).get(pk=agreement_id)
    on = local_day(at, zone)
    for (home, host), count in flagged.items():
        studies_words = f"{count}{NBSP}{plural(count, 'зачисление,зачисления,зачислений')}"
        words = f"Договор школ {home} и {host} прекращён. Требуют решения: {studies_words}."
        tell_managers(home, words, reverse("leaving_list"), on=on, at=at)
        tell_managers(host, words, reverse("group_list"), on=on, at=at)
    return flagged.total()


def reviews_sweep(*, at: datetime) -> int:
    """Look at every study whose ground may have changed, each in a transaction of its own.

    Returns:
        How many were looked at.
    """
    found = reviews_to_check(local_day(at, settings.TIME_ZONE))
    for enrolment in found:
        enrolment_review(enrolment=enrolment, at=at)
    return len(found)


@transaction.atomic
def enrolments_complete(*, actor: Acting | None, group: StudyGroup, at: datetime) -> int:
    """End the study of everyone who is still in a group whose course is over; the group is locked.

    Args:
        actor: who closes the group; None for the portal itself.
        group: a locked group.
        at: the moment.

    Returns:
        How many pupils completed.
    """
    staying = Enrolment.objects.select_for_update(of=("self",)).filter(group=group, state=EnrolmentState.ENROLLED)
    count = 0
    for enrolment in staying.order_by("pk"):
        move_host(enrolment, EnrolmentState.COMPLETED, actor=actor, at=at, review=Review.NONE, review_due=None)
        move_home(enrolment, HomeState.COMPLETED, actor=actor, at=at)
        record(
            Verb.ENROLMENT_COMPLETED,
            actor=actor.user if actor else None,
            organisation=actor.organisation if actor else None,
            target=enrolment,
            at=at,
        )
        count += 1
    return count
