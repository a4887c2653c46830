"""Before a meeting: the list with its quarters, naming the day, inviting, agenda, materials, proposals, opinions."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from council import access, services
from council.enums import MeetingState
from council.forms import (
    AnswerForm,
    AskForm,
    ItemForm,
    MaterialForm,
    MeetingForm,
    MovedForm,
    OpinionForm,
    ProposalForm,
    ReasonForm,
    ShortNoticeForm,
    TakeForm,
)
from council.models import Meeting
from council.selectors import calendar, composition, finder, subjects
from council.selectors.page import MEETING_TONES, meetings_listed
from council.views._shared import back, form_page, valid
from council.views.hall import show
from network_portal.common.dates import school_year
from network_portal.common.forms import refusals_in
from network_portal.common.russian import NBSP, plural
from network_portal.documents.http import file_response, pdf_response
from network_portal.documents.uploads import PDF
from schools.acting import ActingRequest


@require_safe
def meeting_list(request: ActingRequest) -> HttpResponse:
    """List the council's meetings, the latest first, with the quarters of the year and what 20 June asks for."""
    found = access.council_for(request.acting)
    today = timezone.localdate()
    page = Paginator(meetings_listed(request.acting), 20).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "rows": [(row, MEETING_TONES[MeetingState(row.state)]) for row in page],
        "may_plan": access.may_plan(request.acting, found),
        "quarters": calendar.quarters(found, school_year(today), today),
        "june": calendar.june_of(found, school_year(today)),
        "year": school_year(today),
        "today": today,
    }
    return render(request, "council/meeting_list.html", context)


@require_http_methods(["GET", "POST"])
def meeting_create(request: ActingRequest) -> HttpResponse:
    """Name the day of a meeting; the page offers days on which members have no lessons."""
    found = access.council_to_plan(request.acting)
    now = timezone.now()
    today = timezone.localdate(now)
    form = MeetingForm(
        request.POST or None,
        kinds=composition.kinds_allowed(found, today),
        initial={"planned_at": _moment(request.GET.get("at")), "place": request.GET.get("place", "")[:200]},
    )
    if form.is_valid():
        with refusals_in(form):
            planned = services.meeting_plan(actor=request.acting, council=found, at=now, **form.cleaned_data)
            messages.success(request, "День назначен. Составьте повестку и разошлите приглашения.")
            return redirect("meeting", pk=planned.pk)
    quarter = next((one for one in calendar.quarters(found, school_year(today), today) if one.end >= today), None)
    until = quarter.deadline if quarter and quarter.missing else None
    days = finder.suggestions(found, today, until) if not form.is_bound else []
    return form_page(request, "council/meeting_form.html", form, council=found, days=days, quarter=quarter)


@require_POST
def meeting_convene(request: ActingRequest, pk: int) -> HttpResponse:
    """Invite the members."""
    found = access.meeting_for(request.acting, pk, to_plan=True)
    form = ShortNoticeForm(request.POST)
    if form.is_valid():
        with refusals_in(form):
            services.meeting_convene(actor=request.acting, meeting=found, at=timezone.now(), **form.cleaned_data)
            messages.success(request, "Заседание созвано: приглашения с повесткой направлены.")
            return back(found)
    return show(request, found, convene_form=form, status=422)


@require_http_methods(["GET", "POST"])
def meeting_move(request: ActingRequest, pk: int) -> HttpResponse:
    """Move a meeting that has not begun."""
    found = access.meeting_for(request.acting, pk, to_plan=True)
    form = MovedForm(
        request.POST or None, initial={"planned_at": timezone.localtime(found.planned_at), "place": found.place}
    )
    if form.is_valid():
        with refusals_in(form):
            services.meeting_move(actor=request.acting, meeting=found, at=timezone.now(), **form.cleaned_data)
            messages.success(request, "Заседание перенесено, приглашённые получат новое приглашение.")
            return back(found)
    return form_page(request, "council/meeting_move.html", form, meeting=found)


@require_http_methods(["GET", "POST"])
def meeting_cancel(request: ActingRequest, pk: int) -> HttpResponse:
    """Call a meeting off."""
    found = access.meeting_for(request.acting, pk, to_plan=True)
    form = ReasonForm(request.POST or None)
    if form.is_valid():
        with refusals_in(form):
            services.meeting_cancel(actor=request.acting, meeting=found, at=timezone.now(), **form.cleaned_data)
            messages.success(request, "Заседание отменено, приглашённые уведомлены.")
            return back(found)
    return form_page(request, "council/meeting_cancel.html", form, meeting=found)


@require_POST
def meeting_answer(request: ActingRequest, pk: int) -> HttpResponse:
    """Say whether one comes."""
    found = access.meeting_for(request.acting, pk)
    form = valid(AnswerForm(request.POST))
    services.meeting_answer(actor=request.acting, meeting=found, at=timezone.now(), **form.cleaned_data)
    messages.success(request, "Ответ записан. Изменить его можно до начала заседания.")
    return back(found)


# --- materials ------------------------------------------------------------------------------------------------------


@require_POST
def material_add(request: ActingRequest, pk: int) -> HttpResponse:
    """Hand out a file with the agenda."""
    found = access.meeting_for(request.acting, pk, to_change=True)
    form = MaterialForm(request.POST, request.FILES, items=found.items.all())
    if form.is_valid():
        data = form.cleaned_data
        services.material_add(
            actor=request.acting,
            meeting=found,
            item=data["item"],
            title=data["title"],
            upload=data["file"],
            at=timezone.now(),
        )
        return back(found)
    return show(request, found, material_form=form, status=422)


@require_POST
def material_remove(request: ActingRequest, pk: int, material_pk: int) -> HttpResponse:
    found = access.meeting_for(request.acting, pk, to_change=True)
    services.material_remove(actor=request.acting, material=access.material_of(found, material_pk), at=timezone.now())
    return back(found)


@require_safe
def material(request: ActingRequest, pk: int, material_pk: int) -> HttpResponse:
    """Give a material: to a member as a copy with the name on it, which is on record (S1-5.8)."""
    found = access.meeting_for(request.acting, pk)
    one = access.material_of(found, material_pk)
    if access.keeps_record(request.acting) or one.file.media_type != PDF:
        services.material_copy(actor=request.acting, material=one, at=timezone.now())
        return file_response(one.file)
    copy = services.material_copy(actor=request.acting, material=one, at=timezone.now())
    return pdf_response(copy, f"material-{one.pk}.pdf")


# --- agenda ---------------------------------------------------------------------------------------------------------


@require_http_methods(["GET", "POST"])
def item_create(request: ActingRequest, pk: int) -> HttpResponse:
    """Put a question on the agenda."""
    found = access.meeting_for(request.acting, pk, to_change=True)
    form = ItemForm(
        request.POST or None,
        request.FILES or None,
        pools=_pools(found),
        election=composition.chair_on(found.council, found.day) is None,
    )
    if form.is_valid():
        words = {name: form.cleaned_data[name] for name in ("kind", "title", "speaker", "proposal")}
        with refusals_in(form):
            services.item_add(actor=request.acting, meeting=found, at=timezone.now(), about=form.about, **words)
            return back(found)
    return form_page(request, "council/item_form.html", form, meeting=found)


def _pools(found: Meeting) -> dict[str, Any]:
    council, day = found.council, found.day
    return {
        "candidate": composition.voters(council, day),
        "appointee": composition.appointees(council, day),
        "school": subjects.schools(),
        "groups": subjects.groups(council),
        "programmes": subjects.programmes(council),
        "agreements": subjects.agreements(council),
        "courses": subjects.courses(council),
        "run": subjects.runs(council),
        "revokes": subjects.revocable(council),
    }


@require_POST
def agenda_take(request: ActingRequest, pk: int) -> HttpResponse:
    """Put what the last meeting did not come to on the agenda of this one."""
    found = access.meeting_for(request.acting, pk, to_change=True)
    carried = services.agenda_take(actor=request.acting, meeting=found, at=timezone.now())
    if carried.items:
        count = plural(len(carried.items), "вопрос,вопроса,вопросов")
        messages.success(request, f"В повестку перенесено: {len(carried.items)}{NBSP}{count}.")
    for item, reason in carried.left:
        messages.warning(request, f"Вопрос «{item.title}» не перенесён. {reason}")
    return back(found)


@require_POST
def item_remove(request: ActingRequest, pk: int, item_pk: int) -> HttpResponse:
    found = access.meeting_for(request.acting, pk, to_change=True)
    services.item_remove(actor=request.acting, item=access.item_of(found, item_pk), at=timezone.now())
    return back(found)


@require_POST
def opinion_ask(request: ActingRequest, pk: int, item_pk: int) -> HttpResponse:
    """Ask schools that a question concerns."""
    found = access.meeting_for(request.acting, pk, to_change=True)
    item = access.item_of(found, item_pk)
    form = valid(AskForm(request.POST, schools=composition.schools_of(found.council, found.day)))
    services.opinion_ask(actor=request.acting, item=item, schools=form.cleaned_data["schools"], at=timezone.now())
    messages.success(request, "Школы спросили: директор, заместители и ответственные получили уведомление.")
    return redirect(f"{reverse('meeting', args=[found.pk])}?item={item.pk}")


@require_http_methods(["GET", "POST"])
def opinion(request: ActingRequest, pk: int) -> HttpResponse:
    """Let a school say what it thinks of a question before the council votes (S4-1.4.6)."""
    found = access.opinion_for(request.acting, pk)
    form = OpinionForm(request.POST or None, initial={"stance": found.stance, "text": found.text})
    if form.is_valid():
        with refusals_in(form):
            services.opinion_give(actor=request.acting, opinion=found, at=timezone.now(), **form.cleaned_data)
            messages.success(request, "Мнение школы передано совету.")
            return redirect("opinion", pk=found.pk)
    return form_page(request, "council/opinion.html", form, opinion=found)


# --- members' proposals ---------------------------------------------------------------------------------------------


@require_http_methods(["GET", "POST"])
def proposal_list(request: ActingRequest) -> HttpResponse:
    """List what members wish for on agendas; a member adds a wish here (S1-5.8)."""
    found = access.council_for(request.acting)
    form = ProposalForm(request.POST or None)
    if form.is_valid():
        member = access.member_for(request.acting, found)
        services.proposal_make(
            actor=request.acting, council=found, member=member, at=timezone.now(), **form.cleaned_data
        )
        messages.success(request, "Предложение передано секретарю и председателю.")
        return redirect("proposal_list")
    page = Paginator(access.proposals_for(request.acting), 20).get_page(request.GET.get("page"))
    planner = access.may_plan(request.acting, found)
    context = {
        "page": page,
        "planner": planner,
        "member": not access.keeps_record(request.acting),
        "take_form": TakeForm(meetings=access.meetings_to_come(found)) if planner else None,
    }
    return form_page(request, "council/proposal_list.html", form, **context)


@require_POST
def proposal_take(request: ActingRequest, pk: int) -> HttpResponse:
    found = access.proposal_for(request.acting, pk)
    form = valid(TakeForm(request.POST, meetings=access.meetings_to_come(found.council)))
    services.proposal_take(
        actor=request.acting, proposal=found, meeting=form.cleaned_data["meeting"], at=timezone.now()
    )
    return back(form.cleaned_data["meeting"])


@require_POST
def proposal_decline(request: ActingRequest, pk: int) -> HttpResponse:
    found = access.proposal_for(request.acting, pk)
    form = valid(ReasonForm(request.POST))
    services.proposal_decline(
        actor=request.acting, proposal=found, reason=form.cleaned_data["reason"], at=timezone.now()
    )
    messages.success(request, "Ответ передан тому, кто предложил.")
    return redirect("proposal_list")


def _moment(text: str | None) -> datetime | None:
    """Return the moment in an address of the page, in the portal's zone; None for anything else."""
    try:
        return timezone.make_aware(datetime.fromisoformat(text or ""))
    except (ValueError, OverflowError):
        return None
