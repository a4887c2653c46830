"""The floors: the same rows as the portal's pages, from bare views that join strings."""

from __future__ import annotations

from django.db.models import Prefetch
from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.utils.html import escape

from courses.models import NetworkCourse, StudyGroup
from enrollment.models import Application, ApplicationChoice

CARD = (
    "<article><h2><a href='/catalogue/{}/'>{}</a></h2><p>{}, {}–{} классы, {} ч.</p><p>{}</p><p>{}</p>"
    "<p>{} из {}</p></article>"
)
LINE = "<tr><td>{}</td><th><a href='/applications/{}/'>{}</a></th><td>{}</td><td>{} ({})</td><td>{}</td></tr>"


def healthz(request: HttpRequest) -> HttpResponse:
    return HttpResponse()


def catalogue(request: HttpRequest) -> HttpResponse:
    groups = StudyGroup.objects.prefetch_related("slots")
    courses = NetworkCourse.objects.select_related("programme__host").prefetch_related(Prefetch("groups", groups))
    rows = []
    for course in courses.order_by("programme__title")[:20]:
        programme, found = course.programme, course.groups.all()
        slots = "; ".join(f"{slot.weekday} {slot.starts}–{slot.ends}" for group in found for slot in group.slots.all())
        taken = sum(group.seats_taken for group in found)
        facts = (course.pk, programme.title, programme.subject, programme.grade_from, programme.grade_to)
        more = (programme.hours_total, programme.host.short_name, slots, course.seats - taken, course.seats)
        rows.append(CARD.format(*map(escape, (*facts, *more))))
    return HttpResponse("".join(rows))


def applications(request: HttpRequest, home: int) -> HttpResponse:
    assert request.user.is_authenticated
    found = (
        Application.objects.filter(home=home).order_by("registered_at", "pk").select_related("student__school_class")
    )
    choices = ApplicationChoice.objects.select_related("course__programme__host").order_by("rank")
    rows = []
    for one in found.prefetch_related(Prefetch("choices", choices))[:20]:
        programme = one.choices.all()[0].course.programme
        facts = (one.registered_at, one.pk, one.student.full_name, one.student.school_class, programme.title)
        rows.append(LINE.format(*map(escape, (*facts, programme.host.short_name, one.get_state_display()))))
    return HttpResponse(f"<p>{found.count()}</p><table>{''.join(rows)}</table>")


urlpatterns = [
    path("healthz", healthz),
    path("catalogue", catalogue),
    path("applications/<int:home>", applications),
]
