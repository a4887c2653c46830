"""Report cards: what each comes to, what stands in the way of one, and what was made so far (3.10, S1-4.10)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.urls import reverse

from courses.enums import GroupState, Scale
from courses.models import StudyGroup
from courses.policies import policy_of
from enrollment.models import Enrolment
from gradebook import access
from gradebook.card_papers import CardLine, CardPaper
from gradebook.cells import NO_MARK, mark_text
from gradebook.enums import ABSENCES, CardState, CorrectionState, DisputeState, LessonState, Term, TermValue
from gradebook.means import mean_text, rounded
from gradebook.models import (
    Attendance,
    Correction,
    Lesson,
    MonthlyTransfer,
    ReportCard,
    ReportCardLine,
    TermMark,
    TransferDispute,
)
from gradebook.selectors.months import Month
from gradebook.selectors.terms import TermPeriod, TermRow, overlaps, term_rows, terms_of
from gradebook.selectors.transfers import Blocker
from network_portal.common.dates import month_label, ru_day, school_year_label
from network_portal.common.russian import NBSP, Case, plural, sort_key
from schools.acting import Acting
from schools.enums import Role
from schools.models import SCHOOL_STAFF, Organisation

#: Who studied in a group, by group and home school.
Pair = tuple[int, int]
PASSING = (TermValue.THREE, TermValue.FOUR, TermValue.FIVE, TermValue.PASS)
GOOD = (TermValue.FOUR, TermValue.FIVE)


@dataclass(frozen=True)
class CardRow:
    """One home school's pupils in one group in a term: what stands in the way of the card, or the card."""

    group: StudyGroup
    home: Organisation
    period: TermPeriod
    pupils: int
    blockers: list[Blocker]
    card: ReportCard | None
    annulled: ReportCard | None

    @property
    def ready(self) -> bool:
        return not self.blockers and (self.card is None or self.card.state == CardState.DRAFT)

    @property
    def key(self) -> str:
        """What a form sends back: group, home and term."""
        return f"{self.group.pk}:{self.home.pk}:{self.period.term.value}"


def groups_with_cards(acting: Acting, year: int) -> list[StudyGroup]:
    """Return the groups of a school year whose cards the acting person's school issues."""
    if not acting.is_(*SCHOOL_STAFF, Role.NETWORK_TEACHER) or acting.organisation_id is None:
        return []
    return list(
        access.journals_for(acting)
        .filter(course__programme__host=acting.organisation_id, course__year=year)
        .filter(state__in=[GroupState.OPEN, GroupState.CLOSED])
        .order_by("course__programme__title", "name", "pk")
    )


class Terms:
    """The terms of groups; groups of one calendar are worked out once."""

    def __init__(self) -> None:
        self.known: dict[tuple[Any, ...], list[TermPeriod]] = {}

    def of(self, group: StudyGroup) -> list[TermPeriod]:
        course, policy = group.course, policy_of(group.course.programme)
        key = (policy.terms, course.date_from, course.date_to, course.year, course.programme.host_id)
        if key not in self.known:
            self.known[key] = terms_of(group, policy)
        return self.known[key]

    def one(self, group: StudyGroup, term: str) -> TermPeriod | None:
        return next((period for period in self.of(group) if period.term == term), None)


def card_rows(groups: Sequence[StudyGroup], term: str, terms: Terms | None = None) -> list[CardRow]:
    """Return the table group × home school of a term; six queries whatever the size."""
    terms = terms or Terms()
    periods = {group.pk: period for group in groups if (period := terms.one(group, term))}
    by_pk = {group.pk: group for group in groups if group.pk in periods}
    pupils: dict[Pair, list[Enrolment]] = {}
    studied = Enrolment.objects.filter(group__in=by_pk, state__in=access.STUDIED, date_from__isnull=False)
    for enrolment in studied.select_related("home").order_by("pk"):
        if overlaps(enrolment, periods[enrolment.group_id]):
            pupils.setdefault((enrolment.group_id, enrolment.home_id), []).append(enrolment)
    cards: dict[Pair, ReportCard] = {}
    annulled: dict[Pair, ReportCard] = {}
    for card in ReportCard.objects.filter(group__in=by_pk, term=term).select_related("document").order_by("pk"):
        (annulled if card.state == CardState.ANNULLED else cards)[card.group_id, card.home_id] = card
    found = _Standing(by_pk, term)
    rows = []
    for pair, enrolments in pupils.items():
        group, period, made = by_pk[pair[0]], periods[pair[0]], cards.get(pair)
        done = made is not None and made.state != CardState.DRAFT
        rows.append(
            CardRow(
                group=group,
                home=enrolments[0].home,
                period=period,
                pupils=len(enrolments),
                blockers=[] if done else found.blockers(pair, period, enrolments),
                card=made,
                annulled=annulled.get(pair),
            )
        )
    return sorted(
        rows, key=lambda row: (sort_key(row.home.short_name), sort_key(str(row.group.course)), row.group.name)
    )


def card_row(group: StudyGroup, home_id: int, term: str) -> CardRow | None:
    """Return the row of one home school in a group; None when it has nobody there in that term."""
    return next((row for row in card_rows([group], term) if row.home.pk == home_id), None)


def standing_of(card: ReportCard) -> list[Blocker]:
    """Return what stands in the way of a signature under `card`, whatever its state (3.10)."""
    period = TermPeriod(Term(card.term), card.date_from, card.date_to)
    enrolments = [
        one
        for one in Enrolment.objects.filter(
            group=card.group_id, home=card.home_id, state__in=access.STUDIED, date_from__isnull=False
        )
        if overlaps(one, period)
    ]
    return _Standing([card.group_id], card.term).blockers((card.group_id, card.home_id), period, enrolments)


class _Standing:
    """What the months of groups have come to: transfers, objections, corrections, final marks; four queries."""

    def __init__(self, groups: Iterable[int], term: str) -> None:
        groups = list(groups)
        self.sealed: dict[Pair, dict[Month, tuple[int, str]]] = {}
        for pk, group, home, year, month, version, number in (
            MonthlyTransfer.objects.filter(group__in=groups)
            .order_by("version")
            .values_list("pk", "group", "home", "year", "month", "version", "document__number")
        ):
            label = f"№{NBSP}{number}" + (f"-К{version}" if version else "")
            self.sealed.setdefault((group, home), {})[Month(year, month)] = (pk, label)
        self.disputed = set(
            TransferDispute.objects.filter(
                transfer__group__in=groups, state__in=[DisputeState.OPEN, DisputeState.ACCEPTED]
            ).values_list("transfer", flat=True)
        )
        self.opened = dict(
            Correction.objects.filter(
                transfer__group__in=groups, state__in=[CorrectionState.REQUESTED, CorrectionState.APPROVED]
            ).values_list("transfer", "pk")
        )
        self.marked = set(
            TermMark.objects.filter(enrolment__group__in=groups, term=term).values_list("enrolment", flat=True)
        )
        self.term = term

    def blockers(self, pair: Pair, period: TermPeriod, enrolments: list[Enrolment]) -> list[Blocker]:
        sealed = self.sealed.get(pair, {})
        found = []
        for month in months_of(period):
            label = month_label(month.year, month.month)
            if month not in sealed:
                if any(overlaps(one, _part(period, month)) for one in enrolments):
                    url = f"{reverse('transfer_list')}?month={month}"
                    found.append(Blocker(f"не передана ведомость за {label}", url))
                continue
            transfer, number = sealed[month]
            if transfer in self.opened:
                url = reverse("correction", args=[self.opened[transfer]])
                found.append(Blocker(f"не завершено исправление ведомости {number} за {label}", url))
            elif transfer in self.disputed:
                url = reverse("transfer", args=[transfer])
                found.append(Blocker(f"не рассмотрено возражение по ведомости {number} за {label}", url))
        unmarked = [
            one
            for one in enrolments
            if one.pk not in self.marked and (one.date_to is None or one.date_to >= period.last)
        ]
        if unmarked:
            words = plural(len(unmarked), "обучающегося,обучающихся,обучающихся")
            url = f"{reverse('term_marks', args=[pair[0]])}?term={self.term}"
            found.append(Blocker(f"нет отметки за период у {len(unmarked)} {words}", url))
        return found

    def labels(self, pair: Pair, period: TermPeriod) -> list[str]:
        sealed = self.sealed.get(pair, {})
        return [
            f"{sealed[month][1]} за {month_label(month.year, month.month)}"
            for month in months_of(period)
            if month in sealed
        ]


def months_of(period: TermPeriod) -> list[Month]:
    """Return the calendar months that the term touches."""
    month, last = Month.of(period.first), Month.of(period.last)
    months = [month]
    while month != last:
        month = month.shifted(1)
        months.append(month)
    return months


def _part(period: TermPeriod, month: Month) -> TermPeriod:
    first, last = month.days
    return TermPeriod(period.term, max(first, period.first), min(last, period.last))


# --- what a card comes to -----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Computed:
    """A card as the journal gives it now: the lines without their card, and the paper."""

    lines: list[ReportCardLine]
    paper: CardPaper


def computed(group: StudyGroup, home: Organisation, period: TermPeriod, replaces: ReportCard | None) -> Computed:
    """Return the card of one home school's pupils; equal journals give equal papers (S1-4.10, 6.4–6.6).

    Args:
        group: with course, programme, policy, host and teacher.
        home: the school whose pupils they are; pupils who left stay in it.
        period: the term.
        replaces: the annulled card in whose place this one stands.
    """
    policy = policy_of(group.course.programme)
    terms = terms_of(group, policy)
    others = [one for one in terms if one.term != Term.YEAR] if period.term == Term.YEAR else []
    enrolments = (
        Enrolment.objects.filter(group=group, home=home, state__in=access.STUDIED, date_from__isnull=False)
        .select_related("student__school_class")
        .order_by("student__sort_key", "pk")
    )
    rows = term_rows(group, policy, terms, period, [one for one in enrolments if overlaps(one, period)])
    away = _absences([row.enrolment.pk for row in rows], period)
    lines = [_line(row, period, away[row.enrolment.pk]) for row in rows]
    lessons = list(
        Lesson.objects.filter(group=group, date__range=(period.first, period.last)).values_list("state", flat=True)
    )
    values = [line.value for line in lines if line.value is not None]
    teacher = group.teacher.user.short_name if group.teacher else "не назначен"
    paper = CardPaper(
        home_genitive=home.in_case(Case.GENITIVE),
        group=group.name,
        programme=group.course.programme.title,
        teacher=teacher,
        year=school_year_label(group.course.year),
        period=period.label,
        days=f"{ru_day(period.first)}–{ru_day(period.last)}",
        planned=len(lessons),
        held=lessons.count(LessonState.HELD),
        transfers=", ".join(_Standing([group.pk], period.term).labels((group.pk, home.pk), period)),
        terms=tuple(one.label for one in others),
        lines=tuple(_paper_line(row, line, others) for row, line in zip(rows, lines, strict=True)),
        pupils=len(lines),
        passing=_share(values, PASSING),
        quality=_share(values, GOOD) if policy.scale == Scale.FIVE else NO_MARK,
        replaces=_named(replaces) if replaces else None,
    )
    return Computed(lines, paper)


def _absences(enrolments: list[int], period: TermPeriod) -> dict[int, list[str]]:
    away: dict[int, list[str]] = {pk: [] for pk in enrolments}
    for pk, code in Attendance.objects.filter(
        enrolment__in=enrolments, code__in=ABSENCES, lesson__date__range=(period.first, period.last)
    ).values_list("enrolment", "code"):
        away[pk].append(code)
    return away


def _line(row: TermRow, period: TermPeriod, away: list[str]) -> ReportCardLine:
    mark = row.mark(period.term)
    return ReportCardLine(
        enrolment=row.enrolment,
        school_class=row.enrolment.student.school_class,
        mean=rounded(row.standing.figures.mean),
        value=mark.value if mark else None,
        missed=len(away),
        ill=away.count("ill"),
        excused=away.count("excused"),
        unexcused=away.count("unexcused"),
        note="; ".join(_notes(row, period, mark)),
    )


def _notes(row: TermRow, period: TermPeriod, mark: TermMark | None) -> Iterable[str]:
    if mark and mark.value == TermValue.NA:
        yield mark.reason or row.standing.proposal.note
    enrolment = row.enrolment
    if enrolment.date_from and enrolment.date_from > period.first:
        yield f"обучается с {ru_day(enrolment.date_from)}"
    if enrolment.date_to and enrolment.date_to < period.last:
        yield f"обучение окончено {ru_day(enrolment.date_to)}"


def _paper_line(row: TermRow, line: ReportCardLine, others: list[TermPeriod]) -> CardLine:
    student = row.enrolment.student
    given = [row.mark(one.term) for one in others]
    word = "" if line.value in (None, TermValue.PASS, TermValue.FAIL) else str(line.get_value_display())
    if line.value == TermValue.NA:
        word = student.by_gender("не аттестован", "не аттестована")
    return CardLine(
        name=student.full_name,
        school_class=str(student.school_class),
        mean=mean_text(line.mean),
        terms=tuple(mark.text if mark else NO_MARK for mark in given),
        mark=mark_text(line.value),
        word=word,
        missed=line.missed,
        ill=line.ill,
        excused=line.excused,
        unexcused=line.unexcused,
        note=line.note,
    )


def _share(values: list[int], wanted: tuple[TermValue, ...]) -> str:
    if not values:
        return NO_MARK
    good = sum(value in wanted for value in values)
    return f"{(200 * good + len(values)) // (2 * len(values))}{NBSP}%"


def _named(card: ReportCard) -> str:
    return f"табель {card.label} от {ru_day(card.document.registered_on)}, причина: {card.annul_reason}"
