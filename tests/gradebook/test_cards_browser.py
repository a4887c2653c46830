"""A card's way in a real browser: calculated, signed by three, received, carried by the class teacher, verified."""

from __future__ import annotations

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Page, expect

from gradebook.enums import CardState
from gradebook.models import ReportCard, SummaryEntry
from network_portal.documents.selectors import current_version
from network_portal.documents.services import signing_code_keep
from schools.enums import DutyKind
from tests.factories.accounts import PASSWORD
from tests.factories.cards import half_year
from tests.factories.documents import CODE, may_sign
from tests.gradebook.acts import Open
from tests.gradebook.test_family_browser import faults

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
K = DutyKind


def test_card_goes_from_the_coordinator_to_the_register(opened: Open, page: Page) -> None:
    """S1-4.10: one path through all pages, each without faults of accessibility."""
    world = half_year(others=0)
    place, teacher = world.place, world.class_teacher
    opened(world.person(place.host, K.COORDINATOR), f"{reverse('card_list')}?year=2026")
    shown = faults(page)
    page.get_by_role("button", name="Рассчитать табель").click()
    expect(page.get_by_text("Табель рассчитан и ждёт подписи учителя.")).to_be_visible()
    card = ReportCard.objects.get()
    for slot, actor in world.signers:
        may_sign(actor.user, place.host)
        version = current_version(card.document).sha256
        signing_code_keep(user=actor.user, version_sha256=version, code=CODE, at=timezone.now())
        opened(actor, reverse("card_sign", args=[card.pk]))
        if slot == "teacher":
            shown += faults(page)
        page.get_by_label("Ваш пароль").fill(PASSWORD)
        page.get_by_label("Код из письма").fill(CODE)
        page.get_by_role("button", name="Подписать").click()
        expect(page.locator(".alert-success")).to_be_visible()
    opened(world.person(place.home, K.CURATOR), reverse("card", args=[card.pk]))
    shown += faults(page)
    page.get_by_role("button", name="Табель получил").click()
    expect(page.get_by_text("Табель получен")).to_be_visible()
    opened(teacher, reverse("register", args=[world.school_class.pk]))
    page.get_by_role("button", name="Перенести в сводную ведомость").click()
    expect(page.get_by_text("совпадает с табелями")).to_be_visible()
    shown += faults(page)
    opened(world.person(place.home, K.DEPUTY), reverse("card", args=[card.pk]))
    page.get_by_role("button", name="Сверено").click()
    expect(page.get_by_text("Сверено: сводная ведомость совпадает")).to_be_visible()
    card.refresh_from_db()
    assert (card.state, SummaryEntry.objects.count(), shown) == (CardState.VERIFIED, 2, [])
