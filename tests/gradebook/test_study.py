"""A pupil's own account reads the own diary, lessons ahead and transfers, and nothing of anybody else (2.4, OBU)."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from gradebook.enums import AbsenceReason
from gradebook.services.attendance import absence_tell
from schools.acting import Acting
from schools.enums import Role
from schools.models import GuardianLink
from tests.factories.gradebook import MarkFactory, scene
from tests.factories.schools import PupilAccountFactory, sign_in

pytestmark = pytest.mark.django_db
#: Noon in Moscow on Thursday, 5 November 2026; the lessons of a scene begin on Monday, the 2nd.
AT = datetime(2026, 11, 5, 9, 0, tzinfo=UTC)


def test_pupil_reads_the_own_study_and_nobody_else_s(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    place = scene(own=2, others=1, lessons=4)
    (own, classmate), (stranger,) = place.own, place.others
    MarkFactory(lesson=place.lessons[0], enrolment=own)
    pupil = Acting(PupilAccountFactory(student=own.student).user, Role.PUPIL, on=AT.date())
    parent = Acting(GuardianLink.objects.get(student=own.student).user, Role.PARENT, on=AT.date())
    with time_machine.travel(AT, tick=False):
        absence_tell(
            actor=parent, student=own.student, date_from=AT.date(), date_to=AT.date(), reason=AbsenceReason.FAMILY,
            comment="", at=AT,
        )  # fmt: skip
        client = sign_in(Client(), pupil)
        with django_assert_num_queries(21):
            study = client.get(reverse("study"))
        assert [course.enrolment for course in study.context["courses"]] == [own]
        assert [day.day for day in study.context["ahead"]] == sorted(
            {one.date for one in place.lessons if one.date >= AT.date()}
        )
        pages = [study.text]
        pages += [client.get(reverse(name)).text for name in ("home", "diary", "diary_viewers", "application_list")]
        pages.append(client.get(reverse("diary_course", args=[own.pk])).text)
        assert "Предупредить об отсутствии" not in pages[2]
        assert client.get(reverse("absence_tell")).status_code == 403
        for other in (classmate, stranger):
            assert client.get(reverse("diary_course", args=[other.pk])).status_code == 404
            assert not [page for page in pages if other.student.full_name in page or other.student.short_name in page]
        assert client.get(reverse("journal", args=[place.group.pk])).status_code == 404
        assert sign_in(client, parent).get(reverse("study")).status_code == 403
