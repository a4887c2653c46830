"""The floors: the same rows as the portal's pages, from bare views that join strings."""

from __future__ import annotations

from datetime import date

from django.db.models import Prefetch
from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.utils.html import escape
from django.views.decorators.csrf import csrf_exempt

from courses.models import NetworkCourse, StudyGroup
from enrollment.models import Application, ApplicationChoice, Enrolment
from gradebook.models import Lesson, Mark

CARD = (
    "<article><h2><a href='/catalogue/{}/'>{}</a></h2><p>{}, {}–{} классы, {} ч.</p><p>{}</p><p>{}</p>"
    "<p>{} из {}</p></article>"
)
LINE = "<tr><td>{}</td><th><a href='/applications/{}/'>{}</a></th><td>{}</td><td>{} ({})</td><td>{}</td></tr>"
NOVEMBER = (date(2026, 11, 1), date(2026, 11, 30))


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


def journal(request: HttpRequest, group: int) -> HttpResponse:
    assert request.user.is_authenticated
    lessons = list(Lesson.objects.filter(group=group, date__range=NOVEMBER).order_by("date", "starts"))
    pupils = Enrolment.objects.filter(group=group).select_related("student").order_by("student__sort_key")
    found = Mark.objects.filter(work__lesson__in=lessons).values_list("work__lesson_id", "enrolment_id", "value")
    marks = {(lesson, enrolment): str(value) for lesson, enrolment, value in found}
    rows = ["<tr>", *(f"<th>{lesson.date:%d.%m}</th>" for lesson in lessons), "</tr>"]
    for pupil in pupils:
        cells = "".join(f"<td>{escape(marks.get((lesson.pk, pupil.pk), ''))}</td>" for lesson in lessons)
        rows.append(f"<tr><th>{escape(pupil.student.full_name)}</th>{cells}</tr>")
    return HttpResponse(f"<table>{''.join(rows)}</table>")


@csrf_exempt
def mark(request: HttpRequest) -> HttpResponse:
    """Save one mark: look at the session, write the row."""
    assert request.user.is_authenticated
    found = Mark.objects.filter(work__lesson=request.POST["lesson"], enrolment=request.POST["enrolment"])
    return HttpResponse(found.update(value=request.POST["value"]))


urlpatterns = [
    path("journal/<int:group>", journal),
    path("mark", mark),
    path("healthz", healthz),
    path("catalogue", catalogue),
    path("applications/<int:home>", applications),
]
