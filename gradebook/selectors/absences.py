"""Reading absences: what the family told in advance, what the home school may still refine."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import OuterRef, Subquery
from django.db.models.functions import ExtractMonth, ExtractYear

from gradebook import access
from gradebook.enums import REFINE_DAYS, AbsenceReason, AttendanceCode
from gradebook.models import AbsenceNotice, AbsenceRefinement, Attendance, MonthlyTransfer
from network_portal.common.dates import add_working_days, ru_day
from schools.acting import Acting

#: How far back the list of absences goes, and how many it shows.
LOOK_BACK = timedelta(days=45)
MOST_ABSENCES = 200


def told_absent(students: Iterable[int], day: date) -> dict[int, AbsenceNotice]:
    """Return what families told in advance of pupils who will be away on `day`, by the pupil's id."""
    return {notice.student_id: notice for notice in told_absent_between(students, day, day)}


def told_absent_between(students: Iterable[int], first: date, last: date) -> list[AbsenceNotice]:
    """Return what families told in advance of the days from `first` to `last`."""
    notices = AbsenceNotice.objects.filter(
        student__in=list(students), date_from__lte=last, date_to__gte=first, withdrawn_at=None
    )
    return list(notices.order_by("date_from", "pk"))


@dataclass(frozen=True)
class AbsenceRow:
    """An absence of an own pupil, with what the home school may do about it.

    Attributes:
        last: the last day on which the reason may be refined.
        open: whether it still may.
        notice: what the family told in advance.
        refined: how it was refined, the last time.
        sealed: the number of the paper that closed the month.
    """

    absence: Attendance
    last: date
    open: bool
    notice: AbsenceNotice | None
    refined: AbsenceRefinement | None
    sealed: int | None

    @property
    def proposal(self) -> tuple[AttendanceCode, str] | None:
        """The code and the basis that follow from the family's notice."""
        if self.notice is None:
            return None
        ill = self.notice.reason == AbsenceReason.ILLNESS
        code = AttendanceCode.ILL if ill else AttendanceCode.EXCUSED
        return code, f"сообщение родителя от {ru_day(self.notice.created_at)}: {self.notice.get_reason_display()}"


def absence_rows(acting: Acting, today: date, *, only: int | None = None) -> list[AbsenceRow]:
    """Return the absences of the last weeks, those that wait for a reason first; three queries.

    Args:
        only: the id of one absence.
    """
    sealed = MonthlyTransfer.objects.filter(
        group=OuterRef("lesson__group"),
        home=OuterRef("enrolment__home"),
        year=ExtractYear(OuterRef("lesson__date")),
        month=ExtractMonth(OuterRef("lesson__date")),
    ).values("document__number")
    found = access.absences_for(acting).annotate(sealed=Subquery(sealed)).order_by("-lesson__date", "-pk")
    found = found.filter(lesson__date__gte=today - LOOK_BACK) if only is None else found.filter(pk=only)
    absences = list(found[:MOST_ABSENCES])
    first = min((one.lesson.date for one in absences), default=today)
    notices: dict[int, list[AbsenceNotice]] = {}
    for notice in AbsenceNotice.objects.filter(
        student__in={one.enrolment.student_id for one in absences}, date_to__gte=first, withdrawn_at=None
    ):
        notices.setdefault(notice.student_id, []).append(notice)
    refined = {
        (one.lesson_id, one.enrolment_id): one
        for one in AbsenceRefinement.objects.filter(
            lesson__in={one.lesson_id for one in absences}, enrolment__in={one.enrolment_id for one in absences}
        )
        .select_related("refined_by")
        .order_by("pk")
    }
    rows = [
        _row(one, today, notices.get(one.enrolment.student_id, []), refined.get((one.lesson_id, one.enrolment_id)))
        for one in absences
    ]
    return sorted(rows, key=lambda row: not (row.open and row.absence.code == AttendanceCode.ABSENT))


def _row(
    absence: Attendance, today: date, notices: list[AbsenceNotice], refined: AbsenceRefinement | None
) -> AbsenceRow:
    day = absence.lesson.date
    last = add_working_days(day, REFINE_DAYS)
    sealed: int | None = absence.sealed  # type: ignore[attr-defined]  # annotated by `absence_rows`
    by_home = absence.code == AttendanceCode.ABSENT or (refined is not None and refined.after == absence.code)
    return AbsenceRow(
        absence=absence,
        last=last,
        open=sealed is None and today <= last and by_home,
        notice=next((one for one in notices if one.date_from <= day <= one.date_to), None),
        refined=refined,
        sealed=sealed,
    )


def coming_notices(acting: Acting, today: date) -> list[AbsenceNotice]:
    """Return what families told of today and later days, about the pupils whom the acting person sees."""
    notices = access.notices_for(acting).filter(withdrawn_at=None, date_to__gte=today)
    return list(notices.select_related("guardian").order_by("date_from", "student__sort_key", "pk")[:MOST_ABSENCES])
