"""Saving cells of the journal: each is judged by the rules of 3.8, then all are written set by set."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

import pghistory
from django.db import connection

from courses.models import StudyGroup
from courses.policies import Policy, policy_of
from enrollment.models import Enrolment
from enrollment.selectors.consents import consent_missing_since
from gradebook import access
from gradebook.cells import Cell, parse_cell
from gradebook.enums import ABSENCES, CorrectionState, LessonState, Verb, WorkType
from gradebook.models import Attendance, Lesson, Mark, MonthlyTransfer, Work
from gradebook.selectors.calendars import Delivery, deliveries
from gradebook.selectors.entries import EMPTY, cells_from
from gradebook.selectors.months import group_day
from gradebook.services.attendance import absences_noted
from network_portal.audit.services import Note, record_notes
from network_portal.common.dates import local_day, ru_day
from network_portal.common.errors import RuleError, StaleError
from network_portal.common.russian import NBSP
from network_portal.common.states import move_all
from schools.acting import Acting
from schools.agreements import stopped_days


@dataclass(frozen=True)
class CellEdit:
    """One cell as a page sends it: what was typed and what stood there when the page was made."""

    lesson: int
    enrolment: int
    value: str
    seen: str


@dataclass(frozen=True)
class CellResult:
    """What became of one edit.

    `text` is what stands in the cell now; `error` says why the edit was not taken; None when it was.
    """

    edit: CellEdit
    text: str
    error: RuleError | None = None


class CellConflictError(StaleError):
    """Someone else has changed the cell meanwhile; `current` is what stands there now."""

    def __init__(self, current: str, wanted: str) -> None:
        super().__init__(
            f"Ячейку уже изменили: сейчас там «{current or 'пусто'}», вы ввели «{wanted or 'пусто'}».",
        )
        self.current = current
        self.wanted = wanted


class UnknownCellError(RuleError):
    """There is no such lesson or pupil in this journal."""

    status = 404

    def __init__(self) -> None:
        super().__init__("Такого занятия или обучающегося в этом журнале нет. Обновите страницу.")


class ReasonNeededError(RuleError):
    """The days of free correction are over: the same edit is taken with a reason (3.8)."""

    def __init__(self, days: int) -> None:
        super().__init__(
            f"Отметка выставлена больше {days} дн. назад. Чтобы её исправить, укажите причину.", field="reason"
        )


# Written by hand: the ORM takes longer to compose these than the database to answer, and every cell typed asks.
_LOCK = """
    SELECT * FROM gradebook_lesson WHERE group_id = %(group)s AND id = ANY(%(ids)s) ORDER BY id FOR NO KEY UPDATE
"""
_PUPILS = """
    SELECT enrolment.*,
        ARRAY(
            SELECT concat_ws(
                ';', to_char(make_date(transfer.year, transfer.month, 1), 'YYYY-MM'), document.number,
                to_char(document.registered_on, 'DD.MM.YYYY')
            )
            FROM gradebook_monthlytransfer transfer
            JOIN documents_document document ON document.id = transfer.document_id
            WHERE transfer.group_id = enrolment.group_id AND transfer.home_id = enrolment.home_id
            ORDER BY transfer.version DESC
        ) AS seals,
        ARRAY(
            SELECT cell.lesson_id
            FROM gradebook_correctioncell cell
            JOIN gradebook_correction correction ON correction.id = cell.correction_id
            WHERE cell.enrolment_id = enrolment.id AND correction.state = %(open)s
        ) AS opened
    FROM enrollment_enrolment enrolment WHERE enrolment.group_id = %(group)s AND enrolment.id = ANY(%(ids)s)
"""
#: Works with the marks for them, and attendance; a work without a mark has a row of its own.
_STANDING = """
    SELECT work.lesson_id, mark.enrolment_id, work.no, mark.value, work.kind, work.id, mark.id, mark.given_at
    FROM gradebook_work work
    LEFT JOIN gradebook_mark mark ON mark.work_id = work.id AND mark.enrolment_id = ANY(%(enrolments)s)
    WHERE work.lesson_id = ANY(%(lessons)s)
    UNION ALL
    SELECT lesson_id, enrolment_id, 0, minutes_late, code, NULL, NULL, NULL
    FROM gradebook_attendance
    WHERE lesson_id = ANY(%(lessons)s) AND enrolment_id = ANY(%(enrolments)s)
"""


@dataclass
class Batch:
    """The cells of one request in one group: `judge` says what may be saved, `write` saves it.

    The caller has opened the transaction. The number of statements does not depend on the number of cells.
    """

    actor: Acting
    group: StudyGroup
    edits: Sequence[CellEdit]
    at: datetime
    reason: str = ""
    lessons: dict[int, Lesson] = field(init=False)
    enrolments: dict[int, Enrolment] = field(init=False)
    works: dict[int, list[Work]] = field(init=False)
    stored: dict[tuple[int, int], Cell] = field(init=False)
    given: dict[tuple[int, int], tuple[int, datetime]] = field(init=False, default_factory=dict)
    changes: dict[tuple[int, int], Cell] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        self.policy: Policy = policy_of(self.group.course.programme)
        self.lessons = {lesson.pk: lesson for lesson in self._locked()}
        self.enrolments = {enrolment.pk: enrolment for enrolment in self._pupils()}
        self._read_cells()
        self.today = group_day(self.group, self.at)
        self.stopped = stopped_days(
            {enrolment.home_id for enrolment in self.enrolments.values()},
            host=self.group.course.programme.host_id,
            days={lesson.date for lesson in self.lessons.values()},
        )
        self.held: dict[int, Delivery] | None = None
        self.lacking: dict[int, date] | None = None
        self.sealed: set[tuple[int, int]] | None = None

    def _locked(self) -> Iterable[Lesson]:
        """The lessons in the order of their ids, locked until the transaction ends."""
        return Lesson.objects.raw(_LOCK, {"group": self.group.pk, "ids": list({edit.lesson for edit in self.edits})})

    def _pupils(self) -> Iterable[Enrolment]:
        """The pupils, each with the sealed months of the own school and the lessons opened for a correction."""
        asked = {
            "group": self.group.pk,
            "ids": list({edit.enrolment for edit in self.edits}),
            "open": CorrectionState.APPROVED.value,
        }
        return Enrolment.objects.raw(_PUPILS, asked)

    def _read_cells(self) -> None:
        """What stands in the cells: works, marks with the moments at which they were given, attendance.

        Read after the lessons are locked: what another teacher has just written is there.
        """
        works: dict[int, dict[int, Work]] = {lesson: {} for lesson in self.lessons}
        entries: list[tuple[int, int, int, Any, str]] = []
        with connection.cursor() as cursor:
            cursor.execute(_STANDING, {"lessons": list(self.lessons), "enrolments": list(self.enrolments)})
            for lesson, enrolment, no, value, word, work, mark, given_at in cursor.fetchall():
                if work is None:
                    entries.append((lesson, enrolment, no, value, word))
                    continue
                works[lesson][no] = Work(pk=work, lesson_id=lesson, no=no, kind=word)
                if mark is not None:
                    entries.append((lesson, enrolment, no, value, ""))
                    self.given[work, enrolment] = mark, given_at
        self.works = {lesson: [own[no] for no in sorted(own)] for lesson, own in works.items()}
        self.stored = cells_from(entries)

    # --- judging ----------------------------------------------------------------------------------------------------

    def judge(self) -> list[CellResult]:
        """Return a result for each edit; what may be saved waits in `changes`."""
        results = []
        for edit in self.edits:
            place = edit.lesson, edit.enrolment
            current = self.changes.get(place) or self.stored.get(place, EMPTY)
            try:
                wanted = self._wanted(edit, current)
            except RuleError as error:
                results.append(CellResult(edit, current.text, error))
                continue
            if wanted != current:
                self.changes[place] = wanted
            results.append(CellResult(edit, wanted.text))
        return results

    def place(self, edit: CellEdit) -> tuple[Lesson, Enrolment]:
        """Return whose cell it is, of which lesson.

        Raises:
            UnknownCellError: there is no such cell in this journal.
        """
        lesson, enrolment = self.lessons.get(edit.lesson), self.enrolments.get(edit.enrolment)
        if lesson is None or enrolment is None:
            raise UnknownCellError
        return lesson, enrolment

    def _wanted(self, edit: CellEdit, current: Cell) -> Cell:
        lesson, enrolment = self.place(edit)
        wanted = parse_cell(edit.value, self.policy.scale)
        if wanted == current:
            return wanted
        self.refuse_closed(lesson, enrolment)
        if wanted.code in ABSENCES and wanted.code != current.code:
            self._refuse_excused(lesson, enrolment)
        if current.text != edit.seen.strip():
            raise CellConflictError(current.text, wanted.text)
        if len(wanted.marks) > max(1, len(self.works[lesson.pk])):
            self._refuse_more_works(lesson)
        self._refuse_late(lesson, enrolment, wanted)
        return wanted

    def refuse_closed(self, lesson: Lesson, enrolment: Enrolment) -> None:
        """Refuse what the rules of 3.8 forbid; the database refuses a sealed month also to everyone else."""
        if (enrolment.home_id, lesson.date) in self.stopped:
            raise RuleError(
                "Договор со школой обучающегося приостановлен или прекращён: "
                "за занятия после этого дня записи не делаются."
            )
        if self.lacking is None:
            for one in self.enrolments.values():
                one.course = self.group.course  # the same row, loaded already
            self.lacking = consent_missing_since(self.enrolments.values(), self.today)
        since = self.lacking.get(enrolment.pk)
        if since is not None and since <= lesson.date:
            raise RuleError(f"Согласие семьи отозвано: с {ru_day(since)} новые записи об обучающемся не делаются.")
        if lesson.state == LessonState.CANCELLED:
            raise RuleError("Занятие отменено: отметки и пропуски не ставятся.")
        if lesson.date > self.today:
            raise RuleError("Занятие ещё не состоялось: записи делаются в день занятия и позже.")
        if enrolment.state not in access.STUDIED or enrolment.date_from is None:
            raise RuleError("Обучающийся не зачислен в группу.")
        if lesson.date < enrolment.date_from:
            raise RuleError(f"Обучающийся зачислен с {ru_day(enrolment.date_from)}, в день занятия он не обучался.")
        if enrolment.date_to is not None and lesson.date > enrolment.date_to:
            raise RuleError(f"Обучающийся выбыл {ru_day(enrolment.date_to)}, в день занятия он не обучался.")
        if lesson.pk in enrolment.opened:  # type: ignore[attr-defined]  # annotated by `_pupils`
            return
        for seal in enrolment.seals:  # type: ignore[attr-defined]  # annotated by `_pupils`
            month, number, on = seal.split(";")
            if month == f"{lesson.date:%Y-%m}":
                raise RuleError(sealed_words(number, on))

    def _refuse_excused(self, lesson: Lesson, enrolment: Enrolment) -> None:
        """Refuse an absence of a pupil whom nobody expects: the own school rests, the lesson is not at a distance."""
        if self.held is None:
            homes = {one.home_id for one in self.enrolments.values()}
            self.held = deliveries(self.lessons.values(), homes, self.group.course.year)
        if why := self.held[lesson.pk].excused(enrolment.home_id):
            raise RuleError(
                f"Обучающегося не ждут: у его школы {why.lower()}. Пропуск не ставится; "
                "если занятие для неё дистанционное, отметьте это на странице занятия."
            )

    def _refuse_more_works(self, lesson: Lesson) -> None:
        """Refuse one more work when the month is sealed for any home school: its paper lists the lesson's works."""
        if self.sealed is None:
            seals = MonthlyTransfer.objects.filter(group=self.group)
            self.sealed = set(seals.values_list("year", "month"))
        if (lesson.date.year, lesson.date.month) in self.sealed:
            raise RuleError(
                "Ещё одну отметку за это занятие поставить нельзя: одной из школ месяц уже передан, "
                "и новая работа на занятии изменила бы ведомость. Поставьте одну отметку."
            )

    def _refuse_late(self, lesson: Lesson, enrolment: Enrolment, wanted: Cell) -> None:
        """Refuse to change a mark without a reason when the days of free correction are over."""
        if self.reason:
            return
        for no, value in enumerate(self.stored.get((lesson.pk, enrolment.pk), EMPTY).marks, start=1):
            if value is None or wanted.mark(no) == value:
                continue
            given_at = self.given[self._work(lesson, no).pk, enrolment.pk][1]
            day = local_day(given_at, self.group.course.network.time_zone)
            if (self.today - day).days > self.policy.free_days:
                raise ReasonNeededError(self.policy.free_days)

    def _work(self, lesson: Lesson, no: int) -> Work:
        return self.works[lesson.pk][no - 1]

    # --- writing ----------------------------------------------------------------------------------------------------

    def write(self) -> None:
        """Save `changes`: marks, attendance, held lessons and the trail, each kind in one statement."""
        if not self.changes:
            return
        context = {"user": self.actor.user_id, **({"reason": self.reason} if self.reason else {})}
        with pghistory.context(**context):
            self._add_works()
            self._write_marks()
            self._write_attendance()
        touched = {lesson for lesson, _ in self.changes}
        # A lesson at which something was recorded has taken place.
        planned = [self.lessons[pk] for pk in sorted(touched) if self.lessons[pk].state == LessonState.PLANNED]
        move_all(planned, LessonState.HELD)
        absences_noted(self._absences_of_today(), at=self.at)
        record_notes(self._notes(), actor=self.actor.user, organisation=self.group.course.programme.host, at=self.at)

    def _differences(self) -> Iterator[tuple[tuple[int, int], Cell, Cell]]:
        """Each changed cell with what stood there and what is to stand there; a cell sent twice counts once."""
        for place, wanted in self.changes.items():
            yield place, self.stored.get(place, EMPTY), wanted

    def _add_works(self) -> None:
        """«4/5» at a lesson with one work makes a second one of the same kind."""
        missing: list[Work] = []
        most: dict[int, int] = {}
        for (lesson, _), wanted in self.changes.items():
            most[lesson] = max(most.get(lesson, 0), len(wanted.marks))
        for pk, count in most.items():
            works = self.works[pk]
            kind = works[-1].kind if works else WorkType.ANSWER
            missing += (Work(lesson_id=pk, no=no, kind=kind) for no in range(len(works) + 1, count + 1))
        if missing:
            Work.objects.bulk_create(missing)
            for work in missing:
                self.works[work.lesson_id].append(work)

    def _write_marks(self) -> None:
        gone: list[int] = []
        given: list[Mark] = []
        for (lesson, enrolment), current, wanted in self._differences():
            for no in range(1, max(len(current.marks), len(wanted.marks)) + 1):
                value = wanted.mark(no)
                if value == current.mark(no):
                    continue
                work = self.works[lesson][no - 1]
                if value is None:
                    gone.append(self.given[work.pk, enrolment][0])
                else:
                    given.append(Mark(work=work, enrolment_id=enrolment, value=value, given_at=self.at))
        if gone:
            Mark.objects.filter(pk__in=gone).delete()
        if given:
            Mark.objects.bulk_create(
                given, update_conflicts=True, unique_fields=["work", "enrolment"], update_fields=["value"]
            )

    def _write_attendance(self) -> None:
        gone: dict[int, list[int]] = {}
        given: list[Attendance] = []
        for (lesson, enrolment), current, wanted in self._differences():
            if (wanted.code, wanted.minutes) == (current.code, current.minutes):
                continue
            if wanted.code is None:
                gone.setdefault(lesson, []).append(enrolment)
            else:
                given.append(
                    Attendance(
                        lesson_id=lesson,
                        enrolment_id=enrolment,
                        code=wanted.code,
                        minutes_late=wanted.minutes,
                    )
                )
        if gone:
            rows = Attendance.objects.filter(
                lesson_id__in=gone, enrolment_id__in={pk for pupils in gone.values() for pk in pupils}
            ).values_list("pk", "lesson_id", "enrolment_id")
            Attendance.objects.filter(pk__in=[pk for pk, lesson, pupil in rows if pupil in gone[lesson]]).delete()
        if given:
            Attendance.objects.bulk_create(
                given,
                update_conflicts=True,
                unique_fields=["lesson", "enrolment"],
                update_fields=["code", "minutes_late"],
            )

    def _absences_of_today(self) -> Iterable[tuple[int, int]]:
        """Whose letter became an absence at a lesson of today, or ceased to be one: family and school are told."""
        for (lesson, enrolment), current, wanted in self._differences():
            became = (current.code in ABSENCES) != (wanted.code in ABSENCES)
            if became and self.lessons[lesson].date == self.today:
                yield lesson, enrolment

    def _notes(self) -> Iterable[Note]:
        for (lesson, enrolment), current, wanted in self._differences():
            target = self.enrolments[enrolment]
            changes: dict[str, Any] = {"lesson": lesson}
            if wanted.marks != current.marks:
                verb = Verb.MARK_CHANGED if current.marks else Verb.MARK_SET
                yield Note(verb if wanted.marks else Verb.MARK_REMOVED, target, changes)
            if (wanted.code, wanted.minutes) != (current.code, current.minutes):
                yield Note(Verb.ATTENDANCE_SET if wanted.code else Verb.ATTENDANCE_REMOVED, target, changes)


def sealed_words(number: str, on: str) -> str:
    """Return why a record of a sealed month is not changed, and what to do."""
    return (
        f"Месяц закрыт ведомостью №{NBSP}{number} от {on}. Исправить запись можно по запросу: "
        "откройте ведомость и подайте «Запрос на исправление»."
    )
