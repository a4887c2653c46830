"""Groups: their members as far as the reader may see them, and what is missing for opening one (3.7)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.db.models import Count, Q, QuerySet

from courses.enums import GroupState
from courses.models import StudyGroup
from enrollment import access
from enrollment.enums import EnrolmentState, OrderState
from enrollment.models import Enrolment, EnrolmentQuerySet
from enrollment.selectors.conditions import Condition
from network_portal.common.models import in_force
from network_portal.common.russian import NBSP, plural
from schools.acting import Acting
from schools.agreements import directions_in_force
from schools.enums import Role
from schools.models import SCHOOL_STAFF

TONES = {GroupState.FORMING: "warn", GroupState.OPEN: "good", GroupState.CLOSED: "neutral"}


def sees_whole_group(acting: Acting, group: StudyGroup) -> bool:
    """Tell whether the acting person sees every member: the host's staff and the group's teacher (2.3 (1), (2))."""
    return acting.is_(*SCHOOL_STAFF, Role.NETWORK_TEACHER) and group.course.programme.host_id == acting.organisation_id


def group_members(acting: Acting, group: StudyGroup, on: date | None = None) -> EnrolmentQuerySet:
    """Return the members of `group` whom the acting person may see, by surname.

    Args:
        acting: the host's staff and teacher get all, a home school its own pupils.
        group: any group.
        on: members by order on that day; without it also booked places and those who left (lessons 18).
    """
    members = access.enrolments_for(acting).filter(group=group).select_related("order__document", "state_by", "home_by")
    return members.studied_on(on) if on else members.exclude(state=EnrolmentState.CANCELLED)


def groups_with_counts(acting: Acting) -> QuerySet[StudyGroup]:
    """Return the groups of the gate with the number of `members` that the acting person may see."""
    seen = access.enrolments_for(acting).holding_seats().values("pk")
    counted = access.groups_for(acting).annotate(members=Count("enrolments", filter=Q(enrolments__in=seen)))
    return counted.order_by("course__programme__title", "name", "pk")


@dataclass(frozen=True)
class Opening:
    """The checklist for opening a group."""

    conditions: list[Condition]

    @property
    def ready(self) -> bool:
        return all(condition.met for condition in self.conditions)


def opening_of(group: StudyGroup, on: date) -> Opening:
    """Return the conditions under which `group` may open on the day `on`, each with what is missing.

    An agreement in force with every home school, a teacher whose duty is in force, at least one weekly lesson, and as
    many pupils enrolled by registered orders as the course needs.
    """
    enrolled = Enrolment.objects.filter(group=group, state=EnrolmentState.ENROLLED, order__state=OrderState.REGISTERED)
    homes = dict(enrolled.values_list("home_id", "home__short_name").distinct())
    course = group.course
    agreed = directions_in_force(on, homes=homes)
    host = course.programme.host_id
    without = sorted(
        name
        for home_id, name in homes.items()
        if not agreed.covers(home=home_id, host=host, network=course.network_id, year=course.year)
    )
    count = enrolled.count()
    teacher = group.teacher
    teaches = teacher is not None and type(teacher).objects.filter(in_force(on), pk=teacher.pk).exists()
    slots = group.slots.count()
    need = course.min_size
    return Opening(
        [
            Condition(
                "Договоры со школами обучающихся действуют",
                bool(homes) and not without,
                f"Нет действующего договора: {', '.join(without)}." if without else "В группе ещё нет зачисленных.",
            ),
            Condition(
                "Назначен сетевой учитель",
                teaches,
                "Полномочие сетевого учителя сегодня не действует." if teacher else "Сетевой учитель не назначен.",
            ),
            Condition("Составлено расписание", slots > 0, "В расписании группы нет ни одного занятия."),
            Condition(
                f"Зачислено приказами не меньше {need}{NBSP}{plural(need, 'обучающегося,обучающихся,обучающихся')}",
                count >= need,
                f"Зачислено {count} из {need}.",
            ),
        ]
    )


def groups_over(on: date) -> list[StudyGroup]:
    """Return the open groups whose course was over before the day `on`."""
    return list(StudyGroup.objects.filter(state=GroupState.OPEN, course__date_to__lt=on).order_by("pk"))


def may_close(group: StudyGroup, on: date) -> bool:
    """Tell whether the button that closes a group would work today."""
    members = Enrolment.objects.filter(group=group)
    if group.state == GroupState.CLOSED or members.filter(state=EnrolmentState.BOOKED).exists():
        return False
    return on > group.course.date_to or (
        group.state == GroupState.OPEN and not members.filter(state=EnrolmentState.ENROLLED).exists()
    )
