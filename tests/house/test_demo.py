"""The demonstration network: the same people and papers, on whatever day it is loaded."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from django.test import override_settings

from council.models import CouncilMember, Meeting
from courses.models import NetworkCourse, StudyGroup
from enrollment.enums import ApplicationState
from enrollment.models import Acquaintance, Application
from gradebook.enums import CardState, CertificateResult, CertificateState
from gradebook.models import Mark, MonthlyTransfer, ReportCard, StudyCertificate, SummaryEntry
from gradebook.selectors.months import Month
from gradebook.selectors.transfers import seal_rows
from network_portal.accounts.models import User
from network_portal.common.dates import is_public_holiday, month_range
from network_portal.demo.accounts import ACCOUNTS, PASSWORD
from network_portal.demo.base import Season, holidays
from network_portal.demo.story import SHORT_LESSONS
from network_portal.documents import rendering
from network_portal.documents.selectors import checked_paper
from network_portal.management.commands.load_demo import load
from schools.acting import acting_choices
from schools.models import Organisation, Student

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("today", "month"),
    [
        (date(2026, 9, 2), (2026, 5)),
        pytest.param(date(2027, 1, 15), (2026, 12), marks=pytest.mark.slow),
        pytest.param(date(2028, 2, 29), (2028, 1), marks=pytest.mark.slow),
    ],
    ids=str,
)
def test_demo_on_any_day_has_a_month_to_seal_and_an_open_window(
    monkeypatch: pytest.MonkeyPatch, today: date, month: tuple[int, int]
) -> None:
    monkeypatch.setattr(rendering, "render", lambda page: rendering.Pdf(b"%PDF-1.7", 1))
    now = datetime(today.year, today.month, today.day, 9, tzinfo=UTC)
    with override_settings(PASSWORD_HASHERS=["django.contrib.auth.hashers.Argon2PasswordHasher"]):
        cast = load(now)
        assert User.objects.earliest("pk").check_password(PASSWORD)

    group, over = StudyGroup.objects.get(name="ФЗ-1"), StudyGroup.objects.get(name="МТ-1")
    rows = [row for row in seal_rows(cast.schools["40"].pk, [Month(*month)], at=now) if row.group != over]
    assert [(row.group, row.home.short_name, row.ready) for row in rows] == [
        (group, "МАОУ лицей № 12".replace("№ ", "№\N{NO-BREAK SPACE}"), True),
        (group, "МАОУ СОШ № 7".replace("№ ", "№\N{NO-BREAK SPACE}"), True),
    ]
    assert Mark.objects.filter(work__lesson__date__year=month[0], work__lesson__date__month=month[1]).count() > 18
    assert NetworkCourse.objects.open_for_applications(now).count() == 3
    waiting = Application.objects.filter(state=ApplicationState.REGISTERED)
    assert {choice.course.programme.subject for one in waiting for choice in one.choices.filter(rank=1)} == {"Химия"}
    assert waiting.count() == 4
    assert Meeting.objects.get().planned_at.date() == today

    counts = (Organisation, Student, CouncilMember.objects.filter(voting=True), NetworkCourse)
    assert [(one.objects if hasattr(one, "objects") else one).count() for one in counts] == [3, 60, 10, 5]
    _one_course_is_settled(over, Month(*month))
    assert Acquaintance.objects.filter(seen_at=None).count() == 0
    people = [User.objects.get(email=account.email) for account in ACCOUNTS]
    assert [
        account.login for account, one in zip(ACCOUNTS, people, strict=True) if not acting_choices(one, today)
    ] == []
    assert {user.password.partition("$")[0] for user in User.objects.all()} == {"argon2"}


def _one_course_is_settled(group: StudyGroup, month: Month) -> None:
    """A course of the month to seal is over: transfer acknowledged, card in the register, a certificate to check."""
    transfer, card = MonthlyTransfer.objects.get(), ReportCard.objects.get()
    assert (transfer.group, transfer.state, Month(transfer.year, transfer.month)) == (group, "acknowledged", month)
    assert (card.group, card.state, card.document.number, card.lines.count()) == (group, CardState.VERIFIED, 1, 3)
    lines = card.lines.values_list("pk", "value").order_by("pk")
    assert list(SummaryEntry.objects.values_list("line", "value").order_by("line")) == list(lines)
    certificate = StudyCertificate.objects.get()
    assert (certificate.state, certificate.result) == (CertificateState.ISSUED, CertificateResult.MASTERED)
    checked = checked_paper(certificate.document.check_code, certificate.document.registered_on)
    assert checked is not None
    assert Month.of(certificate.document.registered_on) == month


def test_short_course_is_over_in_its_month_whatever_the_year() -> None:
    """Eight lessons and a day to settle what came of them lie within each month that may be the one to seal."""
    for day in (date(2025, 1, 1) + timedelta(days=15 * number) for number in range(400)):
        season = Season(day)
        first, last = month_range(*season.sealed_month)
        days = (first + timedelta(days=number) for number in range((last - first).days + 1))
        rests = [(begins, ends) for _, begins, ends in holidays(season.year)]
        taught = [
            one
            for one in days
            if one.isoweekday() in (1, 3, 5)
            and not is_public_holiday(one)
            and not any(begins <= one <= ends for begins, ends in rests)
        ]
        assert taught[SHORT_LESSONS - 1] + timedelta(days=1) <= last, day
