"""The issue book of certificates of learning: by calendar year, in the order of the numbers, as page and as table."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from django.db.models import QuerySet

from gradebook.access.certificates import certificates_for
from gradebook.models import StudyCertificate
from gradebook.selectors.certificates import result_words
from schools.acting import Acting


def issue_book(acting: Acting, year: int) -> QuerySet[StudyCertificate]:
    """Return the registered certificates of the own school of a calendar year, in the order of their numbers."""
    own = certificates_for(acting).filter(host=acting.organisation_id, document__year=year)
    return own.order_by("document__number")


#: The columns of the issue book as a table, with their widths.
BOOK_COLUMNS = (
    ("№", 8),
    ("Дата", 12),
    ("Кому выдана", 36),
    ("Школа обучающегося", 28),
    ("Программа", 44),
    ("Результат", 26),
    ("Состояние", 18),
    ("Дубликат", 12),
    ("Дата получения", 16),
    ("Кто получил", 40),
    ("Как получена", 30),
)


def book_lines(book: Iterable[StudyCertificate]) -> list[tuple[object, ...]]:
    """Return the rows of `issue_book` in the order of `BOOK_COLUMNS`."""
    return [
        (
            one.document.number,
            one.document.registered_on,
            one.enrolment.student.full_name,
            one.home.short_name,
            one.enrolment.group.course.programme.title,
            result_words(one.result, one.enrolment.student.gender),
            one.get_state_display(),
            "дубликат" if one.duplicate else "",
            one.handed_on,
            one.received_by,
            one.get_receipt_display() if one.receipt else "",
        )
        for one in book
    ]


def book_years(acting: Acting, today: date) -> list[int]:
    """Return the calendar years of the own school's issue book, the newest first; the present one always."""
    own = certificates_for(acting).filter(host=acting.organisation_id, document__year__isnull=False)
    years = {year for year in own.order_by().values_list("document__year", flat=True) if year}
    return sorted(years | {today.year}, reverse=True)
