"""What a certificate of learning says of a pupil, what stands in its way, and the issue book (S0-8p, T20)."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.urls import reverse

from courses.models import StudyGroup
from courses.policies import policy_of
from enrollment.enums import EnrolmentState, ExitRecord
from enrollment.models import Enrolment
from gradebook import access
from gradebook.access.certificates import PREPARERS, certificates_for
from gradebook.certificate_paper import CertificatePaper, ResultLine
from gradebook.enums import (
    ABSENCES,
    CERTIFICATE_OPEN,
    CertificateResult,
    CertificateState,
    LessonState,
    Term,
    TermValue,
)
from gradebook.models import Attendance, Lesson, StudyCertificate, TermMark
from gradebook.selectors.calendars import deliveries
from gradebook.selectors.entries import studied
from gradebook.selectors.hours import academic_hours
from gradebook.selectors.lessons import unfilled
from gradebook.selectors.terms import TermPeriod, terms_of
from gradebook.selectors.transfers import Blocker
from network_portal.common.dates import ru_day, school_year
from network_portal.common.russian import NBSP, Case, by_gender, mark_words, plural
from network_portal.documents.selectors import current_version
from network_portal.notices.selectors import Task
from schools.acting import Acting
from schools.enums import Role
from schools.models import FAMILY_READERS, SCHOOL_STAFF

POSITIVE = (TermValue.THREE, TermValue.FOUR, TermValue.FIVE, TermValue.PASS)
NO_FINAL = "не выставлялась"
#: For how long after a pupil's last day the host is asked for the certificate.
ASKED_FOR = timedelta(days=60)
#: A certificate that stands, or is on its way to the director.
STANDING = (*CERTIFICATE_OPEN, CertificateState.ISSUED)


@dataclass(frozen=True)
class CertificateRow:
    """A pupil of a group with what the certificate would say now.

    Attributes:
        enrolment: with student, home and agreement loaded.
        last: the last day of the study.
        over: whether the study has ended.
        result: what is said of it.
        lines: results by term.
        mark: the final mark in words.
        attended: academic hours.
        offered: academic hours held while the pupil was expected.
        blockers: what stands in the way.
        certificate: the one that is issued or on its way.
        annulled: the last annulled one, which a new one takes the place of.
    """

    enrolment: Enrolment
    last: date
    over: bool
    result: CertificateResult
    lines: tuple[ResultLine, ...]
    mark: str
    attended: int
    offered: int
    blockers: list[Blocker]
    certificate: StudyCertificate | None
    annulled: StudyCertificate | None

    @property
    def ready(self) -> bool:
        """Tell whether a certificate may be prepared: the study is over and nothing stands in the way."""
        waits = self.certificate is None or self.certificate.state == CertificateState.RETURNED
        return self.over and waits and not self.blockers and not self.is_duplicate

    @property
    def is_duplicate(self) -> bool:
        """Tell whether what was returned is a duplicate, which is prepared from the original alone."""
        return self.certificate is not None and self.certificate.duplicate

    @property
    def words(self) -> str:
        return result_words(self.result, self.enrolment.student.gender)


def result_words(result: str, gender: str) -> str:
    """Return «освоил», «освоила часть программы» and so on, without the programme."""
    male, female = {
        CertificateResult.MASTERED: ("освоил программу", "освоила программу"),
        CertificateResult.PART: ("освоил часть программы", "освоила часть программы"),
        CertificateResult.ATTENDED: ("обучался без завершения", "обучалась без завершения"),
    }[CertificateResult(result)]
    return by_gender(gender, male, female)


def result_of(finals: Sequence[int], parts: Sequence[int], *, left: bool) -> CertificateResult:
    """Return what the study came to.

    Args:
        finals: the final mark of the whole course, when it is given.
        parts: the marks of its terms that are given.
        left: whether the pupil left before the end.
    """
    if not left and any(value in POSITIVE for value in finals):
        return CertificateResult.MASTERED
    if any(value in POSITIVE for value in (*finals, *parts)):
        return CertificateResult.PART
    return CertificateResult.ATTENDED


def certificate_rows(group: StudyGroup, *, today: date, only: Collection[int] | None = None) -> list[CertificateRow]:
    """Return the pupils of a group that may get a certificate; the same queries whatever their number.

    Args:
        group: with course, programme and policy loaded.
        today: the day in the network's zone.
        only: enrolment ids; everybody without them. Who left in time for «не обучался» gets none.
    """
    pupils = Enrolment.objects.filter(group=group, state__in=access.STUDIED, date_from__isnull=False)
    pupils = pupils.exclude(exit_record=ExitRecord.NOT_STUDIED)
    enrolments = list(
        (pupils if only is None else pupils.filter(pk__in=only))
        .select_related(
            "student__school_class",
            "home",
            "line__request__agreement__document",
            "line__request__agreement__host_copy",
        )
        .order_by("student__sort_key", "pk")
    )
    facts = _Facts(group, enrolments, today)
    return [facts.row(enrolment) for enrolment in enrolments]


class _Facts:
    """What the rows of one group are made of."""

    def __init__(self, group: StudyGroup, enrolments: list[Enrolment], today: date) -> None:
        self.group, self.today = group, today
        self.terms = terms_of(group, policy_of(group.course.programme))
        lessons = Lesson.objects.filter(group=group).order_by("date", "starts")
        self.held = list(lessons.filter(state=LessonState.HELD))
        self.unfilled = list(unfilled(lessons, today).values_list("date", flat=True))
        self.delivery = deliveries(self.held, {one.home_id for one in enrolments}, group.course.year)
        away = Attendance.objects.filter(lesson__group=group, enrolment__in=enrolments, code__in=ABSENCES)
        self.absent = set(away.values_list("lesson", "enrolment"))
        self.marks: dict[int, dict[str, TermMark]] = {}
        for mark in TermMark.objects.filter(enrolment__in=enrolments):
            self.marks.setdefault(mark.enrolment_id, {})[mark.term] = mark
        self.certificates: dict[int, StudyCertificate] = {}
        self.annulled: dict[int, StudyCertificate] = {}
        found = StudyCertificate.objects.filter(enrolment__in=enrolments).select_related("document").order_by("pk")
        for one in found:
            if one.state in STANDING:
                self.certificates[one.enrolment_id] = one
            elif one.state == CertificateState.ANNULLED:
                self.annulled[one.enrolment_id] = one

    def row(self, enrolment: Enrolment) -> CertificateRow:
        last = last_day(enrolment, self.group)
        left = enrolment.state == EnrolmentState.LEFT
        ended = left or enrolment.state == EnrolmentState.COMPLETED
        periods = [
            one for one in self.terms if enrolment.date_from and enrolment.date_from <= one.last and one.first <= last
        ]
        whole = self.terms[-1]
        given = self.marks.get(enrolment.pk, {})
        final = given.get(whole.term)
        parts = [one for one in periods if one.term != Term.YEAR]
        own = [lesson for lesson in self.held if studied(enrolment, lesson.date)]
        offered = [lesson for lesson in own if not self.delivery[lesson.pk].excused(enrolment.home_id)]
        attended = [lesson for lesson in offered if (lesson.pk, enrolment.pk) not in self.absent]
        gender = enrolment.student.gender
        return CertificateRow(
            enrolment=enrolment,
            last=last,
            over=last <= self.today if ended else last < self.today,  # an order may name a day ahead
            result=result_of(
                [final.value] if final else [], [given[one.term].value for one in parts if one.term in given], left=left
            ),
            lines=tuple(self._line(one, given.get(one.term), offered, gender, alone=len(parts) == 1) for one in parts),
            mark=_mark_words(final, gender) if final else NO_FINAL,
            attended=_hours(attended),
            offered=_hours(offered),
            blockers=self._blockers(enrolment, final, whole, last, left=left),
            certificate=self.certificates.get(enrolment.pk),
            annulled=self.annulled.get(enrolment.pk),
        )

    def _line(
        self, period: TermPeriod, mark: TermMark | None, offered: list[Lesson], gender: str, *, alone: bool
    ) -> ResultLine:
        subject = self.group.course.programme.subject
        within = [lesson for lesson in offered if period.first <= lesson.date <= period.last]
        return ResultLine(
            title=subject if alone else f"{subject}, {period.label}",
            hours=_hours(within),
            mark=_mark_words(mark, gender) if mark else NO_FINAL,
        )

    def _blockers(
        self, enrolment: Enrolment, final: TermMark | None, whole: TermPeriod, last: date, *, left: bool
    ) -> list[Blocker]:
        found = []
        if final is None and not left:
            url = f"{reverse('term_marks', args=[self.group.pk])}?term={whole.term.value}"
            found.append(Blocker(f"нет итоговой отметки за {whole.label}", url))
        empty = [day for day in self.unfilled if studied(enrolment, day) and day <= last]
        if empty:
            words = plural(len(empty), "занятие,занятия,занятий")
            text = f"не заполнено {len(empty)}{NBSP}{words}, первое {ru_day(empty[0])}"
            url = f"{reverse('journal', args=[self.group.pk])}?month={empty[0]:%Y-%m}"
            found.append(Blocker(text, url))
        return found


def last_day(enrolment: Enrolment, group: StudyGroup) -> date:
    """Return the last day of a study: that of the order, else that on which the group was closed or its course ends."""
    return enrolment.date_to or group.closed_on or group.course.date_to


def _hours(lessons: Iterable[Lesson]) -> int:
    return sum(academic_hours(lesson.starts, lesson.ends) for lesson in lessons)


def _mark_words(mark: TermMark, gender: str) -> str:
    if mark.value == TermValue.NA:
        return by_gender(gender, "не аттестован", "не аттестована")
    return mark_words(mark.value) if mark.value in (2, 3, 4, 5) else str(mark.get_value_display())


def paper_of(row: CertificateRow, group: StudyGroup) -> CertificatePaper:
    """Return the paper of a row of `certificate_rows`."""
    enrolment, programme = row.enrolment, group.course.programme
    student, agreement = enrolment.student, enrolment.line.request.agreement
    registered = agreement.host_copy or agreement.document
    assert enrolment.date_from is not None
    return CertificatePaper(
        licence=programme.host.license_no,
        student_dative=student.in_case(Case.DATIVE),
        birth_date=student.birth_date,
        gender=student.gender,
        home_genitive=enrolment.home.in_case(Case.GENITIVE),
        first=enrolment.date_from,
        last=row.last,
        result=row.result.value,
        programme=programme.title,
        hours_total=programme.hours_total,
        hours=row.offered,
        agreement_number=str(registered.number) if registered and registered.number else None,
        agreement_date=(registered.registered_on if registered else None) or agreement.date_from,
        lines=row.lines,
        mark=row.mark,
        attended=row.attended,
        duplicate=False,
        replaces=_in_place_of(row.annulled),
    )


def duplicate_of(certificate: StudyCertificate) -> CertificatePaper:
    """Return what the certificate said on the day it was signed, as a duplicate of it."""
    fields: dict[str, Any] = json.loads(current_version(certificate.document).content)["paper"]
    fields["lines"] = tuple(ResultLine(**line) for line in fields["lines"])
    for name in ("birth_date", "first", "last", "agreement_date"):
        fields[name] = date.fromisoformat(fields[name])
    return CertificatePaper(**{**fields, "duplicate": True, "replaces": _in_place_of(certificate)})


def _in_place_of(certificate: StudyCertificate | None) -> str | None:
    if certificate is None or certificate.document.registered_on is None:
        return None
    return f"№{NBSP}{certificate.document.number} от {ru_day(certificate.document.registered_on)}"


# --- lists --------------------------------------------------------------------------------------------------------


def groups_to_certify(acting: Acting, year: int) -> QuerySet[StudyGroup]:
    """Return the host's groups of a school year with how many pupils have ended there and how many certificates stand.

    Adds `ended`, `standing` and `issued` to each.
    """
    if not acting.is_(*SCHOOL_STAFF):
        return StudyGroup.objects.none()
    ended = Q(enrolments__state=EnrolmentState.COMPLETED) | Q(
        enrolments__state=EnrolmentState.LEFT, enrolments__exit_record=ExitRecord.LEFT
    )
    certificates = StudyCertificate.objects.filter(enrolment=OuterRef("enrolments__pk"))
    return (
        access.journals_for(acting)
        .filter(course__programme__host=acting.organisation_id, course__year=year)
        .annotate(
            ended=Count("enrolments", filter=ended),
            standing=Count("enrolments", filter=Exists(certificates.filter(state__in=STANDING))),
            issued=Count("enrolments", filter=Exists(certificates.filter(state=CertificateState.ISSUED))),
        )
        .order_by("course__programme__title", "name", "pk")
    )


def certificate_years(acting: Acting, today: date) -> list[int]:
    """Return the school years in which the host has groups, the newest first; the present one always."""
    found = access.journals_for(acting).filter(course__programme__host=acting.organisation_id)
    years = set(found.order_by().values_list("course__year", flat=True)) if acting.is_(*SCHOOL_STAFF) else set()
    return sorted(years | {school_year(today)}, reverse=True)


def next_to_sign(acting: Acting, group: StudyGroup) -> StudyCertificate | None:
    """Return the next certificate of a group that waits for the director's signature."""
    return (
        certificates_for(acting).filter(enrolment__group=group, state=CertificateState.PREPARED).order_by("pk").first()
    )


# --- what waits ---------------------------------------------------------------------------------------------------


def certificate_tasks(acting: Acting, today: date) -> list[Task]:
    """Return what the acting person is to do with certificates on the day `today`."""
    if acting.is_(*PREPARERS):
        return [*_to_prepare(acting, today), *_to_mend(acting)]
    if acting.is_(Role.DIRECTOR):
        return _to_sign(acting)
    if acting.is_(*FAMILY_READERS):
        return _to_receive(acting)
    return []


def _to_prepare(acting: Acting, today: date) -> list[Task]:
    standing = StudyCertificate.objects.filter(enrolment=OuterRef("pk"), state__in=STANDING)
    ended = Q(state=EnrolmentState.COMPLETED) | Q(state=EnrolmentState.LEFT, exit_record=ExitRecord.LEFT)
    waiting = (
        Enrolment.objects.filter(ended, group__course__programme__host=acting.organisation_id)
        .filter(date_to__range=(today - ASKED_FOR, today))
        .exclude(Exists(standing))
        .order_by()
        .values("group", "group__name", "group__course__programme__title")
        .annotate(number=Count("pk"))
    )
    return [
        Task(
            title=f"Подготовить {row['number']} {plural(row['number'], 'справку,справки,справок')} об обучении",
            about=f"{row['group__course__programme__title']}, {row['group__name']}",
            url=reverse("certificate_group", args=[row["group"]]),
            action="К справкам",
        )
        for row in waiting
    ]


def _to_mend(acting: Acting) -> list[Task]:
    returned = certificates_for(acting).filter(host=acting.organisation_id, state=CertificateState.RETURNED)
    return [
        Task(
            title="Исправить справку об обучении: директор вернул её",
            about=one.enrolment.student.short_name,
            url=reverse("certificate", args=[one.pk]),
            action="Прочитать",
        )
        for one in returned
    ]


def _to_sign(acting: Acting) -> list[Task]:
    waiting = certificates_for(acting).filter(host=acting.organisation_id, state=CertificateState.PREPARED)
    by_group: dict[int, list[StudyCertificate]] = {}
    for one in waiting.order_by("pk"):
        by_group.setdefault(one.enrolment.group_id, []).append(one)
    return [
        Task(
            title=f"Подписать {len(rows)} {plural(len(rows), 'справку,справки,справок')} об обучении",
            about=f"{rows[0].enrolment.group.course}, {rows[0].enrolment.group}",
            url=reverse("certificate_sign", args=[rows[0].pk]),
            action="Подписать",
        )
        for rows in by_group.values()
    ]


def _to_receive(acting: Acting) -> list[Task]:
    issued = certificates_for(acting).filter(state=CertificateState.ISSUED, handed_on=None)
    return [
        Task(
            title="Прочитать справку об обучении и подтвердить получение",
            about=f"{one.enrolment.student.short_name}: {one.enrolment.group.course}",
            url=reverse("certificate", args=[one.pk]),
            action="Открыть",
        )
        for one in issued
    ]
