"""What an enrolment rests on: the conditions of I-4 in one place, each with the reason for which it fails."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.conf import settings

from courses.enums import CourseState
from courses.models import NetworkCourse
from enrollment.enums import ApplicationState, ContractState, OrderState, RequestState
from enrollment.models import Application, Consent, Contract, Order, SchoolRequest
from network_portal.common.dates import local_day, school_year_label
from schools.agreements import Directions, directions_in_force
from schools.guardians import needs_own_word

#: States in which the home school has accepted the application and nobody has taken it back.
ACCEPTED_STATES = (
    ApplicationState.ACCEPTED,
    ApplicationState.LISTED,
    ApplicationState.WAITLISTED,
    ApplicationState.NOT_PLACED,
    ApplicationState.PLACED,
)
SENT_STATES = (RequestState.SENT, RequestState.ANSWERED, RequestState.CLOSED)


@dataclass(frozen=True)
class Condition:
    """One condition as a page shows it; `reason` says what stands against it and what to do."""

    label: str
    met: bool
    reason: str = ""


@dataclass(frozen=True)
class Evidence:
    """Consents and agreements in force, loaded at once for several applications.

    Attributes:
        consents: pairs of pupil and operator.
        agreements: which host may teach whose pupils in which school year.
        contracts: application and course of the three-party contracts in force.
        unconfirmed: pairs whose consent lacks the word of a pupil of fourteen or older; they are not among `consents`.
    """

    consents: frozenset[tuple[int, int]]
    agreements: Directions
    unconfirmed: frozenset[tuple[int, int]] = frozenset()
    contracts: frozenset[tuple[int, int]] = frozenset()


def evidence_for(applications: Iterable[Application], on: date) -> Evidence:
    """Load what `enrolment_conditions` needs for `applications` on the day `on`, in three queries."""
    loaded = list(applications)
    students = {application.student_id for application in loaded}
    homes = {application.home_id for application in loaded}
    given: set[tuple[int, int]] = set()
    unconfirmed: set[tuple[int, int]] = set()
    consents = Consent.objects.in_force(on).filter(student__in=students)
    facts = consents.values_list("student_id", "operator_id", "given_at", "student__birth_date", "pupil_word")
    for student_id, operator_id, given_at, birth_date, word in facts:
        lacks = word is None and needs_own_word(birth_date, local_day(given_at, settings.TIME_ZONE))
        (unconfirmed if lacks else given).add((student_id, operator_id))
    return Evidence(
        consents=frozenset(given),
        unconfirmed=frozenset(unconfirmed - given),
        contracts=frozenset(
            Contract.objects.filter(state=ContractState.IN_FORCE, line__application__in=loaded).values_list(
                "line__application_id", "line__course_id"
            )
        ),
        agreements=directions_in_force(on, homes=homes),
    )


def enrolment_conditions(
    *,
    application: Application,
    course: NetworkCourse,
    evidence: Evidence,
    request: SchoolRequest | None = None,
    order: Order | None = None,
    enrolling: bool = False,
) -> list[Condition]:
    """Return the conditions under which a pupil may be enrolled on a course (I-4).

    Args:
        application: with its home school.
        course: with its programme and the programme's host.
        evidence: what `evidence_for` loaded.
        request: the list, when the host answers it: then it must have been signed and sent.
        order: the order, when it enrols: then it must be registered.
        enrolling: an order is being made: then the three-party contract counts, where the network needs one.
    """
    home, host = application.home, course.programme.host
    conditions = [
        Condition(
            "Заявление принято школой",
            application.state in ACCEPTED_STATES,
            f"Заявление сейчас в состоянии «{application.get_state_display()}».",
        )
    ]
    for operator in (home, host):
        pair = (application.student_id, operator.pk)
        reason = f"Нет действующего согласия, данного оператору «{operator.short_name}». Его даёт родитель в портале."
        if pair in evidence.unconfirmed:
            reason = (
                f"Согласие, данное оператору «{operator.short_name}», не подтвердил сам обучающийся, которому "
                "исполнилось 14 лет. Примите от него подписанную бумагу и отметьте её на странице «Согласие семьи»."
            )
        conditions.append(
            Condition(f"Согласие на обработку данных: {operator.short_name}", pair in evidence.consents, reason)
        )
    conditions += [
        Condition(
            "Договор между школами действует",
            evidence.agreements.covers(home=home.pk, host=host.pk, network=course.network_id, year=course.year),
            f"Между {home.short_name} и {host.short_name} нет действующего договора на "
            f"{school_year_label(course.year)} учебный год.",
        ),
        Condition(
            "Курс опубликован",
            course.state != CourseState.DRAFT,
            "Принимающая школа не опубликовала курс.",
        ),
    ]
    if request is not None:
        conditions.append(
            Condition(
                "Заявка школы подписана и направлена",
                request.state in SENT_STATES,
                f"Заявка школы в состоянии «{request.get_state_display()}».",
            )
        )
    if enrolling and course.network.tripartite:
        conditions.append(
            Condition(
                "Трёхсторонний договор подписан",
                (application.pk, course.pk) in evidence.contracts,
                "Трёхсторонний договор с семьёй подписан не всеми тремя сторонами.",
            )
        )
    if order is not None:
        conditions.append(
            Condition(
                "Приказ зарегистрирован",
                order.state == OrderState.REGISTERED and order.document.is_registered,
                "Приказ о зачислении ещё не подписан и не зарегистрирован.",
            )
        )
    return conditions


def failed(conditions: Iterable[Condition]) -> str:
    """Return the reasons of the conditions that are not met; an empty string when all are."""
    return " ".join(condition.reason for condition in conditions if not condition.met)
