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
from tests.factories.council import AT, Hall, SecretaryFactory, hall
from tests.factories.schools import acting_as

pytestmark = pytest.mark.django_db


def test_minutes_signed_by_both_close_the_meeting_and_give_effect(submitted: Hall) -> None:
    submitted.sign_both()
    decision = Decision.objects.get()
    document = submitted.meeting.document
    assert (submitted.meeting.state, document.number, document.kind) == (MeetingState.CLOSED, 1, "T18")
    assert document.organisation == submitted.council.keeper
    assert decision.effective_at == submitted.now


def test_minutes_signed_by_one_have_no_effect(submitted: Hall) -> None:
    submitted.sign("presiding", submitted.meeting.presiding)
    assert (submitted.meeting.state, Decision.objects.get().effective_at) == (MeetingState.SIGNING, None)


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


def test_secretary_does_not_sign_before_the_presiding_member(submitted: Hall) -> None:
    assert "Сначала документ подписывает" in refusal_of(submitted.sign, "secretary", submitted.secretary)


def test_minutes_are_not_signed_in_the_place_of_another(submitted: Hall) -> None:
    assert "другого человека" in refusal_of(submitted.sign, "presiding", submitted.secretary)


def test_one_person_with_two_seats_does_not_sign_twice(sitting: Hall) -> None:
    sitting.vote(3)
    sitting.end()
    other = SecretaryFactory(council=sitting.council, duty__user=sitting.members[0].user)
    message = refusal_of(
        services.minutes_submit, actor=acting_as(other.duty), meeting=sitting.meeting, at=sitting.tick()
    )
    assert "один человек" in message
    assert Document.objects.count() == 0


def test_person_who_keeps_the_record_does_not_preside_from_another_seat(unled: Hall) -> None:
    unled.secretary = SecretaryFactory(council=unled.council, duty__user=unled.members[0].user)
    unled.open(3)
    assert "два разных человека" in refusal_of(unled.preside, unled.members[0])


def test_minutes_with_a_wrong_password_stay_unsigned(submitted: Hall) -> None:
    assert "Пароль неверен" in refusal_of(submitted.sign, "presiding", submitted.meeting.presiding, password="нет")


def test_minutes_of_an_old_version_are_stale(submitted: Hall) -> None:
    old = current_version(submitted.meeting.document).sha256
    services.minutes_return(
        actor=acting_as(submitted.meeting.presiding.duty),
        meeting=submitted.meeting,
        slot="presiding",
        reason="Не указано, что докладывали.",
        at=submitted.tick(),
    )
    words = {"heard": "Доклад о расписании.", "at": submitted.tick()}
    services.item_heard(actor=submitted.keeper, item=submitted.items[0], **words)
    submitted.submit()
    with pytest.raises(StaleError):
        submitted.sign("presiding", submitted.meeting.presiding, version=old)
    submitted.sign_both()
    assert (submitted.meeting.state, submitted.meeting.document.versions.count()) == (MeetingState.CLOSED, 2)


def test_return_without_a_reason_is_refused(submitted: Hall) -> None:
    message = refusal_of(
        services.minutes_return,
        actor=acting_as(submitted.meeting.presiding.duty),
        meeting=submitted.meeting,
        slot="presiding",
        reason=" ",
        at=submitted.tick(),
    )
    assert "Укажите причину" in message


def test_what_was_heard_is_not_changed_while_minutes_are_signed(submitted: Hall) -> None:
    with pytest.raises(StaleError):
        services.item_heard(actor=submitted.keeper, item=submitted.items[0], heard="Другое", at=submitted.tick())
