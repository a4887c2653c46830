"""What agreements are in force on a day and what they allow."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db import connection
from django.db.models import QuerySet

from network_portal.common import russian
from network_portal.common.models import in_force
from schools.enums import AgreementState
from schools.models import Agreement, AgreementCondition, Organisation


def agreement_in_force(
    *, home: Organisation | int, host: Organisation | int, on: date, year: int | None = None
) -> Agreement | None:
    """Return the agreement by which the host teaches pupils of the home school on the day `on` (3.2, I-4).

    This is the one place that answers the question; a suspended or ended agreement is not in force, and one that
    covers only the other direction, or other school years, does not help.

    Args:
        home: the school that sends its pupils.
        host: the school that teaches them.
        on: the day.
        year: the school year they are taught in; None asks for the direction alone.
    """
    agreements = Agreement.objects.in_force(on).teaching(home=_pk(home), host=_pk(host), year=year)
    return agreements.select_related("document").order_by("-date_from", "-pk").first()


def agreement_covers(*, home: Organisation, host: Organisation, first: date, last: date) -> bool:
    """Tell whether what the host taught between two days rests on an agreement, so that it may be handed over (3.2).

    An agreement that has ended since still covers the time of its term; nothing is handed over under a suspended one.
    """
    agreements = Agreement.objects.teaching(home=home.pk, host=host.pk).filter(
        state__in=[AgreementState.SIGNED, AgreementState.ENDED], date_from__lte=last, date_to__gte=first
    )
    return agreements.exists()


# Written by hand: every cell typed into a journal asks, and the ORM takes longer to put it together than to have it.
_AGREED = """
    SELECT condition.home_id, agreement.date_from, agreement.date_to, agreement.state, agreement.stopped_on
    FROM schools_agreementcondition condition JOIN schools_agreement agreement ON agreement.id = condition.agreement_id
    WHERE condition.home_id = ANY(%(homes)s) AND condition.host_id = %(host)s
        AND agreement.date_from <= %(last)s AND agreement.date_to >= %(first)s
"""


def stopped_days(homes: Iterable[int], *, host: int, days: Iterable[date]) -> frozenset[tuple[int, date]]:
    """Return for which home schools' pupils the journal of `host` is closed for lessons of which of `days` (3.2).

    The agreement was suspended or ended before that day, and no other one is in force then. Lessons of the day of the
    decision and of earlier days may still be filled: what was taught is recorded.
    """
    days = set(days)
    if not days:
        return frozenset()
    with connection.cursor() as cursor:
        cursor.execute(_AGREED, {"homes": list(set(homes)), "host": host, "first": min(days), "last": max(days)})
        rows = cursor.fetchall()
    stopped, open_ = set(), set()
    for home, first, last, state, stopped_on in rows:
        for day in days:
            if not first <= day <= last:
                continue
            if state == AgreementState.SIGNED or (stopped_on is not None and day <= stopped_on):
                open_.add((home, day))
            elif state in (AgreementState.SUSPENDED, AgreementState.ENDED):
                stopped.add((home, day))
    return frozenset(stopped - open_)


@dataclass(frozen=True)
class Directions:
    """The directions of the agreements in force on one day, loaded at once for many questions."""

    rows: frozenset[tuple[int, int, int, int | None, int | None]]

    def covers(self, *, home: int, host: int, year: int, network: int | None = None) -> bool:
        """Tell whether `host` may teach pupils of `home` in the school year `year`, in any network by default."""
        return any(
            row[:2] == (home, host) and network in (None, row[2]) and (row[3] or year) <= year <= (row[4] or year)
            for row in self.rows
        )


def directions_in_force(on: date, *, homes: Iterable[int]) -> Directions:
    """Return in one query for which pairs of schools and years an agreement is in force on the day `on`.

    Args:
        on: the day.
        homes: the schools that send pupils.
    """
    return _directions(Agreement.objects.in_force(on), homes)


def directions_standing(on: date, *, homes: Iterable[int]) -> Directions:
    """Return for which pairs of schools and years an agreement has not ended by the day `on`: it may be suspended."""
    states = [AgreementState.SIGNED, AgreementState.SUSPENDED]
    return _directions(Agreement.objects.filter(in_force(on), state__in=states), homes)


def _directions(agreements: QuerySet[Agreement], homes: Iterable[int]) -> Directions:
    rows = AgreementCondition.objects.filter(home__in=list(homes), agreement__in=agreements)
    return Directions(
        frozenset(rows.values_list("home_id", "host_id", "agreement__network_id", "year_from", "year_to"))
    )


def taught_by(home_id: int) -> QuerySet[Organisation]:
    """Return the schools that teach, or taught, pupils of the school `home_id` by an agreement that was sent once."""
    rows = AgreementCondition.objects.filter(home=home_id).exclude(agreement__state=AgreementState.DRAFT)
    return Organisation.objects.filter(pk__in=rows.values("host"))


@dataclass(frozen=True)
class AgreedSeats:
    """How many pupils of the home school the host takes in one school year, and on what; equal ones are one number."""

    seats: int
    programme: str = ""
    subject: str = ""

    @property
    def words(self) -> str:
        if self.programme:
            return f"по программе «{self.programme}»"
        return f"по предмету «{self.subject}»" if self.subject else "по всем курсам школы"


def agreed_seats(
    *, home: Organisation | int, host: Organisation | int, year: int, on: date, programme: str = "", subject: str = ""
) -> AgreedSeats | None:
    """Return the seats that the agreements in force set for a course; None when they set no number for it.

    Args:
        home: the school that sends its pupils.
        host: the school that teaches them.
        year: the school year of the course.
        on: the day on which the agreement must be in force.
        programme: the title of the course's programme.
        subject: its subject.
    """
    rows = conditions_in_force(year, on).filter(home=_pk(home), host=_pk(host))
    return seats_by(list(rows), programme=programme, subject=subject)


def conditions_in_force(year: int, on: date) -> QuerySet[AgreementCondition]:
    """Return the conditions of the agreements in force on the day `on` that hold for a school year."""
    return AgreementCondition.objects.covering(year).filter(agreement__in=Agreement.objects.in_force(on))


def seats_by(rows: list[AgreementCondition], *, programme: str, subject: str) -> AgreedSeats | None:
    """Return the seats that the conditions of a pair of schools set for a course.

    The narrowest conditions decide: those that name the programme, else those of its subject, else those without a
    subject, which hold for all other courses of the host together.
    """
    named = [row for row in rows if programme and russian.fold(row.programme) == russian.fold(programme)]
    of_subject = [row for row in rows if subject and russian.fold(row.subject) == russian.fold(subject)]
    general = [row for row in rows if not row.subject]
    for found, scope in (
        (named, "programme"),
        ([row for row in of_subject if row not in named], "subject"),
        (general, ""),
    ):
        if found:
            counts = [row.seats for row in found]
            words = {scope: getattr(found[0], scope)} if scope else {}
            return AgreedSeats(sum(count or 0 for count in counts), **words) if None not in counts else None
    return None


def _pk(school: Organisation | int) -> int:
    return school if isinstance(school, int) else school.pk
