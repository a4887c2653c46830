"""Who goes to a lesson at the partner's premises, and with whom (S1-4.7); names and classes, no more."""

from __future__ import annotations

from dataclasses import dataclass

from enrollment.models import Enrolment
from enrollment.selectors.consents import consent_missing_since
from gradebook import access
from gradebook.models import Escort, Lesson
from gradebook.selectors.absences import told_absent
from gradebook.selectors.calendars import deliveries
from schools.acting import Acting
from schools.models import Organisation


@dataclass(frozen=True)
class Party:
    """The pupils of one school who go to a lesson, and who accompanies them.

    `away` are pupils whose family told that they will not come.
    """

    home: Organisation
    escort: Escort | None
    pupils: list[Enrolment]
    away: list[Enrolment]


@dataclass(frozen=True)
class EscortSheet:
    """The escort list of a lesson as the acting person may see it; schools that do not travel are left out."""

    lesson: Lesson
    parties: list[Party]
    staying: list[str]

    @property
    def own_facts(self) -> dict[str, str]:
        """What the form of the home school begins with."""
        escort = next((party.escort for party in self.parties), None)
        return {"name": escort.name, "phone": escort.phone} if escort else {}


def escort_sheet(acting: Acting, lesson: Lesson) -> EscortSheet:
    """Return who goes to `lesson`; five queries. A home school sees its own pupils alone."""
    enrolments = list(
        Enrolment.objects.studied_on(lesson.date)
        .filter(pk__in=access.enrolments_for(acting, lesson.group).order_by().values("pk"))
        .select_related("student__school_class", "home")
        .order_by("home__short_name", "student__sort_key", "pk")
    )
    homes = {one.home_id: one.home for one in enrolments}
    delivery = deliveries([lesson], homes, lesson.group.course.year)[lesson.pk]
    escorts = {one.home_id: one for one in Escort.objects.filter(lesson=lesson, home__in=homes)}
    for one in enrolments:
        one.course = lesson.group.course  # the same row, loaded already
    lacking = consent_missing_since(enrolments, lesson.date) if access.hosts(acting, lesson.group) else {}
    told = told_absent([one.student_id for one in enrolments if one.pk not in lacking], lesson.date)
    parties, staying = [], []
    for pk, home in homes.items():
        if delivery.is_remote(pk) or delivery.excused(pk):
            why = "дистанционно" if delivery.is_remote(pk) else delivery.excused(pk).lower()
            staying.append(f"{home}: {why}")
            continue
        own = [one for one in enrolments if one.home_id == pk]
        parties.append(
            Party(
                home,
                escorts.get(pk),
                [one for one in own if one.student_id not in told],
                [one for one in own if one.student_id in told],
            )
        )
    return EscortSheet(lesson, parties, staying)
