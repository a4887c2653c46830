"""Pages of the minutes: who signs them, what they print, that they are changed nowhere once signed."""

from __future__ import annotations

import re
import subprocess
from dataclasses import asdict
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from council import access, services
from council.enums import MeetingState
from council.models import AgendaItem, CouncilMember, Meeting, Presence, Vote
from network_portal.documents.models import Document
from network_portal.documents.selectors import current_version
from tests.council.pages import member, page, secretary
from tests.factories.accounts import PASSWORD
from tests.factories.council import Hall
from tests.factories.documents import may_sign, proof_of
from tests.factories.schools import acting_as, sign_in
from tests.shared import shared

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]


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


def test_gate_tells_who_signs_where(drawn: Hall) -> None:
    meeting = access.meeting_for(drawn.keeper, drawn.meeting.pk)
    slots = [access.slot_of(acting_as(seat.duty), meeting) for seat in (drawn.members[0], drawn.members[1])]
    assert (slots, access.slot_of(drawn.keeper, meeting)) == (["presiding", None], "secretary")


#: Every act on a meeting, and on one of its questions.
ACTS = (
    "meeting_convene", "meeting_move", "meeting_cancel", "meeting_answer", "material_add", "meeting_open",
    "meeting_arrive", "meeting_leave", "meeting_presiding", "meeting_end", "meeting_not_held", "agenda_take",
    "agenda_vote", "item_create", "minutes_circulate", "minutes_submit", "minutes_sign", "minutes_return", "remark_add",
)  # fmt: skip
ITEM_ACTS = (
    "item_remove", "opinion_ask", "item_vote", "voting_open", "voting_interrupt", "voting_close", "ballot",
    "item_heard", "dissent",
)  # fmt: skip


def recorded(council: Hall) -> list[Any]:
    """Return what the minutes stand on."""
    models = (Meeting, AgendaItem, Vote, Presence, Document)
    return [list(model.objects.order_by("pk").values()) for model in models]


def test_signed_minutes_are_changed_on_no_page(client: Client, signed: Hall) -> None:
    """Whoever may write is refused everywhere, with whatever values; raw SQL and the administrator elsewhere."""
    seat, item = signed.members[1], signed.items[0]
    data = {
        "member": seat.pk, "present": seat.pk, "minute": "15:10", "kind": "other", "title": "Новое", "speaker": "Я",
        "proposal": "Иначе", "planned_at": "2026-09-20T15:00", "place": "каб. 1", "reason": "Так", "text": "Так",
        "short_notice": "Так", "coming": "yes", "choice": "for", "heard": "Иначе", "discussed": "", "votes_for": 3,
        "against": 0, "abstained": 0, "not_voted": 0, **signed_data(signed, signed.secretary),
    }  # fmt: skip
    before = recorded(signed)
    refused = {}
    for who in (signed.secretary, signed.members[0]):
        sign_in(client, who.duty)
        addresses = [reverse(name, args=[signed.meeting.pk]) for name in ACTS]
        addresses += [reverse(name, args=[signed.meeting.pk, item.pk]) for name in ITEM_ACTS]
        refused |= {(who.pk, address): client.post(address, data).status_code for address in addresses}
    assert {key: status for key, status in refused.items() if not 400 <= status < 500} == {}
    assert recorded(signed) == before
