"""Ways of a transfer out (push, thin notice, letter, files) and in (the machine interface): formats, bad input."""

from __future__ import annotations

import base64
import csv
import hashlib
import io
import json
import zipfile
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.core import mail
from django.test import Client
from django.utils import timezone
from openpyxl import load_workbook
from standardwebhooks.webhooks import Webhook

from gradebook.enums import IntakeState
from gradebook.exports import oneroster_files, table
from gradebook.exports.oneroster import COLUMNS
from gradebook.models import ApiKey, Intake, Lesson, MonthlyTransfer
from gradebook.selectors.intakes import intake_rows
from gradebook.selectors.pushes import full_body
from gradebook.selectors.waiting import tasks_for
from gradebook.services import endpoints, intakes, transfers
from network_portal.common.errors import RuleError
from network_portal.documents.kinds import canonical, content_sha256
from network_portal.notices.models import Notice
from network_portal.outbox import sender
from schools.enums import DutyKind
from schools.models import Agreement, Student
from tests.factories.gradebook import DECEMBER, KEY, Scene, month_of_marks, scene, seal
from tests.factories.schools import sign_in
from tests.gradebook.acts import work

pytestmark = pytest.mark.django_db
OTHER_KEY = f"whsec_{base64.b64encode(b'k' * 32).decode()}"


# --- out ----------------------------------------------------------------------------------------------------------


def test_push_is_signed_by_both_keys_for_a_week_after_a_rotation(posts: list[Any]) -> None:
    place = scene(own=1, others=0)
    deputy, now = place.staff(place.home, DutyKind.DEPUTY), timezone.now()
    with pytest.raises(RuleError, match="whsec_"):
        endpoints.endpoint_set(actor=deputy, url="https://a.example/hook", key="whsec_c2hvcnQ=", at=now)
    made = endpoints.endpoint_set(actor=deputy, url="https://a.example/hook", key=KEY, access_key="np_secret", at=now)
    assert made is None
    new = endpoints.endpoint_rotate(actor=deputy, at=now)
    seal(place)
    work("transfer.push")
    ((_, body, headers),) = posts
    assert headers["Authorization"] == "Bearer np_secret"
    for key in (KEY, new):
        assert Webhook(key).verify(body, headers)["type"] == "transfer.sealed"
    with pytest.raises(Exception, match="No matching signature"):
        Webhook(OTHER_KEY).verify(body, headers)


def test_thin_notice_has_no_personal_data_and_leads_to_the_package(posts: list[Any], client: Client) -> None:
    place = scene()
    deputy, now = place.staff(place.home, DutyKind.DEPUTY), timezone.now()
    endpoints.endpoint_set(actor=deputy, url="https://a.example/hook", thin=True, at=now)
    issued = intakes.api_key_issue(actor=deputy, title="Журнал", partner=None, at=now)
    transfer = seal(place)
    transfers.transfer_deliver(transfer_id=transfer.pk, at=DECEMBER)
    work("transfer.push")
    message = json.loads(posts[0][1])
    assert set(message["data"]) == {"id", "version", "url"}
    assert "Седьмов" not in posts[0][1].decode()
    path = message["data"]["url"].removeprefix("http://localhost:8000")
    bearer = {"Authorization": f"Bearer {issued.access}"}
    whole = client.get(path, headers=bearer).json()
    assert content_sha256(canonical(whole["data"])) == message["sha256"] == transfer.sha256
    assert [row["id"] for row in client.get("/api/v1/transfers?year=2026", headers=bearer).json()] == [transfer.pk]
    stranger = intakes.api_key_issue(
        actor=place.staff(place.other, DutyKind.DEPUTY), title="Чужой", partner=None, at=now
    )
    assert client.get(path, headers={"Authorization": f"Bearer {stranger.access}"}).status_code == 404
    assert client.get(path).status_code == 401
    assert issued.access not in ApiKey.objects.values_list("digest", flat=True)
    intakes.api_key_revoke(actor=deputy, key=issued.key, at=now)
    assert client.get(path, headers=bearer).status_code == 401


def test_letter_brings_the_paper_and_the_table() -> None:
    place = scene(own=1, others=0)
    month_of_marks(place)
    deputy = place.staff(place.home, DutyKind.DEPUTY)
    endpoints.mail_set(actor=deputy, email="school7@demo.example", at=DECEMBER)
    seal(place)
    work("transfer.mail")
    (letter,) = mail.outbox
    assert (letter.to, letter.subject) == (["school7@demo.example"], "Ведомость №\u00a01: МАОУ гимназия № 40")
    assert [name for name, _, _ in letter.attachments] == ["T16-2026-000001.pdf", "T16-2026-000001.xlsx"]
    assert "Седьмов" not in letter.body


def test_table_holds_the_month_and_never_computes() -> None:
    place = scene(own=1, others=0)
    month_of_marks(place)
    Lesson.objects.filter(pk=place.lessons[0].pk).update(topic="=HYPERLINK(1)")
    book = load_workbook(io.BytesIO(table(json.loads(seal(place).payload))))
    rows = list(book["Отметки"].values)
    assert rows[1][3:9] == ("02.11", "03.11", "04.11", "Средний", "Н", "Б")
    assert rows[2][3:9] == ("4 ОП", "5 Б", "3", "3,83", 0, 1)
    cell = book["Занятия"]["B2"]
    assert (cell.value, cell.data_type) == ("=HYPERLINK(1)", "s")


def read(text: str) -> tuple[list[str], list[dict[str, str]]]:
    reader = csv.DictReader(io.StringIO(text))
    rows = list(reader)
    return list(reader.fieldnames or []), rows


def test_oneroster_has_the_standard_columns_and_makes_sense() -> None:
    """The checks that the validator of the standard reports by name (formats.md 4.1)."""
    place = scene()
    month_of_marks(place)
    files = {
        name.removesuffix(".csv"): read(text) for name, text in oneroster_files(json.loads(seal(place).payload)).items()
    }
    manifest = {row["propertyName"]: row["value"] for row in files.pop("manifest")[1]}
    assert manifest["oneroster.version"] == "1.2"
    assert {name for name, value in manifest.items() if value == "bulk"} == {f"file.{name}" for name in files}
    assert len([name for name in manifest if name.startswith("file.")]) == 21
    rows = {name: found for name, (_, found) in files.items()}
    ids = {name: [row["sourcedId"] for row in found] for name, found in rows.items()}
    assert all(len(found) == len(set(found)) for found in ids.values())
    assert all(row["status"] == row["dateLastModified"] == "" for found in rows.values() for row in found)
    for name, (columns, _) in files.items():
        plain = [column for column in columns if not column.startswith("metadata.ru.")]
        assert columns[: len(plain)] == plain == [c for c in COLUMNS[name].split(",") if not c.startswith("metadata")]
    for name, column, target in (
        ("classes", "courseSourcedId", "courses"), ("classes", "schoolSourcedId", "orgs"),
        ("classes", "termSourcedIds", "academicSessions"), ("courses", "orgSourcedId", "orgs"),
        ("roles", "userSourcedId", "users"), ("roles", "orgSourcedId", "orgs"),
        ("users", "primaryOrgSourcedId", "orgs"), ("enrollments", "classSourcedId", "classes"),
        ("enrollments", "userSourcedId", "users"), ("enrollments", "schoolSourcedId", "orgs"),
        ("lineItems", "classSourcedId", "classes"), ("lineItems", "categorySourcedId", "categories"),
        ("results", "lineItemSourcedId", "lineItems"), ("lineItemScoreScales", "lineItemSourcedId", "lineItems"),
        ("lineItemScoreScales", "scoreScaleSourcedId", "scoreScales"),
    ):  # fmt: skip
        assert {row[column] for row in rows[name]} <= set(ids[target]), (name, column)
    kinds = {row["sourcedId"]: row["type"] for row in rows["academicSessions"]}
    assert {kinds[row["academicSessionSourcedId"]] for row in rows["lineItems"]} == {"gradingPeriod"}
    assert {kinds[row["schoolYearSourcedId"]] for row in rows["courses"]} == {"schoolYear"}
    assert {row["studentSourcedId"] for row in rows["results"]} <= {row["userSourcedId"] for row in rows["enrollments"]}
    assert all(row["score"] == "" or 2 <= int(row["score"]) <= 5 for row in rows["results"])
    assert {(row["scoreStatus"], bool(row["metadata.ru.lessonsHeld"])) for row in rows["results"]} == {
        ("fully graded", False),
        ("submitted", True),
    }
    primary = {row["userSourcedId"]: row["orgSourcedId"] for row in rows["roles"] if row["roleType"] == "primary"}
    assert primary == {row["sourcedId"]: row["primaryOrgSourcedId"] for row in rows["users"]}
    assert all(len(row["subjects"].split(",")) == len(row["subjectCodes"].split(",")) for row in rows["courses"])
    assert [row["middleName"] for row in rows["users"]] == [one.student.patronymic for one in place.own]


def test_archive_holds_all_forms_with_their_sums(client: Client) -> None:
    place = scene(own=1, others=0)
    transfer = seal(place)
    answer = sign_in(client, place.coordinator).get(f"/transfers/{transfer.pk}/zip/")
    made = zipfile.ZipFile(io.BytesIO(answer.content))
    sums = dict(line.split("  ")[::-1] for line in made.read("SHA256SUMS").decode().splitlines())
    assert set(sums) == {f"T16-2026-000001{end}" for end in (".pdf", ".xlsx", ".json", "-oneroster.zip")}
    assert all(hashlib.sha256(made.read(name)).hexdigest() == told for name, told in sums.items())
    assert sums["T16-2026-000001.json"] == transfer.sha256


# --- in -----------------------------------------------------------------------------------------------------------


@pytest.fixture
def place() -> Scene:
    """One database is both portals: the home school takes here what it is also sent."""
    found = scene()
    month_of_marks(found)
    for number, school in enumerate((found.host, found.home, found.other)):
        school.ogrn = f"102590000000{number}"
        school.save(update_fields=["ogrn"])
    return found


@pytest.fixture
def issued(place: Scene) -> intakes.IssuedKey:
    deputy = place.staff(place.home, DutyKind.DEPUTY)
    return intakes.api_key_issue(actor=deputy, title="Портал гимназии", partner=place.host, at=timezone.now())


def send(
    client: Client,
    issued: intakes.IssuedKey,
    body: bytes,
    *,
    message: str = "msg_1",
    at: datetime | None = None,
    key: str = "",
    **headers: str,
) -> tuple[int, Any]:
    signed = sender.signed_headers(secret=key or issued.signing, message_id=message, at=at or timezone.now(), body=body)
    answer = client.post(
        "/api/v1/transfers",
        body,
        content_type="application/json",
        headers={"Authorization": f"Bearer {issued.access}", **signed, **headers},
    )
    return answer.status_code, answer.json()


def package(place: Scene) -> bytes:
    return full_body(MonthlyTransfer.objects.select_related("document").get(pk=seal(place).pk))


def resealed(body: bytes, **changes: Any) -> bytes:
    """Return the message with another package and its right hash, as a partner might make it."""
    message = json.loads(body)
    message["data"].update(changes)
    message["sha256"] = content_sha256(canonical(message["data"]))
    return json.dumps(message, ensure_ascii=False).encode()


def test_package_is_taken_once_and_a_changed_one_under_its_id_refused(
    client: Client, place: Scene, issued: intakes.IssuedKey
) -> None:
    body = package(place)
    status, answer = send(client, issued, body)
    assert (status, answer["state"], answer["quarantined"], answer["repeated"]) == (201, "taken", 0, False)
    again = send(client, issued, body, at=timezone.now() + timedelta(seconds=9))
    assert (again[0], again[1]["id"], again[1]["repeated"]) == (200, answer["id"], True)
    assert send(client, issued, body + b" ")[0] == 409
    intake = Intake.objects.get()
    assert (bytes(intake.raw), intake.number, intake.version) == (body, 1, 0)
    assert [line.student for line in intake.lines.order_by("no")] == [one.student for one in place.own]


def test_unknown_pupil_waits_in_quarantine_until_the_school_names_him(
    client: Client, place: Scene, issued: intakes.IssuedKey
) -> None:
    body = package(place)
    stranger, own = place.own[0].student, place.own[1].student
    Student.objects.filter(pk=stranger.pk).update(last_name="Другой")
    status, answer = send(client, issued, body)
    assert (status, answer["state"], answer["quarantined"]) == (201, "partial", 1)
    intake = Intake.objects.get()
    first, second = intake.lines.order_by("no")
    assert (first.reason, first.student, second.student) == ("В школе нет обучающегося с таким именем.", None, own)
    curator = place.staff(place.home, DutyKind.CURATOR)
    assert [task.about for task in tasks_for(curator, timezone.localdate()) if "Указать" in task.title] == [
        "МАОУ гимназия № 40, Ф-1, строк: 1"
    ]
    with pytest.raises(RuleError, match="уже есть"):
        intakes.intake_line_match(actor=curator, line=first, student=own, at=DECEMBER)
    intakes.intake_line_match(actor=curator, line=first, student=stranger, at=DECEMBER)
    intake.refresh_from_db()
    assert intake.state == IntakeState.TAKEN


def test_correction_that_overtook_its_transfer_stays_the_last(
    client: Client, place: Scene, issued: intakes.IssuedKey
) -> None:
    body = package(place)
    correction = {"version": 1, "number": 1, "date": "2026-12-03", "sha256": "0" * 64, "basis": "", "changes": []}
    assert send(client, issued, resealed(body, correction=correction), message="msg_2")[0] == 201
    assert send(client, issued, body, message="msg_1")[0] == 201
    rows = intake_rows(place.staff(place.home, DutyKind.CURATOR))
    assert sorted((row.intake.version, row.superseded) for row in rows) == [(0, True), (1, False)]
    assert intake_rows(place.staff(place.other, DutyKind.CURATOR)) == []


def test_what_is_not_signed_in_time_by_the_partner_is_refused(
    client: Client, place: Scene, issued: intakes.IssuedKey
) -> None:
    body, now = package(place), timezone.now()
    wrong = [
        send(client, issued, body, key=OTHER_KEY),
        send(client, issued, body, at=now - timedelta(minutes=6)),
        send(client, issued, body, at=now + timedelta(minutes=6)),
        send(client, issued, body, **{"webhook-signature": "garbage"}),
        send(client, issued, body, **{"webhook-signature": "v1,не-base64"}),
        send(client, issued, body, **{"webhook-timestamp": "вчера"}),
        send(client, issued, body, **{"webhook-id": ""}),
        send(client, issued, body, Authorization="Bearer np_other"),
        send(client, issued, body, Authorization="Basic x"),
    ]
    assert [status for status, _ in wrong] == [401] * len(wrong)
    truncated = sender.signed_headers(secret=issued.signing, message_id="msg_1", at=now, body=body)
    assert send(client, issued, body[:-40], **truncated)[0] == 401
    assert Intake.objects.count() == 0


def test_signed_nonsense_is_refused_in_words(client: Client, place: Scene, issued: intakes.IssuedKey) -> None:
    body = package(place)
    message = json.loads(body)
    wrong = [
        b"",
        b"\xff\xfe",
        body[:-40],
        b"[" * 100_000,
        b'{"type": "lesson.moved"}',
        json.dumps({**message, "sha256": "0" * 64}).encode(),
        json.dumps({**message, "number": "1"}).encode(),
        resealed(body, period={"year": 2026, "month": 13}),
        resealed(body, lines=[{}]),
        resealed(body, lines="x"),
        resealed(body, group={"id": 1, "name": "a" * 500}),
        resealed(body, group={"id": 1, "name": "\0"}),
        resealed(body, format="monthly-transfer-9"),
        json.dumps({**message, "data": {**message["data"], "format": 1.5}}).encode(),
    ]
    answers = [send(client, issued, one, message=f"msg_{no}") for no, one in enumerate(wrong)]
    assert [status for status, _ in answers] == [422] * len(wrong)
    assert send(client, issued, b" " * (2 * 1024 * 1024 + 1))[0] == 413
    assert Intake.objects.count() == 0


def test_school_without_an_agreement_is_refused_and_the_home_school_told(
    client: Client, place: Scene, issued: intakes.IssuedKey
) -> None:
    body = package(place)
    responsible = place.staff(place.home, DutyKind.RESPONSIBLE)
    Agreement.objects.filter(home=place.home).update(date_to=date(2026, 10, 31))
    status, answer = send(client, issued, body)
    assert (status, answer["state"]) == (403, "refused")
    assert "нет договора" in answer["reason"]
    assert Notice.objects.filter(user=responsible.user, text__contains="не принята").count() == 1
    other = json.loads(body)["data"]["home"] | {"ogrn": "1999999999999", "short_name": "Чужая"}
    assert "для другой школы" in send(client, issued, resealed(body, home=other), message="msg_2")[1]["reason"]
    assert Intake.objects.exclude(reason="").count() == 2


def test_keys_do_one_thing_each(client: Client, place: Scene, issued: intakes.IssuedKey) -> None:
    deputy = place.staff(place.home, DutyKind.DEPUTY)
    reading = intakes.api_key_issue(actor=deputy, title="Журнал", partner=None, at=timezone.now())
    assert client.get("/api/v1/transfers", headers={"Authorization": f"Bearer {issued.access}"}).status_code == 403
    answer = client.post(
        "/api/v1/transfers", b"", "application/json", headers={"Authorization": f"Bearer {reading.access}"}
    )
    assert answer.status_code == 403


def test_interface_describes_itself(client: Client) -> None:
    told = client.get("/api/v1/openapi.json").json()
    assert set(told["paths"]) == {
        "/api/v1/transfers",
        "/api/v1/transfers/{transfer_id}",
        "/api/v1/receipts/{home_id}",
    }
    assert set(told["paths"]["/api/v1/transfers"]["post"]["responses"]) >= {
        "200",
        "201",
        "401",
        "403",
        "409",
        "413",
        "422",
    }
