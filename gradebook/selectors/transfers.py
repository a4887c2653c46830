"""Reading for the seal: what can be sealed, what stands in the way, what a sealed month holds."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Q, QuerySet
from django.urls import reverse

from courses.enums import GroupState
from courses.models import Holiday, StudyGroup
from courses.policies import Policy, policy_of
from enrollment.models import Enrolment
from gradebook import access
from gradebook.enums import CorrectionState, LessonState
from gradebook.models import Correction, Lesson, MonthlyTransfer, Work
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
    lessons: dict[tuple[int, Month], list[Lesson]] = {}
    for lesson in Lesson.objects.filter(group__in=groups, date__range=(first, last)).order_by("date", "starts"):
        lessons.setdefault((lesson.group_id, Month.of(lesson.date)), []).append(lesson)
    transfers = {
        (transfer.group_id, transfer.home_id, Month(transfer.year, transfer.month)): transfer
        for transfer in MonthlyTransfer.objects.filter(group__in=groups, year__gte=first.year, year__lte=last.year)
        .order_by("version")
        .select_related("document")
        .defer("payload")
    }
    requests = _requests(Correction.objects.filter(transfer__group__in=groups))
    pupils: dict[tuple[int, int], list[Enrolment]] = {}
    for enrolment in Enrolment.objects.filter(studied_between(first, last), group__in=groups).select_related("home"):
        pupils.setdefault((enrolment.group_id, enrolment.home_id), []).append(enrolment)
    rows = []
    for month in months:
        for group in groups.values():
            own = lessons.get((group.pk, month), [])
            today = group_day(group, at)
            for (group_id, home_id), enrolments in pupils.items():
                there = [one for one in enrolments if _in_month(one, month)]
                if group_id == group.pk and there:
                    transfer = transfers.get((group.pk, home_id, month))
                    rows.append(
                        SealRow(
                            group=group,
                            home=there[0].home,
                            month=month,
                            pupils=len(there),
                            planned=len(own),
                            held=sum(lesson.state == LessonState.HELD for lesson in own),
                            blockers=[]
                            if transfer
                            else [
                                *blockers(group, month, own, today),
                                *_before(month, requests.get((group.pk, home_id), [])),
                            ],
                            transfer=transfer,
                        )
                    )
    return sorted(rows, key=lambda row: (str(row.month), sort_key(row.home.short_name), sort_key(row.group.name)))


def blockers(group: StudyGroup, month: Month, lessons: Iterable[Lesson], today: date) -> list[Blocker]:
    """Return what stands in the way of sealing the month of `group`, given its lessons of that month."""
    found = []
    ahead = []
    wanted = [lesson for lesson in lessons if lesson.state != LessonState.CANCELLED]
    for lesson in wanted:
        page = reverse("lesson", args=[lesson.pk])
        if lesson.state == LessonState.HELD and lesson.attendance_confirmed_at is None:
            found.append(Blocker(f"{ru_day(lesson.date)}: не отмечена посещаемость", page))
        elif lesson.state == LessonState.PLANNED and lesson.date < today:
            found.append(Blocker(f"{ru_day(lesson.date)}: занятие не заполнено и не отменено", page))
        elif lesson.state == LessonState.PLANNED:
            ahead.append(lesson)
    journal = f"{reverse('journal', args=[group.pk])}?month={month}"
    if ahead:
        number = len(ahead)
        text = f"впереди {number} {plural(number, 'занятие,занятия,занятий')}, последнее {ru_day(ahead[-1].date)}"
        found.append(Blocker(text, journal))
    elif not wanted and today <= month.days[1]:
        found.append(Blocker("месяц ещё не закончился", journal))
    return found


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


def _in_month(enrolment: Enrolment, month: Month) -> bool:
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


@dataclass(frozen=True)
class Snapshot:
    """What the host recorded of one home school's pupils in one group in one month.

    `lines` is canonical JSON as the database made it: the rows of a month never pass through objects.
    """

    group: StudyGroup
    home: Organisation
    head: dict[str, Any]
    lines: str

    @property
    def package(self) -> dict[str, Any]:
        """The whole package, as its canonical JSON reads."""
        return {**self.head, "lines": json.loads(self.lines)}


def snapshots(pairs: Sequence[tuple[StudyGroup, Organisation]], month: Month) -> list[Snapshot]:
    """Return what is to be sealed of groups and home schools; three queries whatever their number.

    The caller has locked the groups' rows. Only the named schools' pupils are read (2.3 (2)). A school without pupils
    in the group has no lines.

    Args:
        pairs: groups, with course, programme, policy and host, and the home schools.
        month: the month.
    """
    first, last = month.days
    groups = {group.pk: group for group, _ in pairs}
    lessons: dict[int, list[Lesson]] = {pk: [] for pk in groups}
    for lesson in Lesson.objects.filter(group__in=groups, date__range=(first, last)).order_by("date", "starts", "pk"):
        lessons[lesson.group_id].append(lesson)
    works: dict[int, list[Work]] = {}
    for work in Work.objects.filter(
        lesson__group__in=groups, lesson__date__range=(first, last), lesson__state=LessonState.HELD
    ).order_by("lesson", "no"):
        works.setdefault(work.lesson_id, []).append(work)
    policies = {pk: policy_of(group.course.programme) for pk, group in groups.items()}
    lines = lines_of(((group.pk, home.pk) for group, home in pairs), policies, first, last)
    about = {pk: _about_group(group, month, lessons[pk], works, policies[pk]) for pk, group in groups.items()}
    return [
        Snapshot(group, home, {**about[group.pk], "home": _school(home)}, lines.get((group.pk, home.pk), "[]"))
        for group, home in pairs
    ]


def package_of(group: StudyGroup, home: Organisation, month: Month) -> dict[str, Any]:
    """Return what the host recorded of the pupils of `home` in `group` in `month`, as the sealed JSON holds it."""
    return snapshots([(group, home)], month)[0].package


def _about_group(
    group: StudyGroup, month: Month, lessons: list[Lesson], works: dict[int, list[Work]], policy: Policy
) -> dict[str, Any]:
    """Return what a package says beside the school and its lines."""
    course, held = group.course, [lesson for lesson in lessons if lesson.state == LessonState.HELD]
    first, last = month.days
    return {
        "format": "monthly-transfer-2",
        "host": _school(course.programme.host),
        "group": {"id": group.pk, "name": group.name},
        "course": {"id": course.pk, "title": course.programme.title, "subject": course.programme.subject},
        "period": {"year": month.year, "month": month.month, "from": first, "to": last},
        "lessons": {
            "planned": len(lessons),
            "held": [
                {
                    "id": lesson.pk,
                    "date": lesson.date,
                    "topic": lesson.topic,
                    "homework": lesson.homework,
                    "works": [
                        {
                            "no": work.no,
                            "work_type": work.kind,
                            "title": work.title,
                            "weight": policy.weight(work.kind),
                        }
                        for work in works.get(lesson.pk, [])
                    ],
                }
                for lesson in held
            ],
            "cancelled": [
                {"id": lesson.pk, "date": lesson.date, "reason": lesson.cancel_reason}
                for lesson in lessons
                if lesson.state == LessonState.CANCELLED
            ],
        },
        "no_lessons_reason": None if held else _no_lessons_reason(course.programme.host_id, month, lessons),
        "correction": None,
    }


def _school(organisation: Organisation) -> dict[str, Any]:
    return {"id": organisation.pk, "short_name": organisation.short_name, "ogrn": organisation.ogrn}


def _no_lessons_reason(host_id: int, month: Month, lessons: list[Lesson]) -> str:
    reasons = dict.fromkeys(lesson.cancel_reason for lesson in lessons if lesson.state == LessonState.CANCELLED)
    if reasons:
        return f"занятия отменены: {'; '.join(reasons)}"
    first, last = month.days
    holidays = Holiday.objects.filter(academic_year__organisation=host_id, date_from__lte=last, date_to__gte=first)
    if titles := list(dict.fromkeys(holidays.values_list("title", flat=True))):
        return ", ".join(titles).lower()
    return "занятий по расписанию не было"
