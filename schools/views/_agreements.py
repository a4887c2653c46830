"""What the pages of agreements share: the page of one of them, and the forms of its terms."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone

from network_portal.documents.forms import SignForm
from network_portal.documents.selectors import current_version
from schools import access
from schools import agreements as reads
from schools.acting import ActingRequest
from schools.enums import Side
from schools.forms._shared import ReasonForm
from schools.forms.agreements import DisagreementForm, DoneForm, OutcomeForm, TermsForms
from schools.models import Agreement, Amendment
from schools.views._shared import shown


def terms_forms(request: ActingRequest, agreement: Agreement, terms: Any, **options: Any) -> TermsForms:
    """Return the forms of an agreement's terms, filled with what was sent; `options` are those of `TermsForms`."""
    parties = {Side.HOME: agreement.home.short_name, Side.HOST: agreement.host.short_name}
    return TermsForms(
        request.POST if request.method == "POST" else None,
        terms=terms,
        parties=parties,
        today=timezone.localdate(),
        **options,
    )


def agreement_page(
    request: ActingRequest,
    pk: int,
    *,
    sign: SignForm | None = None,
    amendment_sign: SignForm | None = None,
    reason: ReasonForm | None = None,
    disagreement: DisagreementForm | None = None,
    outcome: tuple[int, OutcomeForm] | None = None,
    done: DoneForm | None = None,
) -> HttpResponse:
    """Answer with the page of an agreement, with the form among those given that was refused."""
    agreement = access.agreement_for(request.acting, pk)
    today = timezone.localdate()
    card = reads.agreement_card(agreement, request.acting, today)
    waiting = next((row.amendment for row in card.amendments if row.own_slot), None)
    context = {
        "agreement": agreement,
        "card": card,
        "stops": reads.stops_with(agreement) if card.may_end else [],
        "sign": (sign or SignForm.of(access.paper_of(card.paper))) if card.own_slot else None,
        "amendment_sign": _amendment_form(amendment_sign, waiting),
        "paper_url": _paper_url(agreement, card),
        "reviewed": current_version(access.paper_of(agreement.document)).sha256 if card.may_review else "",
        "reason": reason or ReasonForm(),
        "disagreement": disagreement or DisagreementForm(),
        "lines": [
            (line, outcome[1] if outcome and outcome[0] == line.pk else OutcomeForm(initial=_outcome_of(line)))
            for line in agreement.disagreements.all()
        ],
        "refused_outcome": outcome[1] if outcome else None,
        "done": done or DoneForm(initial={"on": today}),
        "duties": agreement.duties.all(),
        "today": today,
    }
    return shown(request, "schools/agreement.html", context)


def _outcome_of(line: Any) -> dict[str, str]:
    return {"outcome": line.outcome, "agreed_wording": line.agreed_wording}


def _amendment_form(form: SignForm | None, amendment: Amendment | None) -> SignForm | None:
    if amendment is None:
        return None
    return form or SignForm.of(access.paper_of(amendment.document))


def _paper_url(agreement: Agreement, card: reads.AgreementCard) -> str:
    protocol = card.paper is not None and card.paper.pk == agreement.protocol_id
    return reverse("agreement_protocol_pdf" if protocol else "agreement_pdf", args=[agreement.pk])
