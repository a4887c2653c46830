"""For whom a signed-in person acts: exactly one duty at a time, never the union of all (I-8)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from typing import Any, cast

from django.conf import settings
from django.db.models import CharField, OuterRef, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.functional import SimpleLazyObject

from network_portal.accounts.models import User
from network_portal.common.errors import StaleError
from network_portal.common.middleware import refused
from network_portal.common.models import in_force
from network_portal.common.prepared import Prepared
from network_portal.common.russian import Case
from schools.enums import Role
from schools.models import FAMILY_READERS, Duty, GuardianLink, Membership, Organisation, PupilAccount

SESSION_KEY = "acting"
#: The hidden field of every form, written by the tag `csrf_input`.
FIELD = "acted_as"
#: What a person does for nobody but oneself, by the names of the addresses.
OWN_ACTS = frozenset({"acting_switch", "low_vision", "notices_read"})


@dataclass(frozen=True)
class Acting:
    """The context in which a person sees and does things; gates and services take it.

    Attributes:
        user: the signed-in person.
        role: the duty's kind, or a context that needs no duty.
        duty: the duty in force today; None for parents, administrators and people without rights.
        on: the day whose rights count: a parent's end on the child's birthday.
        zone: the clock of the network of the school acted for, or of the child's; the portal's when there is none.
    """

    user: User
    role: Role
    duty: Duty | None = None
    on: date = field(default_factory=timezone.localdate, compare=False)
    zone: str = field(default=settings.TIME_ZONE, compare=False)

    @property
    def user_id(self) -> int:
        return self.user.pk

    @property
    def organisation(self) -> Organisation | None:
        return self.duty.organisation if self.duty else None

    @property
    def organisation_id(self) -> int | None:
        return self.duty.organisation_id if self.duty else None

    @property
    def key(self) -> str:
        """What the session and the switch keep: a duty's id, or the role."""
        return str(self.duty.pk) if self.duty else str(self.role)

    @property
    def label(self) -> str:
        """«заместитель директора, МАОУ СОШ № 7»."""
        return str(self.duty) if self.duty else str(self.role.label)

    @property
    def capacity(self) -> str:
        """In what capacity the person signs: «директор МАОУ гимназии № 40»."""
        if self.duty is None:
            return str(self.role.label)
        return f"{self.role.label} {self.duty.organisation.in_case(Case.GENITIVE)}"

    def is_(self, *roles: Role) -> bool:
        return self.role in roles


def acting_choices(user: User, on: date) -> list[Acting]:
    """Return every context the person may choose on the day `on`, duties first."""
    duties = _duties_on(on).ask(user.pk)
    choices = [Acting(user, Role(duty.kind), duty, on, duty.zone) for duty in duties]
    choices.sort(key=lambda acting: list(Role).index(acting.role))  # the school's duties before the council's
    if duties:
        found = {role: getattr(duties[0], f"{role}_zone") for role in FAMILY_READERS}
    else:
        found = {Role(role): zone for role, zone in _family_on(on).ask(user.pk)}
    choices += [Acting(user, role, on=on, zone=found[role]) for role in FAMILY_READERS if found.get(role)]
    if user.is_staff:
        choices.append(Acting(user, Role.ADMIN, on=on))
    return choices or [Acting(user, Role.NOBODY, on=on)]


@lru_cache(maxsize=2)
def _duties_on(on: date) -> Prepared[Any]:
    """Return the query of a person's duties in force on a day, with the clock of each.

    As whom the person belongs to a family is read with them: who has a duty seldom has a child here as well.
    """

    def build(user: int) -> QuerySet[Any]:
        zones = {f"{role}_zone": Subquery(rows.values("zone")[:1]) for role, rows in _family(user, on).items()}
        in_office = Duty.objects.in_force(on).filter(user=user).select_related("organisation")
        return in_office.annotate(zone=_zone(on), **zones).order_by("pk")

    return Prepared(build)


@lru_cache(maxsize=2)
def _family_on(on: date) -> Prepared[Any]:
    """Return the query that tells as whom a person without a duty belongs to a family, with the clock of each."""

    def build(user: int) -> QuerySet[Any]:
        parent, pupil = (
            rows.annotate(role=Value(role, CharField())).values_list("role", "zone")[:1]
            for role, rows in _family(user, on).items()
        )
        return parent.union(pupil, all=True)

    return Prepared(build)


def _family(user: int, on: date) -> dict[Role, QuerySet[Any]]:
    """Return what makes a person a parent, and what a pupil, on the day `on`."""
    links = GuardianLink.objects.filter(user=user).valid_or_waiting(on).annotate(zone=_zone(on)).order_by("pk")
    own = PupilAccount.objects.in_force(on).filter(user=user).annotate(zone=_zone(on))
    return dict(zip(FAMILY_READERS, (links, own), strict=True))


def _zone(on: date) -> Coalesce:
    """Return the clock of the network to which the row's school belongs on the day `on`; the portal's without one."""
    memberships = Membership.objects.filter(in_force(on), organisation=OuterRef("organisation"))
    return Coalesce(Subquery(memberships.order_by("pk").values("network__time_zone")[:1]), Value(settings.TIME_ZONE))


class ActingRequest(HttpRequest):
    """A request of a signed-in person, for annotations of views."""

    user: User
    acting: Acting
    acting_choices: list[Acting]


class ActingMiddleware:
    """Gives each request of a signed-in person `request.acting`, `request.acting_choices`, and the network's clock.

    A form says for whom the person acted when its page was made. When that has changed since, in another tab or
    because the duty has ended, the form is refused: it would otherwise take effect in another school (I-8, 2.3 (6)).
    A parent who sends a form about a child whom the parent represents no more is told so, not that nothing is there.
    """

    def __init__(self, get_response: Callable[[ActingRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: ActingRequest) -> HttpResponse:
        request.acting_choices = cast(list[Acting], SimpleLazyObject(lambda: self._choices(request)))
        request.acting = cast(Acting, SimpleLazyObject(lambda: self._chosen(request)))
        with timezone.override(None):  # what this person's clock was must not stay for the next one
            return self.get_response(request)

    def process_view(self, request: ActingRequest, view: Any, args: Any, kwargs: Any) -> HttpResponse | None:
        if request.user.is_authenticated:
            timezone.activate(request.acting.zone)
        name = (request.resolver_match.url_name or "") if request.resolver_match else ""
        if request.method != "POST" or name in OWN_ACTS or name.startswith("account_") or not request.acting:
            return None
        acted_as = request.POST.get(FIELD)
        if not acted_as or acted_as == request.acting.key:
            return None
        before = next((choice.label for choice in request.acting_choices if choice.key == acted_as), None)
        was = f"вы действовали как «{before}»" if before else "ваше полномочие ещё действовало"
        return refused(
            request,
            StaleError(
                f"Когда вы открыли эту форму, {was}, а сейчас вы действуете как «{request.acting.label}». "
                "Ничего не сохранено."
            ),
        )

    def process_exception(self, request: ActingRequest, exception: Exception) -> HttpResponse | None:
        sent = request.method == "POST" and isinstance(exception, Http404)
        if not sent or not request.user.is_authenticated or not request.acting.is_(Role.PARENT):
            return None
        ended = GuardianLink.objects.no_longer_valid_for(request.acting.user_id, request.acting.on)
        names = ", ".join(ended.values_list("child_name", flat=True).distinct().order_by("child_name"))
        if not names:
            return None
        return refused(
            request,
            StaleError(
                f"Ничего не сохранено. Вы больше не представляете на портале ребёнка: {names}. "
                "Его заявления и документы вам не видны. Причина указана на странице «Мои дети», "
                "спросить о ней можно в школе."
            ),
        )

    def _choices(self, request: ActingRequest) -> list[Acting]:
        if not request.user.is_authenticated:
            return []
        return acting_choices(request.user, timezone.localdate())

    def _chosen(self, request: ActingRequest) -> Acting | None:
        wanted = request.session.get(SESSION_KEY)
        choices = request.acting_choices
        return next((acting for acting in choices if acting.key == wanted), choices[0] if choices else None)
