"""Reference data of the schools; what a service keeps is shown only, pupils and guardians are not here at all."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.utils import timezone

from network_portal.accounts.models import User
from network_portal.common.admin import BY_HAND, BY_HAND_HELP, ReadOnlyAdmin, ReferenceAdmin, ReferenceInline
from network_portal.common.russian import Case, fold
from schools.acting import Acting
from schools.enums import DutyKind, Role
from schools.models import Agreement, Duty, LoadLimit, Membership, Network, Organisation, SchoolClass
from schools.services import director_appoint


@admin.register(Organisation)
class OrganisationAdmin(ReferenceAdmin):
    list_display = ["short_name", "full_name", "city", "kind"]
    list_filter = ["kind"]
    search_fields = ["short_name", "full_name", "inn"]

    def get_fieldsets(self, request: HttpRequest, obj: Organisation | None = None) -> Any:
        by_hand = Organisation.CASE_FIELDS
        return [
            (None, {"fields": [name for name in self.get_fields(request, obj) if name not in by_hand]}),
            (BY_HAND, {"classes": ["collapse"], "description": BY_HAND_HELP, "fields": by_hand}),
        ]

    def get_form(
        self, request: HttpRequest, obj: Organisation | None = None, change: bool = False, **kwargs: Any
    ) -> Any:
        form = super().get_form(request, obj, change, **kwargs)
        if obj:
            for case in Case:
                for name, full in (("full_name", True), ("short_name", False)):
                    field = form.base_fields[f"{name}_{case.name.lower()}"]
                    field.widget.attrs["placeholder"] = obj.in_case(case, full=full)
        return form


class LoadLimitInline(ReferenceInline):
    model = LoadLimit


@admin.register(Network)
class NetworkAdmin(ReferenceAdmin):
    list_display = ["name", "model", "auto_transfer", "transfer_day"]
    inlines = [LoadLimitInline]


@admin.register(Membership)
class MembershipAdmin(ReferenceAdmin):
    list_display = ["organisation", "network", "date_from", "date_to"]
    list_filter = ["network"]
    list_select_related = ["organisation", "network"]


class ClassTeacherField(forms.ModelChoiceField):
    def label_from_instance(self, obj: Duty) -> str:
        return f"{obj.user}, {obj.organisation}"


@admin.register(SchoolClass)
class SchoolClassAdmin(ReferenceAdmin):
    list_display = ["__str__", "organisation", "year", "class_teacher"]
    list_filter = ["organisation", "year"]
    list_select_related = ["organisation", "class_teacher__user", "class_teacher__organisation"]

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "class_teacher":
            teachers = Duty.objects.filter(kind=DutyKind.CLASS_TEACHER).select_related("user", "organisation")
            kwargs |= {"queryset": teachers, "form_class": ClassTeacherField}
        return super().formfield_for_foreignkey(db_field, request, **kwargs)


@admin.register(Duty)
class DutyAdmin(ReadOnlyAdmin):
    """All duties to read; a school's director is appointed here, and appoints the others on the portal's pages."""

    list_display = ["user", "kind", "organisation", "order", "date_from", "date_to"]
    list_filter = ["organisation", "kind"]
    list_select_related = ["user", "organisation"]
    search_fields = ["user__sort_key", "user__email"]

    def get_search_results(self, request: HttpRequest, queryset: Any, search_term: str) -> Any:
        return super().get_search_results(request, queryset, fold(search_term))

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.is_administrator(request)

    def get_fields(self, request: HttpRequest, obj: Duty | None = None) -> Any:
        names = ["user", "organisation", "order", "date_from"]
        return [*names, "kind", "date_to"] if obj else names

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> Any:
        return super().add_view(request, form_url, {"title": "Назначить директора школы", **(extra_context or {})})

    def save_model(self, request: HttpRequest, obj: Duty, form: Any, change: bool) -> None:
        assert isinstance(request.user, User)
        duty = director_appoint(
            actor=Acting(request.user, Role.ADMIN),
            user=obj.user,
            organisation=obj.organisation,
            order=obj.order,
            date_from=obj.date_from,
            at=timezone.now(),
        )
        obj.pk, obj.kind = duty.pk, duty.kind


@admin.register(Agreement)
class AgreementAdmin(ReadOnlyAdmin):
    list_display = ["__str__", "date_from", "date_to", "state", "document"]
    list_filter = ["state", "network"]
    list_select_related = ["home", "host", "document"]
