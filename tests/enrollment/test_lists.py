"""Lists: equal numbers of queries with one row and with three, tabs, filters, order; tasks; printed papers."""

from __future__ import annotations

import re
import subprocess
from datetime import UTC, date, datetime

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from enrollment import services
from enrollment.enums import ApplicationState, LineDecision
from enrollment.models import Application
from enrollment.selectors import order_tasks, tasks_for
from network_portal.common.russian import nbsp
from network_portal.documents.services import document_pdf
from schools.acting import Acting
from tests.enrollment.network import AT, ON, Applied, World, submit
from tests.factories.enrollment import ApplicationFactory, EnrolmentFactory, SchoolRequestLineFactory
from tests.factories.schools import SchoolClassFactory, sign_in

pytestmark = pytest.mark.django_db


def queries(client: Client, url: str) -> int:
    client.get(url)  # what a process learns once
    with CaptureQueriesContext(connection) as captured:
        assert client.get(url).status_code == 200
    return len(captured)


def applied(world: World, **fields: object) -> Application:
    return ApplicationFactory(student__home_school=world.home.organisation, courses=[world.course], **fields)


def test_application_list_queries(world: World) -> None:
    client = sign_in(Client(), world.home.deputy)
    url = reverse("application_list")
    applied(world)
    one = queries(client, url)
    applied(world)
    applied(world)
    assert (queries(client, url), one) == (one, 9)


def test_family_list_queries(world: World) -> None:
    child, parent = world.child()
    client = sign_in(Client(), parent)
    url = reverse("application_list")
    applied(world, student=child, guardian=parent.user)
    one = queries(client, url)
    applied(world, student=child, guardian=parent.user)
    applied(world, student=child, guardian=parent.user)
    assert (queries(client, url), one) == (one, 7)


def line(world: World, request: object = None) -> object:
    fields = {"request": request} if request else {"request__agreement": world.agreement, "request__sent": True}
    return SchoolRequestLineFactory(course=world.course, **fields)


def test_request_list_queries(world: World) -> None:
    client = sign_in(Client(), world.host.deputy)
    url = reverse("request_list")
    line(world)
    one = queries(client, url)
    line(world)
    line(world)
    assert (queries(client, url), one) == (one, 7)


@pytest.mark.parametrize(("school", "number"), [("home", 12), ("host", 12)])
def test_request_queries(world: World, school: str, number: int) -> None:
    client = sign_in(Client(), getattr(world, school).deputy)
    request = line(world).request
    url = reverse("request", args=[request.pk])
    one = queries(client, url)
    line(world, request)
    line(world, request)
    assert (queries(client, url), one) == (one, number)


def test_draft_request_queries(world: World, accepted: Applied) -> None:
    request = world.request(accepted[0])
    client = sign_in(Client(), world.home.deputy)
    url = reverse("request", args=[request.pk])
    world.accepted()
    one = queries(client, url)
    world.accepted()
    world.accepted()
    assert (queries(client, url), one) == (one, 20)


@pytest.mark.parametrize(("school", "number"), [("home", 6), ("host", 6)])
def test_group_list_queries(world: World, school: str, number: int) -> None:
    client = sign_in(Client(), getattr(world, school).deputy)

    def enrol() -> None:
        EnrolmentFactory(
            student__home_school=world.home.organisation, group__course__programme__host=world.host.organisation
        )

    enrol()
    url = reverse("group_list")
    one = queries(client, url)
    enrol()
    enrol()
    assert (queries(client, url), one) == (one, number)


@pytest.mark.parametrize(("school", "number"), [("home", 7), ("host", 13)])
def test_group_queries(world: World, school: str, number: int) -> None:
    client = sign_in(Client(), getattr(world, school).deputy)
    group = EnrolmentFactory(student__home_school=world.home.organisation, group=world.group).group
    url = reverse("group", args=[group.pk])
    one = queries(client, url)
    EnrolmentFactory(student__home_school=world.home.organisation, group=world.group)
    world.group.capacity = 9
    world.group.save(update_fields=["capacity"])
    EnrolmentFactory(student__home_school=world.home.organisation, group=world.group)
    assert (queries(client, url), one) == (one, number)


# --- tabs and filters


def names(page: str) -> list[str]:
    return [word for word in ("Алмазов", "Берёзкин", "Волков") if word in page]


def test_tabs_and_filters_of_the_queue(world: World) -> None:
    chemistry = world.course_of_host(programme__title="Химия")
    eighth = SchoolClassFactory(organisation=world.home.organisation, grade=8)
    home = {"student__home_school": world.home.organisation}
    ApplicationFactory(student__last_name="Алмазов", courses=[world.course], **home)
    ApplicationFactory(
        student__last_name="Берёзкин", student__school_class=eighth, courses=[chemistry, world.course], **home
    )
    ApplicationFactory(student__last_name="Волков", courses=[world.course], state=ApplicationState.ACCEPTED, **home)
    client = sign_in(Client(), world.home.deputy)
    url = reverse("application_list")

    def shown(**query: object) -> list[str]:
        return names(client.get(url, query).content.decode())

    assert shown() == ["Алмазов", "Берёзкин"]
    assert shown(tab="accepted") == ["Волков"]
    assert shown(tab="нет такой") == ["Алмазов", "Берёзкин"]
    assert shown(course=chemistry.pk) == ["Берёзкин"]
    assert shown(course=world.course.pk) == ["Алмазов", "Берёзкин"]
    assert shown(school_class=eighth.pk) == ["Берёзкин"]
    tabs = {tab["label"]: tab["count"] for tab in client.get(url, {"course": chemistry.pk}).context["tabs"]}
    assert (tabs["Ждут решения"], tabs["Приняты"]) == (1, 0)


def test_queue_names_the_first_wish_counts_the_others_and_escapes(world: World) -> None:
    courses = [world.course_of_host(programme__title=title) for title in ("Химия <b>", "Биология", "История")]
    home = {"student__home_school": world.home.organisation}
    ApplicationFactory(student__last_name="Ёлк<i>на", courses=courses, **home)
    page = sign_in(Client(), world.home.deputy).get(reverse("application_list")).content.decode()
    assert "Ёлк&lt;i&gt;на" in page
    first = f'Химия &lt;b&gt; <span class="muted">({nbsp(courses[0].host.short_name)})</span>'
    assert f'{first} <span class="muted">и ещё 2 запасных</span></td>' in page


def test_queue_is_in_the_order_of_registration(world: World) -> None:
    late = applied(world, registered_at=AT.replace(hour=20))
    early = applied(world, registered_at=AT.replace(hour=8))
    rows = sign_in(Client(), world.home.deputy).get(reverse("application_list")).context["rows"]
    assert [application for application, _ in rows] == [early, late]


def test_list_is_in_russian_order(world: World) -> None:
    request = line(world).request
    request.lines.all().delete()
    for surname in ("Жуков", "Ёлкин", "Елисеев"):
        SchoolRequestLineFactory(request=request, course=world.course, application__student__last_name=surname)
    rows = sign_in(Client(), world.host.deputy).get(reverse("request", args=[request.pk])).context["rows"]
    assert [row.line.application.student.last_name for row in rows] == ["Елисеев", "Ёлкин", "Жуков"]


# --- what waits


def titles(acting: Acting, today: date = ON) -> list[str]:
    return [task.title for task in tasks_for(acting, today)]


def test_tasks_along_the_way(world: World, prepared: Applied) -> None:
    application, parent = prepared
    assert titles(parent) == ["Закончить и подписать заявление"]

    submit(application, parent)
    assert (titles(parent), titles(world.home.deputy)) == ([], ["Рассмотреть заявление"])
    services.application_return(actor=world.home.deputy, application=application, reason="Уточните", at=AT)
    assert (titles(parent), titles(world.home.deputy)) == (["Исправить заявление"], [])
    application.refresh_from_db()
    submit(services.application_prepare(actor=parent, application=application, at=AT), parent)
    services.application_accept(actor=world.home.deputy, application=application, at=AT)
    assert titles(world.home.deputy) == ["Включить в список принятые заявления"]

    request = services.request_submit(actor=world.home.deputy, request=world.request(application), at=AT)
    assert (titles(world.home.deputy), titles(world.home.director)) == ([], ["Подписать заявку школы"])
    services.request_return(actor=world.home.director, request=request, reason="Проверьте", at=AT)
    services.request_remove(actor=world.home.deputy, line=request.lines.get(), at=AT)
    request = world.sent(application)
    (task,) = tasks_for(world.host.deputy, ON)
    assert (task.title, task.due) == ("Ответить на заявку школы", date(2026, 8, 27))
    late = {
        day: [one.title for one in order_tasks.tasks_for(world.home.deputy, date(2026, 8, day))] for day in (27, 28)
    }
    assert late == {27: [], 28: ["Принимающая школа не ответила в срок"]}  # shown to both schools
    world.accept_line(request.lines.get())
    assert titles(world.host.deputy) == ["Подготовить приказ о зачислении"]
    order = world.order(request)
    assert (titles(world.host.deputy), titles(world.host.director)) == ([], ["Подписать приказ о зачислении"])
    world.sign_order(order)
    assert (titles(world.host.director), titles(world.host.coordinator)) == ([], ["Открыть группу"])
    services.group_open(actor=world.host.coordinator, group=world.group, on=ON, at=AT)
    for school in (world.home, world.host):
        assert [titles(who) for who in (school.director, school.deputy, school.coordinator)] == [[], [], []]


def test_signed_list_waits_to_be_sent(world: World, accepted: Applied) -> None:

    request = services.request_submit(actor=world.home.deputy, request=world.request(accepted[0]), at=AT)
    world.sign_list(request)
    assert titles(world.home.deputy) == ["Направить подписанную заявку"]


def test_draft_task_ends_with_the_window(world: World) -> None:

    world.course.applications_until = datetime(2026, 8, 28, 21, 0, tzinfo=UTC)
    world.course.save(update_fields=["applications_until"])
    _, parent = world.drafted()
    (task,) = tasks_for(parent, ON)
    assert task.due == date(2026, 8, 28)


# --- papers


def text_of(pdf: bytes) -> str:
    printed = subprocess.run(["pdftotext", "-layout", "-", "-"], input=pdf, capture_output=True, check=True)
    return re.sub(r"(?<=[а-яё])- (?=[а-яё])", "", " ".join(printed.stdout.decode().split()))


@pytest.mark.usefixtures("real_papers")
def test_papers_print_what_they_should_and_no_more(world: World) -> None:
    chemistry = world.course_of_host(programme__title="Химия")
    child = world.child(last_name="Петрова", first_name="Анна", patronymic="Ильинична", gender="f")
    application, parent = world.accepted(world.course, chemistry, child=child)
    other, _ = world.accepted(child=world.child(last_name="Ёлкин", first_name="Пётр", patronymic="Ильич"))
    request = world.sent(application, other)
    for one in request.lines.all():
        if one.application == application:
            world.accept_line(one)
        else:
            services.line_waitlist(actor=world.host.deputy, line=one, seen=LineDecision.PENDING, at=AT)
    order = world.sign_order(world.order(request))

    paper = application.document
    t01 = text_of(document_pdf(paper))
    assert paper.pdf.pages == 1
    for words in (
        "Директору МАОУ СОШ № 7",
        "обучение моей дочери Петровой Анны Ильиничны",
        "обучающейся 10",
        "на базе МАОУ гимназии № 40.",
        "по курсу «Физика вокруг нас» (34 ч.)",
        "«Химия» (МАОУ гимназия № 40",
        "лист ожидания: да",
        "Рег. № 1 от 24.08.2026",
    ):
        assert words in t01
    assert "согласие на обработку" not in t01.lower()
    assert f"от {parent.user.last_name}а" in t01

    request.refresh_from_db()
    t03 = text_of(document_pdf(request.document))
    for words in (
        "Директору МАОУ гимназии № 40",
        "1 Ёлкин Пётр Ильич",
        "2 Петрова Анна Ильинична",
        "№ 1 от 24.08.2026",
        "Всего: 2 обучающихся, в том числе по курсам: «Физика вокруг нас»: 2.",
        "Учитель-куратор:",
        "данных получены и хранятся в МАОУ СОШ № 7.",
        "в течение 3 (трёх) рабочих дней со дня",
        "Директор МАОУ СОШ № 7",
    ):
        assert words in t03
    assert "Химия" not in t03
    assert parent.user.email not in t03

    t05 = text_of(document_pdf(order.document))
    for words in (
        "Зачислить с 1 сентября 2026 г. по 31 мая 2027 г. в группу «Ф-1»",
        "без их отчисления из МАОУ СОШ № 7",
        "уведомить о решении директора МАОУ СОШ № 7.",
        "Директор МАОУ гимназии № 40",
        "Включить в лист ожидания: Ёлкина Петра Ильича.",
        "от 24.08.2026 № 1",
        "1 Петрова Анна Ильинична",
    ):
        assert words in t05
