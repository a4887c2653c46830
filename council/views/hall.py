"""The meeting as it runs: its page, the screens that follow it, who comes and goes, votes."""

from __future__ import annotations

from datetime import datetime, time
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from council import access, services
from council.enums import ItemState, MeetingState
from council.forms import (
    AnswerForm,
    AskForm,
    BallotForm,
    CountForm,
    DissentForm,
    ExecutionForm,
    HeardForm,
    MaterialForm,
    MemberForm,
    OpenForm,
    PresenceForm,
    RemarkAnswerForm,
    RemarkForm,
    ReturnForm,
    ShortNoticeForm,
    TallyForm,
)
from council.models import Meeting
from council.selectors import composition
from council.selectors.page import MeetingPage, meeting_page
from council.views._shared import act_of, back, key_of, number, quiet, sent_once, valid
from network_portal.common.errors import RuleError, StaleError
from network_portal.common.forms import add_refusal
from network_portal.documents.forms import SignForm
from schools.acting import ActingRequest

#: While people look at their screens.
FOLLOWED = (MeetingState.CONVENED, MeetingState.RUNNING)


@require_safe
def meeting(request: ActingRequest, pk: int) -> HttpResponse:
    """Show a meeting: agenda, the current item, the hall; after it the minutes and their signatures."""
    return show(request, access.meeting_for(request.acting, pk))


@require_safe
def meeting_live(request: ActingRequest, pk: int) -> HttpResponse:
    """Return what the page shows now, or that nothing has changed since (304)."""
    return _followed(request, pk, "council/_live.html")


@require_safe
def meeting_screen(request: ActingRequest, pk: int) -> HttpResponse:
    """Show the meeting on the wall of the hall: quorum, question, result; large, nothing to press."""
    found = access.meeting_for(request.acting, pk)
    context = _context(request, found)
    return render(request, "council/screen.html", context)


@require_safe
def meeting_screen_live(request: ActingRequest, pk: int) -> HttpResponse:
    """Return what the wall shows now, or that nothing has changed since (304)."""
    return _followed(request, pk, "council/_screen.html")


def _followed(request: ActingRequest, pk: int, template: str) -> HttpResponse:
    item = number(request.GET.get("item"))
    tag = f'"{access.revision_for(request.acting, pk)}-{item or 0}"'
    if request.headers.get("If-None-Match") == tag:
        response = HttpResponse(status=304)
    else:
        response = render(request, template, _context(request, access.meeting_for(request.acting, pk), item=item))
    response["ETag"] = tag
    response["Cache-Control"] = "private, no-cache"
    return response


# --- the hall -------------------------------------------------------------------------------------------------------


@require_POST
def meeting_open(request: ActingRequest, pk: int) -> HttpResponse:
    found = access.meeting_for(request.acting, pk, to_change=True)
    form = valid(OpenForm(request.POST, members=composition.voters(found.council, found.day)))
    services.meeting_open(actor=request.acting, meeting=found, present=form.cleaned_data["present"], at=timezone.now())
    return back(found)


@require_POST
@sent_once
def meeting_arrive(request: ActingRequest, pk: int) -> HttpResponse:
    found = access.meeting_for(request.acting, pk, to_change=True)
    services.presence_arrive(actor=request.acting, meeting=found, **_presence(request, found))
    return back(found, request)


@require_POST
@sent_once
def meeting_leave(request: ActingRequest, pk: int) -> HttpResponse:
    found = access.meeting_for(request.acting, pk, to_change=True)
    services.presence_leave(actor=request.acting, meeting=found, **_presence(request, found))
    return back(found, request)


@require_POST
@sent_once
def meeting_presiding(request: ActingRequest, pk: int) -> HttpResponse:
    found = access.meeting_for(request.acting, pk, to_change=True)
    form = valid(MemberForm(request.POST, members=composition.voters(found.council, found.day)))
    services.presiding_set(
        actor=request.acting,
        meeting=found,
        member=form.cleaned_data["member"],
        at=timezone.now(),
        **key_of(request),
    )
    return back(found, request)


@require_POST
def meeting_end(request: ActingRequest, pk: int) -> HttpResponse:
    found = access.meeting_for(request.acting, pk, to_change=True)
    services.meeting_end(actor=request.acting, meeting=found, at=timezone.now())
    messages.success(request, "Заседание закрыто. Проверьте записи и покажите проект протокола членам совета.")
    return back(found)


@require_POST
def meeting_not_held(request: ActingRequest, pk: int) -> HttpResponse:
    found = access.meeting_for(request.acting, pk, to_change=True)
    services.meeting_not_held(actor=request.acting, meeting=found, at=timezone.now())
    messages.success(request, "Заседание признано несостоявшимся, члены совета уведомлены. Назначьте новую дату.")
    return back(found)


# --- votes ----------------------------------------------------------------------------------------------------------


@require_POST
@sent_once
def agenda_vote(request: ActingRequest, pk: int) -> HttpResponse:
    """Record how the council voted on its agenda."""
    found = access.meeting_for(request.acting, pk, to_change=True)
    form = valid(CountForm(request.POST))
    services.agenda_vote(actor=request.acting, meeting=found, tally=form.tally, at=timezone.now(), **act_of(request))
    return back(found, request)


@require_POST
@sent_once
def item_vote(request: ActingRequest, pk: int, item_pk: int) -> HttpResponse:
    """Record the tally of an item; a refused one is shown again with what was typed."""
    found = access.meeting_for(request.acting, pk, to_change=True)
    item = access.item_of(found, item_pk)
    form = TallyForm(request.POST, members=composition.voters(found.council, found.day))
    if quiet(request):
        valid(form)
    if form.is_valid():
        names = ("heard", "discussed", "executor", "responsible", "due")
        try:
            services.vote_record(
                actor=request.acting,
                item=item,
                tally=form.tally,
                **{name: form.cleaned_data[name] for name in names},
                **act_of(request),
                at=timezone.now(),
            )
        except (StaleError, services.AlreadyDoneError):
            raise
        except RuleError as refusal:
            if quiet(request):
                raise
            add_refusal(form, refusal)
        else:
            return back(found)
    return show(request, found, item=item_pk, tally_form=form, status=422)


@require_POST
@sent_once
def voting_open(request: ActingRequest, pk: int, item_pk: int) -> HttpResponse:
    found = access.meeting_for(request.acting, pk, to_change=True)
    item = access.item_of(found, item_pk)
    services.voting_open(actor=request.acting, item=item, at=timezone.now(), **key_of(request))
    return back(found)


@require_POST
@sent_once
def voting_interrupt(request: ActingRequest, pk: int, item_pk: int) -> HttpResponse:
    found = access.meeting_for(request.acting, pk, to_change=True)
    item = access.item_of(found, item_pk)
    services.voting_interrupt(actor=request.acting, item=item, at=timezone.now(), **key_of(request))
    return _to_item(found, item.pk)


@require_POST
@sent_once
def voting_close(request: ActingRequest, pk: int, item_pk: int) -> HttpResponse:
    found = access.meeting_for(request.acting, pk, to_change=True)
    item = access.item_of(found, item_pk)
    form = valid(ExecutionForm(request.POST, members=composition.voters(found.council, found.day)))
    services.voting_close(actor=request.acting, item=item, **form.cleaned_data, at=timezone.now(), **key_of(request))
    return _to_item(found, item.pk)


@require_POST
@sent_once
def ballot(request: ActingRequest, pk: int, item_pk: int) -> HttpResponse:
    """Vote from one's own phone; the secretary votes for somebody without one."""
    found = access.meeting_for(request.acting, pk)
    item = access.item_of(found, item_pk)
    form = valid(BallotForm(request.POST, members=composition.voters(found.council, found.day)))
    services.ballot_cast(actor=request.acting, item=item, **form.cleaned_data, at=timezone.now(), **key_of(request))
    return back(found)


@require_POST
@sent_once
def item_heard(request: ActingRequest, pk: int, item_pk: int) -> HttpResponse:
    found = access.meeting_for(request.acting, pk, to_change=True)
    item = access.item_of(found, item_pk)
    form = valid(HeardForm(request.POST))
    services.item_heard(actor=request.acting, item=item, **form.cleaned_data, at=timezone.now(), **key_of(request))
    if not quiet(request):
        messages.success(request, f"Запись по вопросу {item.position} сохранена.")
    return _to_item(found, item.pk)


# --- the page -------------------------------------------------------------------------------------------------------


def show(
    request: ActingRequest, found: Meeting, *, item: int | None = None, status: int = 200, **forms: Any
) -> HttpResponse:
    """Show the page of a meeting; `forms` were refused and keep what was typed."""
    return render(request, "council/meeting.html", _context(request, found, item=item, **forms), status=status)


def _context(request: ActingRequest, found: Meeting, *, item: int | None = None, **forms: Any) -> dict[str, Any]:
    chosen = item or number(request.GET.get("item"))
    page = meeting_page(found, request.acting, at=timezone.now(), item=chosen)
    context: dict[str, Any] = {"page": page, "meeting": found, "followed": found.state in FOLLOWED}
    context |= _before(page, found)
    context |= _during(page, found)
    context |= _after(page, found)
    return context | {name: form for name, form in forms.items() if form is not None and name in context}


def _before(page: MeetingPage, found: Meeting) -> dict[str, Any]:
    forms: dict[str, Any] = {}
    if page.secretary and found.state == MeetingState.CONVENED:
        forms["open_form"] = OpenForm(members=composition.voters(found.council, found.day))
    if page.planner and found.state == MeetingState.PLANNED:
        forms["convene_form"] = ShortNoticeForm()
    if page.own and found.state == MeetingState.CONVENED:
        forms["answer_form"] = AnswerForm()
    if page.secretary and found.state in (MeetingState.PLANNED, *FOLLOWED):
        forms["material_form"] = MaterialForm(items=found.items.all())
        if page.current and page.current.open:
            forms["ask_form"] = AskForm(schools=composition.schools_of(found.council, found.day))
    return forms


def _during(page: MeetingPage, found: Meeting) -> dict[str, Any]:
    row = page.current
    if not page.secretary or row is None:
        return {}
    forms: dict[str, Any] = {}
    members = composition.voters(found.council, found.day)
    if page.agenda_due:
        unanimous = {"votes_for": page.floor.present, "against": 0, "abstained": 0, "not_voted": 0}
        forms["agenda_form"] = CountForm(initial=unanimous)
    elif found.state == MeetingState.RUNNING and row.open:
        forms["tally_form"] = TallyForm(
            initial={"heard": row.item.heard, "discussed": row.item.discussed}, members=members
        )
    if found.state == MeetingState.RUNNING and row.voting:
        forms["close_form"] = ExecutionForm(members=members)
    if found.state in (MeetingState.ENDED, MeetingState.REVIEW) or (
        found.state == MeetingState.RUNNING and not row.open
    ):
        forms["heard_form"] = HeardForm(initial={"heard": row.item.heard, "discussed": row.item.discussed})
    return forms


def _after(page: MeetingPage, found: Meeting) -> dict[str, Any]:
    forms: dict[str, Any] = {}
    if page.own and found.state == MeetingState.REVIEW:
        forms["remark_form"] = RemarkForm()
    if page.secretary and found.state == MeetingState.REVIEW:
        forms["remark_answer_form"] = RemarkAnswerForm()
    voted = page.current is not None and page.current.item.state in (ItemState.ADOPTED, ItemState.REJECTED)
    unsigned = found.state in (MeetingState.RUNNING, MeetingState.ENDED, MeetingState.REVIEW)
    if page.own and page.own.stays and voted and unsigned:
        forms["dissent_form"] = DissentForm()
    if page.my_turn and found.document:
        forms["sign_form"] = SignForm.of(found.document)
        forms["return_form"] = ReturnForm(initial=forms["sign_form"].initial)
    return forms


def _presence(request: ActingRequest, found: Meeting) -> dict[str, Any]:
    now = timezone.now()
    form = valid(PresenceForm(request.POST, members=composition.voters(found.council, found.day)))
    minute = _today_at(form.cleaned_data["minute"], now)
    return {"member": form.cleaned_data["member"], "minute": minute, "at": now, **act_of(request)}


def _today_at(minute: time | None, now: datetime) -> datetime | None:
    return timezone.make_aware(datetime.combine(timezone.localdate(now), minute)) if minute else None


def _to_item(found: Meeting, item: int) -> HttpResponse:
    return redirect(f"{reverse('meeting', args=[found.pk])}?item={item}")
