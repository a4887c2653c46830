"""Pages of the journal and the transfers: who sees what, how many queries, what a form does."""

from __future__ import annotations

import hashlib
import io
from datetime import UTC, date, datetime

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from pikepdf import Pdf

from courses.enums import GroupState
from courses.models import StudyGroup
from gradebook.enums import AttendanceCode, LessonState, TransferState
from gradebook.models import Attendance, Lesson, Mark, MonthlyTransfer, PushEndpoint
from gradebook.selectors import tasks_for
from gradebook.services import transfers
from network_portal.common.secrets import decrypt
from schools.acting import Acting
from schools.enums import DutyKind, Role
from schools.models import Agreement
from tests.factories.accounts import UserFactory
from tests.factories.gradebook import (
    DECEMBER,
    LessonFactory,
    MarkFactory,
    PushEndpointFactory,
    Scene,
    month_of_marks,
    scene,
    seal,
)
from tests.factories.schools import DutyFactory, acting_as, sign_in
from tests.gradebook.acts import journal_url, page_of

pytestmark = pytest.mark.django_db
NOVEMBER = "?month=2026-11"


@pytest.fixture(autouse=True)
def december() -> object:
    with time_machine.travel(DECEMBER, tick=False):
        yield


def status_of(who: Acting, url: str, data: dict[str, str] | None = None) -> int:
    client = sign_in(Client(), who)
    return (client.get(url) if data is None else client.post(url, data)).status_code


# --- lists and who sees what ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("groups", [1, 3])
def test_list_takes_the_same_number_of_queries(groups: int) -> None:
    place = scene()
    for number in range(groups - 1):
        StudyGroup.objects.create(
            course=place.group.course,
            name=f"Ф-{number + 2}",
            teacher=place.group.teacher,
            capacity=10,
            state=GroupState.OPEN,
            opened_on=date(2026, 9, 1),
        )
    client = sign_in(Client(), place.teacher)
    with CaptureQueriesContext(connection) as queries:
        page = client.get(reverse("journal_list")).content.decode()
    assert (len(queries), page.count("<tr>")) == (7, groups + 1)


@pytest.mark.parametrize("pupils", [1, 3])
def test_transfer_list_takes_the_same_number_of_queries(pupils: int) -> None:
    place = scene(own=pupils, others=pupils)
    coordinator = place.coordinator
    seal(place)
    client = sign_in(Client(), coordinator)
    with CaptureQueriesContext(connection) as queries:
        client.get(reverse("transfer_list") + NOVEMBER)
    assert len(queries) == 11, [query["sql"][:100] for query in queries]


def test_another_teacher_of_the_host_does_not_see_the_journal() -> None:
    place = scene()
    assert status_of(place.staff(place.host, DutyKind.NETWORK_TEACHER), journal_url(place)) == 404


# --- the home school (S0-6p) --------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", [DutyKind.CURATOR, DutyKind.RESPONSIBLE])
def test_home_readers_see_own_pupils_only(kind: DutyKind) -> None:
    place = scene(own=2, others=3)
    month_of_marks(place)
    seal(place, place.other)
    who = place.staff(place.home, kind)
    seen = [
        page_of(who, url)
        for url in (
            journal_url(place) + NOVEMBER,
            reverse("journal_list"),
            reverse("lesson", args=[place.lessons[0].pk]),
            reverse("transfer_list") + NOVEMBER,
        )
    ]
    assert [("Двенадцатов" in page, "лицей" in page) for page in seen] == [(False, False)] * 4
    assert "Седьмова" in seen[0]
    assert seen[0].count("data-enrolment=") == 2
    assert '<td data-label="Обучающихся" class="num">2</td>' in seen[1]
    assert ('<td class="w">' in seen[0], "data-cells-url" in seen[0]) == (False, False)


@pytest.mark.parametrize(
    "kind", [DutyKind.CLASS_TEACHER, DutyKind.DEPUTY, DutyKind.DIRECTOR, DutyKind.COORDINATOR, DutyKind.COUNCIL_MEMBER]
)
def test_others_at_home_get_no_live_journal(kind: DutyKind) -> None:
    place = scene()
    who = place.staff(place.home, kind)
    assert [
        status_of(who, journal_url(place)),
        status_of(who, reverse("lesson", args=[place.lessons[0].pk])),
        "Физика" in page_of(who, reverse("journal_list")),
    ] == [404, 404, False]


@pytest.mark.parametrize(
    ("readers", "seen"),
    [(["coordinator"], [404, 404, 200]), (["curator", "responsible"], [200, 200, 404]), ([], [404] * 3)],
)
def test_agreement_says_who_reads_the_journal_at_home(readers: list[str], seen: list[int]) -> None:
    """S4-5.8: the terms of the agreement by which the pupils were sent decide, not the duty alone."""
    place = scene()
    Agreement.objects.filter(home=place.home).update(journal_readers=readers)
    people = [place.staff(place.home, kind) for kind in (DutyKind.CURATOR, DutyKind.RESPONSIBLE, DutyKind.COORDINATOR)]
    assert [status_of(who, journal_url(place)) for who in people] == seen


def test_strangers_get_nothing() -> None:
    place = scene()
    transfer = seal(place)
    outsider = acting_as(DutyFactory(kind=DutyKind.RESPONSIBLE))
    parent = Acting(UserFactory(), Role.PARENT)
    for who in (outsider, parent, Acting(UserFactory(), Role.NOBODY)):
        for url in (
            journal_url(place),
            reverse("lesson", args=[place.lessons[0].pk]),
            reverse("transfer", args=[transfer.pk]),
            reverse("transfer_pdf", args=[transfer.pk]),
            reverse("transfer_json", args=[transfer.pk]),
        ):
            assert status_of(who, url) == 404
        for name in ("journal_list", "lesson_today", "diary", "transfer_list"):
            page = page_of(who, reverse(name) + NOVEMBER)
            assert ("Физика" in page, "Седьмов" in page) == (False, False)


# --- a lesson -----------------------------------------------------------------------------------------------------


def lesson_data(place: Scene, **values: str) -> dict[str, str]:
    data = {"topic": "Сила трения", "homework": "§ 12", "kind_1": "test"}
    for enrolment in (*place.own, *place.others):
        data |= {f"mark_{enrolment.pk}": "", f"code_{enrolment.pk}": "", f"seen_{enrolment.pk}": ""}
    return data | values


def test_lesson_is_filled_without_a_script() -> None:
    place = scene(held=False)
    first, second = place.own
    data = lesson_data(place, **{f"mark_{first.pk}": "5", f"code_{second.pk}": "Н", "confirm": "1"})
    url = reverse("lesson", args=[place.lessons[0].pk])
    assert status_of(place.teacher, url, data) == 302
    lesson = Lesson.objects.get(pk=place.lessons[0].pk)
    assert (lesson.state, lesson.topic, lesson.attendance_confirmed_at) == (LessonState.HELD, "Сила трения", DECEMBER)
    assert (Mark.objects.get().value, Attendance.objects.get().code) == (5, AttendanceCode.ABSENT)


def test_lesson_changed_meanwhile_is_shown_again_with_what_was_typed() -> None:
    place = scene()
    first = place.own[0]
    MarkFactory(lesson=place.lessons[0], enrolment=first, value=4)
    client = sign_in(Client(), place.teacher)
    url = reverse("lesson", args=[place.lessons[0].pk])
    response = client.post(url, lesson_data(place, **{f"mark_{first.pk}": "5"}))
    page = response.content.decode()
    assert response.status_code == 422
    assert "сейчас там «4», вы ввели «5»" in page
    assert f'name="seen_{first.pk}" value="4"' in page
    assert 'value="Сила трения"' in page
    assert client.post(url, lesson_data(place, **{f"mark_{first.pk}": "5", f"seen_{first.pk}": "4"})).status_code == 302


def test_lesson_of_the_future_takes_a_plan_but_no_marks() -> None:
    place = scene(held=False)
    Lesson.objects.filter(pk=place.lessons[0].pk).update(date=date(2026, 12, 20))
    url = reverse("lesson", args=[place.lessons[0].pk])
    assert "mark_" not in page_of(place.teacher, url)
    assert status_of(place.teacher, url, {"topic": "План", "homework": "", "kind_1": "answer"}) == 302
    assert Lesson.objects.get(pk=place.lessons[0].pk).topic == "План"


def test_lesson_is_cancelled_and_restored_on_its_page() -> None:
    place = scene(held=False)
    pk = place.lessons[0].pk
    who = place.coordinator
    assert status_of(who, reverse("lesson_cancel", args=[pk]), {"reason": ""}) == 422
    assert status_of(who, reverse("lesson_cancel", args=[pk]), {"reason": "карантин"}) == 302
    assert "карантин" in page_of(place.teacher, reverse("lesson", args=[pk]))
    assert status_of(who, reverse("lesson_restore", args=[pk]), {}) == 302
    assert Lesson.objects.get(pk=pk).state == LessonState.PLANNED
    assert status_of(place.staff(place.host, DutyKind.DIRECTOR), reverse("lesson_cancel", args=[pk]), {}) == 403


def test_day_of_the_teacher_shows_today_what_is_ahead_and_what_is_not_filled() -> None:
    place = scene(held=False, lessons=1)
    LessonFactory(group=place.group, date=date(2026, 12, 3), topic="Сегодняшняя")
    LessonFactory(group=place.group, date=date(2026, 12, 7), topic="Будущая")
    page = page_of(place.teacher, reverse("lesson_today"))
    assert [page.index(word) for word in ("Сегодняшняя", "не заполнено", "Будущая")] == sorted(
        page.index(word) for word in ("Сегодняшняя", "не заполнено", "Будущая")
    )


# --- the family ---------------------------------------------------------------------------------------------------


# --- transfers ----------------------------------------------------------------------------------------------------


def delivered(place: Scene) -> MonthlyTransfer:
    transfer = seal(place)
    transfers.transfer_deliver(transfer_id=transfer.pk, at=DECEMBER)
    return MonthlyTransfer.objects.get(pk=transfer.pk)


def test_coordinator_seals_one_and_all_on_the_page() -> None:
    place = scene()
    who = place.coordinator
    row = f"{place.group.pk}:{place.home.pk}:2026-11"
    page = page_of(who, reverse("transfer_list") + NOVEMBER)
    assert (page.count("можно запечатать"), f'value="{row}"' in page) == (2, True)
    assert status_of(who, reverse("transfer_seal"), {"row": row}) == 302
    assert status_of(who, reverse("transfer_seal"), {"row": row}) == 409
    assert status_of(who, reverse("transfer_seal_all"), {"month": "2026-11"}) == 302
    assert list(MonthlyTransfer.objects.order_by("pk").values_list("home", "document__number")) == [
        (place.home.pk, 1),
        (place.other.pk, 2),
    ]


def test_seal_is_closed_to_others() -> None:
    place = scene()
    row = {"row": f"{place.group.pk}:{place.home.pk}:2026-11"}
    assert [
        status_of(place.staff(place.host, DutyKind.DIRECTOR), reverse("transfer_seal"), row),
        status_of(place.teacher, reverse("transfer_seal"), row),
        status_of(place.staff(place.home, DutyKind.COORDINATOR), reverse("transfer_seal"), row),
        status_of(place.staff(place.home, DutyKind.RESPONSIBLE), reverse("transfer_seal"), row),
        status_of(place.coordinator, reverse("transfer_seal"), {"row": "1:2:2026-13"}),
        status_of(place.coordinator, reverse("transfer_seal"), {"row": f"{place.group.pk}:{place.host.pk}:2026-11"}),
        status_of(place.coordinator, reverse("transfer_seal_all"), {"month": "x"}),
    ] == [403, 403, 404, 404, 404, 404, 404]


def test_files_of_a_transfer_hold_one_home_school(real_papers: None) -> None:
    place = scene()
    month_of_marks(place)
    transfer = delivered(place)
    client = sign_in(Client(), place.staff(place.home, DutyKind.RESPONSIBLE))
    file = client.get(reverse("transfer_json", args=[transfer.pk]))
    assert hashlib.sha256(file.content).hexdigest() == transfer.sha256
    assert "Двенадцатов".encode() not in file.content
    paper = client.get(reverse("transfer_pdf", args=[transfer.pk]))
    with Pdf.open(io.BytesIO(paper.content)) as pdf:
        assert len(pdf.pages) == 1
    content = transfer.document.versions.get().content
    assert ("Седьмова" in content, "Двенадцатов" in content, "лицей" in content) == (True, False, False)


def test_transfer_is_not_at_home_before_it_is_delivered() -> None:
    place = scene()
    transfer = seal(place)
    curator = place.staff(place.home, DutyKind.CURATOR)
    url = reverse("transfer", args=[transfer.pk])
    assert status_of(curator, url) == 404
    assert "не пришла" in page_of(curator, reverse("transfer_list") + NOVEMBER)
    transfers.transfer_deliver(transfer_id=transfer.pk, at=DECEMBER)
    assert "Подтвердить получение" in page_of(curator, url)
    assert status_of(place.staff(place.other, DutyKind.CURATOR), url) == 404


@pytest.mark.parametrize("kind", [DutyKind.CURATOR, DutyKind.RESPONSIBLE, DutyKind.DEPUTY, DutyKind.COORDINATOR])
def test_receipt_is_confirmed_at_home(kind: DutyKind) -> None:
    place = scene()
    transfer = delivered(place)
    url = reverse("transfer_acknowledge", args=[transfer.pk])
    assert status_of(place.coordinator, url, {}) == 403
    assert status_of(place.staff(place.home, DutyKind.DIRECTOR), url, {}) == 403
    assert status_of(place.staff(place.home, kind), url, {}) == 302
    assert MonthlyTransfer.objects.get().state == TransferState.ACKNOWLEDGED


def test_class_teacher_sees_the_lines_of_the_own_class_and_no_files() -> None:
    place = scene()
    transfer = delivered(place)
    own = place.own[0].student
    teacher = DutyFactory(organisation=place.home, kind=DutyKind.CLASS_TEACHER)
    url = reverse("transfer", args=[transfer.pk])
    assert status_of(acting_as(teacher), url) == 404
    school_class = own.school_class
    school_class.class_teacher = teacher
    school_class.save()
    other_class = type(school_class).objects.create(organisation=place.home, year=2026, grade=11, letter="Ъ")
    type(own).objects.filter(pk=place.own[1].student_id).update(school_class=other_class)
    page = page_of(acting_as(teacher), url)
    assert ("Седьмова" in page, "Седьмовб" in page) == (True, False)
    assert [
        status_of(acting_as(teacher), reverse(name, args=[transfer.pk])) for name in ("transfer_pdf", "transfer_json")
    ] == [
        403,
        403,
    ]


def test_month_without_lessons_says_why_on_the_page_of_the_transfer() -> None:
    place = scene(lessons=0)
    assert "занятий по расписанию не было" in page_of(place.coordinator, reverse("transfer", args=[seal(place).pk]))


# --- the school's own system --------------------------------------------------------------------------------------


def test_key_is_shown_once_and_kept_encrypted() -> None:
    place = scene()
    who = place.staff(place.home, DutyKind.DEPUTY)
    client = sign_in(Client(), who)
    page = client.post(reverse("push_endpoint"), {"url": "https://journal.school.example/hook"}).content.decode()
    endpoint = PushEndpoint.objects.get()
    key = decrypt(endpoint.secret)
    assert (key.startswith("whsec_"), key in page, key in endpoint.secret) == (True, True, False)
    assert key not in client.get(reverse("push_endpoint")).content.decode()
    assert client.post(reverse("push_endpoint"), {"url": "https://two.school.example/"}).status_code == 302
    assert decrypt(PushEndpoint.objects.get().secret) == key
    page = client.post(reverse("push_endpoint_rotate")).content.decode()
    assert decrypt(PushEndpoint.objects.get().secret) in page
    assert decrypt(PushEndpoint.objects.get().secret) != key
    assert client.post(reverse("push_endpoint_remove")).status_code == 302
    assert client.post(reverse("push_endpoint_remove")).status_code == 409


@pytest.mark.parametrize(
    "url", ["http://journal.school.example/", "https://user:pw@school.example/", "ftp://x.example/", "x y"]
)
def test_address_that_must_not_be_is_refused_beside_the_field(url: str) -> None:
    place = scene()
    assert status_of(place.staff(place.home, DutyKind.DEPUTY), reverse("push_endpoint"), {"url": url}) == 422
    assert PushEndpoint.objects.count() == 0


@pytest.mark.parametrize("kind", [DutyKind.CURATOR, DutyKind.COORDINATOR, DutyKind.NETWORK_TEACHER])
def test_address_is_closed_to_others(kind: DutyKind) -> None:
    assert status_of(scene().staff(scene_home(), kind), reverse("push_endpoint")) == 403


def scene_home() -> object:
    return PushEndpointFactory().organisation


# --- what waits ---------------------------------------------------------------------------------------------------


def test_tasks_of_teacher_coordinator_and_home() -> None:
    place = scene()
    Lesson.objects.filter(pk=place.lessons[0].pk).update(attendance_confirmed_at=None)
    today = DECEMBER.date()
    (task,) = tasks_for(place.teacher, today)
    assert (task.title, task.due) == ("Заполнить 1 занятие в журнале", date(2026, 11, 2))
    titles = [task.title for task in tasks_for(place.coordinator, today)]
    assert titles == [f"Запечатать ведомости за {month} 2026\u00a0г." for month in ("сентябрь", "октябрь", "ноябрь")]
    assert [task.about for task in tasks_for(place.coordinator, today)] == [
        "Готовы 2",
        "Готовы 2",
        "Готовы 0, не готовы 2",
    ]
    Lesson.objects.update(attendance_confirmed_at=datetime(2026, 11, 30, tzinfo=UTC))
    transfer = delivered(place)
    missing = [
        (f"Не пришла ведомость за {month} 2026\u00a0г.", f"/transfers/?month={due:%Y-}{due.month - 1:02}", due)
        for month, due in (("сентябрь", date(2026, 10, 3)), ("октябрь", date(2026, 11, 3)))
    ]
    own, of_another = (
        [(task.title, task.url, task.due) for task in tasks_for(place.staff(school, DutyKind.CURATOR), today)]
        for school in (place.home, place.other)
    )
    receipt = ("Подтвердить получение ведомости №\u00a01", f"/transfers/{transfer.pk}/", date(2026, 12, 10))
    assert (own, of_another) == ([receipt, *missing], missing)
    assert tasks_for(Acting(UserFactory(), Role.PARENT), today) == []
