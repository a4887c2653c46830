"""The summary register as a paper (T15)."""

from __future__ import annotations

from gradebook.card_papers import RegisterLine, RegisterPaper, RegisterSheet, RegisterSubject
from gradebook.models import ReportCard, SummaryEntry
from gradebook.selectors.registers import RegisterPage, Subject, register_page
from network_portal.common.dates import ru_day, school_year_label
from network_portal.common.errors import RuleError
from schools.models import SchoolClass

#: Columns of marks that fit the width of a page.
COLUMNS = 18


def register_paper(school_class: SchoolClass) -> RegisterPaper:
    """Return the register of a class as a paper.

    Raises:
        RuleError: there is nothing in it.
    """
    page = register_page(school_class)
    if not page.carried:
        raise RuleError("В сводной ведомости ещё нет отметок: перенесите их из полученных табелей.")
    return RegisterPaper(
        school_class=str(school_class),
        year=school_year_label(school_class.year),
        sheets=tuple(_sheet(page, places) for places in _parted(page.subjects)),
        sources=tuple(_source(page, card) for card in page.cards if card.pk in page.carried),
        differences=tuple(page.differences),
    )


def _parted(subjects: list[Subject]) -> list[list[int]]:
    """Return the places of the subjects of each sheet."""
    sheets: list[list[int]] = []
    width = COLUMNS
    for place, subject in enumerate(subjects):
        if width + len(subject.labels) > COLUMNS:
            sheets.append([])
            width = 0
        sheets[-1].append(place)
        width += len(subject.labels)
    return sheets


def _sheet(page: RegisterPage, places: list[int]) -> RegisterSheet:
    return RegisterSheet(
        subjects=tuple(
            RegisterSubject(title=page.subjects[place].title, terms=page.subjects[place].labels) for place in places
        ),
        lines=tuple(
            RegisterLine(
                name=row.student.full_name,
                marks=tuple(cell.text for place in places for cell in row.subjects[place]),
                decision=row.decision,
            )
            for row in page.rows
        ),
    )


def _source(page: RegisterPage, card: ReportCard) -> str:
    entry: SummaryEntry = page.carried[card.pk]
    verified = (
        f"сверено: {card.verified_by.short_name}, {ru_day(card.verified_at)}"
        if card.verified_by and card.verified_at
        else "не сверено"
    )
    return (
        f"{entry.subject}, {card.get_term_display()}: табель {card.host.short_name} {card.label} от "
        f"{ru_day(card.document.registered_on)}; перенёс классный руководитель {entry.carried_by.short_name}, "
        f"{ru_day(entry.carried_at)}; {verified}."
    )
