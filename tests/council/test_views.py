"""Pages of the council: who may open them, what they show, what they say when something is refused."""

from __future__ import annotations

import re
import subprocess
from dataclasses import asdict
from datetime import date, timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from council import access, selectors, services
from council.enums import ItemState, MeetingState
from council.models import AgendaItem, CouncilMember, Meeting, Presence, Vote
from network_portal.documents.models import Document
from network_portal.documents.selectors import current_version
from schools.enums import DutyKind
from tests.factories.accounts import PASSWORD
from tests.factories.council import AT, Hall, SecretaryFactory, hall, signed_hall
from tests.factories.documents import may_sign, proof_of
from tests.factories.schools import DutyFactory, acting_as, sign_in
from tests.shared import shared

pytestmark = pytest.mark.django_db
TODAY = AT.date()


@pytest.fixture(autouse=True)
def clock() -> Any:
    """The portal's clock stands half an hour after the planned beginning."""
    with time_machine.travel(AT + timedelta(minutes=30), tick=False):
        yield


def page(client: Client, name: str, *args: int) -> str:
    """Return the text of a page that opens."""
    response = client.get(reverse(name, args=args))
    assert response.status_code == 200
    return response.content.decode()


def secretary(client: Client, council: Hall) -> Client:
    return sign_in(client, council.secretary.duty)


def member(client: Client, council: Hall, number: int = 0) -> Client:
    return sign_in(client, council.members[number].duty)


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


def test_member_of_another_council_finds_nothing(client: Client) -> None:
    council, other = signed_hall(3, chair=True), signed_hall(3, chair=True)
    for seat in (other.members[0], other.secretary):
        assert set(answers(sign_in(client, seat.duty), council).values()) == {404}


@pytest.mark.parametrize("kind", [DutyKind.DIRECTOR, DutyKind.DEPUTY])
def test_another_duty_of_a_member_opens_nothing(client: Client, kind: str, signed: Hall) -> None:
    duty = DutyFactory(user=signed.members[0].user, organisation=signed.members[0].duty.organisation, kind=kind)
    sign_in(client, duty)
    names = [client.get(reverse(name)).status_code for name in ("council", "meeting_list", "meeting_create")]
    assert (set(answers(client, signed).values()), names) == ({404}, [404, 404, 404])


def test_member_without_a_seat_opens_nothing(client: Client) -> None:
    signed_hall(3, chair=True)
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


# --- minutes ------------------------------------------------------------------------------------------------------


@shared
def drawn(running: Hall) -> Hall:
    """Return `running` when it is closed after one vote, and its minutes wait for two signatures."""
    running.vote(5, 2, 1)
    running.leave(running.members[7])
    running.end()
    services.item_heard(actor=running.keeper, item=running.items[0], heard="доклад о расписании", at=running.tick())
    running.submit()
    return running


def signed_data(council: Hall, seat: CouncilMember, password: str = PASSWORD) -> dict[str, str]:
    document = council.meeting.document
    proof = proof_of(seat.duty.user, document, at=timezone.now(), password=password)
    return {"version_sha256": current_version(document).sha256, **asdict(proof)}


def test_minutes_are_signed_by_two_people_in_the_browser(client: Client, drawn: Hall) -> None:
    address = reverse("minutes_sign", args=[drawn.meeting.pk])
    for seat in (drawn.members[0], drawn.secretary):
        assert sign_in(client, seat.duty).post(address, signed_data(drawn, seat)).status_code == 302
    drawn.refresh()
    assert (drawn.meeting.state, drawn.meeting.document.number) == (MeetingState.CLOSED, 1)


def test_wrong_password_shows_the_page_again(client: Client, drawn: Hall) -> None:
    address = reverse("minutes_sign", args=[drawn.meeting.pk])
    response = member(client, drawn).post(address, signed_data(drawn, drawn.members[0], "нет"))
    assert (response.status_code, "Пароль неверен" in response.content.decode()) == (422, True)


def test_stale_minutes_answer_what_changed(client: Client, drawn: Hall) -> None:
    old = signed_data(drawn, drawn.members[0])
    chair = acting_as(drawn.members[0].duty)
    services.minutes_return(actor=chair, meeting=drawn.meeting, slot="presiding", reason="Нет срока.", at=drawn.tick())
    text = page(secretary(client, drawn), "meeting", drawn.meeting.pk)
    assert "Нет срока." in text
    services.item_heard(actor=drawn.keeper, item=drawn.items[0], heard="другой доклад", at=drawn.tick())
    drawn.submit()
    response = member(client, drawn).post(reverse("minutes_sign", args=[drawn.meeting.pk]), old)
    drawn.refresh()
    assert (response.status_code, drawn.meeting.document.state) == (409, "draft")


def test_only_whose_turn_it_is_sees_the_form(client: Client, drawn: Hall) -> None:
    for seat in (drawn.members[0], drawn.secretary, drawn.members[1]):
        may_sign(seat.duty.user, seat.duty.organisation)
    seen = [
        "Ваш пароль" in page(sign_in(client, seat.duty), "meeting", drawn.meeting.pk)
        for seat in (drawn.members[0], drawn.secretary, drawn.members[1])
    ]
    assert seen == [True, False, False]


def printed(pdf: bytes) -> str:
    """Return the text of a paper without line breaks, hyphens at their ends and non-breaking spaces."""
    done = subprocess.run(["pdftotext", "-layout", "-", "-"], input=pdf, capture_output=True, check=True)
    return re.sub(r"(?<=[а-яё])- (?=[а-яё])", "", " ".join(done.stdout.decode().split()))


@pytest.mark.usefixtures("real_papers")
def test_minutes_tell_what_happened(client: Client, drawn: Hall) -> None:
    drawn.sign_both()
    response = secretary(client, drawn).get(reverse("minutes_pdf", args=[drawn.meeting.pk]))
    text = printed(response.content)
    chair = drawn.members[0].user.short_name.replace("\u00a0", " ")
    last = drawn.members[7].user.short_name.replace("\u00a0", " ")
    wanted = [
        "ПРОТОКОЛ ЗАСЕДАНИЯ КООРДИНАЦИОННОГО СОВЕТА",
        "№1",
        "2 сентября 2026 г.",
        "Начало в 15:00, окончание в 15:03",
        f"Председатель – {chair}; ответственный секретарь – ",
        "В составе совета 10 чел. с правом голоса. Присутствовали 8 чел.",
        "Отсутствовали 2 чел.",
        "не менее 6 из 10. Одновременно присутствовали до 8 чел. Кворум имеется.",
        f"{last}, ",
        "(присутствие: с 15:00 до 15:02)",
        "доклад о расписании",
        "ГОЛОСОВАЛИ в 15:01 (в момент голосования присутствовали 8): за – 5, против – 2, воздержались – 1,"
        " не голосовали – 0.",
        "Требуется более половины присутствующих: не менее 5 из 8. Расчёт: кворум 2 × 8 > 10; решение 2 × 5 > 8."
        " РЕШЕНИЕ ПРИНЯТО.",
        "РЕШИЛИ: 1.1. Утвердить сетевое расписание на первое полугодие. Исполнитель: Белов Б. О.; срок: 1 октября"
        " 2026 г.",
        "За утверждение повестки (присутствовали 8): за – 8, против – 0, воздержались – 0, не голосовали – 0."
        " Повестка утверждена.",
        "Вопрос на заседании не рассматривался",
        "Подписано простой электронной подписью",
    ]
    assert [words for words in wanted if words not in text] == []
    names = sorted((seat.user for seat in drawn.members[:8]), key=lambda user: user.sort_key)
    places = [text.index(f"{user.short_name.replace(chr(160), ' ')}, МАОУ") for user in names]
    assert places == sorted(places)


@pytest.mark.usefixtures("real_papers")
def test_draft_of_the_minutes_has_no_number(client: Client, drawn: Hall) -> None:
    response = member(client, drawn, 1).get(reverse("minutes_pdf", args=[drawn.meeting.pk]))
    assert (response.status_code, response.content[:5], Document.objects.get().number) == (200, b"%PDF-", None)


def test_meeting_without_minutes_has_no_file(client: Client, running: Hall) -> None:
    assert member(client, running).get(reverse("minutes_pdf", args=[running.meeting.pk])).status_code == 404


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


# --- what waits for whom ------------------------------------------------------------------------------------------


def titles(seat: Any, on: date = TODAY) -> list[str]:
    return [task.title for task in selectors.tasks_for(acting_as(seat.duty), on)]


def test_tasks_before_the_day_of_the_meeting() -> None:
    council = hall(3, chair=True, at=AT + timedelta(days=5))
    task = selectors.tasks_for(acting_as(council.members[1].duty), TODAY)[0]
    assert (task.title, task.due) == ("Ответить, придёте ли на заседание", TODAY + timedelta(days=5))
    services.meeting_answer(actor=acting_as(council.members[1].duty), meeting=council.meeting, coming=True, at=AT)
    task = selectors.tasks_for(acting_as(council.members[1].duty), TODAY)[0]
    assert (task.title, task.due) == ("Заседание совета", TODAY + timedelta(days=5))


def test_tasks_follow_the_meeting(led: Hall) -> None:
    people = (led.secretary, led.members[0], led.members[1])
    seen = [[titles(seat) for seat in people]]
    led.open(3)
    led.vote(3)
    led.end()
    seen.append([titles(seat) for seat in people])
    led.submit()
    seen.append([titles(seat) for seat in people])
    led.sign("presiding", led.members[0])
    seen.append([titles(seat) for seat in people])
    led.sign("secretary", led.secretary)
    seen.append([titles(seat) for seat in people])
    sign = ["Подписать протокол заседания"]
    assert seen == [
        [["Провести заседание совета"], ["Заседание совета сегодня"], ["Заседание совета сегодня"]],
        [["Составить протокол заседания"], [], []],
        [[], sign, []],
        [sign, [], []],
        [[], [], []],
    ]


def test_tasks_of_another_council_do_not_show() -> None:
    hall(3, chair=True)
    other = signed_hall(3, chair=True)
    assert titles(other.members[0]) == []


def test_tasks_of_another_duty_are_none(unled: Hall) -> None:
    duty = DutyFactory(user=unled.members[0].user, kind=DutyKind.DIRECTOR)
    assert selectors.tasks_for(acting_as(duty), TODAY) == []


def test_gate_tells_who_signs_where(drawn: Hall) -> None:
    meeting = access.meeting_for(drawn.keeper, drawn.meeting.pk)
    slots = [access.slot_of(acting_as(seat.duty), meeting) for seat in (drawn.members[0], drawn.members[1])]
    assert (slots, access.slot_of(drawn.keeper, meeting)) == (["presiding", None], "secretary")
