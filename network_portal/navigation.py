"""The menu of each role, and what the frame of every page shows.

An entry is a URL name, a label, an icon (lucide) and a short label for the phone's bottom bar. The order matters: the
first four entries go to the bottom bar, the rest under «Ещё».
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, cached_property
from operator import itemgetter
from typing import Any

from django.conf import settings
from django.urls import reverse

import network_portal
from network_portal.demo.accounts import ACCOUNTS, DemoAccount
from network_portal.notices.selectors import unread_count
from schools.acting import Acting, ActingRequest
from schools.enums import Role

LOW_VISION_COOKIE = "low_vision"
BOTTOM_ENTRIES = 5
#: From so many entries on the menu at the side has headings.
LONG_MENU = 10
#: Names of duties that are too long for the header, shortened there.
SHORTER = (
    ("заместитель", "зам."),
    ("ответственный за сетевое взаимодействие", "ответственный"),
    ("координационного совета", "совета"),
)


@dataclass(frozen=True)
class Entry:
    """A row of the menu table; `inner` names pages that belong to it though their addresses begin otherwise."""

    url_name: str
    label: str
    icon: str
    short: str = ""
    section: str = ""
    inner: tuple[str, ...] = ()


@dataclass(frozen=True)
class Link:
    """An entry as a page shows it."""

    label: str
    short: str
    icon: str
    url: str
    current: bool
    section: str


ADMISSION, LEARNING, SCHOOL = "Приём", "Обучение", "Школа"
HOME = Entry("home", "Что ждёт меня", "house", "Главная")
CATALOGUE = Entry("catalogue", "Каталог курсов", "book-open", "Курсы")
APPLICATIONS = Entry("application_list", "Заявления", "file-text", section=ADMISSION)
AGREEMENTS = Entry("agreement_list", "Договоры", "handshake", section=SCHOOL)
TRANSFERS = Entry("transfer_list", "Ведомости", "send", section=LEARNING)
CARDS = Entry("card_list", "Табели", "file-badge", section=LEARNING)
CERTIFICATES = Entry("certificate_list", "Справки", "award", section=LEARNING)
JOURNALS = Entry("journal_list", "Журналы", "notebook-pen", section=LEARNING)
ABSENCES = Entry("absence_list", "Пропуски", "calendar-x", section=LEARNING)
TESTS = Entry("school_test_list", "Проверочные", "clipboard-check", section=LEARNING)
THREADS = Entry("thread_list", "Переписка", "message-square", section=LEARNING)
GROUPS = Entry("group_list", "Группы", "users", section=ADMISSION)
REQUESTS = Entry("request_list", "Списки и заявки", "clipboard-list", "Списки", section=ADMISSION)
ORDERS = Entry("school_order_list", "Приказы", "file-check", section=ADMISSION)
CURRICULUM = Entry("mapping_list", "Учебный план", "book-check", section=ADMISSION)
LEAVING = Entry("leaving_list", "Выход из групп", "log-out", section=ADMISSION)
ALLOCATIONS = Entry("allocation_list", "Распределение", "list-ordered", "Места", section=ADMISSION)
GUARDIANS = Entry("guardian_claim_list", "Родители", "user-check", section=SCHOOL)
STUDENTS = Entry("student_list", "Обучающиеся", "graduation-cap", "Ученики", section=SCHOOL)
COURSES = Entry("course_list", "Курсы", "book-open", section=SCHOOL)
DUTIES = Entry("duty_list", "Полномочия", "id-card", section=SCHOOL)
SIGNING = Entry("signing_agreement_list", "Кто подписывает", "signature", "Подписи", section=SCHOOL)
MEETINGS = Entry("meeting_list", "Заседания", "landmark", inner=("proposal_list",))
COUNCIL = Entry("council", "Состав совета", "users", "Состав")
DECISIONS = Entry("decision_list", "Решения", "gavel")

# One school sends and receives, so its managers have both sets.
SCHOOL_MANAGER = (
    APPLICATIONS,
    REQUESTS,
    GROUPS,
    TRANSFERS,
    CARDS,
    CERTIFICATES,
    JOURNALS,
    ABSENCES,
    TESTS,
    THREADS,
    ORDERS,
    LEAVING,
    CURRICULUM,
    ALLOCATIONS,
    AGREEMENTS,
    COURSES,
    STUDENTS,
    GUARDIANS,
    SIGNING,
)

MENU: dict[Role, tuple[Entry, ...]] = {
    Role.DIRECTOR: (
        REQUESTS,
        AGREEMENTS,
        GROUPS,
        TRANSFERS,
        CARDS,
        CERTIFICATES,
        ORDERS,
        ALLOCATIONS,
        APPLICATIONS,
        COURSES,
        STUDENTS,
        GUARDIANS,
        SIGNING,
        DUTIES,
    ),
    Role.DEPUTY: SCHOOL_MANAGER,
    Role.RESPONSIBLE: SCHOOL_MANAGER,
    Role.COORDINATOR: (
        REQUESTS,
        GROUPS,
        TRANSFERS,
        CARDS,
        CERTIFICATES,
        JOURNALS,
        ABSENCES,
        THREADS,
        ORDERS,
        LEAVING,
        CURRICULUM,
        ALLOCATIONS,
        COURSES,
        AGREEMENTS,
        SIGNING,
        STUDENTS,
    ),
    Role.CURATOR: (JOURNALS, ABSENCES, TRANSFERS, CARDS, CERTIFICATES, THREADS, TESTS, STUDENTS, ORDERS),
    Role.NETWORK_TEACHER: (Entry("lesson_today", "Сегодня", "calendar-days"), JOURNALS, CARDS, THREADS, ORDERS),
    Role.CLASS_TEACHER: (TRANSFERS, CARDS, CERTIFICATES, ABSENCES, STUDENTS, ORDERS),
    Role.COUNCIL_MEMBER: (MEETINGS, DECISIONS, COUNCIL, ALLOCATIONS),
    Role.COUNCIL_SECRETARY: (MEETINGS, DECISIONS, COUNCIL, ALLOCATIONS),
    Role.PARENT: (
        Entry("child_list", "Мои дети", "baby", "Дети"),
        APPLICATIONS,
        Entry("diary", "Дневник", "notebook-text"),
        CATALOGUE,
    ),
    Role.PUPIL: (
        Entry("study", "Моя учёба", "graduation-cap", "Учёба"),
        Entry("diary", "Дневник", "notebook-text"),
        APPLICATIONS,
        CATALOGUE,
    ),
    Role.ADMIN: (
        Entry("admin:index", "Справочники", "settings"),
        Entry("document_kind_list", "Виды документов", "file-text", "Виды"),
    ),
    Role.NOBODY: (CATALOGUE,),
}
GUEST_MENU = (CATALOGUE, Entry("document_check_form", "Проверить документ", "shield-check"))
FOOTER = (Entry("document_check_form", "Проверить документ", "shield-check"),)


@cache
def _url(name: str) -> str:
    return reverse(name)


class Frame:
    """What `base.html` shows around the page; each part is computed when a template asks for it."""

    def __init__(self, request: ActingRequest) -> None:
        self.request = request

    name = settings.PORTAL_NAME
    version = network_portal.__version__

    @cached_property
    def acting(self) -> Acting | None:
        return getattr(self.request, "acting", None) or None

    @property
    def signed_in(self) -> bool:
        return self.acting is not None

    @property
    def acting_label(self) -> str:
        """Whom the person acts as, short enough for the header: «зам. директора, МАОУ СОШ № 7»."""
        label = self.acting.label if self.acting else ""
        for long, short in SHORTER:
            label = label.replace(long, short)
        return label

    @property
    def choices(self) -> list[dict[str, Any]]:
        """The contexts the person may switch to; the current one is marked."""
        current = self.acting.key if self.acting else ""
        return [
            {"key": choice.key, "label": choice.label, "current": choice.key == current}
            for choice in self.request.acting_choices
        ]

    @cached_property
    def unread(self) -> int:
        return unread_count(self.acting.user) if self.acting else 0

    @property
    def unread_short(self) -> str:
        return str(self.unread) if self.unread < 100 else "99+"

    @cached_property
    def menu(self) -> list[Link]:
        """The entries of the role acted in, «Что ждёт меня» first."""
        return self._links((HOME, *MENU[self.acting.role])) if self.acting else []

    @property
    def sections(self) -> list[tuple[str, list[Link]]]:
        """The menu at the side: heading and entries; a short menu is one section without a heading."""
        if len(self.menu) < LONG_MENU:
            return [("", self.menu)]
        found: dict[str, list[Link]] = {}
        for link in self.menu:
            found.setdefault(link.section, []).append(link)
        return [(heading, found[heading]) for heading in ("", ADMISSION, LEARNING, SCHOOL) if heading in found]

    @property
    def bottom(self) -> list[Link]:
        return self.menu if len(self.menu) <= BOTTOM_ENTRIES else self.menu[: BOTTOM_ENTRIES - 1]

    @property
    def more(self) -> list[Link]:
        return self.menu[len(self.bottom) :]

    @property
    def more_current(self) -> bool:
        return any(link.current for link in self.more)

    @cached_property
    def guest_menu(self) -> list[Link]:
        return self._links(GUEST_MENU)

    @property
    def footer(self) -> list[Link]:
        return self._links(FOOTER)

    demo = property(lambda self: settings.DEMO)

    @property
    def demo_accounts(self) -> tuple[DemoAccount, ...]:
        """Whom a visitor of the demonstration may sign in as; nobody anywhere else."""
        return ACCOUNTS if settings.DEMO else ()

    @property
    def low_vision(self) -> bool:
        return self.request.COOKIES.get(LOW_VISION_COOKIE) == "1"

    def _links(self, entries: tuple[Entry, ...]) -> list[Link]:
        """Turn entries into links; the current one has the longest address that the page's path starts with."""
        path = self.request.path
        covering = [
            (len(url), entry)
            for entry in entries
            for url in map(_url, (entry.url_name, *entry.inner))
            if path.startswith(url)
        ]
        here = max(covering, key=itemgetter(0), default=(0, None))[1]
        return [Link(e.label, e.short or e.label, e.icon, _url(e.url_name), e is here, e.section) for e in entries]


def frame(request: ActingRequest) -> dict[str, Frame]:
    """Context processor: give every page its frame."""
    return {"frame": Frame(request)}
