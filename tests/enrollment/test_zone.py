"""The clock of a network: windows, forms and papers follow it, wherever the portal itself stands (I-10)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from courses.models import NetworkCourse
from courses.selectors import window_words
from enrollment import services
from enrollment.enums import ApplicationState, LineDecision
from enrollment.selectors.applications import window_end_words
from network_portal.notices.models import Notice
from schools.acting import acting_choices
from tests.enrollment.network import AT, World
from tests.factories.enrollment import (
    ApplicationFactory,
    ConsentFactory,
    SchoolRequestFactory,
    SchoolRequestLineFactory,
)
from tests.factories.schools import DutyFactory, sign_in

pytestmark = pytest.mark.django_db

#: Ten hours ahead of UTC, seven of the portal.
ZONE = "Asia/Vladivostok"
LAST_MOMENT = datetime(2026, 8, 28, 8, 0, tzinfo=UTC)


@pytest.fixture
def far(world: World) -> World:
    world.network.time_zone = ZONE
    world.network.save(update_fields=["time_zone"])
    NetworkCourse.objects.filter(pk=world.course.pk).update(applications_until=LAST_MOMENT)
    world.course.refresh_from_db()
    return world


def test_each_context_has_the_clock_of_its_network(far: World) -> None:
    _, parent = far.child()
    alone = DutyFactory()  # of a school that is in no network
    people = (far.home.deputy.user, far.host.director.user, alone.user, parent.user)
    zones = [acting_choices(user, timezone.localdate())[0].zone for user in people]
    assert zones == [ZONE, ZONE, "Europe/Moscow", ZONE]


def test_window_is_told_and_typed_by_the_clock_of_the_network(far: World) -> None:
    assert window_end_words(far.course).replace("\xa0", " ") == "до 18:00 28 августа 2026 г."
    assert window_words(far.course, AT) == "приём заявлений до 28.08.2026 18:00"
    public = Client().get(reverse("catalogue_course", args=[far.course.pk])).content.decode()
    assert "28.08.2026 11:00" not in public
    client = sign_in(Client(), far.host.deputy)
    assert "28.08.2026 18:00" in client.get(reverse("course", args=[far.course.pk])).content.decode()
    form = client.get(reverse("course_edit", args=[far.course.pk])).context["form"]
    data = {name: form[name].value() for name in form.fields} | {"applications_until": "2026-08-28T19:30"}
    data = {name: "" if value is None else value for name, value in data.items()}
    assert client.post(reverse("course_edit", args=[far.course.pk]), data).status_code == 302
    far.course.refresh_from_db()
    assert far.course.applications_until == LAST_MOMENT + timedelta(hours=1, minutes=30)
    assert str(timezone.get_current_timezone()) == "Europe/Moscow"  # the next request has a clock of its own


def test_family_is_told_the_term_of_an_offer_by_the_clock_of_the_network(far: World) -> None:
    """The sweep that offers has no clock of a person."""
    application = ApplicationFactory(
        student=far.child()[0], state=ApplicationState.WAITLISTED, registered_at=AT, courses=[far.course]
    )
    for operator in (far.home.organisation, far.host.organisation):
        ConsentFactory(student=application.student, operator=operator)
    line = SchoolRequestLineFactory(
        request=SchoolRequestFactory(agreement=far.agreement, sent=True), application=application,
        course=far.course, decision=LineDecision.WAITLISTED,
    )  # fmt: skip
    [offer] = services.offers_make(actor=None, course=far.course, at=LAST_MOMENT)
    assert (offer.line, offer.expires_at) == (line, LAST_MOMENT + timedelta(hours=48))
    assert [one.text for one in Notice.objects.filter(user=application.guardian)] == [
        "Освободилось место на курсе «Физика вокруг нас». Ответьте до 30.08.2026 18:00."
    ]
