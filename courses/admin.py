"""School years with holidays are kept here; courses and groups are shown only."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from courses.models import AcademicYear, Holiday, NetworkCourse, Programme, StudyGroup
from network_portal.common.admin import ReadOnlyAdmin, ReferenceAdmin, ReferenceInline


class HolidayInline(ReferenceInline):
    model = Holiday

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.is_administrator(request)


@admin.register(AcademicYear)
class AcademicYearAdmin(ReferenceAdmin):
    list_display = ["__str__", "date_from", "date_to"]
    list_filter = ["year", "organisation"]
    list_select_related = ["organisation"]
    inlines = [HolidayInline]


@admin.register(Programme)
class ProgrammeAdmin(ReadOnlyAdmin):
    list_display = ["title", "host", "subject", "kind", "hours_total"]
    list_filter = ["host", "kind"]
    list_select_related = ["host"]


@admin.register(NetworkCourse)
class NetworkCourseAdmin(ReadOnlyAdmin):
    list_display = ["__str__", "host", "year", "form", "seats", "state"]
    list_filter = ["state", "year", "programme__host"]
    list_select_related = ["programme__host"]

    @admin.display(description="принимающая школа", ordering="programme__host__short_name")
    def host(self, course: NetworkCourse) -> str:
        return str(course.host)


@admin.register(StudyGroup)
class StudyGroupAdmin(ReadOnlyAdmin):
    list_display = ["name", "course", "teacher", "capacity", "seats_taken", "state"]
    list_filter = ["state", "course__programme__host"]
    list_select_related = ["course__programme", "teacher__user", "teacher__organisation"]
