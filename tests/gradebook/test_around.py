"""Homework files, escorts, messages of two schools, who looked into the journal: gates and isolation first."""

from __future__ import annotations

import io
from datetime import UTC, date, datetime, timedelta
from urllib.parse import quote

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from openpyxl import Workbook
from PIL import Image

from courses.enums import WorkType
from gradebook import access
from gradebook.enums import AbsenceReason, LessonState
from gradebook.models import AbsenceNotice, Escort, GroupMessage, HomeworkFile, JournalView, Lesson
from gradebook.selectors.threads import thread_rows
from gradebook.services import escorts, homework, threads
from gradebook.services.journal import WorkPlan, lesson_fill
from network_portal.common.errors import RuleError
from network_portal.notices.models import Notice
from schools.acting import Acting
from schools.enums import DutyKind, Role
from schools.models import GuardianLink
from tests.factories.gradebook import LessonFactory, MarkFactory, Scene, month_of_marks, scene
from tests.factories.schools import DutyFactory, GuardianLinkFactory, OrganisationFactory, acting_as, sign_in

pytestmark = pytest.mark.django_db
#: Noon in Moscow on Thursday, 5 November 2026; the lessons of a scene begin on Monday, the 2nd.
AT = datetime(2026, 11, 5, 9, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def now() -> object:
    with time_machine.travel(AT, tick=False):
        yield


def picture() -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (4, 4)).save(buffer, "PNG")
    return buffer.getvalue()


def parent_of(place: Scene, number: int = 0, *, other: bool = False) -> Acting:
    student = (place.others if other else place.own)[number].student
    return Acting(GuardianLink.objects.get(student=student).user, Role.PARENT)


def stranger(kind: DutyKind) -> Acting:
    return acting_as(DutyFactory(organisation=OrganisationFactory(short_name="МАОУ школа № 99"), kind=kind))


def test_homework_file_is_for_the_group_only() -> None:
    place = scene(own=1, others=1, lessons=2)
    late = place.others[0]
    type(late).objects.filter(pk=late.pk).update(date_from=date(2026, 11, 3))
    client = sign_in(Client(), place.teacher)
    upload = SimpleUploadedFile("задание.png", picture(), content_type="text/html")
    client.post(reverse("homework_file_add", args=[place.lessons[0].pk]), {"file": upload})
    file = HomeworkFile.objects.get()
    url = reverse("homework_file", args=[file.pk])
    people = {
        "teacher": place.teacher,
        "curator": place.staff(place.home, DutyKind.CURATOR),
        "coordinator": place.coordinator,
        "parent": parent_of(place),
        "parent of who came later": parent_of(place, other=True),
        "other school": stranger(DutyKind.CURATOR),
        "class teacher": place.staff(place.home, DutyKind.CLASS_TEACHER),
    }
    seen = {who: sign_in(Client(), acting).get(url).status_code for who, acting in people.items()}
    assert seen == {
        "teacher": 200, "curator": 200, "coordinator": 200, "parent": 200, "parent of who came later": 404,
        "other school": 404, "class teacher": 404,
    }  # fmt: skip
    answer = client.get(url)
    assert (answer["Content-Type"], answer["X-Content-Type-Options"], answer.content) == (
        "image/png", "nosniff", picture(),
    )  # fmt: skip
    assert answer["Content-Disposition"].startswith("attachment;")
    table = io.BytesIO()
    Workbook().save(table)
    client.post(reverse("homework_file_add", args=[place.lessons[0].pk]), {
        "file": SimpleUploadedFile("Опыт № 1.xlsx", table.getvalue(), content_type="text/html"),
    })  # fmt: skip
    office = sign_in(Client(), people["parent"]).get(reverse("homework_file", args=[HomeworkFile.objects.last().pk]))
    assert (office["Content-Type"], office["X-Content-Type-Options"], office["Content-Disposition"]) == (
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "nosniff",
        f"attachment; filename*=UTF-8''{quote('Опыт № 1.xlsx')}",
    )  # fmt: skip
    remove = reverse("homework_file_remove", args=[file.pk])
    assert sign_in(Client(), people["parent"]).post(remove).status_code == 403
    assert sign_in(Client(), people["curator"]).post(remove).status_code == 403
    assert client.post(remove).status_code == 302
    assert (client.get(url).status_code, HomeworkFile.objects.count()) == (404, 2)


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("задание.exe", b"MZ", "нужен PDF, JPEG, PNG, DOCX, .* Приложите другой файл"),
        ("задание.pdf", b"<script>alert(1)</script>", "на самом деле не PDF"),
        ("задание.png", b"", "Файл пуст"),
        ("../x.png", b"x", "недопустимые знаки"),
    ],
)
def test_homework_file_is_looked_at(name: str, content: bytes, words: str) -> None:
    place = scene(own=1, others=0, lessons=1)
    with pytest.raises(RuleError, match=words) as refused:
        homework.homework_file_add(actor=place.teacher, lesson=place.lessons[0], name=name, content=content, at=AT)
    assert "канер" not in refused.value.message


def test_homework_has_five_files_at_most() -> None:
    place = scene(own=1, others=0, lessons=1)

    def add() -> None:
        homework.homework_file_add(actor=place.teacher, lesson=place.lessons[0], name="1.png", content=picture(), at=AT)

    for _ in range(homework.MOST_FILES):
        add()
    with pytest.raises(RuleError, match="больше нельзя"):
        add()


def test_escort_is_named_at_home_and_read_by_the_host_with_names_and_classes_only() -> None:
    place = scene(own=2, others=1, lessons=0)
    first, second = (LessonFactory(group=place.group, date=date(2026, 11, day)) for day in (10, 12))
    curator = place.staff(place.home, DutyKind.CURATOR)
    AbsenceNotice.objects.create(
        student=place.own[1].student, guardian=parent_of(place, 1).user, date_from=date(2026, 11, 9),
        date_to=date(2026, 11, 11), reason=AbsenceReason.ILLNESS, created_at=AT,
    )  # fmt: skip
    url = reverse("lesson_escort", args=[first.pk])
    client = sign_in(Client(), curator)
    data = {"name": "Орлова Анна Петровна", "phone": "+7 900 000-00-00", "following": "on"}
    assert client.post(url, data).status_code == 302
    assert set(Escort.objects.values_list("lesson", "home")) == {
        (first.pk, place.home.pk), (second.pk, place.home.pk),
    }  # fmt: skip
    own = client.get(url).content.decode()
    assert ("Двенадцатов" in own, "Седьмова" in own, "что не придут: Седьмовб" in own) == (False, True, True)
    page = sign_in(Client(), place.teacher).get(url).content.decode()
    assert ("Орлова Анна Петровна" in page, "Двенадцатова" in page, "сопровождающий не назван" in page) == (
        True, True, True,
    )  # fmt: skip
    assert str(place.own[0].student.birth_date.year) not in page
    assert sign_in(Client(), place.teacher).post(url, data).status_code == 403
    assert sign_in(Client(), stranger(DutyKind.CURATOR)).get(url).status_code == 404
    with pytest.raises(RuleError):
        escorts.escort_set(actor=curator, lesson=first, name=" ", phone="", following=False, at=AT)
    Lesson.objects.filter(pk=first.pk).update(state=LessonState.CANCELLED, cancel_reason="нет")
    assert client.post(url, data).status_code == 409


def test_thread_is_between_one_home_school_and_the_teacher() -> None:
    """S0-8: each home school sees its own thread only."""
    place = scene(own=1, others=1, lessons=1)
    curator, other = place.staff(place.home, DutyKind.CURATOR), place.staff(place.other, DutyKind.CURATOR)
    url = reverse("thread", args=[place.group.pk, place.home.pk])
    client = sign_in(Client(), curator)
    assert client.post(url, {"text": "Автобус опоздает <b>"}).status_code == 302
    assert client.post(url, {"text": " "}).status_code == 422
    assert list(Notice.objects.values_list("user", "url")) == [(place.group.teacher.user_id, url)]
    assert [(str(row.thread.home), row.unread) for row in thread_rows(place.teacher)] == [
        ("МАОУ СОШ № 7", 1), ("МАОУ лицей № 12", 0),
    ]  # fmt: skip
    page = sign_in(Client(), place.teacher).get(url).content.decode()
    assert ("Автобус опоздает &lt;b&gt;" in page, "<b>" in page.split("thread-text")[1]) == (True, False)
    assert [row.unread for row in thread_rows(place.teacher)] == [0, 0]
    statuses = {
        "other school": sign_in(Client(), other).get(url).status_code,
        "stranger": sign_in(Client(), stranger(DutyKind.CURATOR)).get(url).status_code,
        "other teacher": sign_in(Client(), place.staff(place.host, DutyKind.NETWORK_TEACHER)).get(url).status_code,
        "class teacher": sign_in(Client(), place.staff(place.home, DutyKind.CLASS_TEACHER)).get(url).status_code,
        "parent": sign_in(Client(), parent_of(place)).get(url).status_code,
        "host": sign_in(Client(), place.staff(place.host, DutyKind.RESPONSIBLE)).get(url).status_code,
    }
    assert statuses == {
        "other school": 404, "stranger": 404, "other teacher": 404, "class teacher": 404, "parent": 404,
        "host": 200,
    }  # fmt: skip
    assert [str(row.thread.home) for row in thread_rows(other)] == ["МАОУ лицей № 12"]
    thread = access.thread_for(place.teacher, place.group.pk, place.home.pk)
    threads.message_send(actor=place.teacher, thread=thread, text="Подождём", at=AT)
    assert [row.unread for row in thread_rows(curator)] == [1]
    with pytest.raises(Exception, match="append_only"):
        GroupMessage.objects.update(text="иначе")


@pytest.mark.parametrize("homes", [1, 2])
def test_list_of_threads_takes_the_same_number_of_queries(homes: int) -> None:
    place = scene(own=1, others=homes - 1, lessons=1)
    client = sign_in(Client(), place.teacher)
    with CaptureQueriesContext(connection) as queries:
        page = client.get(reverse("thread_list")).content.decode()
    assert (len(queries), page.count("<tr>")) == (9, homes + 1), [query["sql"][:90] for query in queries]


def test_parent_sees_who_looked_into_the_journal() -> None:
    """S0-6p: access from the day of the order on; every look is told."""
    place = scene(own=1, others=1, lessons=1)
    curator, other = place.staff(place.home, DutyKind.CURATOR), place.staff(place.other, DutyKind.CURATOR)
    journal = reverse("journal", args=[place.group.pk])
    for who in (curator, curator, other, place.coordinator, place.teacher):
        assert sign_in(Client(), who).get(journal).status_code == 200
    assert sign_in(Client(), curator).get(reverse("lesson", args=[place.lessons[0].pk])).status_code == 200
    rows = list(JournalView.objects.order_by("pk").values_list("organisation", "role", "day"))
    day = AT.date()
    assert rows == [
        (place.home.pk, "curator", day), (place.other.pk, "curator", day), (place.host.pk, "coordinator", day),
    ]  # fmt: skip
    page = sign_in(Client(), parent_of(place)).get(reverse("diary_viewers")).content.decode()
    assert (page.count("<tr>"), "МАОУ СОШ № 7" in page, "МАОУ гимназия № 40" in page, "лицей № 12" in page) == (
        3, True, True, False,
    )  # fmt: skip
    assert sign_in(Client(), curator).get(reverse("diary_viewers")).status_code == 403
    tomorrow = AT + timedelta(days=1)
    later = acting_as(DutyFactory(organisation=place.home, kind=DutyKind.CURATOR, date_from=tomorrow.date()))
    assert sign_in(Client(), later).get(journal).status_code == 404
    with time_machine.travel(tomorrow, tick=False):
        assert sign_in(Client(), later).get(journal).status_code == 200


def test_diary_shows_a_week_and_a_course_of_the_own_child_only() -> None:
    place = scene(own=2, others=1, lessons=2)
    test = WorkPlan(WorkType.TEST, "Задачи", "К1 чертёж\nК2 расчёт", whole_class=True)
    lesson_fill(
        actor=place.teacher, lesson=place.lessons[0], topic="Импульс", homework="§ 5", works=[test], cells={},
        confirm=False, at=AT,
    )  # fmt: skip
    homework.homework_file_add(
        actor=place.teacher, lesson=place.lessons[0], name="задачи.png", content=picture(), at=AT
    )
    MarkFactory(work=place.lessons[0].works.get(), enrolment=place.own[0], value=5)
    MarkFactory(work=place.lessons[0].works.get(), enrolment=place.own[1], value=2)
    client = sign_in(Client(), parent_of(place))
    diary = reverse("diary")
    week = client.get(diary).content.decode()
    shown = (
        "Понедельник, 02.11",
        "Импульс",
        "§ 5",
        "задачи.png",
        "<strong>5</strong>",
        "вес 3",
        "К1 чертёж\nК2 расчёт",
    )
    assert [words for words in shown if words not in week] == []
    assert "<strong>2</strong>" not in week
    assert "На этой неделе занятий нет" in client.get(f"{diary}?week=2026-11-09").content.decode()
    for strange in ("0001-01-01", "9999-12-31", "x", "2026-W99"):
        assert "02.11–08.11.2026" in client.get(diary, {"week": strange}).content.decode()
    assert "5,00" in client.get(f"{diary}?tab=courses").content.decode()
    own, other = (reverse("diary_course", args=[one.pk]) for one in place.own)
    assert (client.get(own).status_code, client.get(other).status_code) == (200, 404)
    assert "<strong>5</strong>" in client.get(own).content.decode()


@pytest.mark.parametrize("children", [1, 3])
def test_diary_takes_the_same_number_of_queries(children: int) -> None:
    place = scene(own=children, others=0, lessons=3)
    month_of_marks(place)
    parent = parent_of(place)
    for enrolment in place.own[1:]:
        GuardianLinkFactory(student=enrolment.student, user=parent.user, organisation=place.home)
    client = sign_in(Client(), parent)
    with CaptureQueriesContext(connection) as week:
        page = client.get(reverse("diary")).content.decode()
    with CaptureQueriesContext(connection) as by_course:
        courses = client.get(f"{reverse('diary')}?tab=courses").content.decode()
    assert (len(week), len(by_course)) == (14, 11), [query["sql"][:90] for query in week]
    assert (page.count("<h2>"), courses.count("<strong>3,83</strong>")) == (children, children)
    course = client.get(reverse("diary_course", args=[place.own[0].pk])).content.decode()
    assert ("контрольная работа, вес 3" in course, "болезнь" in course) == (True, True)
