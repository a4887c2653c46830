"""Reading for the seal: what can be sealed, what stands in the way, what a sealed month holds."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.contrib.postgres.aggregates import JSONBAgg
from django.db.models import Count, Q, QuerySet
from django.db.models.functions import JSONObject
from django.urls import reverse

from courses.enums import GroupState
from courses.models import Holiday, StudyGroup
from courses.policies import Policy, policy_of
from enrollment.models import Enrolment
from gradebook import access
from gradebook.enums import CorrectionState, LessonState
from gradebook.models import Correction, Lesson, MonthlyTransfer
from gradebook.selectors.months import Month, group_day
from gradebook.selectors.snapshots import lines_of
from network_portal.common.dates import month_label, ru_day
from network_portal.common.russian import plural, sort_key
from schools.models import Organisation

#: How many months the list of what is to be sealed looks back, so that a missed one is not forgotten.
LOOK_BACK = 3


@dataclass(frozen=True)
class Blocker:
    """What stands in the way of a seal, with the page where it is mended."""

    text: str
    url: str


@dataclass(frozen=True)
class SealRow:
    """One home school's pupils in one group in one month, sealed or not."""

    group: StudyGroup
    home: Organisation
    month: Month
    pupils: int
    planned: int
    held: int
    blockers: list[Blocker]
    transfer: MonthlyTransfer | None

    @property
    def ready(self) -> bool:
        return self.transfer is None and not self.blockers

    @property
    def key(self) -> str:
        """What a form sends back: group, home and month."""
        return f"{self.group.pk}:{self.home.pk}:{self.month}"


@dataclass(frozen=True)
class Unsettled:
    """A lesson that is not over, or that its teacher has not filled."""

    pk: int
    date: date
    held: bool


@dataclass(frozen=True)
class MonthLessons:
    """The lessons of a group in a month, counted by the database."""

    planned: int = 0
    held: int = 0
    cancelled: int = 0
    unsettled: Sequence[Unsettled] = ()


def lessons_by_month(groups: Iterable[int], first: date, last: date) -> dict[tuple[int, Month], MonthLessons]:
    """Return the lessons of groups from `first` to `last`, counted month by month, in one query."""
    waits = Q(state=LessonState.PLANNED) | Q(state=LessonState.HELD, attendance_confirmed_at=None)
    counted = (
        Lesson.objects.filter(group__in=groups, date__range=(first, last))
        .order_by()
        .values("group", "date__year", "date__month")
        .annotate(
            planned=Count("pk"),
            held=Count("pk", filter=Q(state=LessonState.HELD)),
            cancelled=Count("pk", filter=Q(state=LessonState.CANCELLED)),
            unsettled=JSONBAgg(
                JSONObject(pk="pk", date="date", state="state"), filter=waits, order_by=("date", "starts")
            ),
        )
    )
    return {
        (row["group"], Month(row["date__year"], row["date__month"])): MonthLessons(
            row["planned"],
            row["held"],
            row["cancelled"],
            [
                Unsettled(one["pk"], date.fromisoformat(one["date"]), one["state"] == LessonState.HELD)
                for one in row["unsettled"] or []
            ],
        )
        for row in counted
    }


def seal_rows(host_id: int, months: Sequence[Month], *, at: datetime) -> list[SealRow]:
    """Return the table month × home × group of the host; six queries whatever the size.

    Args:
        host_id: the school that teaches.
        months: which months.
        at: the moment, which decides what is over.
    """
    first, last = months[0].days[0], months[-1].days[1]
    groups = {
        group.pk: group
        for group in StudyGroup.objects.filter(
            course__programme__host=host_id, state__in=[GroupState.OPEN, GroupState.CLOSED]
        )
        .select_related("course__programme", "course__network")
        .order_by("course__programme__title", "name", "pk")
    }
    lessons = lessons_by_month(groups, first, last)
    transfers = {
        (transfer.group_id, transfer.home_id, Month(transfer.year, transfer.month)): transfer
        for transfer in MonthlyTransfer.objects.filter(group__in=groups, year__gte=first.year, year__lte=last.year)
        .order_by("version")
        .select_related("document")
        .defer("payload")
    }
    requests = _requests(Correction.objects.filter(transfer__group__in=groups))
    pupils: dict[int, dict[int, list[Enrolment]]] = {pk: {} for pk in groups}
    for enrolment in Enrolment.objects.filter(studied_between(first, last), group__in=groups).select_related("home"):
        pupils[enrolment.group_id].setdefault(enrolment.home_id, []).append(enrolment)
    rows = []
    for month in months:
        for group in groups.values():
            own = lessons.get((group.pk, month), MonthLessons())
            in_the_way: list[Blocker] | None = None
            for home_id, enrolments in pupils[group.pk].items():
                there = [one for one in enrolments if enrolled_in(one, month)]
                if not there:
                    continue
                transfer = transfers.get((group.pk, home_id, month))
                if in_the_way is None and transfer is None:
                    in_the_way = blockers(group, month, own, group_day(group, at))
                rows.append(
                    SealRow(
                        group=group,
                        home=there[0].home,
                        month=month,
                        pupils=len(there),
                        planned=own.planned,
                        held=own.held,
                        blockers=[]
                        if transfer
                        else [*(in_the_way or []), *_before(month, requests.get((group.pk, home_id), []))],
                        transfer=transfer,
                    )
                )
    return sorted(rows, key=lambda row: (str(row.month), sort_key(row.home.short_name), sort_key(row.group.name)))


def blockers(group: StudyGroup, month: Month, lessons: MonthLessons, today: date) -> list[Blocker]:
    """Return what stands in the way of sealing the month of `group`, given its lessons of that month."""
    found = []
    ahead = []
    for lesson in lessons.unsettled:
        if lesson.held:
            found.append(_at_lesson(lesson, "не отмечена посещаемость"))
        elif lesson.date < today:
            found.append(_at_lesson(lesson, "занятие не заполнено и не отменено"))
        else:
            ahead.append(lesson)
    if ahead:
        number = len(ahead)
        text = f"впереди {number} {plural(number, 'занятие,занятия,занятий')}, последнее {ru_day(ahead[-1].date)}"
        found.append(_in_journal(group, month, text))
    elif lessons.planned == lessons.cancelled and today <= month.days[1]:
        found.append(_in_journal(group, month, "месяц ещё не закончился"))
    return found


def _at_lesson(lesson: Unsettled, text: str) -> Blocker:
    return Blocker(f"{ru_day(lesson.date)}: {text}", reverse("lesson", args=[lesson.pk]))


def _in_journal(group: StudyGroup, month: Month, text: str) -> Blocker:
    return Blocker(text, f"{reverse('journal', args=[group.pk])}?month={month}")


def open_requests(group_id: int, home_id: int, month: Month) -> list[Blocker]:
    """Return the corrections of earlier months of one school's pupils that are not settled: they come first."""
    found = _requests(Correction.objects.filter(transfer__group=group_id, transfer__home=home_id))
    return _before(month, found.get((group_id, home_id), []))


def requests_of(groups: Iterable[int], month: Month) -> dict[tuple[int, int], list[Blocker]]:
    """Return what `open_requests` gives, for many groups at once: by group and home school."""
    found = _requests(Correction.objects.filter(transfer__group__in=groups))
    return {pair: _before(month, corrections) for pair, corrections in found.items()}


def _requests(corrections: QuerySet[Correction]) -> dict[tuple[int, int], list[Correction]]:
    found: dict[tuple[int, int], list[Correction]] = {}
    waiting = corrections.filter(state__in=[CorrectionState.REQUESTED, CorrectionState.APPROVED])
    for one in waiting.select_related("transfer__document").defer("transfer__payload").order_by("pk"):
        found.setdefault((one.transfer.group_id, one.transfer.home_id), []).append(one)
    return found


def _before(month: Month, corrections: list[Correction]) -> list[Blocker]:
    return [
        Blocker(
            f"не завершено исправление ведомости {one.transfer.label} за "
            f"{month_label(one.transfer.year, one.transfer.month)}",
            reverse("correction", args=[one.pk]),
        )
        for one in corrections
        if (one.transfer.year, one.transfer.month) < (month.year, month.month)
    ]


def months_back(today: date) -> list[Month]:
    """Return the months before the current one that may still wait for a seal, the earliest first."""
    return [Month.of(today).shifted(-back) for back in range(LOOK_BACK, 0, -1)]


def due_day(group: StudyGroup, month: Month) -> date:
    """Return the day on which the network wants the transfer of `month` sent."""
    following = month.shifted(1)
    return date(following.year, following.month, group.course.network.transfer_day)


def studied_between(first: date, last: date) -> Q:
    """Return the condition that a pupil studied in the group on some day from `first` to `last`."""
    return Q(Q(date_to=None) | Q(date_to__gte=first), date_from__lte=last, state__in=access.STUDIED)


def enrolled_in(enrolment: Enrolment, month: Month) -> bool:
    """Tell whether a pupil was enrolled on some day of `month`."""
    first, last = month.days
    return (
        enrolment.date_from is not None
        and enrolment.date_from <= last
        and (enrolment.date_to is None or enrolment.date_to >= first)
    )


def home_of(group: StudyGroup, home_id: int) -> Organisation | None:
    """Return the home school if pupils of it study or studied in `group`; None for any other id."""
    return Organisation.objects.filter(
        pk__in=Enrolment.objects.filter(group=group, home=home_id, state__in=access.STUDIED).values("home")
    ).first()


# --- what is sealed -----------------------------------------------------------------------------------------------


def heads_of(pairs: Sequence[tuple[StudyGroup, Organisation]], month: Month) -> list[dict[str, Any]]:
    """Return what is to be sealed of groups and home schools, all but lessons and lines.

    Args:
        pairs: groups, with course, programme and host, and the home schools.
        month: the month.
    """
    groups = {group.pk: group for group, _ in pairs}
    lessons = Lesson.objects.filter(group__in=groups, date__range=month.days)
    held = set(lessons.filter(state=LessonState.HELD).values_list("group", flat=True).distinct())
    about = {pk: _about_group(group, month, taught=pk in held) for pk, group in groups.items()}
    return [{**about[group.pk], "home": _school(home)} for group, home in pairs]


def package_of(group: StudyGroup, home: Organisation, month: Month) -> dict[str, Any]:
    """Return what the host recorded of the pupils of `home` in `group` in `month`, as the sealed JSON holds it.

    The caller has locked the group's row. Only the named school's pupils are read (2.3 (2)).
    """
    pair = (group.pk, home.pk)
    (head,) = heads_of([(group, home)], month)
    lessons, lines = lines_of([pair], policies_of([group]), *month.days)[pair]
    return {**head, "lessons": json.loads(lessons), "lines": json.loads(lines)}


def policies_of(groups: Iterable[StudyGroup]) -> dict[int, Policy]:
    """Return how the programme of each group marks, by group id."""
    return {group.pk: policy_of(group.course.programme) for group in groups}


def with_pupils(pairs: Iterable[tuple[int, int]], month: Month) -> set[tuple[int, int]]:
    """Return those groups and home schools, by their ids, of which pupils studied in `month`."""
    wanted = set(pairs)
    studied = Enrolment.objects.filter(studied_between(*month.days), group__in={group for group, _ in wanted})
    return wanted & set(studied.values_list("group", "home").distinct())


def _about_group(group: StudyGroup, month: Month, *, taught: bool) -> dict[str, Any]:
    course = group.course
    first, last = month.days
    return {
        "format": "monthly-transfer-2",
        "host": _school(course.programme.host),
        "group": {"id": group.pk, "name": group.name},
        "course": {"id": course.pk, "title": course.programme.title, "subject": course.programme.subject},
        "period": {"year": month.year, "month": month.month, "from": first, "to": last},
        "no_lessons_reason": None if taught else _no_lessons_reason(group, month),
        "correction": None,
    }


def _school(organisation: Organisation) -> dict[str, Any]:
    return {"id": organisation.pk, "short_name": organisation.short_name, "ogrn": organisation.ogrn}


def _no_lessons_reason(group: StudyGroup, month: Month) -> str:
    cancelled = Lesson.objects.filter(group=group, date__range=month.days, state=LessonState.CANCELLED)
    if reasons := dict.fromkeys(cancelled.order_by("date", "starts", "pk").values_list("cancel_reason", flat=True)):
        return f"занятия отменены: {'; '.join(reasons)}"
    first, last = month.days
    host = group.course.programme.host_id
    holidays = Holiday.objects.filter(academic_year__organisation=host, date_from__lte=last, date_to__gte=first)
    if titles := list(dict.fromkeys(holidays.values_list("title", flat=True))):
        return ", ".join(titles).lower()
    return "занятий по расписанию не было"
