"""After the minutes: remarks and dissent before, control, extracts and copies after (3.11, 3.12, C-18, T19)."""

from __future__ import annotations

import io
import subprocess
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pikepdf
import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse

from council import services
from council.enums import MeetingState
from council.models import AgendaItem, Decision, Execution
from council.selectors import tasks_for
from council.selectors.decisions import decision_rows, overdue, passport_of
from council.selectors.names import Pupils
from council.services import letters
from council.voting import Tally
from network_portal.audit.models import AuditEntry
from network_portal.common.errors import StaleError
from network_portal.documents import kinds
from network_portal.documents.selectors import current_version
from network_portal.notices.models import Notice
from network_portal.outbox.models import OutboxEvent
from tests.council.asking import refusal_of
from tests.factories.council import AT, Hall
from tests.factories.documents import proof_of
from tests.factories.schools import MembershipFactory, StudentFactory, acting_as, sign_in
from tests.shared import shared

pytestmark = pytest.mark.django_db
Decided = tuple[Hall, Decision]


# --- the draft ------------------------------------------------------------------------------------------------------


def test_minutes_are_signed_after_the_days_for_remarks_or_when_all_have_read_them(over: Hall) -> None:
    over.council.remark_days = 3
    over.council.save()
    over.refresh()
    assert "Сначала покажите" in refusal_of(over.submit)
    meeting = services.minutes_circulate(actor=over.keeper, meeting=over.meeting, at=over.tick())
    assert (meeting.state, meeting.review_until) == (MeetingState.REVIEW, date(2026, 9, 5))
    assert "Ещё не ответили" in refusal_of(over.submit)
    say = {"meeting": meeting, "at": over.tick()}
    remark = services.remark_add(actor=acting_as(over.members[0].duty), text="Время 15:10", **say)
    for member in over.members[1:]:
        services.remark_add(actor=acting_as(member.duty), text="", **say)
    assert refusal_of(over.submit) == "Ответьте на каждое замечание."
    services.remark_answer(actor=over.keeper, remark=remark, answer="Исправлено", at=over.tick())
    item = over.items[0]
    dissent = {"item": AgendaItem.objects.get(pk=item.pk), "at": over.tick()}
    services.dissent_state(actor=acting_as(over.members[1].duty), text="Против спешки", **dissent)
    assert "был на заседании" in refusal_of(services.dissent_state, actor=over.keeper, text="Я тоже", **dissent)
    over.submit()
    said = kinds.parse(current_version(over.meeting.document).content)
    assert said["remarks"][0]["answer"] == "Исправлено"
    assert said["questions"][0]["dissents"][0]["text"] == "Против спешки"
    with pytest.raises(StaleError):
        services.remark_add(actor=acting_as(over.members[0].duty), text="Ещё", **say)


def test_silence_until_the_day_is_consent(over: Hall) -> None:
    over.council.remark_days = 3
    over.council.save()
    over.refresh()
    services.minutes_circulate(actor=over.keeper, meeting=over.meeting, at=over.tick())
    over.now += timedelta(days=4)
    over.submit()
    assert over.meeting.state == MeetingState.SIGNING


# --- control --------------------------------------------------------------------------------------------------------


@shared
def decided(led: Hall) -> Decided:
    """Return a council with a decision in effect for which the second member answers, until 10 September."""
    MembershipFactory(network=led.council.network, organisation=led.members[0].duty.organisation)
    words = {"title": "О переводе Кузнецова Олега", "proposal": "Перевести Кузнецова Олега в группу ФЗ-1."}
    AgendaItem.objects.filter(pk=led.items[0].pk).update(**words)
    led.open(3)
    led.agree()
    services.vote_record(
        actor=led.keeper, item=led.items[0], tally=Tally(3, 0, 0, 0), responsible=led.members[1],
        due=date(2026, 9, 10), at=led.tick(),
    )  # fmt: skip
    led.end()
    led.submit()
    led.sign_both()
    return led, Decision.objects.select_related("item__meeting__council", "responsible__duty__user").get()


def test_decision_is_carried_out_reported_and_taken_off_control(decided: Decided) -> None:
    council, decision = decided
    member, chair = acting_as(council.members[1].duty), acting_as(council.members[0].duty)
    assert [task.title for task in tasks_for(member, AT.date())] == ["Исполнить решение совета"]
    services.execution_report(actor=member, decision=decision, report="Сделано", at=council.tick())
    services.execution_return(actor=chair, decision=decision, reason="Не всё", at=council.tick())
    moved = date(2026, 9, 20)
    services.execution_move(actor=chair, decision=decision, due=moved, reason="Болезнь", at=council.tick())
    services.execution_report(actor=member, decision=decision, report="Сделано всё", at=council.tick())
    services.execution_release(actor=chair, decision=decision, at=council.tick())
    decision = Decision.objects.get()
    assert (decision.due, decision.execution.due, decision.execution.state) == (date(2026, 9, 10), moved, "released")
    assert [step["label"] for step in passport_of(decision, AT.date()).steps] == [
        "принято", "протокол подписан двумя", "вступило в силу", "исполнено", "снято с контроля",
    ]  # fmt: skip
    with pytest.raises(StaleError):
        services.execution_report(actor=member, decision=decision, report="Ещё", at=council.tick())


def test_pages_of_a_decision_say_what_it_is_and_what_to_do(client: Client, decided: Decided) -> None:
    """The register, the passport, the extract, the composition; overdue in words."""
    council, decision = decided
    Execution.objects.update(due=date(2026, 9, 2))
    sign_in(client, council.members[1].duty)
    passport = client.get(reverse("decision", args=[decision.pk])).text
    wanted = ("просрочено", "Отчитаться об исполнении", "кворум 2\u00a0×\u00a03", "вступило в силу")
    assert [words for words in wanted if words not in passport] == []
    assert "просрочено" in client.get(reverse("decision_list") + "?state=overdue").text
    sign_in(client, council.secretary.duty)
    made = client.post(reverse("extract_create", args=[decision.pk]), {"addressee": "Школа № 9"}, follow=True)
    assert (made.status_code, "Подписание" in made.text) == (200, True)
    for name in ("council", "proposal_list", "meeting_list"):
        assert client.get(reverse(name)).status_code == 200


def test_overdue_decisions_go_to_the_chair_on_mondays_until_nothing_is_late(decided: Decided) -> None:
    council, decision = decided
    monday = date(2026, 9, 14)
    at = datetime(2026, 9, 14, 6, tzinfo=UTC)
    assert [one.decision for one in overdue(council.council, monday)] == [decision]
    assert [row.state for row in decision_rows(Decision.objects.all(), monday, "overdue")] == ["просрочено"]
    Notice.objects.all().delete()
    services.council_remind(on=monday, at=at)
    services.council_remind(on=monday, at=at)
    services.council_remind(on=date(2026, 9, 15), at=at + timedelta(days=1))
    notice = Notice.objects.get()
    assert (notice.user, notice.text) == (council.members[0].user, "Просрочено 1 решение совета")
    event = OutboxEvent.objects.get(topic="council.digest")
    sent = {"council_id": event.payload["council_id"], "user_id": event.payload["user_id"], "on": monday}
    assert letters.digest_send(**sent)
    assert (mail.outbox[0].to, decision.item.title in mail.outbox[0].body) == ([council.members[0].user.email], True)
    services.execution_report(
        actor=acting_as(council.members[1].duty), decision=decision, report="Готово", at=council.tick()
    )
    assert not letters.digest_send(**sent)


def test_executor_is_reminded_before_the_day(decided: Decided) -> None:
    council, _ = decided
    Execution.objects.update(due=date(2026, 9, 18))
    Notice.objects.all().delete()
    for day in (10, 11, 12, 17):
        services.council_remind(on=date(2026, 9, day), at=datetime(2026, 9, day, 6, tzinfo=UTC))
    assert list(Notice.objects.values_list("user_id", flat=True)) == [council.members[1].user.pk] * 2


# --- extracts and copies --------------------------------------------------------------------------------------------

PUPILS = Pupils(frozenset({("Иванов", "Пётр"), ("Ёлкина", "Анна-Мария"), ("Лебедь", "Игорь")}))
LEFT_OUT = "обучающийся (имя не приводится)"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("Перевести Иванова Петра в группу", f"Перевести {LEFT_OUT} в группу"),
        ("Передать Иванову Петру Сергеевичу", f"Передать {LEFT_OUT}"),
        ("для Петра Иванова и Ёлкиной А. С.", f"для {LEFT_OUT} и {LEFT_OUT}"),
        ("заявление П. С. Иванова", f"заявление {LEFT_OUT}"),
        ("Поручить Иванцовой Марине отчёт", "Поручить Иванцовой Марине отчёт"),
        ("Утвердить план работы Сети", "Утвердить план работы Сети"),
    ],
)
def test_names_of_pupils_are_left_out_in_every_case(text: str, told: str) -> None:
    assert PUPILS.left_out_of(text) == told


def printed(pdf: bytes) -> str:
    done = subprocess.run(["pdftotext", "-layout", "-", "-"], input=pdf, capture_output=True, check=True)
    return " ".join(done.stdout.decode().split())


@pytest.mark.usefixtures("real_papers")
def test_extract_is_certified_by_the_secretary_and_names_no_pupil(client: Client, decided: Decided) -> None:
    council, decision = decided
    pupil = {"last_name": "Кузнецов", "first_name": "Олег"}
    StudentFactory(home_school=council.members[0].duty.organisation, **pupil)
    extract = services.extract_prepare(
        actor=council.keeper, item=decision.item, addressee="Школа № 9", at=council.tick()
    )
    assert extract == services.extract_prepare(
        actor=council.keeper, item=decision.item, addressee="Школа № 9", at=council.tick()
    )
    services.extract_sign(
        actor=council.keeper,
        extract=extract,
        slot="secretary",
        proof=proof_of(council.secretary.user, extract.document, at=council.now),
        version_sha256=current_version(extract.document).sha256,
        at=council.tick(),
    )
    sign_in(client, council.members[2].duty)
    text = printed(client.get(reverse("extract_pdf", args=[extract.pk])).content)
    wanted = ("Выписка верна", "присутствовали 3 из 3", "за – 3", "Школа № 9", f"Перевести {LEFT_OUT} в группу ФЗ-1")
    assert [words for words in wanted if words not in text] == []
    assert "Кузнецов" not in text


@pytest.mark.usefixtures("real_papers")
def test_member_takes_a_copy_with_the_own_name_on_it_and_that_is_on_record(client: Client, submitted: Hall) -> None:
    council = submitted
    council.sign_both()
    sign_in(client, council.members[2].duty)
    content = client.get(reverse("minutes_pdf", args=[council.meeting.pk])).content
    name = council.members[2].user.short_name.replace("\u00a0", " ")
    assert f"Копия: {name}" in printed(content)
    with pikepdf.open(io.BytesIO(content)) as pdf:
        pages = len(pdf.pages)
    assert printed(content).count("Подлинник хранится в портале") == pages
    taken: Any = AuditEntry.objects.get(verb="minutes.copy_taken")
    assert taken.actor == council.members[2].user
    sign_in(client, council.secretary.duty)
    assert "Копия" not in printed(client.get(reverse("minutes_pdf", args=[council.meeting.pk])).content)
