"""Report cards on their pages: one with its lines, the lists of those that came, the registers beside them (2.4)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from django.db.models import Q

from gradebook import access
from gradebook.enums import CARD_OPEN, CardState, Term
from gradebook.models import MonthlyTransfer, ReportCard, ReportCardLine, SummaryEntry
from gradebook.selectors.cards import months_of, standing_of
from gradebook.selectors.terms import TermPeriod
from gradebook.selectors.transfers import Blocker
from network_portal.documents.kinds import Fields, parse
from network_portal.documents.selectors import current_version
from schools.acting import Acting
from schools.enums import Role
from schools.models import SCHOOL_STAFF, SchoolClass


@dataclass(frozen=True)
class LineView:
    """A pupil's line, as the paper has it, and where it stands in the home school's register."""

    line: ReportCardLine
    paper: Fields
    entry: SummaryEntry | None


@dataclass(frozen=True)
class CardView:
    """A card with the lines that the acting person sees."""

    card: ReportCard
    content: Fields
    lines: list[LineView]
    earlier: ReportCard | None
    later: ReportCard | None
    blockers: list[Blocker] = field(default_factory=list)
    corrected: list[MonthlyTransfer] = field(default_factory=list)


def card_view(acting: Acting, card: ReportCard) -> CardView:
    """Return what the page of a card shows to who passed its gate."""
    content = parse(current_version(card.document).content)
    papers = dict(zip(card.lines.order_by("pk").values_list("pk", flat=True), content["lines"], strict=True))
    lines = list(
        ReportCardLine.objects.visible_to(acting)
        .filter(card=card)
        .select_related("enrolment__student__school_class", "school_class")
        .order_by("pk")
    )
    entries = {
        entry.line_id: entry
        for entry in SummaryEntry.objects.filter(line__in=lines).select_related("carried_by", "school_class")
    }
    at_host = acting.organisation_id == card.host_id
    seen = ReportCard.objects.visible_to(acting).select_related("document")
    return CardView(
        card=card,
        content=content,
        lines=[LineView(line, papers[line.pk], entries.get(line.pk)) for line in lines],
        earlier=seen.filter(pk=card.replaces_id).first() if card.replaces_id else None,
        later=seen.filter(replaces=card).first(),
        blockers=standing_of(card) if at_host and card.state != CardState.ANNULLED else [],
        corrected=corrected_since(card) if card.sent_at else [],
    )


def corrected_since(card: ReportCard) -> list[MonthlyTransfer]:
    """Return the corrections of the card's months that were sealed after it was signed."""
    months = months_of(TermPeriod(Term(card.term), card.date_from, card.date_to))
    of_the_months = Q(pk__in=[])
    for month in months:
        of_the_months |= Q(year=month.year, month=month.month)
    return list(
        MonthlyTransfer.objects.filter(
            of_the_months, group=card.group_id, home=card.home_id, version__gt=0, sealed_at__gt=card.sent_at
        )
        .select_related("document")
        .defer("payload")
        .order_by("year", "month", "version")
    )


def received_cards(acting: Acting, year: int) -> list[ReportCard]:
    """Return the cards of a school year that came to the own school, or hold lines of the own child, newest first."""
    seen = access.cards_for(acting).filter(group__course__year=year)
    if acting.organisation_id:
        seen = seen.filter(home=acting.organisation_id)
    return list(seen.filter(sent_at__isnull=False).order_by("-date_to", "-sent_at", "-pk"))


def own_lines(acting: Acting, cards: Iterable[ReportCard]) -> dict[int, list[ReportCardLine]]:
    """Return the lines of cards that the acting person sees, by card."""
    found: dict[int, list[ReportCardLine]] = {}
    lines = access.card_lines_for(acting).filter(card__in=[card.pk for card in cards])
    for line in lines.select_related("enrolment__student__school_class", "school_class").order_by("pk"):
        found.setdefault(line.card_id, []).append(line)
    return found


def card_years(acting: Acting) -> list[int]:
    """Return the school years that the page of cards offers, the newest first."""
    years = set(access.cards_for(acting).order_by().values_list("group__course__year", flat=True).distinct())
    if acting.is_(*SCHOOL_STAFF, Role.NETWORK_TEACHER) and acting.organisation_id:
        years |= set(
            access.journals_for(acting)
            .filter(course__programme__host=acting.organisation_id)
            .order_by()
            .values_list("course__year", flat=True)
            .distinct()
        )
    return sorted(years, reverse=True)


def registers_with_marks(acting: Acting, year: int) -> list[SchoolClass]:
    """Return the classes of a school year, among those whose register the person sees, that have pupils on cards."""
    lines = ReportCardLine.objects.exclude(card__state__in=CARD_OPEN).filter(card__group__course__year=year)
    pupils = lines.values("enrolment__student__school_class").union(lines.values("school_class"))
    return list(access.registers_for(acting).filter(year=year, pk__in=pupils).order_by("grade", "letter"))


def registers_of(acting: Acting, view: CardView) -> list[SchoolClass]:
    """Return the classes of the pupils of a card whose register the acting person sees."""
    if acting.organisation_id != view.card.home_id:
        return []
    classes = {
        one.line.enrolment.student.school_class_id
        if one.line.enrolment.student.school_class.year == view.card.group.course.year
        else one.line.school_class_id
        for one in view.lines
    }
    return list(access.registers_for(acting).filter(pk__in=classes).order_by("grade", "letter"))
