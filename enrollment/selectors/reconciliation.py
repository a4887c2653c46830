"""The board «Сверка списков»: where lists, applications, consents and orders of the two schools disagree."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from django.db.models import F

from enrollment import access
from enrollment.enums import (
    ApplicationState,
    EnrolmentState,
    HomeState,
    LineAct,
    LineDecision,
    Mismatch,
    OrderState,
)
from enrollment.models import Enrolment, SchoolOrderLine, SchoolRequestLine
from enrollment.selectors.conditions import SENT_STATES, evidence_for
from network_portal.documents.kinds import parse
from network_portal.documents.models import DocumentVersion
from schools.acting import Acting
from schools.models import Organisation, Student


@dataclass(frozen=True)
class Discrepancy:
    """One pupil of one course about whom two papers disagree.

    Attributes:
        mismatch: which of the seven kinds.
        words: what exactly disagrees.
        line: the line of the home's list; everything hangs on it.
        at_home: the reader's school is the pupil's home; otherwise it is the host.
        by_home: the paper that mends it is the home school's; otherwise it is the host's.
    """

    mismatch: Mismatch
    words: str
    line: SchoolRequestLine
    at_home: bool
    by_home: bool

    @property
    def student(self) -> Student:
        return self.line.application.student

    @property
    def other_school(self) -> Organisation:
        return self.line.request.host if self.at_home else self.line.request.home

    @property
    def mine(self) -> bool:
        """Tell whether the reader's own school has to mend it."""
        return self.at_home == self.by_home


@dataclass(frozen=True)
class _Named:
    """How one order names its pupils: with their classes, and with their groups."""

    classes: frozenset[tuple[str, str]]
    groups: frozenset[tuple[str, str]]

    def knows(self, name: str) -> bool:
        return any(name == known for known, _ in self.classes)


def discrepancies(acting: Acting, year: int, on: date) -> list[Discrepancy]:
    """Return where the papers disagree about the pupils whom the acting person's school sends or teaches.

    The number of queries does not depend on the number of pupils.

    Args:
        acting: a manager of a school; the gate of lists leaves the own lists and those sent to it.
        year: the school year of the courses.
        on: the day on which terms, consents and classes are compared.
    """
    lines = list(
        SchoolRequestLine.objects.filter(
            request__in=access.requests_for(acting), request__year=year, request__state__in=SENT_STATES
        )
        .select_related(
            "request__home",
            "request__host",
            "application__student__school_class",
            "course__programme",
            "enrolment__group",
            "enrolment__order",
        )
        .order_by("application__student__sort_key", "pk")
    )
    studying = [line.enrolment for line in lines if _studies(line)]
    consents = evidence_for([line.application for line in lines], on).consents
    hosts = {one.pk: one.order.document_id for one in studying if one.order} | _latest(studying, by_home=False)
    homes = _latest(studying, by_home=True)
    named = _named({*hosts.values(), *homes.values()})
    found = []
    for line in lines:
        at_home = line.request.home_id == acting.organisation_id
        if _studies(line):
            pk = line.enrolment.pk
            home = named[homes[pk]] if pk in homes else None
            rows = _of_studying(line, consents, named[hosts[pk]], home, on)
        else:
            rows = _of_listed(line, on)
        found += [Discrepancy(kind, words, line, at_home, by_home) for kind, words, by_home in rows]
    return found


def _studies(line: SchoolRequestLine) -> bool:
    return hasattr(line, "enrolment") and line.enrolment.state == EnrolmentState.ENROLLED


def _of_listed(line: SchoolRequestLine, on: date) -> Iterator[tuple[Mismatch, str, bool]]:
    if line.request.answer_due is None or line.request.answer_due >= on:
        return
    if line.decision == LineDecision.PENDING:
        yield Mismatch.LISTED, "Принимающая школа не ответила на строку списка в срок.", False
    elif line.decision == LineDecision.ACCEPTED and line.enrolment.state == EnrolmentState.BOOKED:
        yield Mismatch.LISTED, "Место забронировано, приказа о зачислении нет.", False


def _of_studying(
    line: SchoolRequestLine,
    consents: frozenset[tuple[int, int]],
    host_order: _Named,
    home_order: _Named | None,
    on: date,
) -> Iterator[tuple[Mismatch, str, bool]]:
    enrolment, application, student = line.enrolment, line.application, line.application.student
    home, host = line.request.home, line.request.host
    if application.state != ApplicationState.PLACED:
        yield Mismatch.NO_APPLICATION, f"Заявление в состоянии «{application.get_state_display()}».", True
    left = _left_home(enrolment, student, on)
    if left:
        yield Mismatch.LEFT_HOME, left, enrolment.home_state != HomeState.WITHDRAWN
    without = [school.short_name for school in (home, host) if (student.pk, school.pk) not in consents]
    if without:
        yield Mismatch.CONSENT, f"Нет действующего согласия, данного оператору: {', '.join(without)}.", True
    if left:
        return
    present = (student.full_name, str(student.school_class))
    words = f"В школе он записан: {present[0]}, {present[1]}\u00a0класс; в приказе иначе."
    if present not in host_order.classes:
        yield Mismatch.NAME, words, False
    elif home_order is not None and present not in home_order.classes:
        yield Mismatch.NAME, words, True
    if home_order is None:
        if enrolment.home_state == HomeState.PROPOSED:
            yield Mismatch.NOT_IN_ORDER, "Приказ школы об организации обучения его не называет.", True
    elif home_order.knows(present[0]) and (present[0], enrolment.group.name) not in home_order.groups:
        yield Mismatch.GROUP, f"Занимается в группе {enrolment.group.name}, в приказе школы названа другая.", True


def _left_home(enrolment: Enrolment, student: Student, on: date) -> str:
    if enrolment.home_state == HomeState.WITHDRAWN:
        return "Школа отозвала его приказом, в группе он числится."
    if student.home_school_id != enrolment.home_id:
        return "Перешёл в другую школу, в группе числится."
    if student.left_on is not None and student.left_on < on:
        return f"Выбыл из школы {student.left_on:%d.%m.%Y}, в группе числится."
    return ""


def _latest(enrolments: list[Enrolment], *, by_home: bool) -> dict[int, int]:
    """Return by enrolment the paper of the latest registered order of one school that names the pupil."""
    school = F("enrolment__home") if by_home else F("enrolment__course__programme__host")
    lines = (
        SchoolOrderLine.objects.filter(
            enrolment__in=enrolments,
            act__in=[LineAct.ADD, LineAct.CORRECT],
            order__state=OrderState.REGISTERED,
            order__school=school,
        )
        .order_by("order__created_at", "pk")
        .values_list("enrolment_id", "order__document_id")
    )
    return dict(lines)


def _named(documents: Iterable[int]) -> dict[int, _Named]:
    """Read how the current versions of the orders name their pupils."""
    versions = DocumentVersion.objects.filter(document__in=list(documents)).order_by("no")
    papers = {version.document_id: parse(version.content) for version in versions}
    found = {}
    for pk, paper in papers.items():
        rows = [row for part in ("lines", "added", "corrected") for row in paper.get(part, ())]
        found[pk] = _Named(
            frozenset((row["name"], row["class_name"]) for row in rows),
            frozenset((row["name"], row.get("group", "")) for row in rows),
        )
    return found
