"""The technical administrator's pages: reference data is kept, the rest is shown or not there at all."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.apps import apps
from django.contrib import admin
from django.test import Client
from django.urls import reverse

from network_portal.accounts.models import User
from network_portal.audit.models import AuditEntry
from network_portal.outbox.models import OutboxEvent
from schools.enums import DutyKind
from schools.models import Duty
from tests.factories.accounts import UserFactory
from tests.factories.courses import AcademicYearFactory, HolidayFactory, StudyGroupFactory
from tests.factories.schools import AgreementFactory, DutyFactory, OrganisationFactory, SchoolClassFactory

pytestmark = pytest.mark.django_db

KEPT = {
    "accounts.User",
    "council.Council",
    "courses.AcademicYear",
    "schools.Membership",
    "schools.Network",
    "schools.Organisation",
    "schools.SchoolClass",
}
SHOWN = {
    "audit.AuditEntry",
    "council.CouncilMember",
    "courses.NetworkCourse",
    "courses.Programme",
    "courses.StudyGroup",
    "outbox.OutboxEvent",
    "schools.Agreement",
    "schools.Duty",
}


@pytest.fixture
def administrator(client: Client) -> Client:
    client.force_login(UserFactory(is_staff=True))
    return client


def page(model: str, what: str, *args: object) -> str:
    return reverse(f"admin:{model.lower().replace('.', '_')}_{what}", args=args)


def test_only_reference_data_and_what_services_keep_is_registered(administrator: Client) -> None:
    administrator.get(reverse("admin:index"))
    assert {model._meta.label for model in admin.site._registry} == KEPT | SHOWN


@pytest.mark.parametrize("label", sorted(KEPT | SHOWN))
def test_list_opens_for_the_administrator(administrator: Client, label: str) -> None:
    HolidayFactory(academic_year=AcademicYearFactory())
    SchoolClassFactory()
    StudyGroupFactory()
    AgreementFactory()
    assert administrator.get(page(label, "changelist")).status_code == 200


@pytest.mark.parametrize("label", sorted(KEPT))
def test_reference_data_can_be_added_but_not_deleted(administrator: Client, label: str) -> None:
    assert administrator.get(page(label, "add")).status_code == 200
    user = User.objects.get()
    assert administrator.post(page("accounts.User", "delete", user.pk)).status_code == 403


@pytest.mark.parametrize("label", sorted(SHOWN - {"council.CouncilMember", "schools.Duty"}))
def test_what_a_service_keeps_cannot_be_added(administrator: Client, label: str) -> None:
    assert administrator.get(page(label, "add")).status_code == 403


def test_what_a_service_keeps_cannot_be_changed(administrator: Client) -> None:
    for row in (AgreementFactory(), DutyFactory(), StudyGroupFactory()):
        url = page(row._meta.label, "change", row.pk)
        assert administrator.get(url).status_code == 200
        assert administrator.post(url, {"order": "подделка"}).status_code == 403
        assert apps.get_model(row._meta.label).objects.filter(pk=row.pk).exists()


def test_pages_are_closed_to_everyone_else(client: Client) -> None:
    client.force_login(DutyFactory(kind=DutyKind.DIRECTOR).user)
    assert client.get(page("schools.Organisation", "changelist")).status_code in (302, 403)


def test_director_is_appointed_through_the_service(administrator: Client) -> None:
    school, person = OrganisationFactory(), UserFactory()
    data = {"user": person.pk, "organisation": school.pk, "order": "№ 1 от 01.08.2026", "date_from": "2026-08-01"}
    assert administrator.post(page("schools.Duty", "add"), data).status_code == 302
    duty = Duty.objects.get()
    assert (duty.user, duty.organisation, duty.kind) == (person, school, DutyKind.DIRECTOR)
    assert AuditEntry.objects.filter(verb="duty.appointed", target_id=duty.pk).count() == 1
    back = {"HTTP_REFERER": "http://testserver" + page("schools.Duty", "add")}
    administrator.post(page("schools.Duty", "add"), {**data, "user": UserFactory().pk}, **back)
    assert Duty.objects.count() == 1


def test_new_account_has_no_password_until_its_owner_sets_one(administrator: Client) -> None:
    data = {
        "last_name": "Орлова",
        "first_name": "Анна",
        "patronymic": "Игоревна",
        "gender": "f",
        "email": "Orlova@School.example",
        "phone": "",
        "is_active": "on",
    }
    assert administrator.post(page("accounts.User", "add"), data).status_code == 302
    user = User.objects.get(last_name="Орлова")
    assert (user.email, user.has_usable_password(), user.is_staff) == ("orlova@school.example", False, False)


def test_parked_event_is_taken_up_again(administrator: Client) -> None:
    at = datetime(2026, 9, 1, tzinfo=UTC)
    facts = {"topic": "test", "created_at": at, "available_at": at}
    parked = OutboxEvent.objects.create(key="1", dead_at=at, last_error="Нет ответа", **facts)
    done = OutboxEvent.objects.create(key="2", done_at=at, **facts)
    chosen = {"action": "retry_parked", "_selected_action": [parked.pk, done.pk]}
    administrator.post(page("outbox.OutboxEvent", "changelist"), chosen)
    parked.refresh_from_db()
    done.refresh_from_db()
    assert (parked.dead_at, done.done_at) == (None, at)
