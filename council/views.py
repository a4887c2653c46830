"""Pages of the council: composition, meetings, the meeting as it runs, its minutes."""

from __future__ import annotations

from datetime import datetime, time
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.forms import Form
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from council import access, selectors, services
from council.enums import MeetingState
from council.forms import (
    HeardForm,
    ItemForm,
    MeetingForm,
    MemberForm,
    OpenForm,
    PresenceForm,
    ReturnForm,
    TallyForm,
)
from council.models import Meeting
from network_portal.common.errors import RuleError, StaleError
from network_portal.common.forms import add_refusal
from network_portal.documents.forms import SignForm
from network_portal.documents.http import document_response
from schools.acting import ActingRequest

# --- composition and list -----------------------------------------------------------------------------------------


@require_safe
def council(request: ActingRequest) -> HttpResponse:
    """Show who sits in the council today, who chairs it and who keeps its record."""
    found = access.council_for(request.acting)
    today = timezone.localdate()
    context = {
        "council": found,
        "chair": selectors.chair_on(found, today),
        "members": selectors.composition(found, today),
    }
    return render(request, "council/council.html", context)


@require_safe
def meeting_list(request: ActingRequest) -> HttpResponse:
    """List the council's meetings, the latest first."""
    found = access.council_for(request.acting)
    page = Paginator(selectors.meetings_listed(request.acting), 20).get_page(request.GET.get("page"))
    rows = [(row, selectors.MEETING_TONES[MeetingState(row.state)]) for row in page]
    context = {"page": page, "rows": rows, "may_plan": access.may_plan(request.acting, found)}
    return render(request, "council/meeting_list.html", context)


@require_http_methods(["GET", "POST"])
def meeting_create(request: ActingRequest) -> HttpResponse:
    """Convene the council."""
    found = access.council_to_plan(request.acting)
    now = timezone.now()
    form = MeetingForm(request.POST or None, kinds=selectors.kinds_allowed(found, timezone.localdate(now)))
    if form.is_valid():
        try:
            planned = services.meeting_plan(actor=request.acting, council=found, at=now, **form.cleaned_data)
        except RuleError as refusal:
            _refused(form, refusal)
        else:
            messages.success(request, "Заседание назначено, члены совета уведомлены. Составьте повестку.")
            return redirect("meeting", pk=planned.pk)
    return _form_page(request, "council/meeting_form.html", form, council=found)


# --- the meeting --------------------------------------------------------------------------------------------------


@require_safe
def meeting(request: ActingRequest, pk: int) -> HttpResponse:
    """Show a meeting: agenda, the current item, the hall; after it the minutes and their signatures."""
    return _meeting_page(request, access.meeting_for(request.acting, pk))


@require_POST
def meeting_open(request: ActingRequest, pk: int) -> HttpResponse:
    found = access.meeting_for(request.acting, pk, to_change=True)
    form = _valid(OpenForm(request.POST, members=selectors.voters(found.council, found.day)))
    services.meeting_open(actor=request.acting, meeting=found, present=form.cleaned_data["present"], at=timezone.now())
    return _back(found)


@require_POST
def meeting_arrive(request: ActingRequest, pk: int) -> HttpResponse:
    found = access.meeting_for(request.acting, pk, to_change=True)
    services.presence_arrive(actor=request.acting, meeting=found, **_presence(request, found))
    return _back(found, request)


@require_POST
def meeting_leave(request: ActingRequest, pk: int) -> HttpResponse:
    found = access.meeting_for(request.acting, pk, to_change=True)
    services.presence_leave(actor=request.acting, meeting=found, **_presence(request, found))
    return _back(found, request)


@require_POST
def meeting_presiding(request: ActingRequest, pk: int) -> HttpResponse:
    found = access.meeting_for(request.acting, pk, to_change=True)
    form = _valid(MemberForm(request.POST, members=selectors.voters(found.council, found.day)))
    services.presiding_set(actor=request.acting, meeting=found, member=form.cleaned_data["member"], at=timezone.now())
    return _back(found, request)


@require_POST
def meeting_end(request: ActingRequest, pk: int) -> HttpResponse:
    found = access.meeting_for(request.acting, pk, to_change=True)
    services.meeting_end(actor=request.acting, meeting=found, at=timezone.now())
    messages.success(request, "Заседание закрыто. Проверьте записи и передайте протокол на подпись.")
    return _back(found)


@require_POST
def meeting_not_held(request: ActingRequest, pk: int) -> HttpResponse:
    found = access.meeting_for(request.acting, pk, to_change=True)
    services.meeting_not_held(actor=request.acting, meeting=found, at=timezone.now())
    messages.success(request, "Заседание признано несостоявшимся, члены совета уведомлены. Назначьте новую дату.")
    return _back(found)


# --- agenda and votes ---------------------------------------------------------------------------------------------


@require_http_methods(["GET", "POST"])
def item_create(request: ActingRequest, pk: int) -> HttpResponse:
    """Put a question on the agenda."""
    found = access.meeting_for(request.acting, pk, to_change=True)
    form = ItemForm(
        request.POST or None,
        members=selectors.voters(found.council, found.day),
        election=selectors.chair_on(found.council, found.day) is None,
    )
    if form.is_valid():
        try:
            services.item_add(actor=request.acting, meeting=found, at=timezone.now(), **form.cleaned_data)
        except RuleError as refusal:
            _refused(form, refusal)
        else:
            return _back(found)
    return _form_page(request, "council/item_form.html", form, meeting=found)


@require_POST
def item_remove(request: ActingRequest, pk: int, item_pk: int) -> HttpResponse:
    found = access.meeting_for(request.acting, pk, to_change=True)
    services.item_remove(actor=request.acting, item=access.item_of(found, item_pk), at=timezone.now())
    return _back(found)


@require_POST
def item_vote(request: ActingRequest, pk: int, item_pk: int) -> HttpResponse:
    """Record the tally of an item; a refused one is shown again with what was typed."""
    found = access.meeting_for(request.acting, pk, to_change=True)
    item = access.item_of(found, item_pk)
    form = TallyForm(request.POST)
    if form.is_valid():
        data = form.cleaned_data
        try:
            services.vote_record(
                actor=request.acting,
                item=item,
                tally=form.tally,
                heard=data["heard"],
                executor=data["executor"],
                due=data["due"],
                at=timezone.now(),
            )
        except RuleError as refusal:
            _refused(form, refusal)
        else:
            return _back(found)
    return _meeting_page(request, found, item=item_pk, tally_form=form, status=422)


@require_POST
def item_heard(request: ActingRequest, pk: int, item_pk: int) -> HttpResponse:
    found = access.meeting_for(request.acting, pk, to_change=True)
    item = access.item_of(found, item_pk)
    form = _valid(HeardForm(request.POST))
    services.item_heard(actor=request.acting, item=item, **form.cleaned_data, at=timezone.now())
    messages.success(request, f"Запись по вопросу {item.position} сохранена.")
    return redirect(f"{reverse('meeting', args=[found.pk])}?item={item.pk}")


# --- minutes ------------------------------------------------------------------------------------------------------


@require_POST
def minutes_submit(request: ActingRequest, pk: int) -> HttpResponse:
    found = access.meeting_for(request.acting, pk, to_change=True)
    services.minutes_submit(actor=request.acting, meeting=found, at=timezone.now())
    messages.success(request, "Протокол передан на подпись председательствующему, затем подпишете вы.")
    return _back(found)


@require_POST
def minutes_sign(request: ActingRequest, pk: int) -> HttpResponse:
    """Sign in the person's own place; a wrong password shows the page again."""
    found = access.meeting_for(request.acting, pk, to_sign=True)
    form = SignForm(request.POST)
    if form.is_valid():
        try:
            signed = services.minutes_sign(
                actor=request.acting,
                meeting=found,
                slot=access.slot_of(request.acting, found) or "",
                at=timezone.now(),
                ip=request.META.get("REMOTE_ADDR", ""),
                **form.signed_in(request),
            )
        except RuleError as refusal:
            _refused(form, refusal)
        else:
            closed = signed.state == MeetingState.CLOSED
            messages.success(request, "Протокол подписан и зарегистрирован." if closed else "Вы подписали протокол.")
            return _back(found)
    return _meeting_page(request, found, sign_form=form, status=422)


@require_POST
def minutes_return(request: ActingRequest, pk: int) -> HttpResponse:
    """Return the minutes to the secretary with a reason."""
    found = access.meeting_for(request.acting, pk, to_sign=True)
    form = ReturnForm(request.POST)
    if form.is_valid():
        try:
            services.minutes_return(
                actor=request.acting,
                meeting=found,
                slot=access.slot_of(request.acting, found) or "",
                at=timezone.now(),
                **form.cleaned_data,
            )
        except RuleError as refusal:
            _refused(form, refusal)
        else:
            messages.success(request, "Протокол возвращён на доработку.")
            return _back(found)
    return _meeting_page(request, found, return_form=form, status=422)


@require_safe
def minutes_pdf(request: ActingRequest, pk: int) -> HttpResponse:
    """Give the minutes, or their draft, to a member of the council (S1-5.8)."""
    return document_response(access.minutes_for(request.acting, pk))


# --- what views share ---------------------------------------------------------------------------------------------


def _meeting_page(
    request: ActingRequest,
    found: Meeting,
    *,
    item: int | None = None,
    tally_form: TallyForm | None = None,
    sign_form: SignForm | None = None,
    return_form: ReturnForm | None = None,
    status: int = 200,
) -> HttpResponse:
    chosen = item or _number(request.GET.get("item"))
    page = selectors.meeting_page(found, request.acting, at=timezone.now(), item=chosen)
    context: dict[str, Any] = {"page": page, "meeting": found}
    if page.secretary and found.state == MeetingState.PLANNED:
        context["open_form"] = OpenForm(members=selectors.voters(found.council, found.day))
    if page.secretary and found.state == MeetingState.RUNNING and page.current and page.current.open:
        context["tally_form"] = tally_form or TallyForm.of(page.current.item)
    if page.secretary and found.state == MeetingState.ENDED and page.current:
        context["heard_form"] = HeardForm(initial={"heard": page.current.item.heard})
    if page.my_turn and found.document:
        fresh = SignForm.of(found.document)
        context["sign_form"] = sign_form or fresh
        context["return_form"] = return_form or ReturnForm(initial=fresh.initial)
    return render(request, "council/meeting.html", context, status=status)


def _form_page(request: ActingRequest, template: str, form: Form, **context: Any) -> HttpResponse:
    return render(request, template, {"form": form, **context}, status=422 if form.is_bound else 200)


def _refused(form: Form, refusal: RuleError) -> None:
    """Put a refusal beside its field; what is stale rises, since the page itself has to be read anew."""
    if isinstance(refusal, StaleError):
        raise refusal
    add_refusal(form, refusal)


def _valid(form: Form) -> Form:
    """Return a form whose input the page itself offers; whoever sends something else is told so."""
    if not form.is_valid():
        raise RuleError("Данные не приняты: обновите страницу и повторите.")
    return form


def _presence(request: ActingRequest, found: Meeting) -> dict[str, Any]:
    now = timezone.now()
    form = _valid(PresenceForm(request.POST, members=selectors.voters(found.council, found.day)))
    return {"member": form.cleaned_data["member"], "minute": _today_at(form.cleaned_data["minute"], now), "at": now}


def _today_at(minute: time | None, now: datetime) -> datetime | None:
    return timezone.make_aware(datetime.combine(timezone.localdate(now), minute)) if minute else None


def _back(found: Meeting, request: ActingRequest | None = None) -> HttpResponse:
    item = _number(request.POST.get("item")) if request else None
    address = reverse("meeting", args=[found.pk])
    return redirect(f"{address}?item={item}" if item else address)


def _number(text: str | None) -> int | None:
    return int(text) if text and text.isdecimal() and len(text) < 10 else None
