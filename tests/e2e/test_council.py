"""The first meeting of the council, from its convening to the signed minutes, as three people walk it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from council.models import Council, CouncilMember, Meeting
from network_portal.common.dates import ru_date, ru_time
from network_portal.demo.base import Cast
from schools.enums import DutyKind
from tests.e2e.people import Person, Visit

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PLACE = "МАОУ гимназия № 40, актовый зал"
ELECTION, PLAN = "О председателе координационного совета", "О плане работы на учебный год"
ELECTED = "Избрать председателем координационного совета Орлова В. Н."
PLANNED = "Утвердить план работы."
SPEECH = "Доклад о трёх школах сети и общих курсах."
MEMBER = "член координационного совета"


def test_first_meeting_from_its_convening_to_the_signed_minutes(cast: Cast, visit: Visit) -> None:
    members = list(CouncilMember.objects.filter(voting=True).select_related("duty__user").order_by("pk"))
    chair = next(one for one in members if one.duty == cast.duties["director40", DutyKind.COUNCIL_MEMBER])
    early = [chair, *(one for one in members if one != chair)][:5]
    late = [one for one in members if one not in early][:3]
    names = {one.pk: one.duty.user.short_name for one in members}

    secretary = visit("secretary")
    convene(secretary, chair)
    other = visit("deputy12")
    other.act_as(f"{MEMBER}, {cast.schools['12']}")
    other.take("Заседание совета сегодня")
    other.sees(ELECTION, PLAN)
    expect(other.main.get_by_role("button")).to_have_count(0)

    open_without_quorum(secretary, [names[one.pk] for one in early])
    for member in late:
        line = secretary.main.locator("li").filter(has_text=names[member.pk]).filter(has_text="Прибытие")
        secretary.press("Прибытие", line)
    secretary.sees("Кворум есть: 8 из 10")
    preside(secretary, chair)
    elect(secretary)
    decide(secretary)
    secretary.press("Закрыть заседание", sure=True)
    secretary.press("Составить протокол и передать на подпись")

    presiding = visit("director40")
    presiding.act_as(f"{MEMBER}, {cast.schools['40']}")
    presiding.take("Подписать протокол заседания")
    draft = presiding.paper("Проект протокола")
    assert ("ПРОЕКТ" in draft, ELECTED in draft) == (True, True)
    presiding.sign_by_letter()
    presiding.sees("Вы подписали протокол.")
    secretary.take("Подписать протокол заседания")
    secretary.sign()
    secretary.sees("Протокол подписан и зарегистрирован.", "протокол подписан")

    meeting = Meeting.objects.get()
    other.menu("Заседания")
    other.follow(f"{ru_date(meeting.planned_at)}, {ru_time(meeting.planned_at)}".replace("\u00a0", " "))
    printed = other.paper(f"Протокол № {meeting.document.number}")
    check_minutes(printed, list(names.values()), len([*early, *late]))
    other.menu("Состав совета")
    other.sees(f"Председатель: {chair.duty.user.full_name}.")
    assert Council.objects.get().chair == chair


def convene(secretary: Person, chair: CouncilMember) -> None:
    secretary.menu("Заседания")
    secretary.follow("Назначить заседание")
    start = timezone.localtime() + timedelta(minutes=1)
    secretary.fill({"Дата и время": f"{start:%Y-%m-%dT%H:%M}", "Место": PLACE, "Вид заседания": {"первое"}})
    secretary.press("Назначить заседание")
    expect(secretary.main.get_by_role("button", name="Открыть заседание")).to_be_disabled()
    secretary.sees("Повестка пуста: добавьте вопрос.")
    candidate = f"{chair.duty.user.short_name}, {chair.duty.organisation.short_name}"
    for title, proposal, rule in (
        (ELECTION, ELECTED, {"выборы председателя, большинство присутствующих"}),
        (PLAN, PLANNED, {"большинство присутствующих"}),
    ):
        secretary.follow("Добавить вопрос")
        fields = {"Вопрос": title, "Докладчик": "Громова И. П.", "Проект решения": proposal}
        secretary.fill({**fields, "Как принимается решение": rule})
        if title == ELECTION:
            secretary.fill({"Член совета, о котором вопрос": {candidate}})
        secretary.press("Включить в повестку")


def open_without_quorum(secretary: Person, names: list[str]) -> None:
    for name in names:
        secretary.main.get_by_role("checkbox", name=name).check()
    secretary.press("Открыть заседание")
    secretary.sees("Кворума нет: 5 из 10, нужно 6. Голосовать нельзя.")
    expect(secretary.main.get_by_role("button", name="Записать голосование")).to_be_disabled()


def preside(secretary: Person, chair: CouncilMember) -> None:
    secretary.sees("Укажите председательствующего: без него голосовать нельзя.")
    secretary.fill({"Ведёт заседание": {chair.duty.user.short_name}})
    secretary.press("Указать")
    secretary.sees(f"председательствует {chair.duty.user.short_name}")


def elect(secretary: Person) -> None:
    """A tally that does not sum is refused and nothing typed is lost."""
    tally = {"За": 6, "Против": 1, "Воздержались": 0, "Не голосовали": 0}
    secretary.fill({**tally, "Суть выступления": SPEECH})
    secretary.sees("Сумма 7, а присутствуют 8: не хватает 1.")
    with secretary.expecting(422):
        secretary.press("Записать голосование")
    secretary.sees("Сумма голосов 7, а присутствуют 8.")
    secretary.has({**tally, "Суть выступления": SPEECH})
    secretary.fill({"Не голосовали": 1})
    secretary.press("Записать голосование")
    expect(secretary.row(ELECTION)).to_contain_text("решение принято")


def decide(secretary: Person) -> None:
    secretary.sees(PLANNED, "не менее 5 из 8")
    secretary.fill({"За": 5, "Против": 2, "Воздержались": 1, "Не голосовали": 0, "Исполнитель": "Костина Е. Ю."})
    secretary.press("Записать голосование")
    expect(secretary.row(PLAN)).to_contain_text("решение принято")


def check_minutes(printed: str, members: list[str], present: int) -> None:
    said = [
        "Первое заседание",
        f"Присутствовали {present} чел.",
        "Ручьёва Ю. Б.",
        "ПОВЕСТКА ДНЯ",
        *(ELECTION, PLAN, ELECTED, PLANNED, SPEECH),
        "за – 6, против – 1, воздержались – 0, не голосовали – 1",
        "за – 5, против – 2, воздержались – 1, не голосовали – 0",
        "Исполнитель: Костина Е. Ю.",
        *(" ".join(name.split()) for name in members),
    ]
    assert [words for words in said if words not in printed] == []
