"""The grid and what it sends: rows, sealed months, periods, a number of queries, an answer for each cell."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from typing import Any

import pytest
import time_machine
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from gradebook.models import CellComment, JournalPrint, Lesson, Mark, Work
from gradebook.selectors.histories import cell_history, revisions_of
from gradebook.services.lessons import lesson_cancel
from network_portal.audit.models import AuditEntry
from network_portal.common.errors import RuleError
from schools.acting import Acting
from schools.enums import DutyKind, Role
from schools.models import GuardianLink
from tests.factories.gradebook import DECEMBER, LessonFactory, MarkFactory, Scene, month_of_marks, pupils, scene, seal
from tests.factories.schools import OrganisationFactory, acting_as, sign_in
from tests.gradebook.acts import journal_url, page_of

pytestmark = pytest.mark.django_db
NOVEMBER = "?month=2026-11"
LONG_AGO = datetime(2026, 11, 2, 12, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def december() -> object:
    with time_machine.travel(DECEMBER, tick=False):
        yield


def edit(place: Scene, value: str, seen: str = "", *, lesson: int = 0, pupil: int = 0, **more: Any) -> dict[str, Any]:
    return {
        "lesson": place.lessons[lesson].pk,
        "enrolment": place.own[pupil].pk,
        "value": value,
        "seen": seen,
        **more,
    }


def send(place: Scene, who: Acting, *cells: Any, url: str = "", period: str = "2026-11") -> tuple[int, Any]:
    response = sign_in(Client(), who).post(
        url or reverse("journal_cells", args=[place.group.pk]), {"cells": json.dumps(cells), "period": period}
    )
    return response.status_code, response.json() if "json" in response["Content-Type"] else None


# --- the grid -----------------------------------------------------------------------------------------------------


def test_grid_shows_marks_means_and_absences_to_the_teacher() -> None:
    place = scene()
    month_of_marks(place)
    page = page_of(place.teacher, journal_url(place) + NOVEMBER)
    row = page[page.index("Седьмова") :]
    assert row[: row.index("</tr>")].count("<td") == 5
    assert '<td class="w">4 ОП</td><td class="w">5 Б</td><td class="w">3</td>' in row
    assert '<td class="j-sum" data-mean>3,83</td><td class="j-sum" data-absences>1</td>' in row
    assert "Двенадцатова" in page


def test_grid_escapes_what_people_typed() -> None:
    place = scene()
    Lesson.objects.update(topic='"><script>alert(1)</script>')
    type(place.own[0].student).objects.filter(pk=place.own[0].student_id).update(last_name="<b>Седьмов")
    page = page_of(place.teacher, journal_url(place) + NOVEMBER)
    assert ("<script>alert" in page, "<b>Седьмов" in page) == (False, False)


def test_grid_shades_a_sealed_month_with_the_number_of_the_paper() -> None:
    place = scene()
    seal(place)
    page = page_of(place.teacher, journal_url(place) + NOVEMBER)
    assert page.count('<td class="j-sealed">') == 6
    assert "МАОУ СОШ № 7: ноябрь закрыт ведомостью №\u00a01</li>" in page
    assert page.count('<span class="visually-hidden">ноябрь закрыт ведомостью №\u00a01</span></th>') == 2
    assert page.count('<td class="w">') == 3


def test_teacher_is_told_to_which_schools_a_month_is_about_to_be_handed_over() -> None:
    """Schools that have got the month, or had nobody in the group then, are not named; readers are not told."""
    place = scene()
    seal(place)
    later = pupils(place.group, OrganisationFactory(short_name="МАОУ школа № 99"), 1, "Поздняков")
    type(later[0]).objects.filter(pk=later[0].pk).update(date_from=date(2026, 12, 1))
    words = "3 декабря 2026 г. ноябрь передаётся: МАОУ лицей № 12. "
    told = {}
    for day in (1, 3, 4):
        with time_machine.travel(DECEMBER.replace(day=day), tick=False):
            told[day] = words in page_of(place.teacher, journal_url(place)).replace("\u00a0", " ")
    assert told == {1: True, 3: True, 4: False}
    assert "передаётся" not in page_of(place.staff(place.other, DutyKind.CURATOR), journal_url(place))


def test_grid_marks_days_on_which_a_pupil_did_not_study() -> None:
    place = scene(own=1, others=0)
    type(place.own[0]).objects.update(date_from=date(2026, 11, 3))
    page = page_of(place.teacher, journal_url(place) + NOVEMBER)
    assert (page.count("не обучался</span>"), page.count('<td class="w">')) == (1, 2)


@pytest.mark.parametrize("pupils", [1, 3, 30])
def test_grid_takes_the_same_number_of_queries(pupils: int) -> None:
    place = scene(own=(pupils + 1) // 2, others=pupils // 2, lessons=3)
    month_of_marks(place)
    client = sign_in(Client(), place.teacher)
    with CaptureQueriesContext(
        connection,
    ) as queries:
        client.get(journal_url(place) + NOVEMBER)
    assert len(queries) == 8, [query["sql"][:100] for query in queries]


def test_journal_of_a_foreign_month_shows_the_nearest_one() -> None:
    place = scene()
    for month in ("2031-01", "x", "2026-13", "2026-11-01"):
        page = page_of(place.teacher, f"{journal_url(place)}?month={month}")
        assert '<option value="2026-12" selected>' in page


def test_half_year_shows_all_lessons_and_shades_the_sealed_month_only() -> None:
    place = scene(own=1, others=1)
    place.lessons.append(LessonFactory(group=place.group, date=date(2026, 12, 1)))
    MarkFactory(lesson=place.lessons[0], enrolment=place.own[0], value=5)
    MarkFactory(lesson=place.lessons[3], enrolment=place.own[0], value=4)
    seal(place)
    for key in ("h1", "all"):
        page = page_of(place.teacher, f"{journal_url(place)}?month={key}")
        row = page[page.index("Седьмова") :]
        row = row[: row.index("</tr>")]
        assert (page.count("data-lesson="), row.count('class="j-sealed"')) == (4, 3)
        assert '<td class="w j-month">4</td><td class="j-sum" data-mean>4,50</td>' in row
        assert f'<option value="{key}" selected>' in page
    assert page_of(place.teacher, f"{journal_url(place)}?month=h2").count("data-lesson=") == 0


# --- saving cells -------------------------------------------------------------------------------------------------


def test_each_cell_gets_its_own_answer_and_the_figures_of_the_page() -> None:
    """3.8: what may be saved is, the rest is told in words; the same request again changes nothing."""
    place = scene()
    other, past = LessonFactory(held=True), LessonFactory(group=place.group, date=date(2026, 10, 1))
    MarkFactory(lesson=place.lessons[0], enrolment=place.own[1], value=4)
    MarkFactory(lesson=past, enrolment=place.own[0], value=3)
    Lesson.objects.filter(pk=place.lessons[2].pk).update(date=date(2026, 12, 20))
    cells = [
        edit(place, "5"),
        edit(place, "5", "", pupil=1),
        *(edit(place, value, "", lesson=1) for value in ("1", "6", "55", "H", "🙂", "x" * 99)),
        edit(place, "5", lesson=2),
        {**edit(place, "5"), "lesson": other.pk},
        {**edit(place, "5"), "enrolment": MarkFactory(lesson=other).enrolment_id},
        {**edit(place, "5"), "lesson": 2**62},
        edit(place, "2", "4", pupil=1, reason="перепутаны работы"),
    ]
    status, answer = send(place, place.teacher, *cells, period="h1")
    results = answer["results"]
    assert status == 200
    assert results[0] == {"status": "saved", "value": "5", "mean": "4,00", "absences": 0}
    assert (results[1]["status"], results[1]["current"]) == ("conflict", "4")
    assert [result["status"] for result in results[2:12]] == ["refused"] * 10
    assert "латинские буквы" in results[5]["error"]
    assert "ещё не состоялось" in results[8]["error"]
    assert results[12] == {"status": "saved", "value": "2", "mean": "2,00", "absences": 0}
    count = Mark.objects.count()
    again = send(place, place.teacher, cells[0], cells[12])[1]["results"]
    assert [result["status"] for result in again] == ["saved", "saved"]
    # a forged period is the nearest month of the course, one that no page has is refused
    assert send(place, place.teacher, cells[0], period="2031-99")[1]["results"][0]["mean"] == "–"
    assert send(place, place.teacher, cells[0], period="2026-11-01x")[0] == 400
    assert (Mark.objects.count(), Work.objects.filter(lesson=place.lessons[0]).count()) == (count, 1)


def test_mark_given_long_ago_waits_for_a_reason_and_a_sealed_one_is_refused() -> None:
    place = scene()
    MarkFactory(lesson=place.lessons[0], enrolment=place.own[0], value=4, given_at=LONG_AGO)
    (result,) = send(place, place.teacher, edit(place, "5", "4"))[1]["results"]
    assert (result["status"], result["current"], "укажите причину" in result["error"]) == ("reason", "4", True)
    (result,) = send(place, place.teacher, edit(place, "5", "4", reason="ошибка"))[1]["results"]
    assert (result["status"], result["value"]) == ("saved", "5")
    seal(place)
    (result,) = send(place, place.teacher, edit(place, "3", "5", reason="ошибка"))[1]["results"]
    assert (result["status"], "ведомостью №\u00a01 от 03.12.2026" in result["error"]) == ("refused", True)


@pytest.mark.parametrize(
    "cells",
    [
        "",
        "x",
        "{}",
        "[1]",
        "[[]]",
        '[{"lesson": "1", "enrolment": 1, "value": "5", "seen": ""}]',
        '[{"lesson": 1, "enrolment": 1, "value": 5, "seen": ""}]',
        '[{"lesson": 1, "enrolment": -1, "value": "5", "seen": ""}]',
        '[{"lesson": 1, "enrolment": 99999999999999999999, "value": "5", "seen": ""}]',
        '[{"lesson": 1, "enrolment": 1, "value": "\\u0000", "seen": ""}]',
        "[" * 100_000,
        json.dumps([{"lesson": 1, "enrolment": 1, "value": "5", "seen": ""}] * 10_000),
    ],
    ids=range(12),
)
def test_request_that_no_page_sends_is_refused_whole(cells: str) -> None:
    place = scene(own=1, others=0, lessons=1)
    url = reverse("journal_cells", args=[place.group.pk])
    response = sign_in(Client(), place.teacher).post(url, {"cells": cells})
    assert (response.status_code, list(response.json())) == (400, ["error"])


@pytest.mark.parametrize("cells", [1, 25])
def test_saving_takes_the_same_number_of_queries(cells: int) -> None:
    place = scene(own=cells, others=0, lessons=1)
    sent = [edit(place, "5", pupil=pupil) for pupil in range(cells)]
    client = sign_in(Client(), place.teacher)
    with CaptureQueriesContext(connection) as queries:
        answer = client.post(reverse("journal_cells", args=[place.group.pk]), {"cells": json.dumps(sent)})
    assert {result["status"] for result in answer.json()["results"]} == {"saved"}
    assert len(queries) == 13, [query["sql"][:100] for query in queries]


def test_roll_call_is_confirmed_once_and_never_ahead_of_the_lesson() -> None:
    place = scene(held=False)
    Lesson.objects.filter(pk=place.lessons[2].pk).update(date=date(2026, 12, 20))
    calls = [{**edit(place, "present", lesson=lesson), "enrolment": 0} for lesson in (0, 0, 2)]
    results = send(place, place.teacher, *calls)[1]["results"]
    assert [result["status"] for result in results] == ["saved", "saved", "refused"]
    lesson = Lesson.objects.get(pk=place.lessons[0].pk)
    assert (lesson.state, lesson.attendance_confirmed_at) == ("held", DECEMBER)
    later = datetime(2026, 12, 4, 9, 0, tzinfo=DECEMBER.tzinfo)
    with time_machine.travel(later, tick=False):
        assert send(place, place.teacher, calls[0])[1]["results"][0]["status"] == "saved"
    assert Lesson.objects.get(pk=lesson.pk).attendance_confirmed_at == DECEMBER


def test_substitute_taps_the_own_lesson_only() -> None:
    """The roll call of one lesson is open to who gives it; the rest of the journal is not."""
    place = scene(held=False)
    duty = place.staff(place.host, DutyKind.NETWORK_TEACHER).duty
    Lesson.objects.filter(pk=place.lessons[1].pk).update(substitute=duty)
    who = acting_as(duty)
    page = page_of(who, reverse("lesson_roll", args=[place.lessons[1].pk]))
    url = reverse("lesson_cells", args=[place.lessons[1].pk])
    assert (page.count("data-enrolment="), f'data-cells-url="{url}"' in page) == (3, True)
    results = send(place, who, edit(place, "5", lesson=1), edit(place, "5", lesson=0), url=url)[1]["results"]
    assert [result["status"] for result in results] == ["saved", "refused"]
    assert send(place, who, edit(place, "5"))[0] == 404
    assert Mark.objects.get().work.lesson == place.lessons[1]


@pytest.mark.parametrize("kind", [DutyKind.COORDINATOR, DutyKind.DEPUTY, DutyKind.DIRECTOR, DutyKind.RESPONSIBLE])
def test_cells_are_closed_to_other_staff_of_the_host(kind: DutyKind) -> None:
    place = scene()
    who = place.staff(place.host, kind)
    assert page_of(who, journal_url(place) + NOVEMBER).count('class="w"') == 0
    assert send(place, who, edit(place, "5"))[0] == 403


# --- comments -----------------------------------------------------------------------------------------------------


def test_comment_is_read_by_the_family_and_the_own_school_and_kept_with_its_history() -> None:
    """2.1b: words beside a mark; who writes, who reads, two teachers, history; in the grid, escaped."""
    place = scene()
    lesson, enrolment = place.lessons[0], place.own[0]

    def say(text: str, seen: str = "", **more: Any) -> dict[str, Any]:
        (result,) = send(place, place.teacher, {**edit(place, text, seen, comment=True), **more})[1]["results"]
        return result

    assert say(" Решил <b>сам</b>\n№ 5 ") == {"status": "saved", "value": "Решил <b>сам</b> № 5"}
    assert say("Решил <b>сам</b> № 5")["status"] == "saved"  # the answer was lost, the request comes again
    assert (say("Иначе")["status"], say("Иначе")["current"]) == ("conflict", "Решил <b>сам</b> № 5")
    assert "длиннее 200" in say("я" * 201, "Решил <b>сам</b> № 5")["error"]
    other = LessonFactory(held=True)
    assert [say("Чужое", lesson=key)["status"] for key in (other.pk, 2**62)] == ["refused", "refused"]
    grid = page_of(place.teacher, journal_url(place) + NOVEMBER)
    assert grid.count('<td class="w" title="Решил &lt;b&gt;сам&lt;/b&gt; № 5" data-comment></td>') == 1
    parent = Acting(GuardianLink.objects.get(student=enrolment.student).user, Role.PARENT)
    neighbour = Acting(GuardianLink.objects.get(student=place.own[1].student).user, Role.PARENT)
    curator, stranger = (place.staff(home, DutyKind.CURATOR) for home in (place.home, place.other))
    words, week = "Решил &lt;b&gt;сам&lt;/b&gt; № 5", f"{reverse('diary')}?week=2026-11-02"
    seen = {
        name: words in page_of(who, url)
        for name, who, url in (
            ("parent", parent, week),
            ("parent, by course", parent, reverse("diary_course", args=[enrolment.pk])),
            ("parent of another child", neighbour, week),
            ("roll call", place.teacher, reverse("lesson_roll", args=[lesson.pk])),
            ("curator, lesson", curator, reverse("lesson", args=[lesson.pk])),
            ("curator, cell", curator, reverse("journal_cell_history", args=[lesson.pk, enrolment.pk])),
            ("curator of another school", stranger, reverse("lesson", args=[lesson.pk])),
            ("curator of another school, grid", stranger, journal_url(place) + NOVEMBER),
        )
    }
    assert [name for name, there in seen.items() if not there] == [
        "parent of another child", "curator of another school", "curator of another school, grid",
    ]  # fmt: skip
    assert send(place, curator, edit(place, "От куратора", comment=True))[0] == 403
    with pytest.raises(RuleError, match="есть комментарии"):
        lesson_cancel(actor=place.teacher, lesson=lesson, reason="нет света", at=DECEMBER)
    assert say("", "Решил <b>сам</b> № 5") == {"status": "saved", "value": ""}
    said = [(one.what, one.old, one.new, one.who) for one in cell_history(lesson, enrolment)]
    teacher = place.teacher.user.short_name
    assert said == [
        ("Комментарий", "Решил <b>сам</b> № 5", "пусто", teacher),
        ("Комментарий", "пусто", "Решил <b>сам</b> № 5", teacher),
    ]
    assert revisions_of([lesson.pk], [enrolment.pk]) == []  # T13 lists corrections of marks and attendance
    verbs = AuditEntry.objects.filter(verb__startswith="comment.").order_by("pk").values_list("verb", flat=True)
    assert list(verbs) == ["comment.set", "comment.removed"]


def test_comment_is_closed_where_a_mark_would_be() -> None:
    """3.8: sealed, before the enrolment, ahead of the lesson; by raw SQL too."""
    place = scene(own=2, others=0)
    type(place.own[1]).objects.filter(pk=place.own[1].pk).update(date_from=date(2026, 11, 3))
    Lesson.objects.filter(pk=place.lessons[2].pk).update(date=date(2026, 12, 20))
    sent = [
        edit(place, "Молодец", comment=True),
        edit(place, "5"),
        edit(place, "Рано", pupil=1, comment=True),
        edit(place, "Рано", lesson=2, comment=True),
    ]
    results = send(place, place.teacher, *sent)[1]["results"]
    assert [result["status"] for result in results] == ["saved", "saved", "refused", "refused"]
    assert ("mean" in results[0], results[1]["mean"]) == (False, "5,00")
    assert ("не обучался" in results[2]["error"], "ещё не состоялось" in results[3]["error"]) == (True, True)
    seal(place)
    (result,) = send(place, place.teacher, edit(place, "Лучше", "Молодец", comment=True))[1]["results"]
    assert (result["status"], "ведомостью №\u00a01 от 03.12.2026" in result["error"]) == ("refused", True)
    with pytest.raises(IntegrityError, match="Месяц закрыт"), transaction.atomic():
        CellComment.objects.update(text="Лучше")
    assert CellComment.objects.get().text == "Молодец"


# --- the journal as a paper ---------------------------------------------------------------------------------------


def test_print_lists_corrections_and_is_the_same_paper_until_something_changes() -> None:
    """T13: old and new value, who, when and why; a home school prints its own pupils into its own register."""
    place = scene()
    MarkFactory(lesson=place.lessons[0], enrolment=place.own[0], value=4, given_at=LONG_AGO)
    send(place, place.teacher, edit(place, "5", "4", reason="перепутаны работы"), edit(place, "3", pupil=1))
    url = reverse("journal_print", args=[place.group.pk])
    curator = place.staff(place.home, DutyKind.CURATOR)
    links = {}
    for who in (place.teacher, place.teacher, curator):
        response = sign_in(Client(), who).post(url, {"month": "2026-11"})
        links.setdefault(who, []).append(response["Location"])
    assert len(set(links[place.teacher])) == 1
    own = JournalPrint.objects.get(organisation=place.home)
    hosts = JournalPrint.objects.get(organisation=place.host)
    paper = hosts.document.versions.get().content
    assert ("Двенадцатова" in paper, "лицей" in paper) == (True, True)
    (correction,) = json.loads(paper)["paper"]["corrections"]
    assert [correction[name] for name in ("name", "date", "before", "after", "who", "reason")] == [
        place.own[0].student.short_name,
        "02.11.2026",
        "4",
        "5",
        place.teacher.user.short_name,
        "перепутаны работы",
    ]
    copy = own.document.versions.get().content
    assert ("Седьмова" in copy, "Двенадцатов" in copy, "лицей" in copy, "перепутаны" in copy) == (
        True,
        False,
        False,
        True,
    )
    assert page_of(curator, url).count('href="/journals/prints/') == 1
    file = sign_in(Client(), curator).get(links[curator][0])
    assert (file.status_code, file["Content-Disposition"]) == (200, 'inline; filename="T13-2026-000001.pdf"')
    assert sign_in(Client(), curator).get(links[place.teacher][0]).status_code == 404
    send(place, place.teacher, edit(place, "4", "3", pupil=1))
    assert sign_in(Client(), place.teacher).post(url, {"month": "2026-11"})["Location"] not in links[place.teacher]
