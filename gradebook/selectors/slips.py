"""What a family gets on paper at the end of a term: one page a pupil with all network courses, from signed cards."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from gradebook.cells import mark_text
from gradebook.enums import CARD_IN_EFFECT, Term
from gradebook.means import mean_text
from gradebook.models import ReportCardLine
from network_portal.common.dates import school_year_label
from network_portal.common.russian import NBSP, fio
from schools.acting import Acting
from schools.models import SchoolClass


@dataclass
class SlipCourse:
    """A network course of a pupil: the marks by term, the figures of the last card, the numbers of the cards."""

    title: str
    host: str
    marks: dict[str, str] = field(default_factory=dict)
    mean: str = ""
    missed: int = 0
    cards: list[str] = field(default_factory=list)


@dataclass
class Slip:
    """A pupil's page."""

    name: str
    school: str
    school_class: str
    year: str
    courses: list[SlipCourse] = field(default_factory=list)


#: What a page needs of a line; rows of thousands of lines do without objects.
COLUMNS = (
    "enrolment__student",
    "enrolment__student__last_name",
    "enrolment__student__first_name",
    "enrolment__student__patronymic",
    "school_class__grade",
    "school_class__letter",
    "card__home__short_name",
    "card__group__course__year",
    "enrolment__course",
    "card__group__course__programme__title",
    "card__host__short_name",
    "card__term",
    "card__document__number",
    "value",
    "mean",
    "missed",
)


def slips_of(acting: Acting, school_class: SchoolClass) -> list[Slip]:
    """Return the pages of a class that the acting person's gate has let through."""
    return slips(ReportCardLine.objects.of_classes(pk=school_class.pk).visible_to(acting))


def slips(lines: Any) -> list[Slip]:
    """Return the pages of the pupils on `lines`, a queryset of lines of cards; one query."""
    found = (
        lines.filter(card__state__in=CARD_IN_EFFECT)
        .order_by(
            "school_class__grade",
            "school_class__letter",
            "enrolment__student__sort_key",
            "enrolment__student",
            "card__group__course__programme__title",
            "card__date_to",
            "card__date_from",
        )
        .values_list(*COLUMNS)
    )
    return list(_pages(found))


def _pages(rows: Iterable[tuple[Any, ...]]) -> Iterable[Slip]:
    pages: dict[int, Slip] = {}
    courses: dict[tuple[int, int], SlipCourse] = {}
    for (
        pupil, last, first, patronymic, grade, letter, school, year, course, title, host, term, number, value, mean,
        missed,
    ) in rows:  # fmt: skip
        if pupil not in pages:
            pages[pupil] = Slip(
                fio(last, first, patronymic), school, f"{grade}{NBSP}«{letter}»", school_year_label(year)
            )
        if (pupil, course) not in courses:
            courses[pupil, course] = SlipCourse(title, host)
            pages[pupil].courses.append(courses[pupil, course])
        one = courses[pupil, course]
        one.marks[term] = mark_text(value)
        one.mean, one.missed = mean_text(mean), missed
        one.cards.append(f"№{NBSP}{number}")
    return pages.values()


def terms_on(pages: Iterable[Slip]) -> list[Term]:
    """Return the terms for which any of the pages has a mark, in their order."""
    given = {term for page in pages for course in page.courses for term in course.marks}
    return [term for term in Term if term.value in given]
