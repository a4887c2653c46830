"""Pages of the council: who may open them, what they show, what they say when something is refused."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from council import services
from council.enums import ItemState, MeetingState
from council.models import AgendaItem, Meeting, Presence, Vote
from schools.enums import DutyKind
from tests.council.pages import member, page, secretary
from tests.factories.council import AT, Hall, MeetingFactory, SecretaryFactory, hall
from tests.factories.schools import DutyFactory, sign_in

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]


# --- who ----------------------------------------------------------------------------------------------------------

READ = ("meeting", "minutes_pdf")
WRITE = (
    "meeting_open",
    "meeting_arrive",
    "meeting_leave",
    "meeting_presiding",
    "meeting_end",
    "meeting_not_held",
    "minutes_submit",
)
SIGN = ("minutes_sign", "minutes_return")
ITEM = ("item_remove", "item_vote", "item_heard")


def answers(client: Client, council: Hall) -> dict[str, int]:
    """Return the status of every address about one meeting."""
    pk, item = council.meeting.pk, council.items[0].pk
    found = {name: client.get(reverse(name, args=[pk])).status_code for name in (*READ, "item_create")}
    found |= {name: client.post(reverse(name, args=[pk])).status_code for name in (*WRITE, *SIGN)}
    return found | {name: client.post(reverse(name, args=[pk, item])).status_code for name in ITEM}


def test_member_of_another_council_finds_nothing(client: Client, signed: Hall) -> None:
    other = hall(1)
    for seat in (other.members[0], other.secretary):
        assert set(answers(sign_in(client, seat.duty), signed).values()) == {404}


def test_another_duty_of_a_member_opens_nothing(client: Client, signed: Hall) -> None:
    seat = signed.members[0]
    sign_in(client, DutyFactory(user=seat.user, organisation=seat.duty.organisation, kind=DutyKind.DIRECTOR))
    names = [client.get(reverse(name)).status_code for name in ("council", "meeting_list", "meeting_create")]
    assert (set(answers(client, signed).values()), names) == ({404}, [404, 404, 404])


def test_member_without_a_seat_opens_nothing(client: Client, unled: Hall) -> None:
    sign_in(client, DutyFactory(kind=DutyKind.COUNCIL_MEMBER))
    assert [client.get(reverse(name)).status_code for name in ("council", "meeting_list")] == [404, 404]


@pytest.mark.usefixtures("real_papers")
def test_member_reads_and_does_not_write(client: Client, submitted: Hall) -> None:
    found = answers(member(client, submitted, 1), submitted)
    assert {name for name, status in found.items() if status == 200} == set(READ)
    assert {name for name, status in found.items() if status == 403} == {*WRITE, *SIGN, *ITEM, "item_create"}


def test_list_shows_only_the_own_council(client: Client) -> None:
    council, other = hall(3), hall(3)
    Meeting.objects.filter(pk=council.meeting.pk).update(place="СВОЁ МЕСТО")
    Meeting.objects.filter(pk=other.meeting.pk).update(place="ЧУЖОЕ МЕСТО")
    text = page(member(client, council), "meeting_list")
    assert ("ЧУЖОЕ МЕСТО" in text, "СВОЁ МЕСТО" in text) == (False, True)


def test_meeting_is_convened_by_secretary_and_chair_only(client: Client, led: Hall) -> None:
    statuses = [
        sign_in(client, seat.duty).get(reverse("meeting_create")).status_code
        for seat in (led.secretary, led.members[0], led.members[1])
    ]
    assert statuses == [200, 200, 403]


def test_item_of_another_meeting_is_not_found(client: Client, led: Hall) -> None:
    other = hall(3)
    address = reverse("item_vote", args=[led.meeting.pk, other.items[0].pk])
    assert secretary(client, led).post(address).status_code == 404


# --- composition and list -----------------------------------------------------------------------------------------


def test_composition_names_chair_and_secretary(client: Client, led: Hall) -> None:
    text = page(member(client, led, 1), "council")
    assert f"Председатель: {led.members[0].user.full_name}" in text
    assert "без права голоса" in text


def test_composition_leaves_out_a_seat_that_has_ended(client: Client, unled: Hall) -> None:
    duty = unled.members[2].duty
    duty.user.last_name = "Бывший"
    duty.user.save()
    duty.date_to = date(2026, 8, 31)
    duty.save()
    text = page(member(client, unled), "council")
    today, before = text.split("Были в составе")
    assert ("Бывший" in today, "Бывший" in before) == (False, True)


def test_empty_list_says_what_to_do(client: Client) -> None:
    seat = SecretaryFactory()
    text = page(sign_in(client, seat.duty), "meeting_list")
    assert ("Заседаний ещё не было" in text, "Назначить заседание" in text) == (True, True)


def test_meeting_is_planned_in_the_browser(client: Client, unled: Hall) -> None:
    data = {"planned_at": "2026-09-09T15:00", "place": "каб. 12", "kind": "first"}
    response = secretary(client, unled).post(reverse("meeting_create"), data)
    planned = Meeting.objects.latest("pk")
    assert response.url == reverse("meeting", args=[planned.pk])
    assert (timezone.localtime(planned.planned_at).hour, planned.state) == (15, MeetingState.PLANNED)


def test_meeting_in_the_past_keeps_what_was_typed(client: Client, unled: Hall) -> None:
    data = {"planned_at": "2026-09-01T15:00", "place": "каб. 12", "kind": "first"}
    response = secretary(client, unled).post(reverse("meeting_create"), data)
    text = response.content.decode()
    assert (response.status_code, "уже прошла" in text, 'value="каб. 12"' in text) == (422, True, True)


# --- the meeting as it runs ---------------------------------------------------------------------------------------


def test_page_says_the_quorum_and_the_rule_in_numbers(client: Client, running: Hall) -> None:
    text = page(secretary(client, running), "meeting", running.meeting.pk)
    assert "Кворум есть: 8 из 10" in text
    assert "более половины присутствующих: не менее 5 из 8" in text


def test_vote_button_is_disabled_with_the_reason_beside_it(client: Client, large: Hall) -> None:
    large.open(5)
    closed = '<button class="btn btn-primary" type="submit" disabled>Утвердить повестку</button>'
    assert closed in page(secretary(client, large), "meeting", large.meeting.pk)
    large.arrive(large.members[5])
    large.agree()
    large.leave(large.members[5])
    text = page(client, "meeting", large.meeting.pk)
    assert "Кворума нет: 5 из 10, нужно 6" in text
    assert '<button class="btn btn-outline-primary" type="submit" disabled>Записать голосование</button>' in text
    assert "Кворума нет: 5 из 10, нужно 6. Голосовать нельзя." in text


def test_member_sees_no_buttons(client: Client, running: Hall) -> None:
    text = page(member(client, running), "meeting", running.meeting.pk)
    assert ("Записать голосование" in text, "Прибытие" in text, "Добавить вопрос" in text) == (False, False, False)


def test_secretary_opens_with_those_present(client: Client, led: Hall) -> None:
    present = [led.members[0].pk, led.members[2].pk]
    secretary(client, led).post(reverse("meeting_open", args=[led.meeting.pk]), {"present": present})
    assert sorted(Presence.objects.values_list("member_id", flat=True)) == sorted(present)


def test_arrival_by_minute_is_in_the_time_of_the_portal(client: Client, large: Hall) -> None:
    large.open(6)
    seat = large.members[7].pk
    address = reverse("meeting_arrive", args=[large.meeting.pk])
    secretary(client, large).post(address, {"member": seat, "minute": "15:10"})
    assert Presence.objects.get(member=seat).arrived_at == AT + timedelta(minutes=10)


def test_refused_arrival_returns_to_the_page_with_the_reason(client: Client, large: Hall) -> None:
    large.open(6)
    address = reverse("meeting_arrive", args=[large.meeting.pk])
    back = "http://testserver" + reverse("meeting", args=[large.meeting.pk])
    response = secretary(client, large).post(
        address, {"member": large.members[7].pk, "minute": "15:55"}, follow=True, headers={"referer": back}
    )
    assert "Это время ещё не наступило." in response.content.decode()


def test_vote_is_recorded_in_the_browser(client: Client, running: Hall) -> None:
    data = {
        "votes_for": 5,
        "against": 2,
        "abstained": 1,
        "not_voted": 0,
        "executor": "Белов Б. О.",
        "due": "2026-10-01",
    }
    address = reverse("item_vote", args=[running.meeting.pk, running.items[0].pk])
    response = secretary(client, running).post(address, data)
    item = AgendaItem.objects.get(pk=running.items[0].pk)
    assert (response.status_code, item.state, item.decision.due) == (302, ItemState.ADOPTED, date(2026, 10, 1))


def test_wrong_sum_keeps_what_was_typed(client: Client, running: Hall) -> None:
    data = {"votes_for": 5, "against": 2, "abstained": 1, "not_voted": 1, "heard": "Доклад о расписании"}
    address = reverse("item_vote", args=[running.meeting.pk, running.items[0].pk])
    response = secretary(client, running).post(address, data)
    text = response.content.decode()
    assert (response.status_code, Vote.objects.count()) == (422, 0)
    assert "Сумма голосов 9, а присутствуют 8" in text
    assert "Доклад о расписании" in text


def test_vote_on_a_closed_item_answers_that_it_is_stale(client: Client, running: Hall) -> None:
    running.vote(8)
    data = {"votes_for": 8, "against": 0, "abstained": 0, "not_voted": 0}
    address = reverse("item_vote", args=[running.meeting.pk, running.items[0].pk])
    response = secretary(client, running).post(address, data)
    assert (response.status_code, "решение принято" in response.content.decode()) == (409, True)


def test_item_with_a_candidate_missing_is_shown_again(client: Client, unled: Hall) -> None:
    data = {"title": "О выборах", "speaker": "Белов Б. О.", "proposal": "Избрать", "kind": "chair"}
    response = secretary(client, unled).post(reverse("item_create", args=[unled.meeting.pk]), data)
    assert (response.status_code, "Укажите члена этого совета" in response.content.decode()) == (422, True)


def test_agenda_is_agreed_to_in_the_browser(client: Client, large: Hall) -> None:
    large.open(8)
    before = page(secretary(client, large), "meeting", large.meeting.pk)
    assert ("Проставлено «единогласно»" in before, "Записать голосование" in before) == (True, False)
    address = reverse("agenda_vote", args=[large.meeting.pk])
    client.post(address, {"votes_for": 7, "against": 0, "abstained": 1, "not_voted": 0})
    after = page(client, "meeting", large.meeting.pk)
    assert ("Повестка утверждена" in after, "Записать голосование" in after) == (True, True)


def test_questions_of_a_meeting_that_was_not_held_are_taken_by_one_button(client: Client, led: Hall) -> None:
    led.open(1)
    services.meeting_not_held(actor=led.keeper, meeting=led.meeting, at=led.tick())
    following = MeetingFactory(council=led.council, planned_at=AT + timedelta(days=7), state=MeetingState.PLANNED)
    told = page(secretary(client, led), "meeting", led.meeting.pk)
    assert "одновременно в зале было 1 из 3, нужно 2. Вопросы можно перенести" in told
    assert "Перенести в эту повестку" in page(client, "meeting", following.pk)
    taken = client.post(reverse("agenda_take", args=[following.pk]), follow=True).text
    assert ("перенесено: 2" in taken, "Перенести в эту повестку" in taken) == (True, False)
    assert "Вопросы перенесены на заседание" in page(client, "meeting", led.meeting.pk)


# --- how many queries ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("items", [2, 4])
def test_meeting_page_asks_the_same_for_one_open_item_and_three(
    client: Client, items: int, django_assert_num_queries: Any
) -> None:
    council = hall(3, items=items, chair=True)
    council.open(3)
    council.vote(3)
    secretary(client, council)
    with django_assert_num_queries(MEETING_QUERIES):
        page(client, "meeting", council.meeting.pk)


@pytest.mark.parametrize("meetings", [1, 3])
def test_meeting_list_asks_the_same_for_one_meeting_and_three(
    client: Client, meetings: int, django_assert_num_queries: Any, signed: Hall
) -> None:
    for days in range(1, meetings):
        services.meeting_plan(
            actor=signed.keeper,
            council=signed.council,
            kind="extraordinary",
            planned_at=AT + timedelta(days=days),
            place="каб. 12",
            at=AT,
        )
    member(client, signed)
    with django_assert_num_queries(LIST_QUERIES):
        page(client, "meeting_list")


MEETING_QUERIES = 18
LIST_QUERIES = 10
