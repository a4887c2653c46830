"""Reads of the home school's pupils: the list, a card, what an import compares a file with."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from threading import Thread
from typing import Any

from django.core.cache import cache
from django.db import connection
from django.db.models import Count, F, Prefetch, Q, QuerySet

from network_portal.common import russian
from network_portal.common.access import get_visible
from network_portal.common.dates import years_before
from schools import access
from schools.acting import Acting
from schools.imports.plan import Known
from schools.imports.rows import person_key
from schools.models import (
    ADULT,
    ExpectedGuardian,
    FormerPlace,
    GuardianLink,
    GuardianPolicy,
    Organisation,
    PupilAccount,
    PupilImport,
    SchoolClass,
    Student,
)

SORTS = {
    "name": ("sort_key", "pk"),
    "class": ("school_class__grade", "school_class__letter", "sort_key", "pk"),
    "born": ("birth_date", "sort_key", "pk"),
}
MOST_SUGGESTED = 5
WRITTEN, WRITTEN_SECONDS = "import:{}:written", 600


# --- gates ------------------------------------------------------------------------------------------------------


def may_keep(acting: Acting) -> bool:
    """Tell whether the acting person keeps the school's list of pupils."""
    return acting.is_(*access.KEEPERS)


def classes_for(acting: Acting) -> QuerySet[SchoolClass]:
    """Return the classes of the school acted for, with how many pupils each has; the newest year first."""
    access.require(acting, *access.PUPIL_READERS)
    present = Count("students", filter=Q(students__left_on=None))
    return (
        SchoolClass.objects.visible_to(acting)
        .select_related("class_teacher__user")
        .annotate(size=present)
        .order_by("-year", "grade", "letter")
    )


def pupils_for(acting: Acting) -> QuerySet[Student]:
    """Return the pupils of the school acted for; 403 for those who read no list of pupils."""
    access.require(acting, *access.PUPIL_READERS)
    return access.students_for(acting)


def pupil_for(acting: Acting, pk: int, *, to_change: bool = False) -> Student:
    """Return one pupil of the school acted for; `to_change` asks for those who keep the list."""
    access.require(acting, *access.PUPIL_READERS)
    student = access.student_for(acting, pk)
    if to_change:
        access.require(acting, *access.KEEPERS)
    return student


def imports_for(acting: Acting) -> QuerySet[PupilImport]:
    """Return the files of the school acted for, without their contents."""
    access.require(acting, *access.KEEPERS)
    return (
        PupilImport.objects.visible_to(acting)
        .select_related("created_by", "organisation")
        .defer("content", "rows", "plan")
    )


def import_for(acting: Acting, pk: int) -> PupilImport:
    """Return one file of the school acted for."""
    return get_visible(imports_for(acting), pk)


def expected_for(acting: Acting, pk: int) -> ExpectedGuardian:
    """Return a parent of the school's own list, to be removed from it."""
    access.require(acting, *access.KEEPERS)
    own = ExpectedGuardian.objects.filter(student__home_school=acting.organisation_id)
    return get_visible(own.select_related("student"), pk)


# --- list and card ----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Wanted:
    """What a list of pupils is narrowed to; empty values narrow nothing."""

    name: str = ""
    school_class: SchoolClass | None = None
    left: bool = False
    sort: str = "name"


def find_pupils(pupils: QuerySet[Student], wanted: Wanted) -> QuerySet[Student]:
    """Narrow and order a gate's pupils."""
    found = pupils.exclude(left_on=None) if wanted.left else pupils.filter(left_on=None)
    if wanted.school_class:
        found = found.filter(school_class=wanted.school_class)
    for word in russian.fold(wanted.name.replace("\x00", "")).split():
        found = found.filter(sort_key__contains=word)
    order = SORTS[wanted.sort.removeprefix("-")]
    if wanted.sort.startswith("-"):
        return found.order_by(*(F(name).desc() for name in order))
    return found.order_by(*order)


@dataclass(frozen=True)
class StudentCard:
    """What the page of a pupil shows beside the pupil."""

    links: list[GuardianLink]
    expected: list[ExpectedGuardian]
    policy: GuardianPolicy
    former: list[FormerPlace]
    namesakes: list[Student]
    adult: bool
    may_change: bool
    account: PupilAccount | None
    may_invite: bool


def student_card(student: Student, acting: Acting) -> StudentCard:
    """Return the card of a pupil who passed the gate."""
    return StudentCard(
        links=list(student.guardian_links.select_related("user").order_by("state", "user__sort_key")),
        expected=list(student.expected_guardians.all()),
        policy=policy_of(student),
        former=list(student.former_places.select_related("school_class", "organisation")),
        namesakes=list(
            access.students_for(acting).filter(sort_key=student.sort_key).exclude(pk=student.pk)[:MOST_SUGGESTED]
        ),
        adult=student.birth_date <= years_before(acting.on, ADULT),
        may_change=may_keep(acting),
        account=student.accounts.standing().filter(organisation=student.home_school_id).first(),
        may_invite=acting.is_(*access.ACCOUNT_GIVERS),
    )


def policy_of(student: Student) -> GuardianPolicy:
    """Return the rule about a child's representatives; an unsaved «one is enough» where none was set."""
    return GuardianPolicy.objects.filter(student=student).first() or GuardianPolicy(student=student)


def expected_match(link: GuardianLink, students: Iterable[Student]) -> dict[int, str]:
    """Tell for each candidate of a claim whether the school's own list names this parent.

    Returns:
        «имя и почта», «имя» or «почта» by the pupil's number; a pupil whose list names somebody else, or nobody, has
        no entry.
    """
    key, email = person_key(link.user.full_name), link.user.email
    found: dict[int, set[str]] = defaultdict(set)
    for expected in ExpectedGuardian.objects.filter(student__in=[student.pk for student in students]):
        if expected.name_key == key:
            found[expected.student_id].add("имя")
        if expected.email and expected.email == email:
            found[expected.student_id].add("почта")
    return {student: " и ".join(sorted(what)) for student, what in found.items()}


# --- what a file is compared with -------------------------------------------------------------------------------


def known_pupils(organisation: Organisation) -> list[Known]:
    """Return every pupil of a school, also those who left, in two queries."""
    named = Prefetch("expected_guardians", ExpectedGuardian.objects.only("student", "name_key"))
    students = Student.objects.filter(home_school=organisation).select_related("school_class").order_by("pk")
    return [
        Known(
            pk=student.pk,
            last_name=student.last_name,
            first_name=student.first_name,
            patronymic=student.patronymic,
            full_name=student.full_name,
            birth_date=student.birth_date,
            class_name=str(student.school_class),
            class_key=(student.school_class.year, student.school_class.grade, student.school_class.letter),
            left_on=student.left_on,
            parents=tuple(parent.name_key for parent in student.expected_guardians.all()),
        )
        for student in students.prefetch_related(named)
    ]


def class_keys(organisation: Organisation, year: int) -> list[tuple[int, str]]:
    """Return grade and letter of the classes of a school in a year."""
    classes = SchoolClass.objects.filter(organisation=organisation, year=year)
    return list(classes.order_by("grade", "letter").values_list("grade", "letter"))


def stamp_of(known: Iterable[Known], classes: Iterable[tuple[int, str]]) -> str:
    """Return the fingerprint of what a plan was made against; any change in the school makes another one."""
    return hashlib.md5(repr((list(known), list(classes))).encode(), usedforsecurity=False).hexdigest()


def tell_written(pupil_import: PupilImport, count: int) -> None:
    """Tell the page that waits how many records of a file are written, by a connection of its own.

    What the transaction of the save writes is seen by others only at its end.
    """

    def tell() -> None:
        try:
            cache.set(WRITTEN.format(pupil_import.pk), count, WRITTEN_SECONDS)
        finally:
            connection.close()

    thread = Thread(target=tell)
    thread.start()
    thread.join()


def written_of(pupil_import: PupilImport) -> tuple[int, int]:
    """Return how many records of a file are written so far, and how many there will be: pupils and parents."""
    counts = pupil_import.counts
    written: int = cache.get(WRITTEN.format(pupil_import.pk), 0)
    return written, counts.get("new", 0) + counts.get("parents", 0)


def kinds_of(pupil_import: PupilImport, kind: str) -> list[dict[str, Any]]:
    """Return the rows of one kind of a kept plan, in the order of the file."""
    return [row for row in pupil_import.plan.get("rows", ()) if row["kind"] == kind]


def default_year(on: date) -> int:
    """Return the school year that a list which comes on the day `on` is about: from June on the next one."""
    return on.year if on.month >= 6 else on.year - 1
