"""What becomes of a form that came too late: nothing is overwritten, nothing typed is lost, nothing lands elsewhere."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, OperationalError, connection, transaction
from django.http import HttpResponse
from django.test import Client, RequestFactory
from django.urls import reverse
from django.utils import timezone

from council.models import AgendaItem
from courses.models import NetworkCourse, StudyGroup
from courses.services import course_close, group_edit
from gradebook.models import Lesson
from network_portal.common.errors import RuleError, StaleError
from network_portal.common.middleware import told_by_database, written_texts
from network_portal.common.seen import check_seen, seen_of
from network_portal.notices.models import Notice
from network_portal.notices.services import notify
from schools.enums import AgreementState, DutyKind, Role
from schools.models import Agreement
from tests.factories.accounts import UserFactory
from tests.factories.council import AgendaItemFactory, hall
from tests.factories.courses import NetworkCourseFactory, StudyGroupFactory
from tests.factories.gradebook import scene
from tests.factories.schools import AgreementFactory, DutyFactory, acting_as, sign_in
from tests.frame.reading import english_words

pytestmark = pytest.mark.django_db


def fields_of(client: Client, url: str) -> dict[str, str]:
    """Return what a browser would send back from the form of a page as it is."""
    html = client.get(url).text
    main = html[html.index("<main") : html.index("</main>")]
    found = {}
    for tag in re.findall(r"<input[^>]*>", main):
        names = dict(re.findall(r'(\w+)="([^"]*)"', tag))
        kind = names.get("type", "text")
        if "name" in names and (kind not in {"radio", "checkbox"} or "checked" in tag):
            found[names["name"]] = names.get("value", "")
    for name, text in re.findall(r'<textarea[^>]*name="([\w-]+)"[^>]*>\s?(.*?)</textarea>', main, re.DOTALL):
        found[name] = text.strip()
    for name, options in re.findall(r'<select[^>]*name="([\w-]+)"[^>]*>(.*?)</select>', main, re.DOTALL):
        chosen = re.search(r'value="([^"]*)"[^>]*selected', options)
        found[name] = chosen[1] if chosen else ""
    return found


# --- two people at one form ---------------------------------------------------------------------------------------


def overtaken(
    client: Client, url: str, typed: dict[str, str], save: Callable[[], Any], said: str, status: int = 409
) -> HttpResponse:
    """Open a form, let someone else `save`, send it with `typed`, and expect to be told what stands there now."""
    fields = fields_of(client, url)
    save()
    response = client.post(url, fields | typed)
    text = response.text
    assert (response.status_code, said in text) == (status, True)
    assert all(value in text for value in typed.values())
    return response


def test_second_of_two_people_at_a_course_is_told_and_may_then_save() -> None:
    course = NetworkCourseFactory(seats=20)
    deputy = DutyFactory(organisation=course.host)
    url = reverse("course_edit", args=[course.pk])
    client = sign_in(Client(), deputy)
    response = overtaken(
        client,
        url,
        {"summary": "Мой новый текст о курсе", "seats": "25"},
        lambda: NetworkCourse.objects.filter(pk=course.pk).update(seats=30),
        "Сейчас сохранено: 30",
    )
    course.refresh_from_db()
    assert (course.seats, course.programme.summary) == (30, "Опыты и задачи о том, что нас окружает.")
    again = re.search(r'name="seen" value="(\w{64})"', response.text)
    assert again is not None
    fields = fields_of(client, url) | {"summary": "Мой новый текст о курсе", "seats": "25", "seen": again[1]}
    assert client.post(url, fields).status_code == 302
    course.refresh_from_db()
    assert course.seats == 25


def test_course_closed_meanwhile_keeps_what_was_typed() -> None:
    course = NetworkCourseFactory()
    deputy = DutyFactory(organisation=course.host)
    overtaken(
        sign_in(Client(), deputy),
        reverse("course_edit", args=[course.pk]),
        {"summary": "Мой новый текст о курсе"},
        lambda: course_close(actor=acting_as(deputy), course=course, at=timezone.now()),
        "Курс закрыт, изменить его нельзя",
    )


def test_second_of_two_people_at_a_group_is_told() -> None:
    group = StudyGroupFactory(name="Ф-1", capacity=10)
    deputy = DutyFactory(organisation=group.course.host)
    overtaken(
        sign_in(Client(), deputy),
        reverse("group_edit", args=[group.pk]),
        {"name": "Ф-первая"},
        lambda: group_edit(
            actor=acting_as(deputy), group=group, name="Ф-1", capacity=12, teacher=group.teacher, at=timezone.now()
        ),
        "Сейчас сохранено: 12",
    )
    assert StudyGroup.objects.values_list("name", "capacity").get() == ("Ф-1", 12)


def test_second_of_two_people_at_a_draft_agreement_is_told() -> None:
    agreement = AgreementFactory(state=AgreementState.DRAFT)
    overtaken(
        sign_in(Client(), DutyFactory(organisation=agreement.home)),
        reverse("agreement_edit", args=[agreement.pk]),
        {"safety": "Моё условие об охране"},
        lambda: Agreement.objects.filter(pk=agreement.pk).update(weights="Чужое условие о весах"),
        "Чужое условие о весах",
    )
    agreement.refresh_from_db()
    assert agreement.safety == "Детей сопровождает учитель-куратор школы обучающихся."


def test_draft_sent_meanwhile_keeps_what_was_typed() -> None:
    agreement = AgreementFactory(state=AgreementState.DRAFT)
    overtaken(
        sign_in(Client(), DutyFactory(organisation=agreement.home)),
        reverse("agreement_edit", args=[agreement.pk]),
        {"safety": "Моё условие об охране"},
        lambda: Agreement.objects.filter(pk=agreement.pk).update(state=AgreementState.SIGNING),
        "Договор уже не проект",
    )


def test_second_of_two_tabs_at_a_lesson_is_told() -> None:
    place = scene(held=False)
    lesson = place.lessons[0]
    overtaken(
        sign_in(Client(), place.teacher),
        reverse("lesson", args=[lesson.pk]),
        {"topic": "Моя тема"},
        lambda: Lesson.objects.filter(pk=lesson.pk).update(homework="Чужое задание"),
        "Сейчас сохранено: Чужое задание",
        422,
    )
    lesson.refresh_from_db()
    assert (lesson.topic, lesson.homework) == ("", "Чужое задание")


def test_lesson_cancelled_meanwhile_shows_what_was_typed() -> None:
    place = scene(held=False)
    lesson = place.lessons[0]
    overtaken(
        sign_in(Client(), place.teacher),
        reverse("lesson", args=[lesson.pk]),
        {"topic": "Моя тема", "homework": "Моё задание"},
        lambda: Lesson.objects.filter(pk=lesson.pk).update(state="cancelled", cancel_reason="Карантин"),
        "Занятие отменено",
    )


def test_second_record_of_a_speech_is_told() -> None:
    council = hall()
    item = AgendaItemFactory(meeting=council.meeting)
    council.meeting.state = "ended"
    council.meeting.save(update_fields=["state"])
    client = sign_in(Client(), council.secretary.duty)
    sent = {"heard": "Моя запись выступления", "seen": seen_of({"heard": ""})}
    AgendaItem.objects.filter(pk=item.pk).update(heard="Чужая запись")
    response = client.post(reverse("item_heard", args=[council.meeting.pk, item.pk]), sent)
    item.refresh_from_db()
    assert (response.status_code, "Моя запись выступления" in response.text) == (409, True)
    assert item.heard == "Чужая запись"


def test_row_that_is_as_it_was_seen_passes() -> None:
    values = {"day": timezone.localdate(), "text": "а\nб", "none": None}
    check_seen(seen_of({**values, "text": "а\r\nб"}), values)
    check_seen("", values)
    with pytest.raises(StaleError):
        check_seen(seen_of(values), {**values, "none": 1})


# --- a form of another duty ---------------------------------------------------------------------------------------


def two_duties() -> tuple[Client, str, str]:
    """Return a client of a person who is a deputy in two schools and acts in the first, with the keys of both."""
    first = DutyFactory()
    second = DutyFactory(user=first.user)
    return sign_in(Client(), first), str(first.pk), str(second.pk)


def test_every_form_says_for_whom_the_person_acted() -> None:
    client, first, _ = two_duties()
    assert f'name="acted_as" value="{first}"' in client.get(reverse("agreement_create")).text


def test_form_is_refused_after_a_switch_in_another_tab() -> None:
    client, first, second = two_duties()
    client.post(reverse("acting_switch"), {"acting": second, "acted_as": first})
    response = client.post(reverse("agreement_create"), {"acted_as": first, "safety": "Моё условие об охране"})
    assert (response.status_code, "Моё условие об охране" in response.text) == (409, True)
    assert "Когда вы открыли эту форму, вы действовали как" in response.text
    assert Agreement.objects.count() == 0


def test_form_is_refused_after_the_duty_has_ended() -> None:
    client, first, _ = two_duties()
    acting_as_first = DutyFactory._meta.model.objects.get(pk=first)
    acting_as_first.date_to = timezone.localdate() - timedelta(days=1)
    acting_as_first.save(update_fields=["date_to"])
    response = client.post(reverse("agreement_create"), {"acted_as": first})
    assert (response.status_code, "ваше полномочие ещё действовало" in response.text) == (409, True)


def test_form_of_the_duty_acted_for_passes() -> None:
    client, first, _ = two_duties()
    assert client.post(reverse("agreement_create"), {"acted_as": first}).status_code == 422


def test_signing_out_is_nobody_s_duty() -> None:
    client, _, second = two_duties()
    assert client.post(reverse("account_logout"), {"acted_as": second}).status_code == 302


# --- words are not lost -------------------------------------------------------------------------------------------


def test_refusal_of_an_inline_form_shows_the_words() -> None:
    agreement = AgreementFactory(state=AgreementState.ENDED)
    client = sign_in(Client(), DutyFactory(organisation=agreement.home, kind=DutyKind.DIRECTOR))
    page = reverse("agreement", args=[agreement.pk])
    response = client.post(
        reverse("agreement_suspend", args=[agreement.pk]), {"reason": "Ремонт в школе"}, headers={"referer": page}
    )
    assert (response.status_code, "Ремонт в школе" in response.text) == (409, True)
    assert english_words(response.text) == []


def test_words_are_what_a_person_wrote() -> None:
    request = RequestFactory().post(
        "/",
        {
            "reason": "Нет учителя",
            "password": "тайный пароль",
            "version_sha256": "0" * 64,
            "seen_5": "4 ОП",
            "code": "Н",
            "date": "2026-11-22",
        },
    )
    assert written_texts(request) == ["Нет учителя"]


# --- what the database says ---------------------------------------------------------------------------------------


def error_of(sql: str) -> Exception:
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(sql)
    except (IntegrityError, OperationalError) as error:
        return error
    raise AssertionError("nothing was refused")


def raising(code: str, words: str) -> str:
    return f"DO $$ BEGIN RAISE EXCEPTION '{words}' USING ERRCODE = '{code}'; END $$"


@pytest.mark.parametrize("code", ["40P01", "55P03", "23505"])
def test_others_who_were_faster_are_no_error_of_the_portal(code: str) -> None:
    assert isinstance(told_by_database(error_of(raising(code, "deadlock"))), StaleError)


def test_refusal_of_a_trigger_is_told_in_its_words() -> None:
    refusal = told_by_database(error_of(raising("23514", "Месяц закрыт.")))
    assert (type(refusal), refusal and refusal.message) == (RuleError, "Месяц закрыт.")


def test_defect_stays_a_defect() -> None:
    assert told_by_database(error_of(raising("23514", "new row violates"))) is None
    assert told_by_database(ValueError()) is None


def test_notice_that_is_too_long_is_cut() -> None:
    user = UserFactory()
    notify([user], "ы" * 1000, "/", at=timezone.now())
    assert len(Notice.objects.get(user=user).text) == 300


def test_anonymous_form_has_no_duty(client: Client) -> None:
    assert 'name="acted_as"' not in client.get(reverse("account_login")).text
    assert sign_in(client, UserFactory(), Role.NOBODY).get(reverse("home")).status_code == 200
