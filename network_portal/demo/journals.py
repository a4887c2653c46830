"""The journals of the demonstration, and what came of a course that is over: marks, card, register, certificate."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from courses.enums import WorkType
from courses.models import StudyGroup
from enrollment.models import Enrolment
from enrollment.services import group_close, group_open
from gradebook.card_papers import DEPUTY, DIRECTOR, TEACHER
from gradebook.enums import LessonState
from gradebook.models import Lesson, ReportCard
from gradebook.selectors.terms import term_page
from gradebook.services.cards import card_compose, card_receive, card_sign, card_verify
from gradebook.services.certificates import certificate_sign, certificates_prepare
from gradebook.services.journal import CellChange, WorkPlan, lesson_fill
from gradebook.services.lessons import lessons_plan
from gradebook.services.registers import register_carry
from gradebook.services.terms import TermEdit, term_marks_save
from gradebook.services.transfers import transfer_acknowledge, transfer_deliver, transfer_seal
from network_portal.demo.base import Cast, moment, proof
from network_portal.documents.selectors import current_version
from schools.enums import DutyKind

K = DutyKind
#: What pupils study at, lesson after lesson; what one lesson adds to it; why pupils are away.
LEVELS = (4, 5, 3, 4, 4, 5, 3, 5, 4, 3, 4)
STRAY = (0, 1, 0, -1, 0, 0, -1)
AWAY = ("Н", "Б", "УП", "Б", "НП")
PHYSICS = (
    "Кинематика: относительность движения",
    "Равноускоренное движение, графики",
    "Движение тела, брошенного под углом к горизонту",
    "Законы Ньютона в задачах с несколькими телами",
    "Силы трения и сопротивления",
    "Движение по окружности",
    "Закон сохранения импульса",
    "Работа и энергия",
    "Закон сохранения энергии",
    "Статика: условия равновесия",
    "Гидростатика",
    "Итоговое повторение: механика",
)
MATHEMATICS = (
    "Принцип Дирихле",
    "Инварианты и полуинварианты",
    "Графы: пути и связность",
    "Делимость и остатки",
    "Неравенства о средних",
    "Игры и стратегии",
    "Раскраски и разрезания",
    "Зачётная работа с разбором решений",
)


@dataclass(frozen=True)
class Record:
    """How a journal is kept: topics, what is set at home, what stands in the cell of a lesson and a place in the list.

    The last argument of `cell` tells whether the lesson has a test; every `test_every`-th lesson has one.
    """

    topics: Sequence[str]
    homework: Callable[[int], str]
    cell: Callable[[int, int, bool], str]
    test_every: int


def journal_open(cast: Cast, group: StudyGroup) -> None:
    """Open a group three days before its course and lay out the lessons."""
    day = group.course.date_from - timedelta(days=3)
    deputy = cast.acting("deputy40", K.DEPUTY)
    group = group_open(actor=deputy, group=group, on=day, at=moment(day, 12))
    lessons_plan(actor=deputy, group=group, at=moment(day, 12))


def journal_keep(cast: Cast, group: StudyGroup, record: Record, last: date) -> None:
    """Fill the lessons up to the day `last`, each on its evening."""
    teacher = cast.acting("teacher40", K.NETWORK_TEACHER)
    members = list(Enrolment.objects.filter(group=group).order_by("student__sort_key"))
    lessons = Lesson.objects.filter(group=group, date__lte=last, state=LessonState.PLANNED)
    for number, lesson in enumerate(lessons):
        test = number % record.test_every == record.test_every - 1
        lesson_fill(
            actor=teacher,
            lesson=lesson,
            topic=record.topics[number % len(record.topics)],
            homework="" if test else record.homework(number),
            works=[WorkPlan(WorkType.TEST if test else WorkType.ANSWER)],
            cells={
                member.pk: CellChange(value=record.cell(number, place, test), seen="")
                for place, member in enumerate(members)
            },
            confirm=True,
            at=moment(lesson.date, 18),
        )


def _now_and_then(lesson: int, place: int, test: bool) -> str:
    """A mark or an absence, always the same: about every third pupil is marked, one in twelve is away.

    Each pupil has a level of their own, and the marks stray around it: diaries differ as real ones do.
    """
    turn = (lesson * lesson * 5 + lesson * place * 3 + place * 7) % 13
    if turn == 4:
        return AWAY[(lesson + place) % len(AWAY)]
    if test or turn in (0, 3, 6, 9, 11):
        return _mark(lesson, place)
    return "ОП" if turn == 8 and place % 4 == 0 else ""


def _each_time(lesson: int, place: int, test: bool) -> str:
    """A mark at every lesson of a short course; the second pupil was ill once."""
    return "Б" if (lesson, place) == (3, 1) else _mark(lesson, place)


def _mark(lesson: int, place: int) -> str:
    stray = STRAY[(lesson * 3 + place * 2 + lesson * place) % len(STRAY)]
    return str(min(5, max(2, LEVELS[place % len(LEVELS)] + stray)))


ALL_YEAR = Record(
    topics=PHYSICS,
    homework=lambda number: f"Сборник задач, № {12 + 7 * number}–{15 + 7 * number}",
    cell=_now_and_then,
    test_every=6,
)
A_MONTH = Record(
    topics=MATHEMATICS, homework=lambda number: f"Листок {number + 1}, задачи 1–4", cell=_each_time, test_every=8
)


# --- what came of a course that is over -------------------------------------------------------------------------------


def course_settle(cast: Cast, group: StudyGroup) -> None:
    """Settle a course of one month: the transfer acknowledged, the card carried into the register, one certificate.

    All of it on the day after the last lesson, which lies in the same month.
    """
    end = group.course.date_to
    teacher, coordinator = cast.acting("teacher40", K.NETWORK_TEACHER), cast.acting("coordinator40", K.COORDINATOR)
    curator, home = cast.acting("curator7", K.CURATOR), cast.schools["7"]
    page = term_page(teacher, group, term="", today=end)
    edits = {row.enrolment.pk: TermEdit(row.standing.proposal.value) for row in page.rows}
    term_marks_save(actor=teacher, group=group, term=page.shown.term, edits=edits, at=moment(end, 19))

    day = end + timedelta(days=1)
    group = group_close(actor=None, group=group, on=day, at=moment(day, 3))
    transfer = transfer_seal(
        actor=coordinator, group=group, home=home, year=end.year, month=end.month, at=moment(day, 9)
    )
    transfer_deliver(transfer_id=transfer.pk, at=moment(day, 9, 5))
    transfer_acknowledge(actor=curator, transfer=transfer, at=moment(day, 11))
    card = card_compose(actor=coordinator, group=group, home=home, term=page.shown.term, at=moment(day, 12))
    card = card_receive(actor=curator, card=_signed(cast, card, moment(day, 12, 30)), at=moment(day, 14))
    keeper = cast.acting("class7", K.CLASS_TEACHER)
    school_class = cast.students["7"][0].school_class
    register_carry(actor=keeper, school_class=school_class, at=moment(day, 15))
    card_verify(actor=cast.acting("deputy7", K.DEPUTY), card=card, at=moment(day, 16))
    _certificate(cast, group, page.rows[0].enrolment, moment(day, 16, 30))


def _signed(cast: Cast, card: ReportCard, at: datetime) -> ReportCard:
    for slot, login, duty in (
        (TEACHER, "teacher40", K.NETWORK_TEACHER),
        (DEPUTY, "deputy40", K.DEPUTY),
        (DIRECTOR, "director40", K.DIRECTOR),
    ):
        signer = cast.acting(login, duty)
        card = card_sign(
            actor=signer,
            card=card,
            slot=slot,
            version_sha256=current_version(card.document).sha256,
            proof=proof(signer, card.document, at),
            at=at,
        )
        at += timedelta(minutes=30)
    return card


def _certificate(cast: Cast, group: StudyGroup, enrolment: Enrolment, at: datetime) -> None:
    """The director signs one certificate; the family has yet to confirm it, the other two are to be prepared."""
    director = cast.acting("director40", K.DIRECTOR)
    (prepared,) = certificates_prepare(actor=cast.acting("deputy40", K.DEPUTY), group=group, only=[enrolment.pk], at=at)
    at += timedelta(hours=1)
    certificate_sign(
        actor=director,
        certificate=prepared,
        version_sha256=current_version(prepared.document).sha256,
        proof=proof(director, prepared.document, at),
        at=at,
    )
