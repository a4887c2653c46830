"""The host's answer, line by line: a place, the waiting list, or a refusal with its reason (3.4, I-3, I-4)."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models import F
from django.urls import reverse

from courses.enums import GroupState
from courses.models import StudyGroup
from enrollment.enums import (
    ApplicationState,
    EnrolmentState,
    LineDecision,
    Verb,
)
from enrollment.models import Enrolment, SchoolRequest, SchoolRequestLine
from enrollment.selectors.conditions import SENT_STATES, evidence_for, failed
from enrollment.selectors.queues import overtaken_by
from enrollment.selectors.requests import line_conditions
from enrollment.services._shared import (
    change_decision,
    checked,
    decided_words,
    legal_day,
    lock_application,
    lock_request,
    not_placed,
    refuse_without_agreement,
    release_place,
    request_follows,
    tell_family,
    tell_managers,
)
from network_portal.common.errors import RuleError, StaleError
from network_portal.common.russian import NBSP, plural
from network_portal.common.states import move
from schools.acting import Acting
from schools.models import Student
from schools.services.trail import note


@transaction.atomic
def line_accept(
    *,
    actor: Acting,
    line: SchoolRequestLine,
    group: StudyGroup,
    seen: LineDecision,
    in_turn: bool = False,
    at: datetime,
) -> Enrolment:
    """Book a place in a group for the pupil of a line; the order enrols later (3.6).

    Args:
        actor: the host's manager.
        line: a line of a received list.
        group: a group of the line's course.
        seen: the decision that the page showed.
        in_turn: the turn is established, by an approved run or by an offer of a freed place.
        at: the moment.

    Raises:
        RuleError: a family of the waiting list is before this one and was not passed over with a reason; the group is
            full, closed or of another course, the pupil has a place on this programme already, or a condition is not
            met; the message names it (I-2, I-3, I-4).
        StaleError: the line was decided otherwise meanwhile.
    """
    request, line = _lock(line, seen)
    if line.decision == LineDecision.ACCEPTED:
        raise StaleError(decided_words(line))
    on = legal_day(request, at)
    application = lock_application(line.application)
    student = Student.objects.select_for_update(no_key=True).get(pk=application.student_id)
    if student.home_school_id != request.home_id:
        raise RuleError("Обучающийся больше не числится в школе, которая направила заявку. Откажите с этой причиной.")
    if reasons := failed(line_conditions(line, request, evidence_for([application], on))):
        raise RuleError(f"Принять нельзя. {reasons}")
    group = StudyGroup.objects.select_for_update().get(pk=group.pk)
    if group.course_id != line.course_id or group.state == GroupState.CLOSED:
        raise RuleError("Выберите действующую группу этого курса.", field="group")
    _one_place(line)
    if not in_turn and (before := overtaken_by(line)):
        count = len(before)
        raise RuleError(
            f"В листе ожидания этого курса раньше {plural(count, 'стоит,стоят,стоят')} {count}"
            f"{NBSP}{plural(count, 'семья,семьи,семей')}. Предложите место им или пропустите их с причиной: "
            "«Группы», группа, «Лист ожидания»."
        )
    if group.seats_free <= 0:
        raise RuleError(
            f"В группе {group.name} не осталось мест: занято {group.seats_taken} из {group.capacity}. "
            "Выберите другую группу или лист ожидания.",
            field="group",
        )
    StudyGroup.objects.filter(pk=group.pk).update(seats_taken=F("seats_taken") + 1)
    enrolment = _book(line, request, group, actor, at)
    change_decision(line, LineDecision.ACCEPTED, actor=actor, at=at)
    note(Verb.LINE_ACCEPTED, actor, line, at, group=group.pk)
    tell_family(
        application,
        f"{request.host.short_name}: место на курсе «{line.course}» забронировано, готовится приказ о зачислении.",
        at=at,
    )
    request_follows(request, actor=actor, at=at)
    return enrolment


@transaction.atomic
def line_waitlist(
    *, actor: Acting, line: SchoolRequestLine, seen: LineDecision, reason: str = "", at: datetime
) -> SchoolRequestLine:
    """Put the pupil of a line on the waiting list; `reason` says why there is no place.

    Raises:
        RuleError: the family did not agree to a waiting list, or the agreement is not in force.
        StaleError: the line was decided otherwise meanwhile.
    """
    request, line = _lock(line, seen)
    application = lock_application(line.application)
    refuse_without_agreement(request, legal_day(request, at))
    if not application.waitlist_ok:
        raise RuleError("Семья не согласна на лист ожидания. Примите обучающегося или откажите с причиной.")
    change_decision(line, LineDecision.WAITLISTED, actor=actor, at=at, reason=reason[:500])
    move(application, ApplicationState.WAITLISTED)
    note(Verb.LINE_WAITLISTED, actor, line, at)
    tell_family(application, f"{request.host.short_name}: ребёнок в листе ожидания курса «{line.course}».", at=at)
    request_follows(request, actor=actor, at=at)
    return line


@transaction.atomic
def line_refuse(
    *, actor: Acting, line: SchoolRequestLine, reason: str, seen: LineDecision, at: datetime
) -> SchoolRequestLine:
    """Refuse the pupil of a line; a place that was only booked is given back.

    The home school is told; it lists the pupil again for the next wish, of which the host knows nothing.

    Raises:
        RuleError: on the field "reason" when there is none; an order has enrolled the pupil.
        StaleError: the line was decided otherwise meanwhile.
    """
    if not reason.strip():
        raise RuleError("Укажите причину отказа: её увидят школа и семья.", field="reason")
    request, line = _lock(line, seen)
    application = lock_application(line.application)
    release_place(line, actor=actor, at=at)
    change_decision(line, LineDecision.REFUSED, actor=actor, at=at, reason=reason.strip())
    not_placed(application, reason=reason.strip())
    note(Verb.LINE_REFUSED, actor, line, at, reason=reason.strip())
    tell_family(
        application, f"{request.host.short_name} отказала по курсу «{line.course}»: {reason.strip()}"[:300], at=at
    )
    tell_managers(
        request.home,
        f"{request.host.short_name}: отказ по одной строке заявки.",
        reverse("request", args=[request.pk]),
        on=legal_day(request, at),
        at=at,
    )
    request_follows(request, actor=actor, at=at)
    return line


def _lock(line: SchoolRequestLine, seen: LineDecision) -> tuple[SchoolRequest, SchoolRequestLine]:
    """Lock the list and take the line as it is now; StaleError when that is not what the person saw."""
    request = lock_request(line.request)
    line = SchoolRequestLine.objects.select_related(
        "course__programme__host", "application__home", "application__student", "decided_by"
    ).get(pk=line.pk)
    if request.state not in SENT_STATES:
        raise StaleError(f"Заявка в состоянии «{request.get_state_display()}»: отвечать по ней нельзя.")
    if line.decision != seen:
        raise StaleError(decided_words(line))
    return request, line


def _one_place(line: SchoolRequestLine) -> None:
    """Refuse a second place on the same programme in the same year (I-2)."""
    others = Enrolment.objects.filter(
        student=line.application.student_id,
        course__programme=line.course.programme_id,
        course__year=line.course.year,
    ).holding_seats()
    if others.exclude(line=line).exists():
        raise RuleError("Обучающийся уже занимает место на этом курсе.")


def _book(line: SchoolRequestLine, request: SchoolRequest, group: StudyGroup, actor: Acting, at: datetime) -> Enrolment:
    enrolment = checked(
        Enrolment(
            student=line.application.student,
            home=request.home,
            group=group,
            course=line.course,
            line=line,
            state=EnrolmentState.BOOKED,
            state_by=actor.user,
            state_at=at,
            home_at=request.sent_at,
        )
    )
    enrolment.save()
    return enrolment
