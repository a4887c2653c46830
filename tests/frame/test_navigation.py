"""The menu of each role, the frame around a page, the accessible version."""

from __future__ import annotations

import pytest
from django.http import HttpRequest
from django.template import Context, Template
from django.test import Client, RequestFactory
from django.urls import reverse

from network_portal import navigation
from network_portal.navigation import Entry, Frame
from schools.enums import DutyKind, Role
from tests.factories.accounts import UserFactory
from tests.factories.schools import DutyFactory, acting_as, sign_in

ENTRIES = [entry for entries in navigation.MENU.values() for entry in entries]


def request_of(acting: object = None, path: str = "/") -> HttpRequest:
    request = RequestFactory().get(path)
    request.acting = acting
    request.acting_choices = [acting] if acting else []
    return request


def test_menu_has_a_row_for_every_role() -> None:
    assert set(navigation.MENU) == set(Role)


@pytest.mark.parametrize("entry", [navigation.HOME, *ENTRIES, *navigation.GUEST_MENU, *navigation.FOOTER], ids=str)
def test_icon_of_entry_exists(entry: Entry) -> None:
    assert Template(f'{{% icon "{entry.icon}" %}}').render(Context()).startswith("<svg")


@pytest.mark.parametrize("entry", [navigation.HOME, *ENTRIES, *navigation.GUEST_MENU, *navigation.FOOTER], ids=str)
def test_page_of_entry_exists(entry: Entry) -> None:
    assert reverse(entry.url_name).startswith("/")


@pytest.mark.django_db
@pytest.mark.parametrize(("count", "bottom", "more"), [(3, 4, 0), (4, 5, 0), (5, 4, 2), (8, 4, 5)])
def test_bottom_bar_has_at_most_five_places(
    monkeypatch: pytest.MonkeyPatch, count: int, bottom: int, more: int
) -> None:
    monkeypatch.setitem(navigation.MENU, Role.NOBODY, (Entry("account_email", "Почта", "mail"),) * count)
    frame = Frame(request_of(acting_as(UserFactory(), Role.NOBODY)))
    assert (len(frame.bottom), len(frame.more)) == (bottom, more)


@pytest.mark.django_db
def test_current_entry_is_the_longest_match(monkeypatch: pytest.MonkeyPatch) -> None:
    menu = (Entry("notice_list", "Все", "bell"), Entry("notices_read", "Прочитать", "bell"))
    monkeypatch.setitem(navigation.MENU, Role.NOBODY, menu)
    frame = Frame(request_of(acting_as(UserFactory(), Role.NOBODY), "/notices/read/"))
    assert [link.label for link in frame.menu if link.current] == ["Прочитать"]


@pytest.mark.django_db
def test_page_under_another_address_belongs_to_its_entry(monkeypatch: pytest.MonkeyPatch) -> None:
    """Proposals for the agenda lie under the address of the council and belong to its meetings."""
    monkeypatch.setitem(navigation.MENU, Role.NOBODY, navigation.MENU[Role.COUNCIL_MEMBER])
    for page, entry in (("proposal_list", "Заседания"), ("council", "Состав совета"), ("meeting_list", "Заседания")):
        frame = Frame(request_of(acting_as(UserFactory(), Role.NOBODY), reverse(page)))
        assert [link.label for link in frame.menu if link.current] == [entry]


@pytest.mark.django_db
@pytest.mark.parametrize(("count", "headings"), [(8, [""]), (9, ["", "Приём", "Школа"])])
def test_long_menu_has_headings(monkeypatch: pytest.MonkeyPatch, count: int, headings: list[str]) -> None:
    menu = [Entry("account_email", "Почта", "mail", section=navigation.ADMISSION)] * count
    menu[-1] = Entry("account_email", "Почта", "mail", section=navigation.SCHOOL)
    monkeypatch.setitem(navigation.MENU, Role.NOBODY, tuple(menu))
    frame = Frame(request_of(acting_as(UserFactory(), Role.NOBODY)))
    assert [heading for heading, _ in frame.sections] == headings
    assert [link for _, links in frame.sections for link in links] == frame.menu


def test_guest_has_no_menu() -> None:
    frame = Frame(request_of())
    assert (frame.signed_in, frame.menu, frame.acting_label) == (False, [], "")


@pytest.mark.django_db
def test_header_says_whom_the_person_acts_as(client: Client) -> None:
    duty = DutyFactory(kind=DutyKind.DEPUTY, organisation__short_name="МАОУ СОШ № 7")
    response = sign_in(client, duty).get(reverse("home"))
    assert "<strong>зам. директора, МАОУ СОШ № 7</strong>" in response.text


@pytest.mark.django_db
def test_switch_lists_every_context_and_changes_it(client: Client) -> None:
    first = DutyFactory(kind=DutyKind.DEPUTY, organisation__short_name="МАОУ СОШ № 7")
    second = DutyFactory(user=first.user, kind=DutyKind.NETWORK_TEACHER, organisation__short_name="МАОУ гимназия № 40")
    page = sign_in(client, first).get(reverse("home"))
    choices = [(choice["key"], choice["current"]) for choice in page.context["frame"].choices]
    assert sorted(choices) == sorted([(str(first.pk), True), (str(second.pk), False)])
    client.post(reverse("acting_switch"), {"acting": str(second.pk)})
    assert client.get(reverse("home")).context["frame"].acting_label == "сетевой учитель, МАОУ гимназия № 40"


@pytest.mark.django_db
def test_accessible_version_is_remembered_and_keeps_the_session(client: Client) -> None:
    sign_in(client, UserFactory(), Role.NOBODY)
    response = client.post(reverse("low_vision"), {"next": reverse("home")})
    assert (response.status_code, response["Location"]) == (302, reverse("home"))
    assert '<html lang="ru" class="low-vision">' in client.get(reverse("home")).text
    client.post(reverse("low_vision"), {"next": reverse("home")})
    assert '<html lang="ru">' in client.get(reverse("home")).text


@pytest.mark.django_db
def test_accessible_version_never_leads_to_another_site(client: Client) -> None:
    response = client.post(reverse("low_vision"), {"next": "https://elsewhere.example/"})
    assert response["Location"] == "/"
