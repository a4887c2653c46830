"""Who sees and changes journals, transfers and the address of the school's own system (2.4, S0-6p).

The live journal is the host's; at home those read it whom the agreement names, and only their own pupils.
"""

from __future__ import annotations

from django.db.models import Q, QuerySet

from courses.enums import GroupState
from courses.models import StudyGroup
from enrollment.enums import EnrolmentState
from enrollment.models import Enrolment
from gradebook.models import Lesson, MonthlyTransfer, PushEndpoint
from network_portal.common.access import allow, get_visible
from schools.acting import Acting
from schools.agreements import JOURNAL_READERS
from schools.enums import Role
from schools.models import SCHOOL_STAFF

SEALERS = (Role.COORDINATOR, Role.DEPUTY)
RECEIVERS = (Role.RESPONSIBLE, Role.CURATOR, Role.DEPUTY, Role.COORDINATOR)
ENDPOINT_MANAGERS = (Role.RESPONSIBLE, Role.DEPUTY, Role.DIRECTOR)
STUDIED = (EnrolmentState.ENROLLED, EnrolmentState.COMPLETED, EnrolmentState.LEFT)


def journals_for(acting: Acting) -> QuerySet[StudyGroup]:
    """Return the groups whose live journal the acting person reads."""
    opened = StudyGroup.objects.filter(state__in=[GroupState.OPEN, GroupState.CLOSED]).select_related(
        "course__programme__host", "course__network", "teacher__user"
    )
    seen = Q(pk__in=[])
    if acting.is_(Role.NETWORK_TEACHER):
        seen |= Q(course__programme__host=acting.organisation_id, teacher__user=acting.user_id)
    if acting.is_(*SCHOOL_STAFF):
        seen |= Q(course__programme__host=acting.organisation_id)
    if acting.is_(*JOURNAL_READERS):
        seen |= Q(pk__in=_read_at_home(acting).values("group"))
    return opened.filter(seen)


def _read_at_home(acting: Acting) -> QuerySet[Enrolment]:
    """Return the own pupils whose journal the agreement they were sent by lets the acting person read (S4-5.8)."""
    return Enrolment.objects.filter(
        home=acting.organisation_id,
        state__in=STUDIED,
        line__request__agreement__journal_readers__contains=[str(acting.role)],
    )


def journal_for(acting: Acting, pk: int, *, to_change: bool = False) -> StudyGroup:
    """Return a journal's group; only its own teacher writes in it."""
    group = get_visible(journals_for(acting), pk)
    if to_change:
        allow(writes(acting, group))
    return group


def writes(acting: Acting, group: StudyGroup) -> bool:
    """Tell whether the acting person is the teacher who fills the journal of `group`."""
    return (
        acting.is_(Role.NETWORK_TEACHER)
        and group.teacher is not None
        and group.teacher.user_id == acting.user_id
        and group.course.programme.host_id == acting.organisation_id
    )


def plans(acting: Acting, group: StudyGroup) -> bool:
    """Tell whether the acting person lays out, cancels and restores lessons of `group`."""
    return writes(acting, group) or (acting.is_(*SEALERS) and hosts(acting, group))


def hosts(acting: Acting, group: StudyGroup) -> bool:
    """Tell whether the acting person belongs to the school that teaches `group`."""
    return group.course.programme.host_id == acting.organisation_id


def lesson_for(acting: Acting, pk: int, *, to_change: bool = False, to_plan: bool = False) -> Lesson:
    """Return a lesson of a journal that the acting person reads.

    Args:
        to_change: fill it; 403 for all but the group's teacher.
        to_plan: cancel or restore it; also the host's coordinator and deputy director.
    """
    seen = Lesson.objects.select_related("group__course__programme__host", "group__course__network", "group__teacher")
    lesson = get_visible(seen.filter(group__in=journals_for(acting)), pk)
    if to_change:
        allow(writes(acting, lesson.group))
    if to_plan:
        allow(plans(acting, lesson.group))
    return lesson


def enrolments_for(acting: Acting, group: StudyGroup) -> QuerySet[Enrolment]:
    """Return the pupils of `group` whom the acting person sees: all at the host, the own ones at home (2.3 (2))."""
    if hosts(acting, group):
        return Enrolment.objects.filter(group=group, state__in=STUDIED)
    return _read_at_home(acting).filter(group=group)


def enrolment_for(acting: Acting, group: StudyGroup, pk: int) -> Enrolment:
    """Return one pupil of `group`; 404 for a pupil of another group or another home school."""
    return get_visible(enrolments_for(acting, group), pk)


def diary_for(acting: Acting) -> QuerySet[Enrolment]:
    """Return the enrolments of the parent's own children."""
    if not acting.is_(Role.PARENT):
        return Enrolment.objects.none()
    return Enrolment.objects.visible_to(acting).filter(state__in=STUDIED)


def transfers_for(acting: Acting) -> QuerySet[MonthlyTransfer]:
    return MonthlyTransfer.objects.visible_to(acting)


def transfer_for(
    acting: Acting, pk: int, *, whole: bool = False, to_acknowledge: bool = False, to_push: bool = False
) -> MonthlyTransfer:
    """Return a transfer.

    Args:
        whole: as a file with all lines; 403 for a class teacher, who sees the own class only.
        to_acknowledge: confirm its receipt, at the home school.
        to_push: send it again to the home school's own system, from either side.
    """
    seen = transfers_for(acting).select_related(
        "host", "home", "document", "group__course__programme", "group__course__network", "sealed_by", "acknowledged_by"
    )
    transfer = get_visible(seen, pk)
    if whole:
        allow(not acting.is_(Role.CLASS_TEACHER))
    if to_acknowledge:
        allow(may_acknowledge(acting, transfer))
    if to_push:
        allow(may_push(acting, transfer))
    return transfer


def may_acknowledge(acting: Acting, transfer: MonthlyTransfer) -> bool:
    return acting.is_(*RECEIVERS) and transfer.home_id == acting.organisation_id


def may_push(acting: Acting, transfer: MonthlyTransfer) -> bool:
    at_host = acting.is_(*SEALERS) and transfer.host_id == acting.organisation_id
    return at_host or (acting.is_(*ENDPOINT_MANAGERS) and transfer.home_id == acting.organisation_id)


def may_seal(acting: Acting) -> bool:
    return acting.is_(*SEALERS)


def group_to_seal_for(acting: Acting, pk: int) -> StudyGroup:
    """Return a group of the own school whose month the acting person may seal; 403 for its other staff."""
    group = get_visible(journals_for(acting).filter(course__programme__host=acting.organisation_id), pk)
    allow(may_seal(acting))
    return group


def endpoint_for(acting: Acting) -> PushEndpoint | None:
    """Return where the own school takes pushes; 403 for those who do not manage it."""
    allow(acting.is_(*ENDPOINT_MANAGERS))
    return PushEndpoint.objects.filter(organisation=acting.organisation_id).first()
