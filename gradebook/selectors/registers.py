"""The summary register of a class: cells, where each comes from, whether it agrees with its card (T15, 6.5)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Exists, OuterRef, Q, QuerySet

from courses.enums import TermSystem
from courses.models import NetworkCourse
from courses.policies import policy_of
from enrollment.selectors.mapping import mappings_of
from gradebook import access
from gradebook.cells import NO_MARK, mark_text
from gradebook.enums import CARD_IN_EFFECT, CARD_TAKEN, SCALE_VALUES, CardState, Scale, Term
from gradebook.means import attestat_mark
from gradebook.models import RegisterPrint, ReportCard, ReportCardLine, SummaryDecision, SummaryEntry
from network_portal.common.russian import plural
from schools.acting import Acting
from schools.models import SchoolClass, Student

#: The last class of the school, whose marks go into the certificate with those of the year before (6.5).
LAST_GRADE = 11
HALVES = (Term.H1, Term.H2)
QUARTERS = (Term.Q1, Term.Q2, Term.Q3, Term.Q4)
SHORT = {
    Term.Q1: "I четв.",
    Term.Q2: "II четв.",
    Term.Q3: "III четв.",
    Term.Q4: "IV четв.",
    Term.H1: "I полуг.",
    Term.H2: "II полуг.",
    Term.YEAR: "год",
}
ATTESTATION, TOTAL = "атт.", "итог"
NUMBERS = frozenset(SCALE_VALUES[Scale.FIVE])


@dataclass(frozen=True)
class Cell:
    """A mark with the line of the card it was carried from; `fault` says what does not agree with the card."""

    text: str = NO_MARK
    line: ReportCardLine | None = None
    fault: str = ""


@dataclass(frozen=True)
class Subject:
    """A network course over its columns: those of the year before, the terms, the attestation, year and total."""

    course: NetworkCourse
    title: str
    terms: tuple[Term, ...]
    before: tuple[Term, ...]

    @property
    def labels(self) -> tuple[str, ...]:
        earlier = (f"10\u00a0кл. {SHORT[term]}" for term in self.before)
        return (*earlier, *(SHORT[term] for term in self.terms), ATTESTATION, SHORT[Term.YEAR], TOTAL)


@dataclass(frozen=True)
class RegisterRow:
    """A pupil's cells in the order of the subjects and of their columns."""

    student: Student
    subjects: list[list[Cell]]
    decision: str

    @property
    def cells(self) -> list[Cell]:
        return [cell for subject in self.subjects for cell in subject]


@dataclass(frozen=True)
class RegisterPage:
    """The register of a class with the cards that its cells come from."""

    school_class: SchoolClass
    subjects: list[Subject]
    rows: list[RegisterRow]
    cards: list[ReportCard]
    carried: dict[int, SummaryEntry]
    waiting: int
    differences: list[str]

    @property
    def decisions_seen(self) -> dict[str, object]:
        """The decisions by the fields of their form: they tell whether somebody else has changed one meanwhile."""
        return {f"decision_{row.student.pk}": row.decision for row in self.rows}


def waiting_lines(school_class: SchoolClass) -> QuerySet[ReportCardLine]:
    """Return the marks of received cards that are not in the register of the class yet."""
    lines = ReportCardLine.objects.of_classes(pk=school_class.pk)
    return lines.filter(card__state__in=CARD_TAKEN, value__isnull=False, entries=None)


def obsolete_entries(school_class: SchoolClass) -> QuerySet[SummaryEntry]:
    """Return the cells of annulled cards to which the card in their place, received by now, has no mark."""
    in_place = ReportCard.objects.filter(
        state__in=CARD_TAKEN,
        home=OuterRef("line__card__home"),
        group=OuterRef("line__card__group"),
        term=OuterRef("term"),
    )
    marked = ReportCardLine.objects.filter(
        card__state__in=CARD_TAKEN,
        card__term=OuterRef("term"),
        value__isnull=False,
        enrolment__student=OuterRef("student"),
        enrolment__course=OuterRef("course"),
    )
    return SummaryEntry.objects.filter(
        Exists(in_place), ~Exists(marked), school_class=school_class, line__card__state=CardState.ANNULLED
    )


def register_page(school_class: SchoolClass) -> RegisterPage:
    """Return the register of a class; the gate of the person who reads it was passed before."""
    moved_here = Q(student__school_class=school_class, school_class__year=school_class.year)
    entries = _entries(Q(school_class=school_class) | moved_here)
    lines = list(
        ReportCardLine.objects.of_classes(pk=school_class.pk)
        .filter(card__state__in=CARD_IN_EFFECT)
        .select_related(
            "card__document",
            "card__host",
            "card__group__course__programme",
            "card__verified_by",
            "enrolment__student",
            "enrolment__course__programme__policy",
        )
        .order_by("pk")
    )
    students = {entry.student_id: entry.student for entry in entries}
    students |= {line.enrolment.student_id: line.enrolment.student for line in lines}
    courses = {entry.course_id: entry.course for entry in entries}
    courses |= {line.enrolment.course_id: line.enrolment.course for line in lines}
    names = _names(school_class, courses.values(), entries)
    earlier = _earlier(school_class, students)
    subjects = sorted(
        (_subject(course, names[pk], earlier) for pk, course in courses.items()),
        key=lambda one: (one.title, one.course.pk),
    )
    there = {(entry.student_id, entry.course_id, entry.term): entry for entry in entries}
    taken = {
        (line.enrolment.student_id, line.enrolment.course_id, line.card.term): line
        for line in lines
        if line.card.state in CARD_TAKEN and line.value is not None
    }
    decisions = dict(SummaryDecision.objects.filter(school_class=school_class).values_list("student", "text"))
    rows, differences = [], []
    for student in sorted(students.values(), key=lambda one: (one.sort_key, one.pk)):
        cells = []
        for subject in subjects:
            own = {
                term: _cell(
                    there.get((student.pk, subject.course.pk, term)), taken.get((student.pk, subject.course.pk, term))
                )
                for term in (*subject.terms, Term.YEAR)
            }
            differences += [
                f"{student.short_name}, {names[subject.course.pk]}, {term.label}: {cell.fault}"
                for term, cell in own.items()
                if cell.fault
            ]
            before = {
                term: earlier.get((student.pk, names[subject.course.pk].casefold(), term)) for term in subject.before
            }
            cells.append(_in_columns(subject, own, before, there, student.pk, school_class.grade))
        rows.append(RegisterRow(student, cells, decisions.get(student.pk, "")))
    cards = {line.card_id: line.card for line in lines} | {entry.line.card_id: entry.line.card for entry in entries}
    return RegisterPage(
        school_class=school_class,
        subjects=subjects,
        rows=rows,
        cards=sorted(cards.values(), key=lambda card: (card.date_to, card.pk)),
        carried={entry.line.card_id: entry for entry in entries},
        waiting=waiting_lines(school_class).count() + obsolete_entries(school_class).count(),
        differences=differences,
    )


def _entries(which: Q) -> list[SummaryEntry]:
    return list(
        SummaryEntry.objects.filter(which)
        .select_related(
            "student",
            "course__programme__policy",
            "line__card__document",
            "line__card__host",
            "line__card__group__course__programme",
            "line__card__verified_by",
            "carried_by",
        )
        .order_by("pk")
    )


def _names(school_class: SchoolClass, courses: Iterable[NetworkCourse], entries: list[SummaryEntry]) -> dict[int, str]:
    """Return under which name each course stands: as carried, else the part of the curriculum, else its subject."""
    named = {course.pk: course.programme.subject for course in courses}
    named |= {pk: one.part for pk, one in mappings_of(school_class.organisation_id, named).items()}
    return named | {entry.course_id: entry.subject for entry in entries}


def _earlier(school_class: SchoolClass, students: Iterable[int]) -> dict[tuple[int, str, Term], SummaryEntry]:
    """Return the marks of the year before that the certificate counts: only in the last class (6.5)."""
    if school_class.grade != LAST_GRADE:
        return {}
    return {
        (entry.student_id, entry.subject.casefold(), Term(entry.term)): entry
        for entry in _entries(
            Q(student__in=list(students), school_class__grade=LAST_GRADE - 1, school_class__year=school_class.year - 1)
        )
    }


def _subject(course: NetworkCourse, name: str, earlier: dict[tuple[int, str, Term], SummaryEntry]) -> Subject:
    terms = HALVES if policy_of(course.programme).terms == TermSystem.HALVES else QUARTERS
    known = {term for _, subject, term in earlier if subject == name.casefold()}
    return Subject(course, f"{name} (сет.)", terms, tuple(term for term in (*HALVES, Term.YEAR) if term in known))


def _cell(entry: SummaryEntry | None, line: ReportCardLine | None) -> Cell:
    if entry is None:
        return Cell() if line is None else Cell(line=line, fault=f"отметка табеля {line.card.label} не перенесена")
    card = entry.line.card
    if line is not None and line.pk != entry.line_id:
        return Cell(entry.text, entry.line, f"в табеле {line.card.label} отметка {line.text}, перенесите её")
    if card.state == CardState.ANNULLED:
        return Cell(entry.text, entry.line, f"табель {card.label} аннулирован, нового ещё нет")
    if entry.value != entry.line.value:
        return Cell(entry.text, entry.line, f"в табеле {card.label} отметка {entry.line.text}")
    return Cell(entry.text, entry.line)


def _in_columns(
    subject: Subject,
    own: dict[Term, Cell],
    before: dict[Term, SummaryEntry | None],
    there: dict[tuple[int, int, str], SummaryEntry],
    student: int,
    grade: int,
) -> list[Cell]:
    values = {term: entry.value for term in own if (entry := there.get((student, subject.course.pk, term))) is not None}
    earlier = [Cell(entry.text, entry.line) if entry else Cell() for entry in before.values()]
    total = _total(grade, values, before)
    return [*earlier, *(own[term] for term in subject.terms), Cell(), own[Term.YEAR], Cell(mark_text(total))]


def _total(grade: int, values: dict[Term, int], before: dict[Term, SummaryEntry | None]) -> int | None:
    """Return the final mark: that of the year; in the last class of the six half-year and year marks of both (6.5)."""
    if grade != LAST_GRADE:
        return values.get(Term.YEAR)
    six = [entry.value if entry else None for entry in (before.get(term) for term in (*HALVES, Term.YEAR))]
    six += [values.get(term) for term in (*HALVES, Term.YEAR)]
    marks = [value for value in six if value in NUMBERS]
    return attestat_mark([value for value in marks if value is not None]) if len(marks) == len(six) else None


def card_differences(card: ReportCard) -> list[str]:
    """Return what does not agree between a card and the home school's register, in words (3.10)."""
    lines = list(card.lines.filter(value__isnull=False).select_related("enrolment__student").order_by("pk"))
    entries = {entry.line_id: entry for entry in SummaryEntry.objects.filter(line__in=lines)}
    missing = sum(line.pk not in entries for line in lines)
    found = [
        f"{line.enrolment.student.short_name}: в табеле {line.text}, в ведомости {entries[line.pk].text}"
        for line in lines
        if line.pk in entries and entries[line.pk].value != line.value
    ]
    if missing:
        words = plural(missing, "отметка не перенесена,отметки не перенесены,отметок не перенесено")
        found.append(f"{missing} {words}")
    return found


def register_prints_of(acting: Acting, school_class: SchoolClass) -> list[RegisterPrint]:
    """Return the printed registers of a class, the newest first."""
    prints = access.register_prints_for(acting).filter(school_class=school_class)
    return list(prints.select_related("document", "printed_by"))
