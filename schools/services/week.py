"""When classes have lessons, and how long the way between schools takes (6.8)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, time

from django.db import transaction

from network_portal.common.cleaning import clean
from schools.acting import Acting
from schools.enums import Verb
from schools.models import ClassDay, Organisation, Route, SchoolClass
from schools.services.trail import note


@dataclass(frozen=True)
class DayHours:
    """The lessons of a class on a weekday."""

    starts: time
    ends: time
    lessons: int


@transaction.atomic
def class_week_set(*, actor: Acting, school_class: SchoolClass, days: Mapping[int, DayHours], at: datetime) -> None:
    """Set the weekdays on which a class has lessons; a weekday that is not among `days` is free.

    Args:
        actor: who keeps the school's list of pupils.
        school_class: a class of the own school.
        days: by the number of the weekday, Monday is 1.
        at: the moment.

    Raises:
        RuleError: lessons end before they begin, or there are too many.
    """
    SchoolClass.objects.select_for_update(no_key=True).get(pk=school_class.pk)
    ClassDay.objects.filter(school_class=school_class).exclude(weekday__in=days).delete()
    known = {day.weekday: day for day in ClassDay.objects.filter(school_class=school_class)}
    for weekday, hours in days.items():
        day = known.get(weekday) or ClassDay(school_class=school_class, weekday=weekday)
        day.starts, day.ends, day.lessons = hours.starts, hours.ends, hours.lessons
        clean(day)
        day.save()
    note(Verb.CLASS_WEEK_SET, actor, school_class, at, days=sorted(days))


@transaction.atomic
def route_set(*, actor: Acting, other: Organisation, minutes: int, at: datetime) -> Route:
    """Set how many minutes the way between the own school and another one takes, either way.

    Raises:
        RuleError: more minutes than a way between schools may take.
    """
    assert actor.organisation is not None
    first, second = sorted((actor.organisation, other), key=lambda school: school.pk)
    route = Route.objects.select_for_update(of=("self",)).filter(first=first, second=second).first()
    route = route or Route(first=first, second=second)
    route.minutes = minutes
    clean(route)
    route.save()
    note(Verb.ROUTE_SET, actor, other, at, minutes=minutes)
    return route
