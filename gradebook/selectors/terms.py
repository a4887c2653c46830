"""Final marks of a group: its terms, what each comes to for a pupil, what is proposed and what is given (6.4–6.6)."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta

from courses.enums import TermSystem
from courses.models import Holiday, StudyGroup
from courses.policies import Policy, policy_of
from enrollment.models import Enrolment
from gradebook import access
from gradebook.attestation import Proposal, propose, propose_year
from gradebook.cells import NO_MARK, mark_text
from gradebook.enums import CARD_IN_EFFECT, LessonState, Term
from gradebook.means import mean_text
from gradebook.models import Lesson, ReportCard, TermMark
from gradebook.selectors.entries import Figures, figures_of, studied
from schools.acting import Acting

#: Around which day a quarter ends; the holidays of the host that begin nearest to it say when (month, day).
QUARTERS_END = ((10, 31), (12, 31), (3, 28))
NEAR = timedelta(days=25)


@dataclass(frozen=True)
class TermPeriod:
    """A term of a group's course from–to; the year is the whole course."""

    term: Term
    first: date
    last: date

    @property
    def label(self) -> str:
        return str(self.term.label)


@dataclass(frozen=True)
class Standing:
    """What a term comes to for a pupil, and what the portal proposes."""

    figures: Figures
    lessons: int
    proposal: Proposal

    @property
    def mean(self) -> str:
        return mean_text(self.figures.mean)


@dataclass(frozen=True)
class TermRow:
    """A pupil's line: the final marks given so far, in the order of the terms, and the standing in the term shown.

    `card` is the signed report card that has passed the mark on: it is not changed any more.
    """

    enrolment: Enrolment
    given: dict[Term, TermMark]
    standing: Standing
    studied: bool
    card: str = ""

    def mark(self, term: Term) -> TermMark | None:
        return self.given.get(term)


@dataclass(frozen=True)
class TermPage:
    """«Итоги» of a group as the acting person may see them."""

    group: StudyGroup
    policy: Policy
    terms: list[TermPeriod]
    shown: TermPeriod
    rows: list[TermRow]

    def others_given(self, row: TermRow) -> list[tuple[str, str]]:
        """Return the names of the terms that are not shown, each with the pupil's final mark as it is written."""
        rest = [(period.label, row.mark(period.term)) for period in self.terms if period != self.shown]
        return [(label, mark.text if mark else NO_MARK) for label, mark in rest]


def terms_of(group: StudyGroup, policy: Policy) -> list[TermPeriod]:
    """Return the terms of the course in their order, the year last when there is more than one."""
    course = group.course
    if policy.terms == TermSystem.HALVES:
        names, ends = [Term.H1, Term.H2], [date(course.year, 12, 31)]
    else:
        names, ends = [Term.Q1, Term.Q2, Term.Q3, Term.Q4], _quarters_end(group)
    firsts = [course.date_from, *(end + timedelta(days=1) for end in ends)]
    lasts = [*ends, course.date_to]
    found = [
        TermPeriod(name, max(first, course.date_from), min(last, course.date_to))
        for name, first, last in zip(names, firsts, lasts, strict=True)
        if max(first, course.date_from) <= min(last, course.date_to)
    ]
    return [*found, TermPeriod(Term.YEAR, course.date_from, course.date_to)] if len(found) > 1 else found


def _quarters_end(group: StudyGroup) -> list[date]:
    """The last days of the first three quarters: before the host's holidays nearest to where they usually are."""
    year = group.course.year
    holidays = [
        starts - timedelta(days=1)
        for starts in Holiday.objects.filter(
            academic_year__organisation=group.course.programme.host_id, academic_year__year=year
        ).values_list("date_from", flat=True)
    ]
    ends = []
    for month, day in QUARTERS_END:
        usual = date(year if month > 6 else year + 1, month, day)
        ends.append(
            min((end for end in holidays if abs(end - usual) <= NEAR), key=lambda end: abs(end - usual), default=usual)
        )
    return ends


def term_page(acting: Acting, group: StudyGroup, *, term: str, today: date) -> TermPage:
    """Return «Итоги» of `group`, which the acting person's gate has let through.

    Args:
        term: which term the standing is of; another word for the one that lasts on the day `today`.
        today: the day in the network's zone.
    """
    policy = policy_of(group.course.programme)
    terms = terms_of(group, policy)
    begun = [one for one in terms if one.first <= today and one.term != Term.YEAR]
    shown = next((one for one in terms if one.term == term), begun[-1] if begun else terms[0])
    enrolments = list(
        access.enrolments_for(acting, group)
        .filter(date_from__isnull=False)
        .select_related("student__school_class", "home")
        .order_by("student__sort_key", "pk")
    )
    rows = term_rows(group, policy, terms, shown, enrolments)
    return TermPage(group, policy, terms, shown, rows)


def term_rows(
    group: StudyGroup, policy: Policy, terms: list[TermPeriod], shown: TermPeriod, enrolments: Collection[Enrolment]
) -> list[TermRow]:
    """Return the lines of `enrolments` with their standing in the term `shown`; four queries."""
    given: dict[int, dict[Term, TermMark]] = {enrolment.pk: {} for enrolment in enrolments}
    for mark in TermMark.objects.filter(enrolment__in=enrolments):
        given[mark.enrolment_id][Term(mark.term)] = mark
    held = list(
        Lesson.objects.filter(group=group, state=LessonState.HELD, date__range=(shown.first, shown.last)).values_list(
            "date", flat=True
        )
    )
    figures = figures_of([enrolment.pk for enrolment in enrolments], shown.first, shown.last, policy)
    signed = {
        card.home_id: card.label
        for card in ReportCard.objects.filter(group=group, term=shown.term, state__in=CARD_IN_EFFECT).select_related(
            "document"
        )
    }
    rows = []
    for enrolment in enrolments:
        own, lessons = figures[enrolment.pk], sum(studied(enrolment, day) for day in held)
        if shown.term == Term.YEAR:
            values = [
                (one.term, there.value if (there := given[enrolment.pk].get(one.term)) else None)
                for one in terms
                if one.term != Term.YEAR and overlaps(enrolment, one)
            ]
            proposal = propose_year(policy, values)
        else:
            proposal = propose(
                policy,
                group.course.programme.hours_week,
                mean=own.mean,
                marks=own.marks,
                passed=own.passed,
                absences=own.absences,
                lessons=lessons,
            )
        standing = Standing(own, lessons, proposal)
        studied_then, card = overlaps(enrolment, shown), signed.get(enrolment.home_id, "")
        rows.append(TermRow(enrolment, given[enrolment.pk], standing, studied_then, card))
    return rows


def overlaps(enrolment: Enrolment, period: TermPeriod) -> bool:
    """Tell whether the pupil studied in the group on some day of the term."""
    return (
        enrolment.date_from is not None
        and enrolment.date_from <= period.last
        and (enrolment.date_to is None or enrolment.date_to >= period.first)
    )


def seen_term(mark: TermMark | None) -> str:
    """Return what a page carries of a final mark, to tell later whether it still stands."""
    return "" if mark is None else f"{mark_text(mark.value)}|{mark.reason}"
