"""Which consents an application needs, which are in force, which are being given (L-2, T02)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db import connection
from django.utils import timezone

from enrollment.enums import EnrolmentState
from enrollment.models import Application, Consent, Enrolment
from enrollment.selectors.applications import choices_of
from network_portal.documents.kinds import parse
from network_portal.documents.models import Document
from network_portal.documents.selectors import current_version
from schools.guardians import needs_own_word
from schools.models import Organisation

#: One purpose for each operator: a paper for two purposes would be no consent at all.
PURPOSE_HOME = "передача принимающей школе сведений для обучения по курсам в сетевой форме и учёт его результатов"
PURPOSE_HOST = "организация обучения по курсам в сетевой форме, учёт посещаемости и успеваемости"
#: How long the home school has to decide about a pupil whose consent was withdrawn (I-4).
DECIDE_DAYS = 3
#: Places that a withdrawn consent touches.
ATTENDED = (EnrolmentState.BOOKED, EnrolmentState.ENROLLED)


@dataclass(frozen=True)
class ConsentNeeded:
    """A consent that an application needs: one operator, one purpose.

    Attributes:
        operator: the school.
        purpose: what for.
        given: the one in force.
        draft: the paper being given; None until the parent has come to it.
    """

    operator: Organisation
    purpose: str
    given: Consent | None
    draft: Consent | None

    @property
    def ticked(self) -> bool:
        return self.draft is not None and self.draft.agreed_at is not None

    @property
    def paper(self) -> dict[str, Any] | None:
        """Return what the draft says, for `documents/_t02_text.html`."""
        if self.draft is None or self.draft.document is None:
            return None
        return parse(current_version(self.draft.document).content)


def consents_needed(application: Application, on: date | None = None) -> list[ConsentNeeded]:
    """Return the consents for the home school and for each host chosen, on the day `on` or today."""
    on = on or timezone.localdate()
    hosts = [choice.course.programme.host for choice in choices_of(application)]
    operators = list({operator.pk: operator for operator in (application.home, *hosts)}.values())
    of_child = Consent.objects.filter(student=application.student_id, operator__in=operators)
    given = {consent.operator_id: consent for consent in of_child.in_force(on).select_related("document")}
    drafts = {
        consent.operator_id: consent
        for consent in of_child.filter(application=application, given_at=None).select_related("document")
    }
    return [
        ConsentNeeded(
            operator,
            PURPOSE_HOME if operator.pk == application.home_id else PURPOSE_HOST,
            given.get(operator.pk),
            drafts.get(operator.pk),
        )
        for operator in operators
    ]


def consents_to_sign(application: Application, on: date) -> list[Consent]:
    """Return the drafts that the parent has ticked and that are still needed."""
    return [
        need.draft
        for need in consents_needed(application, on)
        if need.draft is not None and need.draft.agreed_at is not None and need.given is None
    ]


def papers_to_sign(application: Application, consents: list[Consent], *, with_application: bool) -> list[Document]:
    """Return the papers of one act of signing: the application first, then each consent."""
    papers = [application.prepared] if with_application and application.prepared else []
    return papers + [consent.document for consent in consents if consent.document]


def paper_to_sign(application: Application, on: date, *, with_application: bool) -> Document | None:
    """Return the paper whose version is signed: the only one, or the sheet of several; None when it is not made yet."""
    papers = papers_to_sign(application, consents_to_sign(application, on), with_application=with_application)
    if len(papers) < 2:
        return papers[0] if papers else None
    return application.sheet if application.sheet and not application.sheet.is_registered else None


def missing_consents(application: Application, on: date) -> list[ConsentNeeded]:
    """Return the consents that are neither in force nor ticked."""
    return [need for need in consents_needed(application, on) if need.given is None and not need.ticked]


# Written by hand: every cell typed into a journal asks, and the ORM takes longer to put it together than to have it.
_GIVEN = """
    SELECT consent.student_id, consent.operator_id, consent.given_at, consent.date_to, consent.withdrawn_at,
        student.birth_date, word.id
    FROM enrollment_consent consent
    JOIN schools_student student ON student.id = consent.student_id
    LEFT JOIN enrollment_pupilword word ON word.consent_id = consent.id
    WHERE consent.given_at IS NOT NULL
        AND consent.student_id = ANY(%(students)s) AND consent.operator_id = ANY(%(operators)s)
"""


def consent_missing_since(enrolments: Iterable[Enrolment], on: date) -> dict[int, date]:
    """Tell for which studies the host has lost its consent by the day `on`, and since when.

    A consent withdrawn or expired expels nobody (I-4): until the home school decides, the host keeps what the law
    makes it keep, the journal and the orders (L-1), and takes down nothing new about the pupil. What is lacking is the
    consent given to the host alone: the home school's records of its own pupil rest on the law, whatever was withdrawn.

    Args:
        enrolments: studies with their courses and programmes loaded.
        on: the day.

    Returns:
        By the study the first day of which nothing new may be recorded: the day after the withdrawal or the last day
        of the term. A study that has its consent, or whose consent has never been in force, is not there.
    """
    places = {one.pk: (one.student_id, one.course.programme.host_id) for one in enrolments}
    students, operators = (list(set(ids)) for ids in zip(*places.values(), strict=True)) if places else ([], [])
    with connection.cursor() as cursor:
        cursor.execute(_GIVEN, {"students": students, "operators": operators})
        rows = cursor.fetchall()
    lasts: dict[tuple[int, int], list[date]] = defaultdict(list)
    for student_id, operator_id, given_at, date_to, withdrawn_at, birth_date, word in rows:
        given = timezone.localdate(given_at)
        if given <= on and (word is not None or not needs_own_word(birth_date, given)):
            ends = [day for day in (date_to, withdrawn_at and timezone.localdate(withdrawn_at)) if day]
            lasts[student_id, operator_id].append(min(ends, default=date.max))
    found = {}
    for pk, pair in places.items():
        last = max(lasts[pair], default=date.max)
        if last < on:
            found[pk] = last + timedelta(days=1)
    return found


@dataclass(frozen=True)
class Consequence:
    """What follows when a consent is withdrawn, in words, for the question before the act."""

    enrolled: bool
    words: tuple[str, ...]


def consequences_of(consent: Consent) -> Consequence:
    """Say what follows from withdrawing `consent`; nobody is expelled by it (I-4)."""
    places = Enrolment.objects.filter(student=consent.student_id, state__in=ATTENDED).select_related(
        "course__programme"
    )
    touched = [place for place in places if consent.operator_id in (place.home_id, place.course.programme.host_id)]
    words = [
        f"{consent.operator.short_name} прекратит обработку сведений, кроме тех, что обязана хранить по закону "
        "(журнал, приказы).",
        "Пока согласия нет, ребёнка нельзя включить в список школы, принять и зачислить.",
    ]
    if touched:
        titles = ", ".join(f"«{place.course}»" for place in touched)
        words.append(
            f"Ребёнок уже занимается на курсе {titles}: сам отзыв его не отчисляет. Школа решит, как быть дальше, "
            f"за {DECIDE_DAYS} рабочих дня и сообщит вам."
        )
    words.append("Согласие можно дать снова.")
    return Consequence(bool(touched), tuple(words))
