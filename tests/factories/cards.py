"""A group whose half-year is over: November is sealed, final marks are given, three people may sign the report card."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import cached_property

from courses.models import NetworkCourse
from enrollment.models import Enrolment
from gradebook.enums import Term
from gradebook.models import MonthlyTransfer, ReportCard, TermMark
from gradebook.services import cards, transfers
from gradebook.services.registers import register_carry
from network_portal.documents.selectors import current_version
from schools.acting import Acting
from schools.enums import DutyKind
from schools.models import SchoolClass
from tests.factories.documents import proof_of
from tests.factories.gradebook import DECEMBER, Scene, month_of_marks, scene, seal
from tests.factories.schools import acting_as

K = DutyKind


@dataclass
class Signed:
    """The people of both schools around one card."""

    place: Scene
    at: datetime = DECEMBER
    people: dict[tuple[int, str], Acting] = field(default_factory=dict)

    def person(self, school: object, kind: DutyKind) -> Acting:
        key = (school.pk, str(kind))  # type: ignore[attr-defined]  # a school of the scene
        if key not in self.people:
            self.people[key] = self.place.staff(school, kind)  # type: ignore[arg-type]  # a school of the scene
        return self.people[key]

    @cached_property
    def signers(self) -> list[tuple[str, Acting]]:
        host = self.place.host
        return [
            ("teacher", self.place.teacher),
            ("deputy", self.person(host, K.DEPUTY)),
            ("director", self.person(host, K.DIRECTOR)),
        ]

    @cached_property
    def school_class(self) -> SchoolClass:
        return self.place.own[0].student.school_class

    @cached_property
    def class_teacher(self) -> Acting:
        acting = self.person(self.place.home, K.CLASS_TEACHER)
        SchoolClass.objects.filter(pk=self.school_class.pk).update(class_teacher=acting.duty)
        return acting_as(acting.duty)

    def tick(self, **passed: int) -> datetime:
        self.at += timedelta(**(passed or {"minutes": 5}))
        return self.at

    def compose(self, term: str = Term.H1) -> ReportCard:
        return cards.card_compose(
            actor=self.place.coordinator, group=self.place.group, home=self.place.home, term=term, at=self.tick()
        )

    def sign(self, card: ReportCard, slot: str, actor: Acting) -> ReportCard:
        at = self.tick()
        return cards.card_sign(
            actor=actor,
            card=card,
            slot=slot,
            version_sha256=current_version(card.document).sha256,
            proof=proof_of(actor.user, card.document, at=at),
            at=at,
        )

    def sent(self, term: str = Term.H1) -> ReportCard:
        """Return a card that all three have signed."""
        card = self.compose(term)
        for slot, actor in self.signers:
            card = self.sign(card, slot, actor)
        return card

    def received(self, term: str = Term.H1) -> ReportCard:
        return cards.card_receive(actor=self.person(self.place.home, K.CURATOR), card=self.sent(term), at=self.tick())

    def carry(self) -> int:
        return register_carry(actor=self.class_teacher, school_class=self.school_class, at=self.tick())


def mark_all(place: Scene, term: Term = Term.H1, values: tuple[int, ...] = (5, 4)) -> None:
    """Give every pupil a final mark."""
    for no, enrolment in enumerate((*place.own, *place.others)):
        value = values[no % len(values)]
        TermMark.objects.create(
            enrolment=enrolment,
            term=term,
            value=value,
            proposal=value,
            given_by=place.teacher.user,
            given_at=DECEMBER,
        )


def half_year(*, own: int = 2, others: int = 1, sealed: bool = True) -> Signed:
    """Return a group whose course lasts for November 2026, which is its first half-year."""
    place = scene(own=own, others=others)
    days = {"date_from": date(2026, 11, 1), "date_to": date(2026, 11, 30)}
    NetworkCourse.objects.filter(pk=place.group.course_id).update(**days)
    Enrolment.objects.update(**days)
    place.group.course.refresh_from_db()
    month_of_marks(place)
    mark_all(place)
    if sealed:
        seal(place)
    return Signed(place)


def next_term(world: Signed, days: tuple[date, date], month: tuple[int, int]) -> MonthlyTransfer:
    """Let the course go on for a month without lessons, which is sealed."""
    place = world.place
    NetworkCourse.objects.filter(pk=place.group.course_id).update(date_to=days[1])
    Enrolment.objects.update(date_to=days[1])
    return transfers.transfer_seal(
        actor=place.coordinator, group=place.group, home=place.home, year=month[0], month=month[1], at=world.at
    )
