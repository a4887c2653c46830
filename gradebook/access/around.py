"""Who sees what stands around the lessons: files, escorts, absences, notices, messages, tests of classes."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import Http404

from courses.models import StudyGroup
from enrollment.models import Enrolment
from gradebook.access.journals import (
    STUDIED,
    TEST_PLANNERS,
    diary_for,
    fills,
    lesson_for,
    lessons_for,
    read_at_home,
)
from gradebook.enums import ABSENCES
from gradebook.models import (
    AbsenceNotice,
    Attendance,
    HomeworkFile,
    SchoolTest,
)
from network_portal.common.access import allow, get_visible
from schools.acting import Acting
from schools.agreements import JOURNAL_READERS
from schools.enums import Role
from schools.models import FAMILY_READERS, Organisation, SchoolClass, Student


def homework_files_for(acting: Acting) -> QuerySet[HomeworkFile]:
    """Return the files of homework: for readers of the lesson, and for the family of who belonged to the group."""
    files = HomeworkFile.objects.filter(removed_at=None).select_related(
        "file", "lesson__group__course__programme__host"
    )
    if acting.is_(*FAMILY_READERS):
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
        allow(not acting.is_(*FAMILY_READERS) and fills(acting, lesson_for(acting, file.lesson_id)))
    return file


def absences_for(acting: Acting) -> QuerySet[Attendance]:
    """Return the absences of own pupils: for those who read the journal at home, and for the class teacher."""
    pupils: QuerySet[Enrolment]
    if acting.is_(Role.CLASS_TEACHER):
        pupils = Enrolment.objects.visible_to(acting).filter(state__in=STUDIED)
    elif acting.is_(*JOURNAL_READERS):
        pupils = read_at_home(acting)
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
