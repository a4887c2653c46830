"""A file with pupils: received, read by the worker, looked at by a person, and saved exactly as it was seen."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeVar

from django.conf import settings
from django.db import transaction
from django.db.models import Manager, Model
from django.urls import reverse

from network_portal.audit.services import record, record_all
from network_portal.common.dates import local_day, ru_day
from network_portal.common.errors import StaleError
from network_portal.common.russian import NBSP, plural, sort_key
from network_portal.common.states import move
from network_portal.notices.services import notify
from network_portal.outbox.services import emit
from schools.acting import Acting
from schools.enums import ImportState, Verb
from schools.imports.columns import find_columns
from schools.imports.plan import ASKED, BACK, NEW, REJECTED, digest, make_plan
from schools.imports.reading import check_file, read_table, safe_name
from schools.imports.rows import cells_of, person_key, read_row
from schools.models import ExpectedGuardian, FormerPlace, Organisation, PupilImport, SchoolClass, Student
from schools.pupils import class_keys, known_pupils, stamp_of, tell_written
from schools.services.trail import note

M = TypeVar("M", bound=Model)

BATCH = 1000
OPEN = (ImportState.READING, ImportState.READY, ImportState.STALE)
CHANGED = (
    "Пока файл ждал подтверждения, данные школы изменились. Ничего не сохранено. "
    "Нажмите «Сравнить заново» и проверьте, что изменится теперь."
)


@transaction.atomic
def import_receive(*, actor: Acting, year: int, name: str, content: bytes, at: datetime) -> PupilImport:
    """Take a file for the worker to read; an earlier one of the school that nobody confirmed is cancelled by it.

    Args:
        actor: who keeps the school's list of pupils.
        year: the school year of the list.
        name: how the file was called.
        content: the whole file.
        at: the moment.

    Raises:
        RuleError: by a look from outside it cannot be a table, or is too big.
    """
    check_file(content)
    assert actor.organisation is not None
    _lock_school(actor.organisation)
    for earlier in PupilImport.objects.select_for_update().filter(organisation=actor.organisation, state__in=OPEN):
        _drop(earlier, at)
    received = PupilImport.objects.create(
        organisation=actor.organisation,
        year=year,
        file_name=safe_name(name),
        created_by=actor.user,
        created_at=at,
        content=content,
    )
    note(Verb.IMPORT_RECEIVED, actor, received, at)
    _emit("pupils.read", received, at)
    return received


@transaction.atomic
def import_refresh(*, actor: Acting, pupil_import: PupilImport, at: datetime) -> PupilImport:
    """Compare the rows that were read with the school once more.

    Raises:
        StaleError: the file is not waiting for a confirmation.
    """
    current = _lock(pupil_import.pk)
    move(current, ImportState.READING, rounds=current.rounds + 1)
    _emit("pupils.read", current, at)
    return current


@transaction.atomic
def import_cancel(*, actor: Acting, pupil_import: PupilImport, at: datetime) -> PupilImport:
    """Give a file up; nothing of it is kept.

    Raises:
        StaleError: it is being saved, or is done with.
    """
    current = _lock(pupil_import.pk)
    _drop(current, at)
    note(Verb.IMPORT_CANCELLED, actor, current, at)
    return current


@transaction.atomic
def import_confirm(
    *,
    actor: Acting,
    pupil_import: PupilImport,
    seen: str,
    chosen: Iterable[int] = (),
    all_asked: bool = False,
    at: datetime,
) -> PupilImport:
    """Let the worker save what the preview showed.

    Args:
        actor: who keeps the school's list of pupils.
        pupil_import: a file whose preview the actor saw.
        seen: the digest of that preview.
        chosen: numbers of the rows whose transfer or return is confirmed.
        all_asked: confirm all of them.
        at: the moment.

    Raises:
        StaleError: the preview is another one by now, or the school's data have changed since.
    """
    current = _lock(pupil_import.pk)
    if current.state == ImportState.READY and seen != current.digest:
        raise StaleError("Предпросмотр с тех пор обновился. Ничего не сохранено: проверьте его ещё раз.")
    _lock_school(current.organisation)
    if current.state == ImportState.READY and _stamp(current) != current.stamp:
        raise StaleError(CHANGED)
    wanted = set(chosen)
    asked = [row["number"] for row in current.plan.get("rows", ()) if row["kind"] in ASKED]
    numbers = [number for number in asked if all_asked or number in wanted]
    move(current, ImportState.SAVING, chosen=numbers)
    note(Verb.IMPORT_CONFIRMED, actor, current, at, digest=current.digest, chosen=len(numbers))
    _emit("pupils.save", current, at)
    return current


# --- the worker's part --------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Looked:
    """What the worker found in a file; committed by `import_ready`."""

    columns: dict[str, Any]
    rows: list[list[Any]]
    plan: dict[str, Any]
    counts: dict[str, int]
    stamp: str


def import_look(*, import_id: int, at: datetime) -> Looked | None:
    """Read a file, or take the rows that were read before, and compare them with the school; the slow part.

    Writes nothing but how many rows were read so far, for the page that waits.

    Returns:
        None when the file waits for no reading any more.

    Raises:
        RuleError: the file is refused, in words.
    """
    found = PupilImport.objects.select_related("organisation").get(pk=import_id)
    if found.state != ImportState.READING:
        return None
    columns, raw = found.columns, found.rows
    if found.content is not None:
        table = read_table(bytes(found.content), _progress(import_id))
        head = find_columns(table)
        columns = {"titles": head.titles, "ignored": head.ignored}
        raw = [[line.number, cells_of(line, head)] for line in table.lines if line.number > head.number]
    on = local_day(at, settings.TIME_ZONE)
    known, classes = known_pupils(found.organisation), class_keys(found.organisation, found.year)
    plan = make_plan((read_row(number, cells, on) for number, cells in raw), known, classes, found.year)
    return Looked(columns, raw, plan.as_json(), plan.counts, stamp_of(known, classes))


@transaction.atomic
def import_ready(*, import_id: int, looked: Looked, at: datetime) -> None:
    """Keep what the worker found, for a person to look at; the file itself is kept no longer."""
    current = _lock(import_id)
    if current.state != ImportState.READING:
        return
    move(
        current,
        ImportState.READY,
        content=None,
        columns=looked.columns,
        rows=looked.rows,
        plan=looked.plan,
        counts=looked.counts,
        stamp=looked.stamp,
        digest=digest(looked.plan, looked.stamp),
        rows_read=len(looked.rows),
    )
    _tell(current, "Список обучающихся прочитан: проверьте, что изменится, и подтвердите", at)


@transaction.atomic
def import_refuse(*, import_id: int, reason: str, at: datetime) -> None:
    """Note why a file was not taken; nothing of it is kept."""
    current = _lock(import_id)
    if current.state not in (ImportState.READING, ImportState.SAVING):
        return
    move(current, ImportState.REFUSED, content=None, rows=[], plan={}, reason=reason[:500], finished_at=at)
    _tell(current, "Список обучающихся не принят: причина на странице загрузки", at)


@transaction.atomic
def import_save(*, import_id: int, at: datetime) -> None:
    """Save a confirmed preview, all of it or nothing; where the school has changed since, it is shown again instead."""
    current = _lock(import_id)
    if current.state != ImportState.SAVING:
        return
    _lock_school(current.organisation)
    if _stamp(current) != current.stamp:
        move(current, ImportState.STALE, reason=CHANGED)
        _tell(current, "Список обучающихся не сохранён: данные школы изменились, сравните заново", at)
        return
    chosen = set(current.chosen)
    rows = [row for row in current.plan["rows"] if row["kind"] != REJECTED]
    done = [row for row in rows if row["kind"] not in ASKED or row["number"] in chosen]
    classes, made = _classes(current, done)
    new = _create(current, [row for row in done if row["kind"] == NEW], classes)
    moved = _move(current, [row for row in done if row["kind"] in ASKED], classes, at)
    parents = _parents(current, new, [row for row in rows if row["kind"] != BACK or row["number"] in chosen])
    counts = {
        **current.counts,
        "created": len(new),
        "moved": len(moved),
        "asked": sum(row["kind"] in ASKED for row in rows),
        "parents": parents,
        "classes": made,
    }
    common: dict[str, Any] = {"actor": current.created_by, "organisation": current.organisation, "at": at}
    record_all(Verb.STUDENT_ADDED, targets=new.values(), changes={"import": current.pk}, **common)
    record_all(Verb.STUDENT_MOVED, targets=moved, changes={"import": current.pk}, **common)
    record(Verb.IMPORT_SAVED, target=current, changes=counts, **common)
    rejected = [row for row in current.plan["rows"] if row["kind"] == REJECTED]
    move(
        current,
        ImportState.SAVED,
        counts=counts,
        rows=[],
        plan={**current.plan, "rows": rejected},
        finished_at=at,
    )
    words = f"{len(new)}{NBSP}{plural(len(new), 'новый обучающийся,новых обучающихся,новых обучающихся')}"
    _tell(current, f"Список обучающихся сохранён: {words}", at)


def _classes(current: PupilImport, done: list[dict[str, Any]]) -> tuple[dict[tuple[int, str], SchoolClass], int]:
    have = {(one.grade, one.letter): one for one in SchoolClass.objects.filter(
        organisation=current.organisation, year=current.year
    )}  # fmt: skip
    wanted = {(row["pupil"]["grade"], row["pupil"]["letter"]) for row in done}
    missing = [
        SchoolClass(organisation=current.organisation, year=current.year, grade=grade, letter=letter)
        for grade, letter in sorted(wanted - have.keys())
    ]
    for made in SchoolClass.objects.bulk_create(missing):
        have[made.grade, made.letter] = made
    return have, len(missing)


def _create(
    current: PupilImport, rows: list[dict[str, Any]], classes: dict[tuple[int, str], SchoolClass]
) -> dict[int, Student]:
    """Create the new pupils; the sort key, which a single save derives, is set here for all at once."""
    students = []
    for row in rows:
        facts = row["pupil"]
        names = {name: facts[name] for name in ("last_name", "first_name", "patronymic", "gender")}
        student = Student(
            **names,
            birth_date=row["born"],
            home_school=current.organisation,
            school_class=classes[facts["grade"], facts["letter"]],
        )
        student.sort_key = sort_key(student.full_name)
        students.append(student)
    _write(current, Student.objects, students, 0)
    return {row["number"]: student for row, student in zip(rows, students, strict=True)}


def _move(
    current: PupilImport, rows: list[dict[str, Any]], classes: dict[tuple[int, str], SchoolClass], at: datetime
) -> list[Student]:
    """Move the pupils whose transfer or return was confirmed, and keep where they were."""
    day = local_day(at, settings.TIME_ZONE)
    basis = f"Список школы: {current.file_name}, {ru_day(day)}"
    found = Student.objects.select_for_update(no_key=True, of=("self",)).in_bulk([row["student"] for row in rows])
    students, former = [], []
    for row in rows:
        student = found[row["student"]]
        if student.left_on is None:
            former.append(
                FormerPlace(
                    student=student,
                    organisation=current.organisation,
                    school_class_id=student.school_class_id,
                    until=day - timedelta(days=1),
                    basis=basis,
                )
            )
        student.left_on, student.left_reason = None, ""
        student.school_class = classes[row["pupil"]["grade"], row["pupil"]["letter"]]
        students.append(student)
    FormerPlace.objects.bulk_create(former, batch_size=BATCH)
    Student.objects.bulk_update(students, ["school_class", "left_on", "left_reason"], batch_size=BATCH)
    return students


def _parents(current: PupilImport, new: dict[int, Student], rows: list[dict[str, Any]]) -> int:
    parents = [
        ExpectedGuardian(
            student_id=row["student"] or new[row["number"]].pk, name_key=person_key(parent["name"]), **parent
        )
        for row in rows
        for parent in row["parents"]
    ]
    _write(current, ExpectedGuardian.objects, parents, len(new))
    return len(parents)


def _write(current: PupilImport, manager: Manager[M], rows: list[M], before: int) -> None:
    """Write new rows batch by batch; a page that waits for a long list is told how many there are."""
    for start in range(0, len(rows), BATCH):
        manager.bulk_create(rows[start : start + BATCH])
        if len(rows) > BATCH:
            tell_written(current, before + min(start + BATCH, len(rows)))


# --- parts --------------------------------------------------------------------------------------------------------


def _lock(import_id: int) -> PupilImport:
    return (
        PupilImport.objects.select_for_update(of=("self",))
        .select_related("organisation", "created_by")
        .get(pk=import_id)
    )


def _lock_school(organisation: Organisation) -> None:
    """Let the changes of one school's list of pupils pass one by one."""
    Organisation.objects.select_for_update(no_key=True).get(pk=organisation.pk)


def _stamp(current: PupilImport) -> str:
    return stamp_of(known_pupils(current.organisation), class_keys(current.organisation, current.year))


def _drop(current: PupilImport, at: datetime) -> None:
    move(current, ImportState.CANCELLED, content=None, rows=[], plan={}, finished_at=at)


def _emit(topic: str, current: PupilImport, at: datetime) -> None:
    step = topic.partition(".")[2]
    emit(topic=topic, key=f"import:{current.pk}:{step}:{current.rounds}", payload={"import_id": current.pk}, at=at)


def _progress(import_id: int) -> Callable[[int], None]:
    def tell(count: int) -> None:
        PupilImport.objects.filter(pk=import_id).update(rows_read=count)

    return tell


def _tell(current: PupilImport, text: str, at: datetime) -> None:
    notify([current.created_by], text, reverse("import", args=[current.pk]), at=at)
