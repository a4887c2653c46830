"""Who sees and changes journals, transfers and the address of the school's own system (2.4, S0-6p).

The live journal is the host's; at home those read it whom the agreement names, and only their own pupils.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import Http404

from courses.enums import GroupState
from courses.models import StudyGroup
from enrollment.enums import EnrolmentState
from enrollment.models import Enrolment
from gradebook.enums import ABSENCES
from gradebook.models import (
    AbsenceNotice,
    ApiKey,
    Attendance,
    Correction,
    HomeworkFile,
    Intake,
    IntakeLine,
    JournalPrint,
    Lesson,
    MailChannel,
    MonthlyTransfer,
    PushEndpoint,
    RemoteLesson,
    SchoolTest,
    TransferDispute,
)
from network_portal.common.access import allow, get_visible
from schools.acting import Acting
from schools.agreements import JOURNAL_READERS
from schools.enums import Role
from schools.models import SCHOOL_STAFF, Agreement, Organisation, SchoolClass, Student

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
    if hosts(acting, group):
        return Enrolment.objects.filter(group=group, state__in=STUDIED)
    return _read_at_home(acting).filter(group=group)


def homes_for(acting: Acting, group: StudyGroup) -> QuerySet[Organisation]:
    """Return the home schools of the pupils of `group` whom the acting person sees."""
    return Organisation.objects.filter(pk__in=enrolments_for(acting, group).order_by().values("home"))


def enrolment_for(acting: Acting, group: StudyGroup, pk: int) -> Enrolment:
    """Return one pupil of `group`; 404 for a pupil of another group or another home school."""
    return get_visible(enrolments_for(acting, group), pk)


# --- around the lessons -------------------------------------------------------------------------------------------


def homework_files_for(acting: Acting) -> QuerySet[HomeworkFile]:
    """Return the files of homework: for readers of the lesson, and for parents whose child belonged to the group."""
    files = HomeworkFile.objects.filter(removed_at=None).select_related(
        "file", "lesson__group__course__programme__host"
    )
    if acting.is_(Role.PARENT):
        studied = diary_for(acting).filter(
            Q(date_to=None) | Q(date_to__gte=OuterRef("lesson__date")),
            group=OuterRef("lesson__group"),
            date_from__lte=OuterRef("lesson__date"),
        )
        return files.filter(Exists(studied))
    return files.filter(lesson__in=lessons_for(acting))


def homework_file_for(acting: Acting, pk: int, *, to_change: bool = False) -> HomeworkFile:
    """Return a file of a homework; only who fills the lesson takes it off."""
    file = get_visible(homework_files_for(acting), pk)
    if to_change:
        allow(fills(acting, lesson_for(acting, file.lesson_id)) if not acting.is_(Role.PARENT) else False)
    return file


def escorts(acting: Acting, lesson: Lesson) -> bool:
    """Tell whether the acting person names who accompanies the own pupils to `lesson`."""
    return acting.is_(*JOURNAL_READERS) and not hosts(acting, lesson.group)


def absences_for(acting: Acting) -> QuerySet[Attendance]:
    """Return the absences of own pupils: for those who read the journal at home, and for the class teacher."""
    pupils: QuerySet[Enrolment]
    if acting.is_(Role.CLASS_TEACHER):
        pupils = Enrolment.objects.visible_to(acting).filter(state__in=STUDIED)
    elif acting.is_(*JOURNAL_READERS):
        pupils = _read_at_home(acting)
    else:
        pupils = Enrolment.objects.none()
    return Attendance.objects.filter(enrolment__in=pupils, code__in=ABSENCES).select_related(
        "lesson__group__course__programme__host", "lesson__group__course__network", "enrolment__student__school_class"
    )


def absence_for(acting: Acting, pk: int) -> Attendance:
    """Return an absence of an own pupil."""
    return get_visible(absences_for(acting), pk)


def notices_for(acting: Acting) -> QuerySet[AbsenceNotice]:
    """Return what families told in advance: one's own children's, and at home those of the pupils one sees."""
    seen = Student.objects.visible_to(acting)
    return AbsenceNotice.objects.filter(student__in=seen).select_related("student__school_class")


def notice_for(acting: Acting, pk: int) -> AbsenceNotice:
    """Return a family's notice, to withdraw it; only a parent of the child does."""
    allow(acting.is_(Role.PARENT))
    return get_visible(notices_for(acting).filter(withdrawn_at=None), pk)


def own_children_for(acting: Acting) -> QuerySet[Student]:
    """Return the parent's own children who study in the network."""
    return Student.objects.filter(pk__in=diary_for(acting).values("student")).order_by("sort_key", "pk")


@dataclass(frozen=True)
class Thread:
    """What a home school and those who teach its pupils in a group write to each other (S0-8)."""

    group: StudyGroup
    home: Organisation


def threads_for(acting: Acting) -> list[Thread]:
    """Return the threads of the own groups with each home school, and of the groups of the own pupils."""
    pupils = Enrolment.objects.filter(state__in=STUDIED, date_from__isnull=False)
    own = Q(pk__in=[])
    if acting.is_(Role.NETWORK_TEACHER):
        own = Q(group__teacher__user=acting.user_id, group__course__programme__host=acting.organisation_id)
    elif acting.is_(*JOURNAL_READERS):
        own = Q(home=acting.organisation_id)
        if not acting.is_(Role.CURATOR):
            own |= Q(group__course__programme__host=acting.organisation_id)
    pairs = list(pupils.filter(own).order_by().values_list("group", "home").distinct())
    groups = {
        group.pk: group
        for group in StudyGroup.objects.filter(pk__in={group for group, _ in pairs}).select_related(
            "course__programme__host", "course__network", "teacher__user"
        )
    }
    homes = Organisation.objects.in_bulk({home for _, home in pairs})
    return [Thread(groups[group], homes[home]) for group, home in pairs]


def thread_for(acting: Acting, group_pk: int, home_pk: int) -> Thread:
    """Return one thread; 404 for every other school's."""
    for thread in threads_for(acting):
        if (thread.group.pk, thread.home.pk) == (group_pk, home_pk):
            return thread
    raise Http404


# --- the family ---------------------------------------------------------------------------------------------------


def diary_for(acting: Acting) -> QuerySet[Enrolment]:
    """Return the enrolments of the parent's own children."""
    if not acting.is_(Role.PARENT):
        return Enrolment.objects.none()
    return Enrolment.objects.visible_to(acting).filter(state__in=STUDIED)


def transfers_for(acting: Acting) -> QuerySet[MonthlyTransfer]:
    return MonthlyTransfer.objects.visible_to(acting)


def transfer_for(
    acting: Acting,
    pk: int,
    *,
    whole: bool = False,
    to_acknowledge: bool = False,
    to_push: bool = False,
    to_request: bool = False,
    to_correct: bool = False,
) -> MonthlyTransfer:
    """Return a transfer.

    Args:
        whole: as a file with all lines; 403 for a class teacher and a parent, who see some lines only.
        to_acknowledge: confirm its receipt or dispute lines, at the home school.
        to_push: send it again to the home school's own system, from either side.
        to_request: ask to correct the sealed month; the group's teacher.
        to_correct: seal the correction; the host's coordinator and deputy director.
    """
    seen = transfers_for(acting).select_related(
        "host",
        "home",
        "document",
        "group__course__programme",
        "group__course__network",
        "group__teacher",
        "sealed_by",
        "acknowledged_by",
    )
    transfer = get_visible(seen, pk)
    if whole:
        allow(sees_whole(acting))
    if to_acknowledge:
        allow(may_acknowledge(acting, transfer))
    if to_push:
        allow(may_push(acting, transfer))
    if to_request:
        allow(writes(acting, transfer.group))
    if to_correct:
        allow(may_correct(acting, transfer))
    return transfer


def sees_whole(acting: Acting) -> bool:
    """Tell whether the acting person sees all lines of the transfers that are shown to them."""
    return not acting.is_(Role.CLASS_TEACHER, Role.PARENT)


def may_correct(acting: Acting, transfer: MonthlyTransfer) -> bool:
    return acting.is_(*SEALERS) and transfer.host_id == acting.organisation_id


def may_decide(acting: Acting) -> bool:
    """Tell whether the acting person decides on requests to correct a sealed month of the own school."""
    return acting.is_(Role.DEPUTY)


def dispute_for(acting: Acting, pk: int) -> TransferDispute:
    """Return an objection to a transfer of the own school for its answer; 403 for those who only see it."""
    seen = TransferDispute.objects.filter(transfer__in=transfers_for(acting)).select_related("transfer")
    dispute = get_visible(seen if sees_whole(acting) else seen.none(), pk)
    allow(may_correct(acting, dispute.transfer))
    return dispute


def correction_for(
    acting: Acting, pk: int, *, to_decide: bool = False, to_close: bool = False, to_write: bool = False
) -> Correction:
    """Return a correction of a transfer of the own school; the home school sees only what comes of it.

    Args:
        to_decide: approve or refuse it; the deputy director.
        to_close: close it without changes; also the coordinator.
        to_write: write the opened cells; the group's teacher.
    """
    seen = Correction.objects.filter(transfer__in=transfers_for(acting).filter(host=acting.organisation_id))
    correction = get_visible(
        seen.select_related(
            "requested_by",
            "decided_by",
            "result__document",
            "transfer__document",
            "transfer__home",
            "transfer__group__course__programme",
            "transfer__group__course__network",
            "transfer__group__teacher",
        ),
        pk,
    )
    if to_decide:
        allow(may_decide(acting))
    if to_close:
        allow(may_correct(acting, correction.transfer))
    if to_write:
        allow(writes(acting, correction.transfer.group))
    return correction


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


def mail_for(acting: Acting) -> MailChannel | None:
    """Return where the own school takes transfers by e-mail; 403 for those who do not manage it."""
    allow(acting.is_(*ENDPOINT_MANAGERS))
    return MailChannel.objects.filter(organisation=acting.organisation_id).first()


def api_key_for(acting: Acting, pk: int) -> ApiKey:
    """Return a key of the own school, to take it back; 403 for those who do not manage them."""
    allow(acting.is_(*ENDPOINT_MANAGERS))
    return get_visible(ApiKey.objects.filter(organisation=acting.organisation_id), pk)


def partners_for(acting: Acting) -> QuerySet[Organisation]:
    """Return the schools that an agreement names beside the own one: their portals may deliver here."""
    agreements = Agreement.objects.visible_to(acting)
    return Organisation.objects.filter(
        Q(pk__in=agreements.values("host")) | Q(pk__in=agreements.values("home"))
    ).exclude(pk=acting.organisation_id or 0)


def intakes_for(acting: Acting) -> QuerySet[Intake]:
    return Intake.objects.visible_to(acting)


def intake_for(acting: Acting, pk: int) -> Intake:
    """Return a package that came to the own school from another portal."""
    return get_visible(intakes_for(acting).select_related("home", "host"), pk)


def intake_line_for(acting: Acting, pk: int) -> IntakeLine:
    """Return a line in quarantine, to say whose it is; 403 for those who do not answer for transfers."""
    line = get_visible(IntakeLine.objects.filter(intake__in=intakes_for(acting)), pk)
    allow(acting.is_(*RECEIVERS))
    return line


def pupils_for(acting: Acting) -> QuerySet[Student]:
    """Return the own school's pupils, among whom a line of a package finds its own."""
    return Student.objects.visible_to(acting).filter(home_school=acting.organisation_id).order_by("sort_key", "pk")


def endpoint_for(acting: Acting) -> PushEndpoint | None:
    """Return where the own school takes pushes; 403 for those who do not manage it."""
    allow(acting.is_(*ENDPOINT_MANAGERS))
    return PushEndpoint.objects.filter(organisation=acting.organisation_id).first()


# --- tests of the own school's classes --------------------------------------------------------------------------------


def classes_to_test_for(acting: Acting) -> QuerySet[SchoolClass]:
    """Return the classes whose tests the acting person plans; 403 for those who do not."""
    allow(acting.is_(*TEST_PLANNERS))
    return SchoolClass.objects.visible_to(acting).order_by("-year", "grade", "letter")


def school_tests_for(acting: Acting) -> QuerySet[SchoolTest]:
    """Return the planned tests of the own school's classes; 403 for those who do not plan them."""
    classes = classes_to_test_for(acting)
    return SchoolTest.objects.filter(school_class__in=classes).select_related("school_class").order_by("date", "pk")


def school_test_for(acting: Acting, pk: int) -> SchoolTest:
    return get_visible(school_tests_for(acting), pk)
