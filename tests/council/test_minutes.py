"""The minutes: two signatures by two people, what they put into effect."""

from __future__ import annotations

import pytest

from council import services
from council.enums import ItemKind, MeetingState
from council.models import Council, Decision
from network_portal.common.errors import StaleError
from network_portal.documents.models import Document
from network_portal.documents.selectors import current_version
from tests.council.asking import refusal_of
from tests.factories.council import AT, SecretaryFactory, ended, hall
from tests.factories.schools import acting_as

pytestmark = pytest.mark.django_db


def test_minutes_signed_by_both_close_the_meeting_and_give_effect() -> None:
    council = ended()
    council.submit()
    council.sign_both()
    decision = Decision.objects.get()
    document = council.meeting.document
    assert (council.meeting.state, document.number, document.kind) == (MeetingState.CLOSED, 1, "T18")
    assert document.organisation == council.council.keeper
    assert decision.effective_at == council.now


def test_minutes_signed_by_one_have_no_effect() -> None:
    council = ended()
    council.submit()
    council.sign("presiding", council.meeting.presiding)
    assert (council.meeting.state, Decision.objects.get().effective_at) == (MeetingState.SIGNING, None)


def test_chair_is_in_office_only_after_the_minutes_are_signed() -> None:
    council = hall(3, kind=ItemKind.CHAIR, candidate=1)
    council.open(3)
    council.preside()
    council.vote(3)
    council.end()
    council.submit()
    council.sign("presiding", council.members[0])
    assert Council.objects.get(pk=council.council.pk).chair is None
    council.sign("secretary", council.secretary)
    assert Council.objects.get(pk=council.council.pk).chair == council.members[1]


def test_removed_member_loses_the_seat_when_the_minutes_are_signed() -> None:
    council = hall(3, kind=ItemKind.REMOVAL, candidate=2, chair=True)
    council.open(3)
    council.vote(3)
    council.end()
    council.submit()
    council.sign_both()
    council.members[2].duty.refresh_from_db()
    assert council.members[2].duty.date_to == AT.date()


def test_secretary_does_not_sign_before_the_presiding_member() -> None:
    council = ended()
    council.submit()
    assert "Сначала документ подписывает" in refusal_of(council.sign, "secretary", council.secretary)


def test_minutes_are_not_signed_in_the_place_of_another() -> None:
    council = ended()
    council.submit()
    assert "другого человека" in refusal_of(council.sign, "presiding", council.secretary)


def test_one_person_with_two_seats_does_not_sign_twice() -> None:
    council = hall(3, chair=True)
    council.open(3)
    council.vote(3)
    council.end()
    other = SecretaryFactory(council=council.council, duty__user=council.members[0].user)
    message = refusal_of(
        services.minutes_submit, actor=acting_as(other.duty), meeting=council.meeting, at=council.tick()
    )
    assert "один человек" in message
    assert Document.objects.count() == 0


def test_person_who_keeps_the_record_does_not_preside_from_another_seat() -> None:
    council = hall(3)
    council.secretary = SecretaryFactory(council=council.council, duty__user=council.members[0].user)
    council.open(3)
    assert "два разных человека" in refusal_of(council.preside, council.members[0])


def test_minutes_with_a_wrong_password_stay_unsigned() -> None:
    council = ended()
    council.submit()
    assert "Пароль неверен" in refusal_of(council.sign, "presiding", council.meeting.presiding, password="нет")


def test_minutes_of_an_old_version_are_stale() -> None:
    council = ended()
    council.submit()
    old = current_version(council.meeting.document).sha256
    services.minutes_return(
        actor=acting_as(council.meeting.presiding.duty),
        meeting=council.meeting,
        slot="presiding",
        reason="Не указано, что докладывали.",
        at=council.tick(),
    )
    services.item_heard(actor=council.keeper, item=council.items[0], heard="Доклад о расписании.", at=council.tick())
    council.submit()
    with pytest.raises(StaleError):
        council.sign("presiding", council.meeting.presiding, version=old)
    council.sign_both()
    assert (council.meeting.state, council.meeting.document.versions.count()) == (MeetingState.CLOSED, 2)


def test_return_without_a_reason_is_refused() -> None:
    council = ended()
    council.submit()
    message = refusal_of(
        services.minutes_return,
        actor=acting_as(council.meeting.presiding.duty),
        meeting=council.meeting,
        slot="presiding",
        reason=" ",
        at=council.tick(),
    )
    assert "Укажите причину" in message


def test_what_was_heard_is_not_changed_while_minutes_are_signed() -> None:
    council = ended()
    council.submit()
    with pytest.raises(StaleError):
        services.item_heard(actor=council.keeper, item=council.items[0], heard="Другое", at=council.tick())
