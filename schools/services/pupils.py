"""Pupils and classes kept by hand: added, corrected, moved, left; nothing is deleted, and where a pupil was is kept."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta

from django.conf import settings
from django.db import transaction

from network_portal.audit.services import record
from network_portal.common.cleaning import clean
from network_portal.common.dates import local_day, ru_day
from network_portal.common.errors import RuleError, StaleError
from network_portal.common.seen import check_seen
from schools.acting import Acting
from schools.enums import Verb
from schools.imports.rows import person_key
from schools.models import ExpectedGuardian, FormerPlace, Organisation, SchoolClass, Student
from schools.services.trail import note

NAME_FIELDS = ("last_name", "first_name", "patronymic", "gender", "birth_date", *Student.CASE_FIELDS)


@dataclass(frozen=True, kw_only=True)
class StudentFacts:
    """What is typed about a pupil; the cases stay empty where the usual rules decline the name rightly."""

    last_name: str
    first_name: str
    patronymic: str
    gender: str
    birth_date: date
    name_genitive: str = ""
    name_dative: str = ""
    name_accusative: str = ""


def facts_of(student: Student) -> dict[str, object]:
    """Return the facts of a pupil as the form shows them."""
    return {name: getattr(student, name) for name in NAME_FIELDS}


@transaction.atomic
def class_add(*, actor: Acting, year: int, grade: int, letter: str, at: datetime) -> SchoolClass:
    """Add a class to the actor's school.

    Raises:
        RuleError: the school has it already, or there is no such grade.
    """
    school = _lock_school(actor)
    made = SchoolClass(organisation=school, year=year, grade=grade, letter=" ".join(letter.split()).upper())
    clean(made)
    made.save()
    record(Verb.CLASS_ADDED, actor=actor.user, organisation=school, target=made, at=at)
    return made


@transaction.atomic
def student_add(*, actor: Acting, facts: StudentFacts, school_class: SchoolClass, at: datetime) -> Student:
    """Add a pupil to the actor's school.

    Raises:
        RuleError: the school has a pupil of this name and birth date.
    """
    school = _lock_school(actor)
    _refuse_twin(school, facts, None)
    student = Student(**asdict(facts), home_school=school, school_class=school_class)
    clean(student)
    student.save()
    record(Verb.STUDENT_ADDED, actor=actor.user, organisation=school, target=student, at=at)
    return student


@transaction.atomic
def student_edit(*, actor: Acting, student: Student, facts: StudentFacts, seen: str = "", at: datetime) -> Student:
    """Correct the name, its cases, the gender or the birth date.

    Raises:
        StaleError: someone else has corrected them meanwhile.
        RuleError: the school has another pupil of this name and birth date.
    """
    school = _lock_school(actor)
    student = _lock(student)
    check_seen(seen, facts_of(student))
    _refuse_twin(school, facts, student)
    changed = [name for name, value in asdict(facts).items() if getattr(student, name) != value]
    for name in changed:
        setattr(student, name, getattr(facts, name))
    changed += student.forget_cases(changed)
    clean(student)
    if changed:
        student.save(update_fields=changed)
        record(
            Verb.STUDENT_NAMED,
            actor=actor.user,
            organisation=school,
            target=student,
            at=at,
            changes={"fields": changed},
        )
    return student


@transaction.atomic
def student_move(
    *, actor: Acting, student: Student, school_class: SchoolClass, on: date, basis: str, at: datetime
) -> Student:
    """Move a pupil to another class of the same school.

    Args:
        actor: who keeps the school's list of pupils.
        student: a pupil of the school.
        school_class: a class of the school.
        on: the first day in the new class.
        basis: the order, or whatever the move rests on.
        at: the moment.

    Raises:
        StaleError: the pupil is in that class already.
        RuleError: the pupil has left; the class is of another school; the day is in the future.
    """
    school = _lock_school(actor)
    student = _lock(student)
    if student.left_on is not None:
        raise RuleError("Обучающийся выбыл. Сначала отметьте, что он вернулся.")
    if student.school_class_id == school_class.pk:
        raise StaleError("Обучающийся уже в этом классе. Обновите страницу.")
    if school_class.organisation_id != student.home_school_id:
        raise RuleError("Этот класс другой школы.", field="school_class")
    _refuse_future(on, at, field="on")
    _former(student, until=on - timedelta(days=1), basis=basis)
    changes = {"from": student.school_class_id, "to": school_class.pk, "on": on.isoformat()}
    student.school_class = school_class
    student.save(update_fields=["school_class"])
    record(Verb.STUDENT_MOVED, actor=actor.user, organisation=school, target=student, at=at, changes=changes)
    return student


@transaction.atomic
def student_leave(*, actor: Acting, student: Student, on: date, basis: str, at: datetime) -> Student:
    """Note that a pupil has left the school; marks, papers and history stay (rule 18).

    Args:
        actor: who keeps the school's list of pupils.
        student: a pupil of the school.
        on: the last day in the school.
        basis: the order.
        at: the moment.

    Raises:
        StaleError: it was noted before.
        RuleError: the day is in the future, or no basis is named.
    """
    school = _lock_school(actor)
    student = _lock(student)
    if student.left_on is not None:
        raise StaleError("Обучающийся уже отмечен выбывшим. Обновите страницу.")
    if not basis.strip():
        raise RuleError("Укажите приказ или другое основание.", field="basis")
    _refuse_future(on, at, field="on")
    _former(student, until=on, basis=basis)
    student.left_on, student.left_reason = on, basis.strip()
    student.save(update_fields=["left_on", "left_reason"])
    record(
        Verb.STUDENT_LEFT,
        actor=actor.user,
        organisation=school,
        target=student,
        at=at,
        changes={"on": on.isoformat()},
    )
    return student


@transaction.atomic
def student_return(*, actor: Acting, student: Student, at: datetime) -> Student:
    """Take a pupil who had left back into the class of the last day.

    Raises:
        StaleError: the pupil is in the school.
    """
    school = _lock_school(actor)
    student = _lock(student)
    if student.left_on is None:
        raise StaleError("Обучающийся уже числится в школе. Обновите страницу.")
    student.left_on, student.left_reason = None, ""
    student.save(update_fields=["left_on", "left_reason"])
    record(Verb.STUDENT_RETURNED, actor=actor.user, organisation=school, target=student, at=at)
    return student


@transaction.atomic
def expected_add(
    *, actor: Acting, student: Student, name: str, email: str = "", phone: str = "", at: datetime
) -> ExpectedGuardian:
    """Note a parent as the school's own papers have one; it gives no rights.

    Raises:
        RuleError: this parent is noted already.
    """
    student = _lock(student)
    expected = ExpectedGuardian(
        student=student, name=" ".join(name.split()), name_key=person_key(name), email=email.lower(), phone=phone
    )
    clean(expected)
    expected.save()
    note(Verb.EXPECTED_ADDED, actor, student, at)
    return expected


@transaction.atomic
def expected_remove(*, actor: Acting, expected: ExpectedGuardian, at: datetime) -> None:
    """Take a parent off the school's own list; a verified link stays as it is."""
    student = expected.student
    expected.delete()
    note(Verb.EXPECTED_REMOVED, actor, student, at)


# --- parts --------------------------------------------------------------------------------------------------------


def _lock_school(actor: Acting) -> Organisation:
    """Let the changes of one school's list of pupils pass one by one; an import of it waits likewise."""
    assert actor.organisation_id is not None
    return Organisation.objects.select_for_update(no_key=True).get(pk=actor.organisation_id)


def _lock(student: Student) -> Student:
    locked = Student.objects.select_for_update(no_key=True, of=("self",))
    return locked.select_related("home_school", "school_class").get(pk=student.pk)


def _refuse_twin(school: Organisation, facts: StudentFacts, but: Student | None) -> None:
    key = person_key(f"{facts.last_name} {facts.first_name} {facts.patronymic}")
    same_day = Student.objects.filter(home_school=school, birth_date=facts.birth_date).select_related("school_class")
    for other in same_day.exclude(pk=but.pk if but else 0):
        if person_key(other.full_name) == key:
            raise RuleError(
                f"Такой обучающийся уже есть: {other.full_name}, {ru_day(other.birth_date)}, {other.school_class}.",
                field="last_name",
            )


def _refuse_future(on: date, at: datetime, *, field: str) -> None:
    if on > local_day(at, settings.TIME_ZONE):
        raise RuleError("Этот день ещё не наступил. Отметьте перевод, когда приказ вступит в силу.", field=field)


def _former(student: Student, *, until: date, basis: str) -> None:
    FormerPlace.objects.create(
        student=student,
        organisation_id=student.home_school_id,
        school_class_id=student.school_class_id,
        until=until,
        basis=basis.strip(),
    )
