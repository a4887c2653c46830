"""Votes from members' phones: by name, once, only by those present; nothing is lost and nothing done twice (3.12)."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest
from django.db import connection, transaction
from django.db.utils import InternalError
from django.test import Client
from django.urls import reverse

from council import services
from council.enums import ItemState
from council.models import AgendaItem, Ballot, Presence, Vote
from council.voting import Tally
from network_portal.common.errors import StaleError
from tests.council.asking import refusal_of
from tests.factories.council import AT, CouncilMemberFactory, Hall, hall
from tests.factories.schools import acting_as, sign_in
from tests.shared import shared

pytestmark = pytest.mark.django_db


def cast(council: Hall, place: int, choice: str = "for", **more: object) -> Ballot:
    acting = acting_as(council.members[place].duty)
    return services.ballot_cast(actor=acting, item=council.items[0], choice=choice, at=council.tick(), **more)


@shared
def five() -> Hall:
    """Return a council of five with a chair, of whom four are in the hall."""
    council = hall(5, chair=True)
    council.open(4)
    return council


@shared
def voting(five: Hall) -> Hall:
    """Return `five` when ballots come in on its question."""
    five.agree()
    services.voting_open(actor=five.keeper, item=five.items[0], at=five.tick())
    return five


def test_ballots_are_counted_and_who_cast_none_has_not_voted(voting: Hall) -> None:
    for place, choice in enumerate(("for", "for", "against")):
        cast(voting, place, choice)
    vote = services.voting_close(actor=voting.keeper, item=voting.items[0], at=voting.tick())
    assert (vote.votes_for, vote.against, vote.abstained, vote.not_voted, vote.present) == (2, 1, 0, 1, 4)
    assert AgendaItem.objects.get().state == ItemState.REJECTED  # exactly half


def test_member_votes_once_only_when_present_and_only_while_the_vote_is_open(voting: Hall) -> None:
    cast(voting, 0)
    assert refusal_of(cast, voting, 0, "against") == "Голос уже учтён: голосуют один раз."
    assert "отмечены присутствующими" in refusal_of(cast, voting, 4)
    stranger = CouncilMemberFactory()
    with pytest.raises(Exception, match="does not exist"):
        services.ballot_cast(actor=acting_as(stranger.duty), item=voting.items[0], choice="for", at=voting.tick())
    services.voting_close(actor=voting.keeper, item=voting.items[0], at=voting.tick())
    with pytest.raises(StaleError):
        cast(voting, 1)
    with pytest.raises(InternalError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE council_ballot SET choice = 'against'")


def test_member_does_not_vote_for_another_but_the_secretary_notes_a_raised_hand(voting: Hall) -> None:
    assert cast(voting, 1, member=voting.members[2]).member == voting.members[1]
    noted = services.ballot_cast(
        actor=voting.keeper, item=voting.items[0], choice="against", member=voting.members[2], at=voting.tick()
    )
    assert (noted.member, noted.entered_by) == (voting.members[2], voting.secretary.user)


def test_nobody_comes_or_goes_while_ballots_come_in(voting: Hall) -> None:
    """Who has voted and leaves would be counted or not by chance: the vote is interrupted and begun anew."""
    cast(voting, 3)
    words = "Идёт голосование по вопросу 1. Завершите или прервите его."
    assert refusal_of(voting.leave, voting.members[3]) == words
    assert refusal_of(voting.end) == "Идёт голосование по вопросу 1."
    services.voting_interrupt(actor=voting.keeper, item=voting.items[0], at=voting.tick())
    voting.leave(voting.members[3])
    services.voting_open(actor=voting.keeper, item=voting.items[0], at=voting.tick())
    assert "отмечены присутствующими" in refusal_of(cast, voting, 3)  # voting after leaving
    cast(voting, 0)
    vote = services.voting_close(actor=voting.keeper, item=voting.items[0], at=voting.tick())
    assert (vote.votes_for, vote.not_voted, vote.present) == (1, 2, 3)  # the ballot of the first round is not counted


def test_vote_is_not_opened_without_a_quorum(led: Hall) -> None:
    led.open(1)
    assert "Кворума нет: 1 из 3" in refusal_of(services.voting_open, actor=led.keeper, item=led.items[0], at=led.tick())


# --- a connection that was lost -------------------------------------------------------------------------------------


def test_act_sent_again_is_done_once(led: Hall) -> None:
    led.open(2)
    act = {"actor": led.keeper, "meeting": led.meeting, "member": led.members[2], "key": UUID(int=7)}
    services.presence_arrive(at=led.tick(), **act)
    with pytest.raises(services.AlreadyDoneError):
        services.presence_arrive(at=led.tick(), **act)
    assert Presence.objects.count() == 3


def test_what_was_entered_without_a_network_keeps_its_time_and_order() -> None:
    """Told half an hour later: an arrival, votes, a departure, each at the minute in which it was entered."""
    council = hall(4, chair=True)
    council.open(2)
    late = council.tick(30)

    def ago(minutes: int) -> timedelta:
        return timedelta(minutes=minutes)

    arrived = services.presence_arrive(
        actor=council.keeper, meeting=council.meeting, member=council.members[2], age=ago(25), at=late
    )
    services.agenda_vote(actor=council.keeper, meeting=council.meeting, tally=Tally(3, 0, 0, 0), age=ago(22), at=late)
    vote = services.vote_record(
        actor=council.keeper, item=council.items[0], tally=Tally(2, 1, 0, 0), age=ago(20), at=late
    )
    left = services.presence_leave(
        actor=council.keeper, meeting=council.meeting, member=council.members[2], age=ago(10), at=late
    )
    assert (arrived.arrived_at, vote.at, left.left_at) == (late - ago(25), late - ago(20), late - ago(10))
    assert "прошло голосование" in refusal_of(
        services.presence_arrive,
        actor=council.keeper, meeting=council.meeting, member=council.members[3], age=ago(24), at=late,
    )  # fmt: skip


def test_screen_is_told_only_what_is_new_and_a_script_in_json(client: Client, five: Hall) -> None:
    sign_in(client, five.secretary.duty)
    address = reverse("meeting_live", args=[five.meeting.pk])
    first = client.get(address)
    assert (first.status_code, "Кворум есть: 4 из 5" in first.text) == (200, True)
    tag = first["ETag"]
    assert client.get(address, headers={"If-None-Match": tag}).status_code == 304
    data = {"member": five.members[4].pk, "key": str(UUID(int=9))}
    arrive, asked = reverse("meeting_arrive", args=[five.meeting.pk]), {"Accept": "application/json"}
    answers = [client.post(arrive, data, headers=asked) for _ in range(2)]
    assert [answer.json() for answer in answers] == [{"done": True}] * 2
    assert "Кворум есть: 5 из 5" in client.get(address, headers={"If-None-Match": tag}).text
    again = client.post(arrive, {"member": five.members[4].pk}, headers=asked)
    assert (again.status_code, "уже среди присутствующих" in again.json()["error"]) == (400, True)
    wall = client.get(reverse("meeting_screen_live", args=[five.meeting.pk]))
    assert "Кворум есть: 5 из 5" in wall.text


def test_phone_shows_four_buttons_then_that_the_vote_counts(client: Client, voting: Hall) -> None:
    sign_in(client, voting.members[1].duty)
    page = reverse("meeting", args=[voting.meeting.pk])
    assert client.get(page).text.count('name="choice"') == 4
    client.post(reverse("ballot", args=[voting.meeting.pk, voting.items[0].pk]), {"choice": "abstained"})
    assert "Ваш голос учтён: воздержался" in client.get(page).text
    assert (Vote.objects.count(), Ballot.objects.get().at >= AT) == (0, True)
