"""Forming groups: a run is computed, seats are fixed by hand, hosts or a council approve, hosts answer by it (3.7)."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from django.db import transaction
from django.urls import reverse

from courses.models import NetworkCourse, StudyGroup
from enrollment.allocation import AllocationError, allocate, problem_data
from enrollment.enums import AllocationState, ApplicationState, LineDecision, Verb
from enrollment.models import (
    AllocationConfirmation,
    AllocationPlace,
    AllocationRun,
    Application,
    FixedSeat,
    SchoolRequestLine,
    SeatQuota,
)
from enrollment.selectors.allocation import (
    Words,
    approval_of,
    current_run,
    explanation_rows,
    hosts_in,
    result_of,
    season_of,
    sha256_of,
    to_answer,
)
from enrollment.services._shared import checked, tell_family, tell_managers
from enrollment.services.lines import line_refuse, line_waitlist
from enrollment.services.offers import seat_take
from network_portal.common.dates import local_day, school_year_label
from network_portal.common.errors import RuleError, StaleError
from network_portal.common.states import move
from network_portal.notices.services import notify
from schools.acting import Acting
from schools.enums import AllocationApproval, DutyKind
from schools.models import Agreement, Network
from schools.selectors import staff_of
from schools.services.trail import note


@transaction.atomic
def allocation_start(*, actor: Acting, network: Network, year: int, at: datetime) -> AllocationRun:
    """Compute a draft for the network's courses of a year, compared with the approved run that families know of.

    Args:
        actor: the deputy or the coordinator of a school that teaches in the network.
        network: the network.
        year: the school year of the courses.
        at: the moment.

    Raises:
        StaleError: there is a draft already.
        RuleError: no list waits for an answer.
    """
    network = Network.objects.select_for_update().get(pk=network.pk)
    if AllocationRun.objects.filter(network=network, year=year, state=AllocationState.DRAFT).exists():
        raise StaleError("Проект распределения на этот учебный год уже есть. Откройте его и пересчитайте.")
    assert actor.organisation is not None
    run = AllocationRun(
        network=network, year=year, organisation=actor.organisation, created_at=at, computed_at=at,
        base=current_run(network, year), snapshot={}, result={}, sha256="",
    )  # fmt: skip
    _compute(run, at)
    note(Verb.ALLOCATION_STARTED, actor, run, at)
    _tell_hosts(run, f"Составлен проект распределения на {school_year_label(year)} учебный год.", at, but=actor)
    return run


@transaction.atomic
def allocation_compute(*, actor: Acting, run: AllocationRun, at: datetime) -> AllocationRun:
    """Compute a draft again from what is true now; another outcome drops the confirmations given before (I-5).

    Raises:
        StaleError: it is no longer a draft.
        RuleError: a seat fixed by hand no longer fits.
    """
    run = _lock_draft(run)
    _compute(run, at)
    note(Verb.ALLOCATION_COMPUTED, actor, run, at, sha256=run.sha256)
    return run


@transaction.atomic
def seat_fix(*, actor: Acting, place: AllocationPlace, group: StudyGroup, reason: str, at: datetime) -> FixedSeat:
    """Give a pupil a seat of an own group by hand; the draft is computed again around it, as is every later run.

    Args:
        actor: the deputy or the coordinator of the host.
        place: the pupil's row in the draft.
        group: a group of the host on a course that the family wishes.
        reason: kept in the trail and shown to both schools.
        at: the moment.

    Raises:
        RuleError: on the field "reason" when there is none; the seat is not there, clashes, or is no wish.
        StaleError: the run is no longer a draft, or a seat is fixed already.
    """
    if not reason.strip():
        raise RuleError("Укажите причину: она останется в истории.", field="reason")
    run = _lock_draft(place.run)
    if group.course.programme.host_id != actor.organisation_id:
        raise RuleError("Закрепить место можно только в группе своей школы.", field="group")
    if FixedSeat.objects.filter(application=place.application_id, lifted_at=None).exists():
        raise StaleError("За этим заявлением место уже закреплено. Обновите страницу.")
    seat = FixedSeat(
        application_id=place.application_id, group=group, reason=reason.strip(), fixed_by=actor.user, fixed_at=at
    )
    checked(seat).save()
    _compute(run, at)
    note(
        Verb.SEAT_FIXED, actor, Application.objects.get(pk=place.application_id), at, group=group.pk, reason=seat.reason
    )
    return seat


@transaction.atomic
def seat_lift(*, actor: Acting, place: AllocationPlace, at: datetime) -> None:
    """Take back a seat fixed by hand; the draft is computed again.

    Raises:
        StaleError: the run is no longer a draft, or no seat is fixed.
        RuleError: it was fixed in another school's group.
    """
    run = _lock_draft(place.run)
    seat = (
        FixedSeat.objects.select_for_update(of=("self",))
        .filter(application=place.application_id, lifted_at=None)
        .select_related("group__course__programme")
        .first()
    )
    if seat is None:
        raise StaleError("Это место уже не закреплено. Обновите страницу.")
    if seat.group.course.programme.host_id != actor.organisation_id:
        raise RuleError("Место закрепила другая школа, снять закрепление может только она.")
    seat.lifted_at = at
    seat.save(update_fields=["lifted_at"])
    _compute(run, at)
    note(Verb.SEAT_RELEASED, actor, Application.objects.get(pk=place.application_id), at, group=seat.group_id)


@transaction.atomic
def quota_set(
    *, actor: Acting, agreement: Agreement, year: int, course: NetworkCourse | None, seats: int | None, at: datetime
) -> SeatQuota | None:
    """Note how many places an agreement sets for the home school, on one course or on all; None takes the limit away.

    Raises:
        RuleError: the course is not one that the host of the agreement teaches in that year.
    """
    agreement = Agreement.objects.select_for_update().get(pk=agreement.pk)
    if course is not None and (course.programme.host_id != agreement.host_id or course.year != year):
        raise RuleError("Выберите курс своей школы этого учебного года.", field="course")
    SeatQuota.objects.filter(agreement=agreement, year=year, course=course).delete()
    quota = None
    if seats is not None:
        quota = SeatQuota(agreement=agreement, year=year, course=course, seats=seats)
        checked(quota).save()
    note(Verb.QUOTA_SET, actor, agreement, at, year=year, course=course.pk if course else None, seats=seats)
    return quota


# --- approval -----------------------------------------------------------------------------------------------------


@transaction.atomic
def allocation_confirm(*, actor: Acting, run: AllocationRun, sha256: str, at: datetime) -> AllocationRun:
    """Agree to a draft for the own school; the last school's word approves it, where the network says so (3.7).

    Args:
        actor: the director or the deputy of a host in the run.
        run: the draft.
        sha256: the version that the page showed (I-5).
        at: the moment.

    Raises:
        StaleError: the draft was computed again, or approved meanwhile; the school has confirmed already.
        RuleError: someone else approves in this network, or the school has no groups in the run.
    """
    run = _lock_draft(run, sha256)
    _refuse_other_than(AllocationApproval.HOSTS, run)
    approval = approval_of(run, actor)
    if not approval.may_confirm:
        raise StaleError("Ваша школа уже подтвердила это распределение, или в нём нет её групп.")
    assert actor.organisation is not None
    checked(
        AllocationConfirmation(run=run, organisation=actor.organisation, user=actor.user, at=at, sha256=sha256)
    ).save()
    note(Verb.ALLOCATION_CONFIRMED, actor, run, at, sha256=sha256)
    if [host.pk for host in approval.waits_for] == [actor.organisation_id]:
        _approve(run, actor, "подтверждено всеми принимающими школами", at)
    return run


@transaction.atomic
def allocation_approve(
    *,
    actor: Acting,
    run: AllocationRun,
    sha256: str,
    basis: str,
    at: datetime,
    by: AllocationApproval = AllocationApproval.DEPARTMENT,
) -> AllocationRun:
    """Approve a draft by a decision taken outside of it: of the council or of the Department (3.7, I-5).

    Args:
        actor: who records the decision.
        run: the draft.
        sha256: the version that was decided on.
        basis: number and date of the minutes or of the letter.
        at: the moment.
        by: who decided; the council does so only as the effect of its signed minutes.

    Raises:
        StaleError: the draft was computed again, or approved meanwhile.
        RuleError: on the field "basis" when there is none; someone else approves in this network.
    """
    run = _lock_draft(run, sha256)
    _refuse_other_than(by, run)
    if not basis.strip():
        raise RuleError("Укажите номер и дату решения.", field="basis")
    _approve(run, actor, basis.strip(), at)
    return run


def _refuse_other_than(by: AllocationApproval, run: AllocationRun) -> None:
    if run.network.allocation_approval != by:
        raise RuleError(f"В этой сети распределение утверждает {run.network.get_allocation_approval_display()}.")


@transaction.atomic
def allocation_cancel(*, actor: Acting, run: AllocationRun, at: datetime) -> AllocationRun:
    """Give a draft up; what families were told stays as it is.

    Raises:
        StaleError: it is no longer a draft.
    """
    run = _lock_draft(run)
    move(run, AllocationState.CANCELLED)
    note(Verb.ALLOCATION_CANCELLED, actor, run, at)
    return run


# --- answering ----------------------------------------------------------------------------------------------------


@dataclass
class Answered:
    """What a host's answer by a run came to; `failed` names pupils whose line could not be answered, and why."""

    accepted: int = 0
    waitlisted: int = 0
    refused: int = 0
    failed: list[str] = field(default_factory=list)


def allocation_answer(*, actor: Acting, run: AllocationRun, at: datetime) -> Answered:
    """Answer every waiting line of the own school by an approved run, the explanation being the reason.

    Each line is a transaction of its own: one that no longer fits is reported, the others are answered.

    Args:
        actor: the deputy or the coordinator of the host.
        run: the approved run.
        at: the moment.

    Raises:
        StaleError: the run is not the approved one.
    """
    run = AllocationRun.objects.select_related("network").get(pk=run.pk)
    if run.state != AllocationState.APPROVED:
        raise StaleError("Отвечать можно только по утверждённому распределению. Обновите страницу.")
    places = {place.application_id: place for place in run.places.select_related("group")}
    left_out = set(run.result["left_out"])
    answered = Answered()
    lines = [line for line in to_answer(run, actor.organisation_id) if line.application_id not in left_out]
    for line in lines:
        try:
            _answer(line, places[line.application_id], actor, at, answered)
        except RuleError as refusal:
            answered.failed.append(f"{line.application.student.short_name}: {refusal.message}")
    if lines:
        note(
            Verb.ALLOCATION_ANSWERED,
            actor,
            run,
            at,
            **{name: getattr(answered, name) for name in ("accepted", "waitlisted", "refused")},
        )
    return answered


def _answer(line: SchoolRequestLine, place: AllocationPlace, actor: Acting, at: datetime, answered: Answered) -> None:
    seen = LineDecision(line.decision)
    if place.group is not None and place.group.course_id == line.course_id:
        seat_take(actor=actor, line=line, group=place.group, seen=seen, at=at)
        answered.accepted += 1
        return
    if seen != LineDecision.PENDING:
        return
    said = next((row for row in place.explanation if row["course"] == line.course_id), None)
    if said and said["turn"]:
        line_waitlist(actor=actor, line=line, seen=seen, reason=said["text"], at=at)
        answered.waitlisted += 1
    else:
        reason = said["text"] if said else "Ребёнку отведено место на курсе, который семья указала выше."
        line_refuse(actor=actor, line=line, reason=reason, seen=seen, at=at)
        answered.refused += 1


# --- parts --------------------------------------------------------------------------------------------------------


def _lock_draft(run: AllocationRun, sha256: str | None = None) -> AllocationRun:
    run = AllocationRun.objects.select_for_update(of=("self",)).select_related("network", "base").get(pk=run.pk)
    if run.state != AllocationState.DRAFT:
        raise StaleError(f"Распределение уже в состоянии «{run.get_state_display()}». Ничего не изменено.")
    if sha256 is not None and run.sha256 != sha256:
        raise StaleError(
            "Проект пересчитан после того, как вы открыли страницу: состав групп мог измениться. "
            "Подтверждение не принято. Прочтите проект ещё раз."
        )
    return run


def _compute(run: AllocationRun, at: datetime) -> None:
    """Compute and store the outcome; the run is new or locked."""
    season = season_of(run.network, run.year, run.base, at)
    if not season.applications and not season.left_out:
        raise RuleError(
            "Распределять некого: ни одна направленная заявка школы не ждёт ответа. "
            "Дождитесь заявок или проверьте учебный год."
        )
    try:
        answer = allocate(season.problem)
    except AllocationError as error:
        raise RuleError(
            "Закрепить место нельзя: в группе нет места, квота исчерпана, занятия совпадают с другим "
            "закреплённым местом, или семья не указала этот курс."
        ) from error
    run.snapshot = problem_data(season.problem)
    run.result = result_of(season, answer)
    run.sha256 = sha256_of(run.snapshot, run.result)
    run.computed_at = at
    run.full_clean(exclude=["base", "approved_at"], validate_constraints=False)
    run.save()
    run.places.all().delete()
    words = Words(season.groups, run.network.time_zone)
    wanted = {one.key: one for one in season.problem.applications}
    before = dict(AllocationPlace.objects.filter(run=run.base_id).values_list("application", "group"))
    rows = []
    for key, application in season.applications.items():
        placement = answer.placements[key]
        rows.append(
            AllocationPlace(
                run=run,
                application=application,
                home_id=application.home_id,
                group_id=placement.group,
                before_id=before.get(key) if run.base_id else None,
                rank=placement.rank,
                fixed=placement.fixed,
                explanation=explanation_rows(words, wanted[key], answer, placement),
            )
        )
    for key, (application, reason) in season.left_out.items():
        said = [{"course": None, "text": f"В распределении не участвует. {reason}", "turn": 0, "of": 0}]
        rows.append(
            AllocationPlace(
                run=run, application=application, home_id=application.home_id, before_id=before.get(key),
                explanation=said,
            )
        )  # fmt: skip
    AllocationPlace.objects.bulk_create(rows)


def _approve(run: AllocationRun, actor: Acting, basis: str, at: datetime) -> None:
    """Put a locked draft in force; the run before is replaced, families and schools are told."""
    before = AllocationRun.objects.select_for_update().filter(
        network=run.network, year=run.year, state=AllocationState.APPROVED
    )
    for old in before:
        move(old, AllocationState.REPLACED)
    move(run, AllocationState.APPROVED, approved_at=at, basis=basis)
    note(Verb.ALLOCATION_APPROVED, actor, run, at, sha256=run.sha256, basis=basis)
    _tell_hosts(run, "Распределение утверждено. Ответьте по нему на заявки школ.", at)
    told = run.places.select_related("application__student", "application__home", "group")
    for place in told.exclude(application__state=ApplicationState.WITHDRAWN):
        words = f"отведено место в группе {place.group.name}" if place.group else "места пока нет"
        tell_family(place.application, f"Распределение по группам утверждено: {words}. Почему – в заявлении.", at=at)
    homes = {place.home_id: place.home for place in run.places.select_related("home")}
    on = local_day(at, run.network.time_zone)
    for home in homes.values():
        tell_managers(home, "Распределение по группам утверждено.", reverse("allocation", args=[run.pk]), on=on, at=at)


def _tell_hosts(run: AllocationRun, text: str, at: datetime, but: Acting | None = None) -> None:
    on = local_day(at, run.network.time_zone)
    for host in hosts_in(run):
        if but is None or host.pk != but.organisation_id:
            people = staff_of(host, DutyKind.DIRECTOR, DutyKind.DEPUTY, DutyKind.COORDINATOR, on=on)
            notify(people, text, reverse("allocation", args=[run.pk]), at=at)
