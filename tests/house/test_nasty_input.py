"""Values that nobody types by accident, in every address and every field: a refusal in words, never an error 500."""

from __future__ import annotations

import json
from contextlib import nullcontext
from dataclasses import replace
from uuid import UUID

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from council.models import CouncilMember
from courses.models import NetworkCourse, StudyGroup
from enrollment.enums import ApplicationState
from enrollment.models import Application, Enrolment
from enrollment.services import application_start
from gradebook.models import MonthlyTransfer
from schools.acting import Acting
from schools.enums import AgreementState, DutyKind, Role
from schools.models import Agreement, GuardianLink
from schools.services import agreement_create
from tests.factories.schools import TERMS, sign_in, terms_data
from tests.house.matrix import GET, MATRIX, POST
from tests.house.world import World

pytestmark = pytest.mark.django_db

#: Who sends a form, the numbers of its address, and values that it takes.
Form = tuple[str, dict[str, object], dict[str, object]]
PARTS = 6

#: Beyond every column: a number in an address or a field that the database cannot hold.
NUMBERS = (0, 2**63)
TEXTS = (
    "\x00",
    "-" + "9" * 5000,
    "\N{GRINNING FACE}\u202e'\"<b>%s{{ 1 }}\r\nX-A: b" + "ы" * 400,
)
DAYS = ("0001-01-01", "0001-01-01T00:00", "9999-12-31", "9999-12-31T23:59")
MONTHS = ("9999-12", "0001-01", "2026-13", "0000-00")
#: Every name that some page reads from its address.
QUERY = (
    "page", "tab", "side", "month", "item", "student", "course", "group", "code", "subject", "grade", "form", "host",
    "day", "school_class", "next", "name", "left", "sort", "kind", "at", "place", "state",
)  # fmt: skip


#: A school's list, as short as the portal takes it.
PUPILS = "ФИО;Дата рождения;Класс\nЮрьева Ия;01.05.2012;9 А\n"


class Reread(SimpleUploadedFile):
    """A file that is sent again and again."""

    def read(self, *args: int) -> bytes:
        self.seek(0)
        return super().read(*args)


def client_of(acting: Acting | None) -> Client:
    client = Client(raise_request_exception=False)
    return sign_in(client, acting) if acting else client


def one_who_may(world: World, name: str) -> Client:
    """Return a client of someone whom the row lets through, or of anyone where it lets nobody."""
    row = MATRIX[name]
    return client_of(None if row.public else world.people[(row.may or row.refused or "deputy40").split()[0]])


def is_day(value: object) -> bool:
    return isinstance(value, str) and value[4:5] == "-" and value[:4].isdecimal()


def strange_for(value: object, place: int) -> list[str]:
    """Return what is sent in a field: two of the strange texts in turn, for a day also the ends of the calendar."""
    ends = [day for day in DAYS if is_day(value) and ("T" in day) == ("T" in str(value))]
    return [TEXTS[place % len(TEXTS)], TEXTS[(place + 1) % len(TEXTS)], *ends]


def send(client: Client, method: str, url: str, data: dict[str, object]) -> HttpResponse:
    """Send a request and undo what it did."""
    point = transaction.savepoint()
    try:
        return client.get(url, data) if method == GET else client.post(url, data)
    finally:
        transaction.savepoint_rollback(point)


@pytest.mark.parametrize("name", MATRIX)
def test_address_takes_any_number_and_any_query(world: World, name: str) -> None:
    row = MATRIX[name]
    client, kwargs = one_who_may(world, name), world.pks[row.thing]
    asked = [({**kwargs, key: number}, {}) for key in kwargs for number in NUMBERS]
    if row.method == GET:
        months = MONTHS if name in {"journal", "transfer_list"} else ()
        asked += [(kwargs, dict.fromkeys(QUERY, text)) for text in (*TEXTS, *months)]
    answers = [(send(client, row.method, reverse(name, kwargs=kw), query), kw, query) for kw, query in asked]
    # /readyz may well find the broker missing
    broken = [(kw, query) for response, kw, query in answers if response.status_code >= 500 and name != "readyz"]
    assert broken == []


def sealed_lines(pk: int) -> list[int]:
    """Return the pupils of a transfer in the order of its lines, by enrolment id."""
    lines = json.loads(MonthlyTransfer.objects.get(pk=pk).payload)["lines"]
    return [line["enrolment"] for line in lines]


def forms(world: World) -> dict[str, Form]:
    cast, pks, today = world.cast, world.pks, timezone.localdate()
    home, host, child = cast.schools["7"], cast.schools["40"], cast.students["7"][0]
    days = {"date_from": today.isoformat(), "date_to": f"{today.year + 1}-05-31"}
    agreed = replace(TERMS, date_from=today, date_to=today.replace(year=today.year + 1), duties=TERMS.duties[:1])
    terms = {**terms_data(agreed), **days}
    draft = agreement_create(
        actor=world.people["deputy12"],
        host=host,
        terms=agreed,
        at=timezone.now(),
    )
    signing = Agreement.objects.get(state=AgreementState.SIGNING)
    disputed = Agreement.objects.get(state=AgreementState.DISPUTED)
    directors = (f"director{key}" for key in ("7", "40", "12"))
    signer = next(who for who in directors if world.people[who].organisation == signing.host)
    registered = Application.objects.filter(state=ApplicationState.REGISTERED, home=home).earliest("pk")
    link = GuardianLink.objects.exclude(student=None).exclude(student__applications__isnull=False).earliest("pk")
    world.people["applicant"] = Acting(link.user, Role.PARENT)
    started = application_start(actor=world.people["applicant"], student=link.student, at=timezone.now())
    enrolled = Enrolment.objects.filter(group__name="ФЗ-1", home=home).earliest("pk")
    lesson = pks["lesson"]["pk"]
    policy = {
        "act": "Положение", "scale": "five", "terms": "halves", "year_tie": "up", "five": "4.5", "four": "3.5",
        "three": "2.5", "least_1": "5", "least_2": "7", "least_3": "7", "absence_limit": "50", "free_days": "3",
        "weight_answer": "1",
    }  # fmt: skip
    cell = {"lesson": lesson, "enrolment": enrolled.pk, "value": "5", "seen": ""}
    chemistry = NetworkCourse.objects.get(programme__subject="Химия")
    group = StudyGroup.objects.get(name="ФЗ-1")
    course = {
        "network": chemistry.network_id, "title": "Новый курс", "subject": "Химия", "kind": "lesson",
        "grade_from": 10, "grade_to": 11, "hours_total": 34, "hours_week": 1, "summary": "О чём",
        "year": chemistry.year, "form": "onsite",
        "date_from": chemistry.date_from.isoformat(), "date_to": chemistry.date_to.isoformat(),
        "seats": 20, "min_size": 1, "applications_from": f"{today}T09:00",
        "applications_until": f"{today.year + 1}-05-01T00:00",
    }  # fmt: skip
    pupil = {"last_name": "Юрьева", "first_name": "Ия", "patronymic": "", "gender": "f", "birth_date": "2012-05-01"}
    member = CouncilMember.objects.filter(voting=True).earliest("pk").pk
    question = {"title": "Вопрос", "speaker": "Иванов", "proposal": "Решить", "kind": "chair", "candidate": member}
    done = {"executor": "", "responsible": member, "due": today.isoformat(), "key": str(UUID(int=1)), "age": 1}
    tally = {"votes_for": 1, "against": 0, "abstained": 0, "not_voted": 0, "heard": "Речь", "discussed": "", **done}
    place = {"date": today.isoformat(), "starts": "18:00", "ends": "18:45", "room": "каб. 1"}
    reason, seen_paper = {"reason": "Причина"}, {"version_sha256": "0" * 64}
    return {
        "acting_switch": ("deputy7", {}, {"acting": "1"}),
        "low_vision": ("deputy7", {}, {"next": "/home/"}),
        "guardian_claim_create": (
            "nobody",
            {},
            {
                "organisation": home.pk,
                "kinship": "mother",
                "child_name": "Юрьева Ия",
                "child_birth_date": "2010-05-01",
                "child_class": "10 А",
            },
        ),
        "guardian_claim_verify": (
            "deputy7",
            pks["claim"],
            {"student": child.pk, "basis_document": "паспорт", "valid_to": f"{today.year + 1}-05-31"},
        ),
        "guardian_claim_refuse": ("deputy7", pks["claim"], reason),
        "guardian_link_end": ("deputy7", pks["link"], {**reason, "document": "Решение суда"}),
        "guardian_link_grant": ("deputy7", pks["link"], {"document": "Заявление обучающегося"}),
        "class_list": ("deputy7", {}, {"year": today.year, "grade": 9, "letter": "Ю"}),
        "student_create": ("deputy7", {}, {**pupil, "school_class": child.school_class_id}),
        "student_edit": (
            "deputy7",
            pks["student"],
            {**pupil, **dict.fromkeys(("name_genitive", "name_dative", "name_accusative"), "Юрьеву Ию"), "seen": "0"},
        ),
        "student_move": (
            "deputy7",
            pks["student"],
            {"school_class": child.school_class_id, "on": today.isoformat(), "basis": "Приказ"},
        ),
        "student_leave": ("deputy7", pks["student"], {"on": today.isoformat(), "basis": "Приказ"}),
        "pupil_account_offer": ("deputy7", {"pk": cast.students["7"][2].pk}, {"email": "pupil@school.example"}),
        "pupil_account_take": ("nobody", pks["account_offer"], {"birth_date": "2010-05-01"}),
        "own_word": ("pupil", {}, {"seen": "0" * 64}),
        "guardian_policy": ("deputy7", pks["student"], {"rule": "both", "days": 3, "basis": "Заявление"}),
        "guardian_expected_add": (
            "deputy7",
            pks["student"],
            {"name": "Юрьева Ия", "email": "a@b.ru", "phone": "123456"},
        ),
        "import_list": ("deputy7", {}, {"year": today.year, "file": Reread("список.csv", PUPILS.encode())}),
        "import_confirm": ("deputy7", pks["import"], {"seen": "0" * 64, "row": 2, "all_asked": "1"}),
        "duty_list": (
            "director7",
            {},
            {"email": world.people["nobody"].user.email, "kind": "curator", "order": "№ 1", **days},
        ),
        "signing_code": ("director7", {}, {**seen_paper, "next": "/home/"}),
        "signing_agreement_create": (
            "deputy7",
            pks["newcomer"],
            {"kind": "вид на жительство", "number": "12 345", "issued": "УВД"},
        ),
        "signing_agreement_end": ("deputy7", pks["signing"], reason),
        "signing_agreement_register": ("deputy7", pks["signing"], {"on": today.isoformat(), "scan": "скан"}),
        "basis_list": (
            "director7",
            {},
            {
                "duty": world.cast.duties["deputy7", DutyKind.DEPUTY].pk,
                "kind": "power",
                "number": "5",
                "issued_on": today.isoformat(),
                "valid_until": f"{today.year + 1}-05-31",
            },
        ),
        "paper_sign_elsewhere": (
            signer.replace("director", "deputy"),
            {"pk": signing.document_id},
            {
                **seen_paper,
                "kind": "hand",
                "signer": "power",
                "signer_name": "Юрьева Ия",
                "power_number": "5",
                "power_issued_on": today.isoformat(),
                "power_valid_until": today.isoformat(),
                "signed_on": today.isoformat(),
                "file": "скан",
            },
        ),
        "agreement_create": ("deputy7", {}, {"host": cast.schools["12"].pk, **terms}),
        "agreement_edit": ("deputy12", {"pk": draft.pk}, terms),
        "agreement_contacts": ("deputy7", pks["agreement"], {"contacts": "Телефон"}),
        "amendment_create": ("deputy7", pks["agreement"], {**terms, "reason": "Причина"}),
        "disagreement_add": (
            "deputy7",
            {"pk": disputed.pk},
            {"clause": "2.8", "home_wording": "Так", "host_wording": "Иначе"},
        ),
        "disagreement_settle": ("deputy7", pks["disagreement"], {"outcome": "home", "agreed_wording": ""}),
        "agreement_refuse": (signer, {"pk": signing.pk}, {**seen_paper, **reason}),
        "agreement_sign": (signer, {"pk": signing.pk}, {**seen_paper, "password": "wrong", "code": "000000"}),
        "agreement_suspend": ("director7", pks["agreement"], reason),
        "agreement_end": ("director7", pks["agreement"], reason),
        "agreement_agree": ("deputy7", {"pk": disputed.pk}, seen_paper),
        "agreement_return": ("deputy7", {"pk": disputed.pk}, reason),
        "agreement_publish": ("deputy7", pks["agreement"], {"appendices": "1"}),
        "agreement_duty_done": ("deputy7", pks["agreement_duty"], {"on": today.isoformat()}),
        "amendment_edit": ("deputy7", pks["amendment"], {**terms, **reason}),
        "amendment_sign": ("director7", pks["amendment"], {**seen_paper, "password": "wrong", "code": "000000"}),
        "amendment_refuse": ("director7", pks["amendment"], {**seen_paper, **reason}),
        "course_create": ("deputy40", {}, course),
        "course_edit": ("deputy40", pks["course"], course),
        "group_create": ("deputy40", pks["course"], {"name": "Х-9", "capacity": 5, "teacher": group.teacher_id}),
        "group_edit": ("deputy40", pks["group"], {"name": "Х-9", "capacity": 25, "teacher": group.teacher_id}),
        "group_timetable": (
            "deputy40",
            pks["group"],
            {"weekday": 6, "starts": "18:00", "ends": "18:45", "room": "каб. 1"},
        ),
        "application_create": ("applicant", {}, {"student": link.student_id, "course": chemistry.pk}),
        "application_courses": ("applicant", {"pk": started.pk}, {"action": "add", "course": chemistry.pk}),
        "application_consents": ("applicant", {"pk": started.pk}, {"operators": home.pk}),
        "application_object": ("parent", pks["application"], reason),
        "application_pupil_word": (
            "deputy7",
            pks["application"],
            {"paper": "Подтверждение к согласию", "signed_on": today.isoformat()},
        ),
        "application_return": ("deputy7", {"pk": registered.pk}, {"return-reason": "Причина"}),
        "application_refuse": ("deputy7", {"pk": registered.pk}, {"refuse-reason": "Причина"}),
        "request_create": ("deputy7", {}, {"host": host.pk, "year": today.year}),
        "request_add": ("deputy7", pks["request"], {"applications": registered.pk}),
        "line_accept": ("deputy40", pks["line"], {"group": group.pk, "seen": "accepted"}),
        "line_refuse": ("deputy40", pks["line"], {"reason": "Причина", "seen": "accepted"}),
        "journal_print": ("teacher40", pks["journal"], {"month": "2026-11"}),
        "journal_cells": ("teacher40", pks["journal"], {"cells": json.dumps([cell]), "period": "2026-11"}),
        "lesson_cells": ("teacher40", pks["lesson"], {"cells": json.dumps([cell]), "period": "2026-11"}),
        "lesson": (
            "teacher40",
            pks["lesson"],
            {"topic": "Тема", "homework": "Задание", "kind_1": "answer", f"mark_{enrolled.pk}": "5"},
        ),
        "term_marks": (
            "teacher40",
            pks["journal"],
            {f"value_{enrolled.pk}": "5", f"reason_{enrolled.pk}": "Причина", f"seen_{enrolled.pk}": ""},
        ),
        "school_test_list": (
            "deputy7",
            {},
            {"school_class": child.school_class_id, "date": today.isoformat(), "subject": "Алгебра"},
        ),
        "programme_policy": ("deputy40", pks["programme"], policy),
        "school_policy": ("deputy40", {}, policy),
        "lesson_cancel": ("teacher40", pks["lesson"], reason),
        "lesson_move": ("teacher40", pks["lesson"], {**place, **reason, "seen": ""}),
        "lesson_add": ("teacher40", pks["journal"], place),
        "lesson_substitute": ("deputy40", pks["lesson"], {"teacher": ""}),
        "lesson_remote": ("teacher40", pks["lesson"], {"home": home.pk, "link": "https://meet.example/1"}),
        "homework_file_add": ("teacher40", pks["lesson"], {"file": Reread("задание.png", b"\x89PNG")}),
        "lesson_escort": ("curator7", pks["lesson"], {"name": "Юрьева Ия", "phone": "1", "following": "on"}),
        "thread": ("curator7", pks["thread"], {"text": "Здравствуйте"}),
        "absence_refine": ("curator7", pks["absence"], {"code": "ill", "basis": "справка", "seen": "absent"}),
        "absence_tell": (
            "parent",
            {},
            {"student": child.pk, **days, "reason": "illness", "comment": "", "date_to": today.isoformat()},
        ),
        "programme_plan": ("teacher40", pks["programme"], {"text": "Импульс (2 ч)", "seen": ""}),
        "transfer_seal": ("coordinator40", {}, {"row": f"{group.pk}:{home.pk}:2026-11"}),
        "transfer_seal_all": ("coordinator40", {}, {"month": "2026-11"}),
        "push_endpoint": (
            "deputy7",
            {},
            {"url": "https://school.example/hook", "thin": "on", "key": "", "access_key": "np_key"},
        ),
        "transfer_mail": ("deputy7", {}, {"email": "a@school.example"}),
        "api_key_issue": ("deputy7", {}, {"title": "Журнал", "partner": host.pk}),
        "transfer_dispute": (
            "curator7",
            pks["transfer"],
            {f"line_{line}": "Другая отметка" for line in sealed_lines(pks["transfer"]["pk"])[1:]},
        ),
        "certificate_prepare": ("deputy40", pks["group"], {"enrolment": enrolled.pk}),
        "certificate_sign": ("director40", pks["certificate"], {**seen_paper, "password": "wrong", "code": "000000"}),
        "certificate_return": ("director40", pks["certificate"], reason),
        "certificate_hand_out": (
            "deputy40",
            pks["certificate"],
            {"on": today.isoformat(), "received_by": "Юрьева Ия"},
        ),
        "certificate_annul": ("deputy40", pks["certificate"], reason),
        "dispute_reject": ("deputy40", pks["dispute"], {"answer": "Запись верна"}),
        "correction_request": (
            "teacher40",
            pks["transfer"],
            {"enrolment": sealed_lines(pks["transfer"]["pk"])[0], "lessons": [1], **reason},
        ),
        "correction_refuse": ("deputy40", pks["correction"], {"decision": "Основания нет"}),
        "correction_write": ("teacher40", pks["correction"], {"cell_1_1": "5"}),
        "card_compose": ("coordinator40", {}, {"row": f"{group.pk}:{home.pk}:h1"}),
        "card_sign": ("deputy40", pks["card"], {**seen_paper, "password": "wrong", "code": "000000"}),
        "card_return": ("deputy40", pks["card"], {**seen_paper, **reason}),
        "card_annul": ("deputy40", pks["card"], reason),
        "register": ("class7", pks["class"], {f"decision_{child.pk}": "переведена", "seen": ""}),
        "intake_dispute": ("curator7", pks["intake"], {f"line_{pks['intake_line']['pk']}": "Не наш ученик"}),
        "intake_match": ("curator7", pks["intake_line"], {"student": child.pk}),
        "meeting_create": (
            "secretary",
            {},
            {"kind": "first", "planned_at": f"{today.year + 1}-03-01T15:00", "place": "Зал"},
        ),
        "item_create": ("secretary", pks["meeting"], question),
        "meeting_open": ("secretary", pks["meeting"], {"present": member}),
        "meeting_arrive": ("secretary", pks["meeting"], {"member": member, "minute": "10:00", "item": "1"}),
        "meeting_presiding": ("secretary", pks["meeting"], {"member": member}),
        "agenda_vote": ("secretary", pks["meeting"], tally),
        "item_vote": ("secretary", pks["item"], tally),
        "item_heard": ("secretary", pks["item"], {"heard": "Речь", "discussed": "Речь", "seen": "0"}),
        "meeting_convene": ("secretary", pks["meeting"], reason | {"short_notice": "Срочно"}),
        "meeting_move": (
            "secretary",
            pks["meeting"],
            {"planned_at": f"{today.year + 1}-03-01T15:00", "place": "Зал", "short_notice": ""},
        ),
        "meeting_cancel": ("secretary", pks["meeting"], reason),
        "meeting_answer": ("member", pks["meeting"], {"coming": "no", **reason}),
        "material_add": (
            "secretary",
            pks["meeting"],
            {"title": "План", "item": pks["item"]["item_pk"], "file": Reread("план.pdf", b"%PDF-1.7")},
        ),
        "opinion_ask": ("secretary", pks["item"], {"schools": home.pk}),
        "opinion": ("deputy7", pks["opinion"], {"stance": "objected", "text": "Нет"}),
        "proposal_list": ("member", {}, {"title": "Вопрос", "proposal": "Решить"}),
        "proposal_take": ("secretary", pks["proposal"], {"meeting": pks["meeting"]["pk"]}),
        "proposal_decline": ("secretary", pks["proposal"], reason),
        "voting_close": ("secretary", pks["item"], done),
        "ballot": ("member", pks["item"], {"choice": "for", "member": member, "key": str(UUID(int=1))}),
        "dissent": ("member", pks["held_item"], {"text": "Против"}),
        "remark_add": ("member", pks["held"], {"text": "Поправить"}),
        "remark_answer": ("secretary", pks["remark"], {"answer": "Исправлено"}),
        "execution_report": ("secretary", pks["decision"], {"report": "Сделано"}),
        "extract_create": ("secretary", pks["decision"], {"addressee": "Школа"}),
        "extract": ("secretary", pks["extract"], {**seen_paper, "password": "wrong", "code": "000000"}),
        "account_login": ("", {}, {"login": "a@school.example", "password": "x", "next": "/home/"}),
        "account_signup": (
            "",
            {},
            {
                "email": "a@school.example",
                "password1": "длинный-пароль-1",
                "password2": "длинный-пароль-1",
                "last_name": "Юрьева",
                "first_name": "Ия",
                "patronymic": "",
                "gender": "f",
                "phone": "",
            },
        ),
        "account_reset_password": ("", {}, {"email": "a@school.example"}),
    }


@pytest.fixture(scope="module")
def filled(world: World) -> list[tuple[str, Form]]:
    return list(forms(world).items())


@pytest.mark.parametrize("part", range(PARTS))
def test_form_takes_what_is_good_and_refuses_what_is_strange(
    world: World, filled: list[tuple[str, Form]], part: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One strange value among good ones, in each field in turn."""
    monkeypatch.setattr("network_portal.documents.proofs.attempt", lambda *args, **kwargs: nullcontext())
    broken = []
    for name, (who, kwargs, data) in filled[part::PARTS]:
        client, url = client_of(world.people.get(who)), reverse(name, kwargs=kwargs)
        status = send(client, POST, url, data).status_code
        if status >= 500 or status in (403, 404):
            broken.append((name, "sent as it should be", status))
        for place, field in enumerate(data):
            for text in strange_for(data[field], place):
                if send(client, POST, url, {**data, field: text}).status_code >= 500:
                    broken.append((name, field, text[:20]))
    assert broken == []
