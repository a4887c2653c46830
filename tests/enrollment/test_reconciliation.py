"""The board of lists: each of the seven disagreements once, and the paper that mends it leaves none (beyond 7)."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from enrollment import services
from enrollment.enums import ApplicationState, ExitReason, HomeState, Mismatch
from enrollment.models import Application, Enrolment, SchoolOrder, SchoolRequest
from enrollment.selectors.reconciliation import Discrepancy, discrepancies
from schools.acting import Acting
from tests.enrollment.network import AT, ON, World
from tests.factories.schools import SchoolClassFactory, sign_in
from tests.shared import shared

pytestmark = pytest.mark.django_db
LATER = ON + timedelta(days=30)


def board(acting: Acting, on: date = LATER) -> list[Mismatch]:
    return [row.mismatch for row in discrepancies(acting, 2026, on)]


@shared
def studying(world: World, enrolment: Enrolment, main: SchoolOrder) -> Enrolment:
    """Return a pupil about whom all papers of both schools agree."""
    assert board(world.home.deputy) == board(world.host.deputy) == []
    return enrolment


def correct(world: World, school: Acting) -> None:
    """Do for every row what its button does."""
    for row in discrepancies(school, 2026, LATER):
        order = services.correction_create(actor=school, enrolment=row.line.enrolment, at=AT)
        world.sign_school_order(order)


def test_pupil_on_the_list_without_an_order(world: World, sent: SchoolRequest) -> None:
    assert board(world.host.deputy, on=ON) == []  # there is still time to answer
    assert board(world.home.deputy) == board(world.host.deputy) == [Mismatch.LISTED]
    for line in sent.lines.all():
        world.accept_line(line)
    assert board(world.host.deputy) == [Mismatch.LISTED]
    world.sign_order(world.order(sent))
    assert board(world.host.deputy) == [Mismatch.NOT_IN_ORDER]


def test_pupil_whom_no_order_of_the_home_names(world: World, enrolment: Enrolment) -> None:
    assert board(world.home.deputy) == [Mismatch.NOT_IN_ORDER]
    world.sign_school_order(world.main_order())
    assert board(world.home.deputy) == []


def test_pupil_enrolled_without_an_application(world: World, studying: Enrolment) -> None:
    Application.objects.filter(lines__enrolment=studying).update(state=ApplicationState.WITHDRAWN)
    assert board(world.home.deputy) == board(world.host.deputy) == [Mismatch.NO_APPLICATION]


def test_pupil_who_left_the_home_school_and_stays_in_the_group(world: World, studying: Enrolment) -> None:
    studying.student.left_on = LATER - timedelta(days=1)
    studying.student.save(update_fields=["left_on"])
    assert board(world.home.deputy) == [Mismatch.LEFT_HOME]
    order = services.home_change_create(
        actor=world.home.deputy,
        order=SchoolOrder.objects.get(),
        exits=[services.Exit(studying, ExitReason.MOVED, studying.date_from)],
        at=AT,
    )
    world.sign_school_order(order)
    assert board(world.home.deputy) == board(world.host.deputy) == []


@pytest.mark.parametrize("change", ["name", "class"])
def test_name_and_class_are_corrected_by_both_schools(world: World, studying: Enrolment, change: str) -> None:
    student = studying.student
    if change == "name":
        student.last_name = "Новофамильный"
    else:
        student.school_class = SchoolClassFactory(organisation=world.home.organisation, grade=10, letter="Щ")
    student.save()
    assert board(world.host.deputy) == [Mismatch.NAME]
    correct(world, world.host.deputy)
    assert board(world.home.deputy) == [Mismatch.NAME]
    correct(world, world.home.deputy)
    assert board(world.home.deputy) == board(world.host.deputy) == []


def test_group_of_another_name_is_corrected_by_the_home(world: World, studying: Enrolment) -> None:
    world.group.name = "Ф-2"
    world.group.save(update_fields=["name"])
    assert board(world.home.deputy) == board(world.host.deputy) == [Mismatch.GROUP]
    correct(world, world.home.deputy)
    assert board(world.home.deputy) == []


def test_withdrawn_consent(world: World, studying: Enrolment) -> None:
    for consent in studying.student.consents.all():
        consent.withdrawn_at = AT
        consent.save(update_fields=["withdrawn_at"])
    assert board(world.home.deputy) == board(world.host.deputy) == [Mismatch.CONSENT]


def test_home_that_withdrew_waits_for_the_host(world: World, studying: Enrolment) -> None:
    Enrolment.objects.filter(pk=studying.pk).update(home_state=HomeState.WITHDRAWN)
    (row,) = discrepancies(world.host.deputy, 2026, LATER)
    assert (row.mismatch, row.mine) == (Mismatch.LEFT_HOME, True)


def test_stranger_sees_nothing(world: World, enrolment: Enrolment) -> None:
    assert board(world.stranger.deputy) == []


def test_queries_do_not_grow_with_pupils(world: World) -> None:
    world.group.capacity = 3
    world.group.save(update_fields=["capacity"])
    counts = []
    for size in (1, 2):
        world.enrolled(*(world.accepted()[0] for _ in range(size)))
        with CaptureQueriesContext(connection) as queries:
            found = board(world.home.deputy)
        counts.append((len(found), len(queries)))
    assert counts == [(1, counts[0][1]), (3, counts[0][1])]


def test_board_leads_to_the_paper_that_mends(
    client: Client, world: World, studying: Enrolment, time_machine: object
) -> None:
    time_machine.move_to(AT + timedelta(days=30))
    studying.student.last_name = "Новофамильный"
    studying.student.save()
    page = sign_in(client, world.home.deputy).get(reverse("reconciliation")).content.decode()
    assert "Исправляет МАОУ" in page
    host = sign_in(client, world.host.deputy)
    page = host.get(reverse("reconciliation"), {"kind": Mismatch.NAME}).content.decode()
    assert "Подготовить приказ о внесении изменений" in page
    answer = host.post(reverse("reconciliation_correct", args=[studying.pk]))
    assert answer.headers["Location"] == reverse("school_order", args=[SchoolOrder.objects.latest("pk").pk])
    stranger = sign_in(client, world.stranger.deputy)
    assert stranger.post(reverse("reconciliation_correct", args=[studying.pk])).status_code == 404
    assert "Расхождений нет" in stranger.get(reverse("reconciliation")).content.decode()


def test_discrepancy_knows_the_other_school(world: World, enrolment: Enrolment) -> None:
    rows: list[Discrepancy] = [
        discrepancies(acting, 2026, LATER)[0] for acting in (world.home.deputy, world.host.deputy)
    ]
    assert [row.other_school for row in rows] == [world.host.organisation, world.home.organisation]
    assert [row.mine for row in rows] == [True, False]
