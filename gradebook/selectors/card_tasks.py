"""What waits for a person in report cards and registers (C-14)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta

from django.urls import reverse

from courses.models import StudyGroup
from gradebook import access
from gradebook.enums import CardState, Term
from gradebook.models import ReportCard
from gradebook.selectors.cards import CardRow, Terms, card_rows, groups_with_cards
from gradebook.selectors.registers import obsolete_entries, waiting_lines
from network_portal.common.dates import school_year
from network_portal.common.russian import plural
from network_portal.documents.selectors import turns_of
from network_portal.notices.selectors import Task
from schools.acting import Acting
from schools.enums import Role
from schools.models import SchoolClass

#: From how many days before the end of a term its cards are asked for, and how long after it.
AHEAD, AFTER = timedelta(days=14), timedelta(days=92)


def card_tasks(acting: Acting, today: date) -> list[Task]:
    """Return what the acting person is to do with report cards on the day `today`."""
    tasks: list[Task] = []
    if acting.organisation_id is None:
        return tasks
    if acting.is_(Role.NETWORK_TEACHER, Role.COORDINATOR):
        tasks += _to_compose(acting, today)
    if acting.is_(Role.NETWORK_TEACHER, Role.DEPUTY, Role.DIRECTOR):
        tasks += _to_sign(acting)
    if acting.is_(Role.CURATOR, Role.RESPONSIBLE):
        tasks += _to_receive(acting)
    if acting.is_(Role.CLASS_TEACHER):
        tasks += _to_carry(acting)
    if acting.is_(Role.DEPUTY):
        tasks += _to_verify(acting)
    return tasks


def _about(card: ReportCard) -> str:
    return f"{card.group.course}, {card.group}, {card.get_term_display()}"


def _to_compose(acting: Acting, today: date) -> list[Task]:
    groups, terms = groups_with_cards(acting, school_year(today)), Terms()
    near: dict[Term, list[StudyGroup]] = {}
    for group in groups:
        for period in terms.of(group):
            if period.last - AHEAD <= today <= period.last + AFTER:
                near.setdefault(period.term, []).append(group)
    tasks = []
    for term in (one for one in Term if one in near):
        found = card_rows(near[term], term, terms)
        rows = [row for row in found if row.card is None or row.card.state == CardState.DRAFT]
        if rows:
            tasks.append(_compose_task(rows, term, school_year(today)))
    return tasks


def _compose_task(rows: list[CardRow], term: Term, year: int) -> Task:
    ready = sum(row.ready for row in rows)
    return Task(
        title=f"Рассчитать табели: {term.label}",
        about=f"Готовы {ready}" + (f", не готовы {len(rows) - ready}" if ready < len(rows) else ""),
        url=f"{reverse('card_list')}?year={year}&term={term.value}",
        action="К табелям",
        due=min(row.period.last for row in rows),
    )


def _to_sign(acting: Acting) -> list[Task]:
    waiting = list(access.cards_for(acting).filter(host=acting.organisation_id, state=CardState.COMPUTED))
    turns = turns_of([card.document for card in waiting])
    return [
        Task(
            title="Подписать табель",
            about=f"{_about(card)}, {card.home}",
            url=reverse("card_sign", args=[card.pk]),
            action="Прочитать и подписать",
            due=card.date_to,
        )
        for card in waiting
        if (slot := access.card_slot(acting, card)) is not None and turns.get(card.document_id) == slot
    ]


def _to_receive(acting: Acting) -> list[Task]:
    came = access.cards_for(acting).filter(home=acting.organisation_id, state=CardState.SENT)
    return [
        Task(
            title=f"Отметить получение табеля {card.label}",
            about=f"{card.host}, {_about(card)}",
            url=reverse("card", args=[card.pk]),
            action="Открыть табель",
        )
        for card in came
    ]


def _to_carry(acting: Acting) -> list[Task]:
    classes: Iterable[SchoolClass] = access.registers_for(acting)
    counts = ((one, waiting_lines(one).count() + obsolete_entries(one).count()) for one in classes)
    return [
        Task(
            title=f"Перенести {number} {plural(number, 'отметку,отметки,отметок')} в сводную ведомость",
            about=f"{one} класс, из полученных табелей",
            url=reverse("register", args=[one.pk]),
            action="Открыть ведомость",
        )
        for one, number in counts
        if number
    ]


def _to_verify(acting: Acting) -> list[Task]:
    carried = access.cards_for(acting).filter(home=acting.organisation_id, state=CardState.CARRIED)
    return [
        Task(
            title=f"Сверить сводную ведомость с табелем {card.label}",
            about=f"{card.host}, {_about(card)}",
            url=reverse("card", args=[card.pk]),
            action="Сверить",
        )
        for card in carried
    ]
