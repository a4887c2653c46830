"""What goes back between two portals: receipt, objections, their rejection, corrections; bad input (3.9)."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.test import Client
from django.utils import timezone

from gradebook.enums import DisputeState, PushState, TransferState, Verb
from gradebook.models import ApiKey, Intake, IntakeDispute, IntakeReply, MonthlyTransfer, PortalMessage, TransferDispute
from gradebook.selectors.intakes import intake_rows
from gradebook.selectors.received import correction_cells, unanswered
from gradebook.selectors.replies import awaited, standing_of
from gradebook.selectors.waiting import tasks_for
from gradebook.services import corrections, endpoints, intakes, plan, replies, transfers
from gradebook.services.correction_cells import cells_correct
from network_portal.audit.models import AuditEntry
from network_portal.common.errors import RuleError, StaleError
from network_portal.notices.models import Notice
from network_portal.outbox import sender
from network_portal.outbox.handlers import Permanent
from schools.enums import DutyKind
from tests.factories.gradebook import DECEMBER, Scene, month_of_marks, scene, seal
from tests.factories.schools import sign_in
from tests.gradebook.acts import work

pytestmark = pytest.mark.django_db
OTHER_KEY = f"whsec_{base64.b64encode(b'k' * 32).decode()}"


@dataclass
class Portals:
    """One database is both portals: what the host's schools push, the home school takes in beside, and answers."""

    place: Scene
    key: intakes.IssuedKey
    posts: list[Any]
    client: Client

    def carry(self, topic: str) -> tuple[int, Any]:
        """Let a worker send what waits under a topic, and the other portal answer the last of it."""
        before = len(self.posts)
        work(topic, at=max(timezone.now(), DECEMBER))
        assert len(self.posts) == before + 1
        return self.arrive(*self.posts[-1])

    def arrive(self, url: str, body: bytes, headers: dict[str, str]) -> tuple[int, Any]:
        answer = self.client.post(urlsplit(url).path, body, content_type="application/json", headers=headers)
        return answer.status_code, answer.json()

    def receipt(
        self,
        kind: str = "transfer.acknowledged",
        *,
        key: str = "",
        at: datetime | None = None,
        message: str = "msg_r1",
        school: int = 0,
        body: bytes = b"",
        after: Callable[[bytes], bytes] = bytes,
        **data: Any,
    ) -> tuple[int, Any]:
        """Send a receipt as the home school's portal would; `after` changes the body when it is signed."""
        sha256 = MonthlyTransfer.objects.order_by("pk")[0].sha256
        told = {"type": kind, "timestamp": "2026-12-04T09:00:00Z"}
        body = body or json.dumps({**told, "data": {"sha256": sha256, "person": "куратор, Ия", **data}}).encode()
        headers = sender.signed_headers(
            secret=key or self.key.signing, message_id=message, at=at or timezone.now(), body=body
        )
        home = school or self.place.home.pk
        return self.arrive(f"http://localhost/api/v1/receipts/{home}", after(body), headers)


@pytest.fixture
def portals(posts: list[Any], client: Client) -> Portals:
    place = scene()
    month_of_marks(place)
    for number, school in enumerate((place.host, place.home, place.other)):
        school.ogrn = f"102590000000{number}"
        school.save(update_fields=["ogrn"])
    deputy, now = place.staff(place.home, DutyKind.DEPUTY), timezone.now()
    key = intakes.api_key_issue(actor=deputy, title="Портал гимназии", partner=place.host, at=now)
    endpoints.endpoint_set(
        actor=deputy, url="https://home.example/api/v1/transfers", key=key.signing, access_key=key.access, at=now
    )
    return Portals(place, key, posts, client)


def sent(portals: Portals) -> MonthlyTransfer:
    """Return a sealed transfer that the home school's portal took in."""
    transfer = seal(portals.place)
    transfers.transfer_deliver(transfer_id=transfer.pk, at=DECEMBER)
    assert portals.carry("transfer.push")[0] == 201
    transfer.refresh_from_db()
    return transfer


def test_objection_travels_is_rejected_and_the_receipt_follows(portals: Portals) -> None:
    """The same services as on the pages; the audit says that a portal acted, and in whose name."""
    place, now = portals.place, timezone.now()
    curator, deputy = place.staff(place.home, DutyKind.CURATOR), place.staff(place.host, DutyKind.DEPUTY)
    transfer, intake = sent(portals), Intake.objects.get()
    pupil, _ = place.own
    line = intake.lines.get(student=pupil.student)
    assert [task.title for task in tasks_for(curator, timezone.localdate()) if "другого портала" in task.title] == [
        "Подтвердить получение ведомости №\u00a01 с другого портала"
    ]
    replies.intake_dispute(actor=curator, intake=intake, reasons={line.pk: "Стояла пятёрка"}, at=now)
    assert portals.carry("intake.reply") == (201, {"state": "disputed", "repeated": False})
    assert portals.arrive(*portals.posts[-1]) == (200, {"state": "disputed", "repeated": True})
    assert (IntakeReply.objects.get().state, awaited()) == (PushState.DELIVERED, [])
    assert pupil.student.last_name not in portals.posts[-1][1].decode()
    dispute = TransferDispute.objects.get()
    told = f"учитель-куратор, {curator.user.short_name}"
    assert (dispute.enrolment, dispute.reason, dispute.objector) == (pupil, "Стояла пятёрка", f"{told} (портал школы)")
    entry = AuditEntry.objects.get(verb=Verb.DISPUTE_RAISED_THERE)
    message = PortalMessage.objects.get()
    assert (entry.actor, entry.organisation_id, entry.changes) == (
        None, place.home.pk, {"message": message.pk, "person": told}
    )  # fmt: skip
    with pytest.raises(StaleError, match="ещё не ответила"):
        replies.intake_acknowledge(actor=curator, intake=intake, at=now)
    with pytest.raises(StaleError, match="уже отправлено"):
        replies.intake_dispute(actor=curator, intake=intake, reasons={line.pk: "ещё"}, at=now)

    corrections.dispute_reject(actor=deputy, dispute=dispute, answer="Работа сдана позже", at=now)
    assert portals.carry("dispute.answer") == (201, {"repeated": False})
    assert portals.arrive(*portals.posts[-1]) == (200, {"repeated": True})
    url, body, headers = portals.posts[-1]
    changed = json.dumps({**json.loads(body), "more": 1}).encode()
    signed = sender.signed_headers(
        secret=portals.key.signing, message_id=headers["webhook-id"], at=timezone.now(), body=changed
    )
    assert portals.arrive(url, changed, {**headers, **signed})[0] == 409
    other = sender.signed_headers(secret=portals.key.signing, message_id="msg_2", at=timezone.now(), body=body)
    assert portals.arrive(url, body, {**headers, **other})[0] == 404
    assert portals.arrive(url, body[:-9] + b"}", headers)[0] == 401
    there = IntakeDispute.objects.get()
    assert (there.answer, there.answered_in and there.answered_in.person) == (
        "Работа сдана позже", deputy.user.short_name
    )  # fmt: skip
    assert Notice.objects.filter(user=curator.user, text__endswith="отклонено, ответ в ведомости").count() == 1
    page = sign_in(portals.client, curator).get(f"/intakes/{intake.pk}/").content.decode()
    assert "Работа сдана позже" in page
    assert "Подтвердить получение" in page

    replies.intake_acknowledge(actor=curator, intake=intake, at=now)
    assert portals.carry("intake.reply") == (201, {"state": "acknowledged", "repeated": False})
    transfer.refresh_from_db()
    assert (transfer.state, transfer.acknowledged_by, transfer.acknowledger) == (
        TransferState.ACKNOWLEDGED, None, f"{told} (портал школы)"
    )  # fmt: skip
    assert AuditEntry.objects.get(verb=Verb.TRANSFER_ACKNOWLEDGED_THERE).actor is None
    page = sign_in(portals.client, place.coordinator).get(f"/transfers/{transfer.pk}/").content.decode()
    assert page.count(f"{told} (портал школы)") == 2
    with pytest.raises(StaleError, match="уже подтверждено"):
        replies.intake_dispute(actor=curator, intake=intake, reasons={line.pk: "поздно"}, at=now)
    assert [row.confirmed for row in intake_rows(curator)] == [True]


def test_accepted_objection_brings_a_correction_that_is_confirmed(portals: Portals) -> None:
    """Nothing stays red on either side once the corrected package is confirmed (I-6)."""
    place, now = portals.place, timezone.now()
    curator, deputy = place.staff(place.home, DutyKind.CURATOR), place.staff(place.host, DutyKind.DEPUTY)
    transfer, intake = sent(portals), Intake.objects.get()
    late = timezone.localdate() + timedelta(days=30)
    director = place.staff(place.home, DutyKind.DIRECTOR)
    assert [task.title for task in tasks_for(director, late) if "с другого портала" in task.title] == [
        "Подтвердить получение ведомости №\u00a01 с другого портала"
    ]
    plan.overdue_tell(at=now + timedelta(days=30))
    assert "не подтверждено получение: 2" in Notice.objects.get(user=director.user, text__startswith="Проср").text
    line = intake.lines.order_by("no")[0]
    replies.intake_dispute(actor=curator, intake=intake, reasons={line.pk: "Стояла пятёрка"}, at=now)
    portals.carry("intake.reply")
    correction = corrections.dispute_accept(actor=deputy, dispute=TransferDispute.objects.get(), at=now)
    cell = correction_cells(correction)[0]
    cells_correct(actor=place.teacher, correction=correction, wanted={(cell.lesson, cell.enrolment): "5"}, at=now)
    new = corrections.transfer_correct(actor=place.coordinator, transfer=transfer, at=now)
    work("transfer.deliver", at=timezone.now())
    MonthlyTransfer.objects.filter(pk=new.pk).update(due_on=late)
    assert portals.carry("transfer.push")[0] == 201
    second = Intake.objects.get(version=1)
    with pytest.raises(StaleError, match="исправила новая"):
        replies.intake_acknowledge(actor=curator, intake=intake, at=now)
    assert [one.intake for one in awaited(place.home.pk)] == [second]
    page = sign_in(portals.client, curator).get(f"/intakes/{intake.pk}/").content.decode()
    assert "исправлено" in page
    page = sign_in(portals.client, curator).get(f"/intakes/{second.pk}/").content.decode()
    assert "было «4 ОП», стало «5»" in page
    # the home school's people confirm on the host's portal too: the receipt of their own is no news there
    transfers.transfer_acknowledge(actor=curator, transfer=new, at=now)
    replies.intake_acknowledge(actor=curator, intake=second, at=now)
    assert portals.carry("intake.reply") == (200, {"state": "acknowledged", "repeated": True})
    new.refresh_from_db()
    assert (new.acknowledged_by, new.acknowledged_in) == (curator.user, None)
    assert TransferDispute.objects.get().state == DisputeState.CORRECTED
    assert (awaited(), unanswered(place.host.pk, late + timedelta(days=99))) == ([], [])


def test_receipt_that_is_not_the_partner_s_word_is_refused(portals: Portals) -> None:
    """Bad input of the interface: nothing changes, and the refusal says why."""
    place, now = portals.place, timezone.now()
    transfer = sent(portals)
    stranger = place.staff(place.other, DutyKind.DEPUTY)
    endpoints.endpoint_set(actor=stranger, url="https://other.example/", key=OTHER_KEY, at=now)
    pupil, foreign = place.own[0].pk, place.others[0].pk
    objections = [{"enrolment": pupil, "reason": "Не та отметка"}]
    wrong = {
        "key of another partner": (portals.receipt(key=OTHER_KEY), 401),
        "too old": (portals.receipt(at=now - timedelta(minutes=6)), 401),
        "from the future": (portals.receipt(at=now + timedelta(minutes=6)), 401),
        "tampered with": (portals.receipt(after=lambda body: body.replace(b"2026-12-04", b"2026-12-05")), 401),
        "truncated": (portals.receipt(after=lambda body: body[:-3]), 401),
        "a school without a system": (portals.receipt(school=place.host.pk), 401),
        "no school at all": (portals.receipt(school=2**40), 401),
        "the transfer of another school": (portals.receipt(key=OTHER_KEY, school=place.other.pk), 404),
        "an unknown transfer": (portals.receipt(sha256="0" * 64), 404),
        "not JSON": (portals.receipt(body=b"{"), 422),
        "deep nonsense": (portals.receipt(body=b"[" * 100_000), 422),
        "another type": (portals.receipt("transfer.sealed"), 422),
        "nobody said it": (portals.receipt(person=" "), 422),
        "not text": (portals.receipt(person="\0"), 422),
        "no lines": (portals.receipt("transfer.disputed", lines=[]), 422),
        "a line without a reason": (
            portals.receipt("transfer.disputed", lines=[{"enrolment": pupil, "reason": " "}]), 422,
        ),
        "a line of another school": (
            portals.receipt("transfer.disputed", lines=[{"enrolment": foreign, "reason": "а"}]), 422,
        ),
        "too big": (portals.receipt(body=b" " * (256 * 1024 + 1)), 413),
    }  # fmt: skip
    assert {name: status for name, ((status, _), _) in wrong.items()} == {
        name: expected for name, (_, expected) in wrong.items()
    }
    assert all(isinstance(answer["detail"], str) for (_, answer), _ in wrong.values())
    transfer.refresh_from_db()
    assert (transfer.state, PortalMessage.objects.count()) == (TransferState.DELIVERED, 0)
    assert portals.receipt() == (201, {"state": "acknowledged", "repeated": False})
    assert portals.receipt() == (200, {"state": "acknowledged", "repeated": True})
    assert portals.receipt(person="другой")[0] == 409
    status, answer = portals.receipt("transfer.disputed", message="msg_r2", lines=objections)
    assert (status, "получение подтверждено" in answer["detail"]) == (409, True)
    assert (TransferDispute.objects.count(), PortalMessage.objects.count()) == (0, 1)


def test_answer_that_cannot_go_is_told_and_can_be_sent_again(portals: Portals, monkeypatch: pytest.MonkeyPatch) -> None:
    """Both ways: the reply of the home school, and the host's answer to an objection."""
    place, now = portals.place, timezone.now()
    curator, deputy = place.staff(place.home, DutyKind.CURATOR), place.staff(place.host, DutyKind.DEPUTY)
    sent(portals)
    intake = Intake.objects.get()
    line = intake.lines.order_by("no")[0]
    for reasons, words in (({}, "Отметьте строку"), ({line.pk: " "}, "что в строке"), ({0: "а"}, "нет такой строки")):
        with pytest.raises(RuleError, match=words):
            replies.intake_dispute(actor=curator, intake=intake, reasons=reasons, at=now)

    def refuse(url: str, body: bytes, headers: dict[str, str]) -> None:
        raise Permanent("Сервер отказался принять сообщение (код 401).")

    with monkeypatch.context() as patched:
        patched.setattr(sender, "post", refuse)
        reply = replies.intake_dispute(actor=curator, intake=intake, reasons={line.pk: "Не та"}, at=now)
        work("intake.reply", at=timezone.now())
    reply.refresh_from_db()
    assert (reply.state, reply.reason) == (PushState.PARKED, "Сервер отказался принять сообщение (код 401).")
    assert Notice.objects.filter(user=curator.user, text__contains="не принял ответ на ведомость").count() == 1
    assert [one.intake for one in awaited()] == [intake]  # what was not taken binds nobody
    replies.reply_retry(actor=curator, reply=reply, at=now)
    with pytest.raises(StaleError):
        replies.reply_retry(actor=curator, reply=reply, at=now)
    assert portals.carry("intake.reply")[0] == 201
    corrections.dispute_reject(actor=deputy, dispute=TransferDispute.objects.get(), answer="Верна", at=now)
    endpoints.endpoint_remove(actor=place.staff(place.home, DutyKind.DEPUTY), at=now)
    work("dispute.answer", at=timezone.now())
    assert Notice.objects.filter(user=deputy.user, text__contains="не принял ответ на возражение").count() == 1
    intakes.api_key_revoke(actor=deputy, key=ApiKey.objects.get(), at=now)
    IntakeDispute.objects.update(answer="Верна", answered_in=PortalMessage.objects.get())
    replies.intake_acknowledge(actor=curator, intake=intake, at=now)
    work("intake.reply", at=timezone.now())
    last = IntakeReply.objects.get(kind="transfer.acknowledged")
    assert (last.state, "отозван" in last.reason) == (PushState.PARKED, True)
    assert standing_of(intake).acknowledged is None
