"""Founding councils. What a council decides, members of its network included, is changed by nobody here (S1-5.4)."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.utils import timezone

from council.enums import MeetingState
from council.models import Council, CouncilMember
from council.selectors.composition import CAPACITIES
from council.services import founder_seat
from network_portal.accounts.models import User
from network_portal.common.admin import ReadOnlyAdmin, ReferenceAdmin
from network_portal.common.forms import DateField
from schools.acting import Acting
from schools.admin import MembershipAdmin
from schools.enums import Role
from schools.models import Duty, Membership


@admin.register(Council)
class CouncilAdmin(ReferenceAdmin):
    list_display = ["network", "keeper", "notice_days", "remark_days", "sign_days"]
    list_select_related = ["network", "keeper"]
    fields = ["network", "keeper", "notice_days", "remark_days", "sign_days", "missed_for_removal"]


class PersonField(forms.ModelChoiceField):
    def label_from_instance(self, obj: Duty) -> str:
        return f"{obj.user}, {obj}"


class FounderForm(forms.ModelForm):
    """A seat that the regulation names."""

    appointee = PersonField(
        Duty.objects.filter(kind__in=list(CAPACITIES)).select_related("user", "organisation"), label="Кто"
    )
    secretary = forms.BooleanField(label="Секретарь без права голоса", required=False)
    basis = forms.CharField(label="Номер и дата положения", max_length=100)
    on = DateField(label="С какого дня")

    class Meta:
        model = CouncilMember
        fields = ("council",)


@admin.register(CouncilMember)
class CouncilMemberAdmin(ReadOnlyAdmin):
    """All seats to read; the founders are seated here, until the council has signed minutes."""

    list_display = ["duty", "council", "capacity", "voting", "admitted_by", "ended_by"]
    list_select_related = ["duty__user", "duty__organisation", "council__network", "admitted_by", "ended_by"]

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.is_administrator(request)

    def get_form(
        self, request: HttpRequest, obj: CouncilMember | None = None, change: bool = False, **kwargs: Any
    ) -> Any:
        return super().get_form(request, obj, change, **(kwargs if obj else kwargs | {"form": FounderForm}))

    def get_fields(self, request: HttpRequest, obj: CouncilMember | None = None) -> Any:
        if obj:
            return ["council", "duty", "capacity", "voting", "admitted_by", "ended_by"]
        return ["council", "appointee", "secretary", "basis", "on"]

    def save_model(self, request: HttpRequest, obj: CouncilMember, form: Any, change: bool) -> None:
        assert isinstance(request.user, User)
        names = ("appointee", "secretary", "basis", "on")
        seat = founder_seat(
            actor=Acting(request.user, Role.ADMIN),
            council=obj.council,
            at=timezone.now(),
            **{name: form.cleaned_data[name] for name in names},
        )
        obj.pk, obj.duty = seat.pk, seat.duty


admin.site.unregister(Membership)


@admin.register(Membership)
class GovernedMembershipAdmin(MembershipAdmin):
    """Members of a network; read only where a council has signed minutes."""

    def has_change_permission(self, request: HttpRequest, obj: Membership | None = None) -> bool:
        governed = obj is not None and obj.network_id in _governed()
        return super().has_change_permission(request, obj) and not governed


def _governed() -> set[int]:
    closed = Council.objects.filter(meetings__state=MeetingState.CLOSED)
    return set(closed.values_list("network_id", flat=True))
