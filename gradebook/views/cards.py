"""Pages of report cards: calculated and signed at the host, received and verified at home."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from gradebook import access
from gradebook.enums import CARD_OPEN, CardState, Term
from gradebook.forms.cards import CardReasonForm, ComposeForm
from gradebook.models import ReportCard
from gradebook.selectors import card_pages as pages
from gradebook.selectors import cards as reads
from gradebook.selectors.transfers import home_of
from gradebook.services import cards
from network_portal.common.errors import StaleError
from network_portal.common.forms import refusals_in
from network_portal.documents.forms import SignForm, forms_to_sign, returned_in
from network_portal.documents.http import document_response
from network_portal.documents.selectors import next_slot, refusal_of, signature_slots
from schools.acting import ActingRequest
from schools.models import FAMILY_READERS
from schools.views import form_page, shown

TONES = {
    CardState.DRAFT: "neutral",
    CardState.COMPUTED: "warn",
    CardState.SENT: "info",
    CardState.RECEIVED: "info",
    CardState.CARRIED: "info",
    CardState.VERIFIED: "good",
    CardState.ANNULLED: "bad",
}


def tone(card: ReportCard) -> str:
    return TONES[CardState(card.state)]


@require_safe
def card_list(request: ActingRequest) -> HttpResponse:
    """Show the cards of a school year: those to make for other schools, and those that came."""
    acting, today = request.acting, timezone.localdate()
    years = pages.card_years(acting)
    year = next((one for one in years if str(one) == request.GET.get("year", "")), years[0] if years else 0)
    groups, terms = reads.groups_with_cards(acting, year), reads.Terms()
    offered = {period.term: period for group in groups for period in terms.of(group)}
    term = request.GET.get("term", "")
    if term not in offered:
        begun = [one for one, period in offered.items() if period.first <= today and one != Term.YEAR]
        term = begun[-1] if begun else next(iter(offered), Term.YEAR)
    rows = reads.card_rows(groups, term, terms) if groups else []
    received = pages.received_cards(acting, year)
    lines = pages.own_lines(acting, received) if acting.is_(*FAMILY_READERS) else {}
    context = {
        "year": year,
        "years": [
            {"label": f"{one}/{one + 1}", "url": f"?year={one}", "count": None, "active": one == year} for one in years
        ],
        "tabs": [
            {"label": one.label, "url": f"?year={year}&term={one.value}", "count": None, "active": one == term}
            for one in Term
            if one in offered
        ],
        "term": Term(term),
        "rows": [(row, tone(row.card) if row.card else "", access.composes(acting, row.group)) for row in rows],
        "received": [(card, tone(card)) for card in received],
        "children": [(line, card) for card in received for line in lines.get(card.pk, [])],
        "family": acting.is_(*FAMILY_READERS),
        "registers": pages.registers_with_marks(acting, year) if received and not acting.is_(*FAMILY_READERS) else [],
    }
    return render(request, "gradebook/card_list.html", context)


@require_POST
def card_compose(request: ActingRequest) -> HttpResponse:
    """Calculate one card, or calculate it anew while it is not signed by all."""
    form = ComposeForm(request.POST)
    if not form.is_valid():
        raise Http404
    group_id, home_id, term = form.cleaned_data["row"]
    group = access.group_to_compose_for(request.acting, group_id)
    home = home_of(group, home_id)
    if home is None:
        raise Http404
    made = cards.card_compose(actor=request.acting, group=group, home=home, term=term, at=timezone.now())
    messages.success(request, "Табель рассчитан и ждёт подписи учителя.")
    return redirect("card", made.pk)


@require_safe
def card(request: ActingRequest, pk: int) -> HttpResponse:
    return render(request, "gradebook/card.html", _context(request, access.card_for(request.acting, pk)))


def _context(request: ActingRequest, one: ReportCard) -> dict[str, Any]:
    acting = request.acting
    view = pages.card_view(acting, one)
    waiting = next_slot(one.document) if one.state == CardState.COMPUTED else None
    slot = access.card_slot(acting, one)
    at_host = one.host_id == acting.organisation_id
    return {
        "card": one,
        "tone": tone(one),
        "view": view,
        "at_host": at_host,
        "open": one.state in CARD_OPEN,
        "slots": signature_slots(one.document) if at_host else [],
        "waiting": waiting,
        "refused": refusal_of(one.document) if at_host and one.state == CardState.DRAFT else None,
        "files": access.sees_whole(acting),
        "may_sign": waiting is not None and waiting.key == slot,
        "may_compose": one.state in CARD_OPEN and at_host and access.composes(acting, one.group),
        "may_annul": one.state not in (*CARD_OPEN, CardState.ANNULLED) and access.may_annul(acting, one),
        "may_receive": one.state == CardState.SENT and access.may_receive(acting, one),
        "may_verify": one.state == CardState.CARRIED and access.may_verify(acting, one),
        "registers": pages.registers_of(acting, view),
        "row": f"{one.group_id}:{one.home_id}:{one.term}",
    }


@require_safe
def card_pdf(request: ActingRequest, pk: int) -> HttpResponse:
    """The paper T14: a preview until the third signature."""
    return document_response(access.card_for(request.acting, pk, whole=True).document)


@form_page
def card_sign(request: ActingRequest, pk: int) -> HttpResponse:
    """One of the three signers reads and signs."""
    one = access.card_for(request.acting, pk, to_sign=True)
    if request.method != "POST":
        return _sign_page(request, one)
    form = SignForm(request.POST)
    if form.is_valid():
        with refusals_in(form):
            signed = cards.card_sign(
                actor=request.acting,
                card=one,
                slot=access.card_slot(request.acting, one) or "",
                **form.signed_in(request),
                at=timezone.now(),
            )
            done = signed.state == CardState.SENT
            messages.success(request, "Табель подписан и передан." if done else "Подпись поставлена.")
            return redirect("card", pk)
    return _sign_page(request, one, sign=form)


@require_POST
def card_return(request: ActingRequest, pk: int) -> HttpResponse:
    """The signer whose turn it is returns the card with a reason."""
    one = access.card_for(request.acting, pk, to_sign=True)
    form = CardReasonForm(request.POST)
    if not form.is_valid():
        return _sign_page(request, one, reason=form)
    cards.card_return(
        actor=request.acting,
        card=one,
        slot=access.card_slot(request.acting, one) or "",
        **returned_in(request, form),
        at=timezone.now(),
    )
    messages.success(request, "Табель возвращён, все, кто его готовит, узнали причину.")
    return redirect("card", pk)


def _sign_page(
    request: ActingRequest, one: ReportCard, *, sign: SignForm | None = None, reason: CardReasonForm | None = None
) -> HttpResponse:
    context = _context(request, one)
    if not context["may_sign"]:
        raise StaleError("Ваша подпись под этим табелем сейчас не нужна.")
    context |= forms_to_sign(one.document, sign, reason or CardReasonForm())
    return shown(request, "gradebook/card_sign.html", context)


@form_page
def card_annul(request: ActingRequest, pk: int) -> HttpResponse:
    """End a wrong card with a reason."""
    one = access.card_for(request.acting, pk, to_annul=True)
    form = CardReasonForm(request.POST or None)
    if form.is_valid():
        cards.card_annul(actor=request.acting, card=one, reason=form.cleaned_data["reason"], at=timezone.now())
        messages.success(request, "Табель аннулирован. Исправьте отметки и составьте новый.")
        return redirect(f"{reverse('card_list')}?year={one.group.course.year}&term={one.term}")
    return shown(request, "gradebook/card_annul.html", {"card": one, "tone": tone(one), "form": form})


@require_POST
def card_receive(request: ActingRequest, pk: int) -> HttpResponse:
    one = access.card_for(request.acting, pk, to_receive=True)
    cards.card_receive(actor=request.acting, card=one, at=timezone.now())
    messages.success(request, "Табель получен, классные руководители могут перенести отметки.")
    return redirect("card", pk)


@require_POST
def card_verify(request: ActingRequest, pk: int) -> HttpResponse:
    one = access.card_for(request.acting, pk, to_verify=True)
    cards.card_verify(actor=request.acting, card=one, at=timezone.now())
    messages.success(request, "Сверено: сводная ведомость совпадает с табелем.")
    return redirect("card", pk)
