"""The summary register of a home school's class: marks carried from report cards in one act, decisions, the print."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime

import pghistory
from django.db import transaction
from django.urls import reverse

from enrollment.selectors.mapping import mappings_of
from gradebook.card_papers import RegisterPaper
from gradebook.enums import CardState, Verb
from gradebook.models import RegisterPrint, ReportCard, ReportCardLine, SummaryDecision, SummaryEntry
from gradebook.selectors.register_paper import register_paper
from gradebook.selectors.registers import obsolete_entries, register_page, waiting_lines
from network_portal.audit.services import Note, record_notes
from network_portal.common.dates import local_day
from network_portal.common.errors import RuleError
from network_portal.common.seen import check_seen
from network_portal.common.states import move
from network_portal.documents import kinds
from network_portal.documents.services import document_issue
from network_portal.notices.services import notify
from schools.acting import Acting
from schools.enums import DutyKind
from schools.models import SchoolClass
from schools.selectors import staff_of

#: What a cell takes from its line.
CARRIED = ("school_class", "subject", "value", "line", "carried_by", "carried_at")


@transaction.atomic
def register_carry(*, actor: Acting, school_class: SchoolClass, at: datetime) -> int:
    """Carry every mark of received cards into the register of a class; each cell keeps its line (S1-4.10).

    A cell of an annulled card takes the mark of the card that came in its place, or goes when that one has none.

    Args:
        actor: the class teacher.
        school_class: the class.
        at: the moment.

    Returns:
        How many cells changed.

    Raises:
        RuleError: nothing waits.
    """
    school_class = SchoolClass.objects.select_for_update(of=("self",), no_key=True).get(pk=school_class.pk)
    named = waiting_lines(school_class).values_list("card", flat=True)
    list(ReportCard.objects.select_for_update(of=("self",)).filter(pk__in=set(named)).order_by("pk"))
    lines = list(
        waiting_lines(school_class)
        .select_related("card__document", "enrolment__student", "enrolment__course__programme")
        .order_by("pk")
    )
    gone = list(obsolete_entries(school_class).select_related("line__card"))
    if not lines and not gone:
        raise RuleError("Переносить нечего: все отметки полученных табелей уже в сводной ведомости.")
    home = school_class.organisation_id
    parts = {pk: one.part for pk, one in mappings_of(home, {line.enrolment.course_id for line in lines}).items()}
    entries = [
        SummaryEntry(
            school_class=school_class,
            student=line.enrolment.student,
            course=line.enrolment.course,
            subject=parts.get(line.enrolment.course_id) or line.enrolment.course.programme.subject,
            term=line.card.term,
            value=line.value,
            line=line,
            carried_by=actor.user,
            carried_at=at,
        )
        for line in lines
        if line.value is not None
    ]
    with pghistory.context(user=actor.user_id):
        SummaryEntry.objects.filter(pk__in=[entry.pk for entry in gone]).delete()
        SummaryEntry.objects.bulk_create(
            entries,
            update_conflicts=True,
            unique_fields=["student", "course", "term"],
            update_fields=list(CARRIED),
        )
    notes = [Note(Verb.REGISTER_CLEARED, entry.line, {"term": entry.term}) for entry in gone]
    notes += [Note(Verb.REGISTER_CARRIED, line, {"card": line.card_id}) for line in lines]
    record_notes(notes, actor=actor.user, organisation=school_class.organisation, at=at)
    _note_carried({line.card_id: line.card for line in lines}, school_class, local_day(at, actor.zone), at)
    return len(lines) + len(gone)


def _note_carried(cards: Mapping[int, ReportCard], school_class: SchoolClass, on: date, at: datetime) -> None:
    """Move on the cards whose marks have all been carried, whatever classes the pupils are in."""
    missing = set(
        ReportCardLine.objects.filter(card__in=cards, value__isnull=False, entries=None).values_list("card", flat=True)
    )
    for pk, card in cards.items():
        if pk in missing or card.state != CardState.RECEIVED:
            continue
        move(card, CardState.CARRIED)
        deputies = staff_of(school_class.organisation, DutyKind.DEPUTY, on=on)
        text = f"Сверьте сводную ведомость с табелем {card.label}: отметки перенесены"
        notify(deputies, text, reverse("card", args=[pk]), at=at)


@transaction.atomic
def register_decide(
    *, actor: Acting, school_class: SchoolClass, texts: Mapping[int, str], seen: str = "", at: datetime
) -> int:
    """Note what the pedagogical council decided about pupils of the register; an empty text takes a decision back.

    Args:
        actor: the class teacher.
        school_class: the class.
        texts: by student id; pupils who are not named are left alone.
        seen: what the page showed, by `common.seen.seen_of`.
        at: the moment.

    Returns:
        How many changed.

    Raises:
        RuleError: a pupil is not in the register.
        StaleError: somebody else changed them meanwhile.
    """
    SchoolClass.objects.select_for_update(of=("self",), no_key=True).get(pk=school_class.pk)
    page = register_page(school_class)
    check_seen(seen, page.decisions_seen)
    rows = {row.student.pk: row for row in page.rows}
    if not set(texts) <= set(rows):
        raise RuleError("Состав сводной ведомости изменился. Откройте её заново.")
    changed = {pk: text.strip() for pk, text in texts.items() if text.strip() != rows[pk].decision}
    with pghistory.context(user=actor.user_id):
        SummaryDecision.objects.filter(
            school_class=school_class, student__in=[pk for pk, text in changed.items() if not text]
        ).delete()
        SummaryDecision.objects.bulk_create(
            [
                SummaryDecision(
                    school_class=school_class, student=rows[pk].student, text=text, set_by=actor.user, set_at=at
                )
                for pk, text in changed.items()
                if text
            ],
            update_conflicts=True,
            unique_fields=["school_class", "student"],
            update_fields=["text", "set_by", "set_at"],
        )
    notes = (Note(Verb.REGISTER_DECIDED, rows[pk].student, {"class": school_class.pk}) for pk in changed)
    record_notes(notes, actor=actor.user, organisation=school_class.organisation, at=at)
    return len(changed)


@transaction.atomic
def register_print(*, actor: Acting, school_class: SchoolClass, at: datetime) -> RegisterPrint:
    """Print the register as a numbered paper; while nothing in it has changed, the last one is returned again (T15).

    Raises:
        RuleError: the register is empty.
    """
    school_class = SchoolClass.objects.select_for_update(of=("self",), no_key=True).get(pk=school_class.pk)
    paper: RegisterPaper = register_paper(school_class)
    last = RegisterPrint.objects.filter(school_class=school_class).select_related("document").first()
    if last and last.document.versions.latest("no").sha256 == kinds.content_sha256(kinds.content_of(paper)):
        return last
    document = document_issue(
        actor=actor.user,
        organisation=school_class.organisation,
        paper=paper,
        on=local_day(at, actor.zone),
        at=at,
        pdf_later=True,
    )
    return RegisterPrint.objects.create(
        school_class=school_class, document=document, printed_by=actor.user, printed_at=at
    )
