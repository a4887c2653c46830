"""Applications in lists: tabs, queue, filters."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from django.db.models import Count, Prefetch, Q, QuerySet

from courses.models import NetworkCourse
from enrollment.enums import ApplicationState
from enrollment.models import Application, ApplicationChoice
from schools.models import SchoolClass

#: The tabs of the home school's list: key, label, states.
TABS: tuple[tuple[str, str, tuple[ApplicationState, ...]], ...] = (
    ("new", "Ждут решения", (ApplicationState.REGISTERED,)),
    ("accepted", "Приняты", (ApplicationState.ACCEPTED,)),
    ("listed", "В списках", (ApplicationState.LISTED,)),
    ("waitlisted", "Лист ожидания", (ApplicationState.WAITLISTED,)),
    ("placed", "Зачислены", (ApplicationState.PLACED,)),
    ("not_placed", "Не зачислены", (ApplicationState.NOT_PLACED,)),
    ("returned", "Возвращены", (ApplicationState.RETURNED,)),
    ("closed", "Отказано, отозвано", (ApplicationState.REFUSED, ApplicationState.WITHDRAWN)),
)


def counts_by_tab(applications: QuerySet[Application]) -> dict[str, int]:
    """Return how many of `applications` stand in each tab, in one query."""
    return applications.order_by().aggregate(
        **{key: Count("pk", filter=Q(state__in=states), distinct=True) for key, _, states in TABS}
    )


def with_choices(applications: QuerySet[Application]) -> QuerySet[Application]:
    """Return applications with their wishes loaded in order."""
    choices = ApplicationChoice.objects.order_by("rank").select_related("course__programme__host")
    return applications.prefetch_related(Prefetch("choices", choices))


#: What a row of the school's queue prints, and no more.
QUEUE_ROW = (
    *("state", "registered_at", "document__number", "student__school_class__grade", "student__school_class__letter"),
    *(f"student__{name}" for name in ("last_name", "first_name", "patronymic")),
)


def queue_of(applications: QuerySet[Application]) -> QuerySet[Application]:
    """Return applications in the order of registration, with what the rows of the queue print."""
    lean = applications.select_related(None).select_related("student__school_class", "document")
    return lean.only(*QUEUE_ROW).order_by("registered_at", "pk")


class Wish(NamedTuple):
    """A chosen course as lists name it."""

    title: str
    host: str


def wishes_of(applications: Iterable[Application]) -> dict[int, list[Wish]]:
    """Return the courses chosen in each application, in their order, by the application's id."""
    wishes: dict[int, list[Wish]] = {application.pk: [] for application in applications}
    found = ApplicationChoice.objects.filter(application__in=list(wishes)).order_by("rank")
    for pk, *wish in found.values_list(
        "application", "course__programme__title", "course__programme__host__short_name"
    ):
        wishes[pk].append(Wish(*wish))
    return wishes


def courses_applied_for(applications: QuerySet[Application]) -> QuerySet[NetworkCourse]:
    """Return the courses that any of `applications` names, for the filter."""
    named = ApplicationChoice.objects.filter(application__in=applications.values("pk"))
    return (
        NetworkCourse.objects.filter(pk__in=named.values("course"))
        .select_related("programme")
        .order_by("programme__title", "pk")
    )


def classes_of(applications: QuerySet[Application]) -> QuerySet[SchoolClass]:
    """Return the classes of the pupils of `applications`, for the filter."""
    return SchoolClass.objects.filter(pk__in=applications.values("student__school_class"))
