"""Who sees and changes journals, lessons and the diary (2.4, S0-6p).

The live journal is the host's; at home those read it whom the agreement names, and only their own pupils.
"""

from __future__ import annotations

from functools import cache

from django.db.models import Q, QuerySet
from django.http import Http404

from courses.enums import GroupState
from courses.models import StudyGroup
from enrollment.enums import EnrolmentState
from enrollment.models import Enrolment
from gradebook.models import (
    JournalPrint,
    Lesson,
    RemoteLesson,
)
from network_portal.accounts.models import User
from network_portal.common.access import allow, get_visible
from network_portal.common.prepared import Prepared
from schools.acting import Acting
from schools.agreements import JOURNAL_READERS
from schools.enums import Role
from schools.models import FAMILY_READERS, SCHOOL_STAFF, Duty, Organisation

SEALERS = (Role.COORDINATOR, Role.DEPUTY)
RECEIVERS = (Role.RESPONSIBLE, Role.CURATOR, Role.DEPUTY, Role.COORDINATOR)
#: Who enters the tests of the home school's classes (6.7).
TEST_PLANNERS = (Role.DEPUTY, Role.RESPONSIBLE, Role.CURATOR)
ENDPOINT_MANAGERS = (Role.RESPONSIBLE, Role.DEPUTY, Role.DIRECTOR)
STUDIED = (EnrolmentState.ENROLLED, EnrolmentState.COMPLETED, EnrolmentState.LEFT)


def journals_for(acting: Acting) -> QuerySet[StudyGroup]:
    """Return the groups whose live journal the acting person reads."""
    opened = StudyGroup.objects.filter(state__in=[GroupState.OPEN, GroupState.CLOSED]).select_related(
        "course__programme__host", "course__programme__policy", "course__network", "teacher__user"
    )
    seen = Q(pk__in=[])
    if acting.is_(Role.NETWORK_TEACHER):
        seen |= Q(course__programme__host=acting.organisation_id, teacher__user=acting.user_id)
    if acting.is_(*SCHOOL_STAFF):
        seen |= Q(course__programme__host=acting.organisation_id)
    if acting.is_(*JOURNAL_READERS):
        seen |= Q(pk__in=read_at_home(acting).values("group"))
    return opened.filter(seen)


def read_at_home(acting: Acting) -> QuerySet[Enrolment]:
    """Return the own pupils whose journal the agreement they were sent by lets the acting person read (S4-5.8)."""
    return Enrolment.objects.filter(
        home=acting.organisation_id,
        state__in=STUDIED,
        line__request__agreement__journal_readers__contains=[str(acting.role)],
    )


def journal_for(acting: Acting, pk: int, *, to_change: bool = False) -> StudyGroup:
    """Return a journal's group; only its own teacher writes in it."""
    if acting.duty is None:
        raise Http404
    found = _journal_of(acting.role).ask(acting.user_id, acting.duty.organisation_id, pk)
    if not found:
        raise Http404
    (group,) = found
    if to_change:
        allow(writes(acting, group))
    return group


@cache
def _journal_of(role: Role) -> Prepared[StudyGroup]:
    """Return the query of one journal for a role: each cell that is typed asks it."""

    def build(user: int, organisation: int, pk: int) -> QuerySet[StudyGroup]:
        acting = Acting(User(pk=user), role, Duty(organisation_id=organisation))
        return journals_for(acting).filter(pk=pk)

    return Prepared(build)


def reads(acting: Acting, group: StudyGroup) -> bool:
    """Tell whether the acting person reads the whole journal of `group`; a substitute reads one lesson only."""
    return not acting.is_(Role.NETWORK_TEACHER) or writes(acting, group)


def journal_prints_for(acting: Acting) -> QuerySet[JournalPrint]:
    """Return the copies that the own school has printed of journals which the acting person reads."""
    return JournalPrint.objects.filter(organisation=acting.organisation_id, group__in=journals_for(acting))


def journal_print_for(acting: Acting, pk: int) -> JournalPrint:
    return get_visible(journal_prints_for(acting).select_related("document__organisation"), pk)


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


def fills(acting: Acting, lesson: Lesson) -> bool:
    """Tell whether the acting person writes in the journal of one lesson: the group's teacher or the substitute."""
    return writes(acting, lesson.group) or (
        acting.is_(Role.NETWORK_TEACHER)
        and lesson.substitute is not None
        and lesson.substitute.user_id == acting.user_id
        and lesson.substitute.organisation_id == acting.organisation_id
    )


def lessons_for(acting: Acting) -> QuerySet[Lesson]:
    """Return the lessons of the journals that the acting person reads, and those given as a substitute."""
    seen = Q(group__in=journals_for(acting))
    if acting.is_(Role.NETWORK_TEACHER):
        seen |= Q(substitute__user=acting.user_id, substitute__organisation=acting.organisation_id)
    return Lesson.objects.filter(seen).select_related(
        "group__course__programme__host",
        "group__course__programme__policy",
        "group__course__network",
        "group__teacher__user",
        "substitute__user",
    )


def lesson_for(
    acting: Acting,
    pk: int,
    *,
    to_change: bool = False,
    to_plan: bool = False,
    to_substitute: bool = False,
    to_escort: bool = False,
) -> Lesson:
    """Return a lesson that the acting person reads.

    Args:
        to_change: fill it; 403 for all but the group's teacher and the lesson's substitute.
        to_plan: move, cancel or restore it; the group's teacher, the host's coordinator and deputy director.
        to_substitute: replace its teacher; the host's coordinator and deputy director.
        to_escort: name who accompanies the own pupils; those who follow them at home.
    """
    lesson = get_visible(lessons_for(acting), pk)
    if to_change:
        allow(fills(acting, lesson))
    if to_plan:
        allow(plans(acting, lesson.group))
    if to_substitute:
        allow(substitutes(acting, lesson.group))
    if to_escort:
        allow(escorts(acting, lesson))
    return lesson


def substitutes(acting: Acting, group: StudyGroup) -> bool:
    """Tell whether the acting person replaces teachers of lessons of `group`."""
    return acting.is_(*SEALERS) and hosts(acting, group)


def escorts(acting: Acting, lesson: Lesson) -> bool:
    """Tell whether the acting person names who accompanies the own pupils to `lesson`."""
    return acting.is_(*JOURNAL_READERS) and not hosts(acting, lesson.group)


def remote_for(acting: Acting, pk: int) -> RemoteLesson:
    """Return that a lesson is held at a distance, to take it back; 403 for those who do not plan lessons."""
    remote = get_visible(
        RemoteLesson.objects.filter(lesson__in=lessons_for(acting)).select_related(
            "lesson__group__course__programme", "home"
        ),
        pk,
    )
    allow(plans(acting, remote.lesson.group))
    return remote


def enrolments_for(acting: Acting, group: StudyGroup) -> QuerySet[Enrolment]:
    """Return the pupils of `group` whom the acting person sees: all at the host, the own ones at home (2.3 (2))."""
    return enrolments_of(group.pk, None if hosts(acting, group) else acting)


def enrolments_of(group: int, reader: Acting | None) -> QuerySet[Enrolment]:
    """Return the pupils of a group, by its id, whom a reader at a home school sees; all of them with None."""
    seen = Enrolment.objects.filter(state__in=STUDIED) if reader is None else read_at_home(reader)
    return seen.filter(group=group)


def homes_for(acting: Acting, group: StudyGroup) -> QuerySet[Organisation]:
    """Return the home schools of the pupils of `group` whom the acting person sees."""
    return Organisation.objects.filter(pk__in=enrolments_for(acting, group).order_by().values("home"))


def enrolment_for(acting: Acting, group: StudyGroup, pk: int) -> Enrolment:
    """Return one pupil of `group`; 404 for a pupil of another group or another home school."""
    return get_visible(enrolments_for(acting, group), pk)


def diary_for(acting: Acting) -> QuerySet[Enrolment]:
    """Return the enrolments of the parent's own children; of a pupil, the own ones."""
    if not acting.is_(*FAMILY_READERS):
        return Enrolment.objects.none()
    return Enrolment.objects.visible_to(acting).filter(state__in=STUDIED)
