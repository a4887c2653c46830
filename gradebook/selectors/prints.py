"""The journal as a paper: marks, topics, corrections (T13)."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Prefetch

from courses.models import StudyGroup
from gradebook import access
from gradebook.cells import Cell
from gradebook.enums import WORK_LETTERS, LessonState, Term, WorkType
from gradebook.journal_paper import (
    JournalCorrection,
    JournalDay,
    JournalLesson,
    JournalLine,
    JournalPaper,
    JournalSheet,
    JournalTotal,
)
from gradebook.means import mean_text
from gradebook.models import JournalPrint, Lesson, LessonMove, TermMark
from gradebook.selectors.histories import NOTHING, revisions_of
from gradebook.selectors.journal import Column, JournalPage, Row, journal_page
from network_portal.common.dates import ru_day, ru_moment, school_year_label
from schools.acting import Acting

#: Columns that fit the width of a page.
DAYS_A_SHEET = 16
#: For which final mark a period stands.
TERMS = {"h1": Term.H1, "h2": Term.H2, "all": Term.YEAR}
NOT_STUDIED = "не обуч."


def prints_of(acting: Acting, group: StudyGroup) -> list[JournalPrint]:
    """Return the printed copies of the own school, the newest first."""
    return list(access.journal_prints_for(acting).filter(group=group).select_related("document", "printed_by"))


def journal_paper(acting: Acting, group: StudyGroup, *, key: str, at: datetime) -> JournalPaper:
    """Return the journal of a period as the acting person's school prints it: at home with the own pupils only.

    Args:
        key: the period, as `periods.Period` has it.
        at: the moment.
    """
    page = journal_page(acting, group, key=key, at=at)
    host = group.course.programme.host
    own = acting.organisation if acting.organisation_id != host.pk else None
    teacher = group.teacher.user if group.teacher else None
    marks = dict(
        TermMark.objects.filter(
            enrolment__in=[row.pk for row in page.rows], term=TERMS.get(page.period.key, "")
        ).values_list("enrolment", "value")
    )
    return JournalPaper(
        host=host.short_name,
        home=own.short_name if own else None,
        group=group.name,
        course=group.course.programme.title,
        teacher=teacher.short_name if teacher else "не назначен",
        year=school_year_label(group.course.year),
        period=f"{page.period.label} ({ru_day(page.period.first)}–{ru_day(page.period.last)})",
        planned=sum(not column.cancelled for column in page.columns),
        held=sum(column.confirmed for column in page.columns),
        sheets=tuple(
            _sheet(page.rows, page.columns, first) for first in range(0, len(page.columns), DAYS_A_SHEET) if page.rows
        ),
        totals=tuple(
            JournalTotal(
                name=row.name,
                school_class=row.school_class,
                mean=mean_text(row.mean),
                absences=row.absences,
                mark=TermMark(value=marks[row.pk]).text if row.pk in marks else "",
            )
            for row in page.rows
        ),
        lessons=_lessons(group, page),
        corrections=_corrections(page),
    )


def _sheet(rows: list[Row], columns: list[Column], first: int) -> JournalSheet:
    days = columns[first : first + DAYS_A_SHEET]
    return JournalSheet(
        days=tuple(
            JournalDay(date=f"{day.date:%d.%m}", works="/".join(WORK_LETTERS[WorkType(kind)] for kind in day.works))
            for day in days
        ),
        lines=tuple(
            JournalLine(
                name=row.name,
                school=row.school,
                school_class=row.school_class,
                cells=tuple(_words(cell) for cell in row.cells[first : first + DAYS_A_SHEET]),
            )
            for row in rows
        ),
    )


def _words(cell: Cell | None) -> str:
    return NOT_STUDIED if cell is None else cell.text


def _lessons(group: StudyGroup, page: JournalPage) -> tuple[JournalLesson, ...]:
    found = (
        Lesson.objects.filter(pk__in=[column.pk for column in page.columns])
        .select_related("substitute__user")
        .prefetch_related(Prefetch("moves", LessonMove.objects.order_by("pk")))
        .order_by("date", "starts")
    )
    remote = {column.pk for column in page.columns if column.remote}
    return tuple(
        JournalLesson(
            date=ru_day(lesson.date),
            no=no,
            topic=lesson.topic,
            homework=lesson.homework,
            change=_change(lesson, lesson.pk in remote),
            filled=_filled(lesson, group),
        )
        for no, lesson in enumerate(found, start=1)
    )


def _change(lesson: Lesson, remote: bool) -> str:
    words = [f"перенесено с {ru_day(move.date)}: {move.reason}" for move in lesson.moves.all()]
    if lesson.substitute:
        words.append(f"замена: {lesson.substitute.user.short_name}")
    if remote:
        words.append("дистанционно")
    if lesson.state == LessonState.CANCELLED:
        words.append(f"отменено: {lesson.cancel_reason}")
    return "; ".join(words)


def _filled(lesson: Lesson, group: StudyGroup) -> str:
    if lesson.attendance_confirmed_at is None:
        return ""
    duty = lesson.substitute or group.teacher
    who = f"{duty.user.short_name}, " if duty else ""
    return f"{who}{ru_moment(lesson.attendance_confirmed_at)}"


def _corrections(page: JournalPage) -> tuple[JournalCorrection, ...]:
    days = {column.pk: column.date for column in page.columns}
    names = {row.pk: row.name for row in page.rows}
    return tuple(
        JournalCorrection(
            at=ru_moment(one.at),
            name=names[one.enrolment],
            date=ru_day(days[one.lesson]),
            before=one.old,
            after=one.new,
            who=one.who,
            reason=one.reason,
        )
        for one in revisions_of(list(days), list(names))
        if one.old != NOTHING
    )
