"""Pages of agreements: terms, agreement of the other party, disagreements, signatures, amendments, publication."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from network_portal.common.errors import RuleError, StaleError
from network_portal.common.forms import add_refusal
from network_portal.documents.forms import SignForm
from network_portal.documents.http import document_response
from network_portal.documents.selectors import current_version
from schools import access, services
from schools import agreements as reads
from schools.acting import ActingRequest
from schools.enums import Side
from schools.forms._shared import ReasonForm
from schools.forms.agreements import (
    WE,
    AmendedTermsForm,
    ContactsForm,
    DisagreementForm,
    DoneForm,
    NewTermsForm,
    OutcomeForm,
    PublishForm,
    TermsForms,
)
from schools.models import Agreement, Amendment
from schools.terms import changes
from schools.views._shared import PAGE, form_page, shown

NEW = {Side.HOME: WE, Side.HOST: "вторая школа"}


@login_not_required
@require_safe
def agreement_public_pdf(request: ActingRequest, pk: int) -> HttpResponse:
    """The redacted paper of an agreement in force."""
    return document_response(access.published_paper(pk, timezone.localdate()))


@require_safe
def agreement_list(request: ActingRequest) -> HttpResponse:
    """The agreements of the school, whichever party it is."""
    found = access.agreements_for(request.acting).prefetch_related("conditions")
    page = Paginator(found, PAGE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "rows": reads.agreement_rows(page, request.acting.organisation_id, timezone.localdate()),
        "may_create": request.acting.is_(*access.OFFICE),
    }
    return render(request, "schools/agreement_list.html", context)


# --- terms ------------------------------------------------------------------------------------------------------


@form_page
def agreement_create(request: ActingRequest) -> HttpResponse:
    """Draft an agreement with another school of the network."""
    access.require(request.acting, *access.OFFICE)
    today = timezone.localdate()
    forms = TermsForms(
        request.POST or None,
        terms=None,
        parties=NEW,
        today=today,
        form=NewTermsForm,
        partners=access.partners_for(request.acting, today),
    )
    if forms.is_valid():
        try:
            agreement = services.agreement_create(
                actor=request.acting, host=forms.main.cleaned_data["host"], terms=forms.terms(), at=timezone.now()
            )
        except RuleError as refusal:
            forms.refuse(refusal)
        else:
            messages.success(request, "Проект договора составлен. Проверьте его и направьте второй школе.")
            return redirect("agreement", agreement.pk)
    return shown(request, "schools/agreement_form.html", {"forms": forms, "agreement": None})


@form_page
def agreement_edit(request: ActingRequest, pk: int) -> HttpResponse:
    """Change the terms of a draft, or while disagreements are settled."""
    agreement = access.agreement_for(request.acting, pk, to_change=True)
    if request.method != "POST":
        services.refuse_sent(agreement)
    stored = reads.terms_of(agreement)
    forms = _terms_forms(request, agreement, stored)
    if forms.is_valid():
        try:
            services.agreement_edit(
                actor=request.acting, agreement=agreement, terms=forms.terms(), seen=forms.seen, at=timezone.now()
            )
        except StaleError as refusal:
            stored = reads.terms_of(access.agreement_for(request.acting, pk))
            forms.overtaken(refusal, stored, changes(forms.terms(), stored))
        except RuleError as refusal:
            forms.refuse(refusal)
        else:
            messages.success(request, "Условия договора изменены.")
            return redirect("agreement", agreement.pk)
    return shown(request, "schools/agreement_form.html", {"forms": forms, "agreement": agreement})


def _terms_forms(request: ActingRequest, agreement: Agreement, terms: Any, **options: Any) -> TermsForms:
    parties = {Side.HOME: agreement.home.short_name, Side.HOST: agreement.host.short_name}
    return TermsForms(
        request.POST if request.method == "POST" else None,
        terms=terms,
        parties=parties,
        today=timezone.localdate(),
        **options,
    )


@require_safe
def agreement(request: ActingRequest, pk: int) -> HttpResponse:
    """The terms, the state, who has signed, and what the acting person may do now."""
    return _agreement_page(request, pk)


# --- agreeing ---------------------------------------------------------------------------------------------------


@require_POST
def agreement_send(request: ActingRequest, pk: int) -> HttpResponse:
    """Send a draft to the other party."""
    agreement = access.agreement_for(request.acting, pk, to_change=True)
    services.agreement_send(actor=request.acting, agreement=agreement, at=timezone.now())
    messages.success(request, f"Договор направлен на согласование: {agreement.host}.")
    return redirect("agreement", pk)


@require_POST
def agreement_agree(request: ActingRequest, pk: int) -> HttpResponse:
    """Agree to the terms as the other party."""
    agreement = access.agreement_to_review_for(request.acting, pk)
    services.agreement_agree(
        actor=request.acting,
        agreement=agreement,
        version_sha256=request.POST.get("version_sha256", ""),
        at=timezone.now(),
    )
    messages.success(request, "Договор согласован. Первым подписывает директор базовой организации.")
    return redirect("agreement", pk)


@require_POST
def agreement_return(request: ActingRequest, pk: int) -> HttpResponse:
    """Return what the other party sent, with remarks."""
    agreement = access.agreement_to_review_for(request.acting, pk)
    form = ReasonForm(request.POST)
    if not form.is_valid():
        return _agreement_page(request, pk, reason=form)
    services.agreement_return(
        actor=request.acting, agreement=agreement, reason=form.cleaned_data["reason"], at=timezone.now()
    )
    messages.success(request, "Договор возвращён с замечаниями, обе стороны уведомлены.")
    return redirect("agreement_list")


@require_POST
def disagreement_add(request: ActingRequest, pk: int) -> HttpResponse:
    """Put a clause in the protocol of disagreements."""
    agreement = access.agreement_of_office_for(request.acting, pk)
    form = DisagreementForm(request.POST)
    if form.is_valid():
        try:
            services.disagreement_add(actor=request.acting, agreement=agreement, **form.cleaned_data, at=timezone.now())
        except StaleError:
            raise
        except RuleError as refusal:
            add_refusal(form, refusal)
        else:
            messages.success(request, "Пункт внесён в протокол разногласий, обе стороны уведомлены.")
            return redirect("agreement", pk)
    return _agreement_page(request, pk, disagreement=form)


@require_POST
def disagreement_settle(request: ActingRequest, pk: int) -> HttpResponse:
    """Say how a clause is settled."""
    line = access.disagreement_for(request.acting, pk)
    form = OutcomeForm(request.POST)
    if form.is_valid():
        try:
            services.disagreement_settle(
                actor=request.acting, disagreement=line, **form.cleaned_data, at=timezone.now()
            )
        except StaleError:
            raise
        except RuleError as refusal:
            add_refusal(form, refusal)
        else:
            messages.success(request, f"Итог по пункту {line.clause} записан.")
            return redirect("agreement", line.agreement_id)
    return _agreement_page(request, line.agreement_id, outcome=(pk, form))


@require_POST
def disagreements_close(request: ActingRequest, pk: int) -> HttpResponse:
    """Close the protocol and hand it over for signature."""
    agreement = access.agreement_of_office_for(request.acting, pk)
    services.disagreements_close(actor=request.acting, agreement=agreement, at=timezone.now())
    messages.success(request, "Протокол разногласий закрыт и передан на подпись: сначала подписывают его.")
    return redirect("agreement", pk)


# --- signing ----------------------------------------------------------------------------------------------------


@require_POST
def agreement_sign(request: ActingRequest, pk: int) -> HttpResponse:
    """Sign for the own school."""
    agreement = access.agreement_to_sign_for(request.acting, pk)
    form = SignForm(request.POST)
    if form.is_valid():
        try:
            services.agreement_sign(
                actor=request.acting,
                agreement=agreement,
                **form.signed_in(request),
                at=timezone.now(),
                ip=request.META.get("REMOTE_ADDR", ""),
            )
        except StaleError:
            raise
        except RuleError as refusal:
            add_refusal(form, refusal)
        else:
            messages.success(request, "Документ подписан.")
            return redirect("agreement", pk)
    return _agreement_page(request, pk, sign=form)


@require_POST
def agreement_refuse(request: ActingRequest, pk: int) -> HttpResponse:
    """Return the agreement with remarks."""
    agreement = access.agreement_to_sign_for(request.acting, pk)
    form = ReasonForm(request.POST)
    if not form.is_valid():
        return _agreement_page(request, pk, reason=form)
    services.agreement_refuse(
        actor=request.acting,
        agreement=agreement,
        reason=form.cleaned_data["reason"],
        version_sha256=request.POST.get("version_sha256") or None,
        at=timezone.now(),
    )
    messages.success(request, "Договор возвращён с замечаниями, обе стороны уведомлены.")
    return redirect("agreement_list")


DECISIONS = {
    "suspend": (services.agreement_suspend, "Договор приостановлен."),
    "resume": (services.agreement_resume, "Действие договора возобновлено."),
    "end": (services.agreement_end, "Договор прекращён."),
}


@require_POST
def agreement_decide(request: ActingRequest, pk: int, what: str) -> HttpResponse:
    """Suspend, resume or end an agreement with a reason."""
    agreement = access.agreement_to_decide_for(request.acting, pk)
    form = ReasonForm(request.POST)
    if not form.is_valid():
        return _agreement_page(request, pk, reason=form)
    service, done = DECISIONS[what]
    service(actor=request.acting, agreement=agreement, reason=form.cleaned_data["reason"], at=timezone.now())
    messages.success(request, f"{done} Обе стороны уведомлены.")
    return redirect("agreement", pk)


@require_safe
def agreement_pdf(request: ActingRequest, pk: int, what: str = "document") -> HttpResponse:
    """A paper of the agreement: a preview while it is being signed, the kept bytes afterwards."""
    agreement = access.agreement_for(request.acting, pk)
    return document_response(access.paper_of(getattr(agreement, what)))


# --- supplementary agreements -----------------------------------------------------------------------------------


@form_page
def amendment_create(request: ActingRequest, pk: int) -> HttpResponse:
    """Draft a supplementary agreement: the terms in force, to be changed."""
    agreement = access.agreement_of_office_for(request.acting, pk)
    forms = _terms_forms(request, agreement, reads.terms_of(agreement), form=AmendedTermsForm)
    if forms.is_valid():
        try:
            services.amendment_create(
                actor=request.acting,
                agreement=agreement,
                terms=forms.terms(),
                reason=forms.main.cleaned_data["reason"],
                at=timezone.now(),
            )
        except StaleError:
            raise
        except RuleError as refusal:
            forms.refuse(refusal)
        else:
            messages.success(request, "Проект дополнительного соглашения составлен. Проверьте, что изменяется.")
            return redirect("agreement", pk)
    return shown(request, "schools/agreement_form.html", {"forms": forms, "agreement": agreement, "amends": True})


@form_page
def amendment_edit(request: ActingRequest, pk: int) -> HttpResponse:
    """Change the draft of a supplementary agreement."""
    amendment = access.amendment_for(request.acting, pk, to_change=True)
    agreement = amendment.agreement
    stored = reads.amended_terms(amendment)
    forms = _terms_forms(request, agreement, stored, form=AmendedTermsForm, initial={"reason": amendment.reason})
    if forms.is_valid():
        try:
            services.amendment_edit(
                actor=request.acting,
                amendment=amendment,
                terms=forms.terms(),
                reason=forms.main.cleaned_data["reason"],
                seen=forms.seen,
                at=timezone.now(),
            )
        except StaleError as refusal:
            stored = reads.amended_terms(access.amendment_for(request.acting, pk))
            forms.overtaken(refusal, stored, changes(forms.terms(), stored))
        except RuleError as refusal:
            forms.refuse(refusal)
        else:
            messages.success(request, "Дополнительное соглашение изменено.")
            return redirect("agreement", agreement.pk)
    return shown(request, "schools/agreement_form.html", {"forms": forms, "agreement": agreement, "amends": True})


@require_POST
def amendment_send(request: ActingRequest, pk: int) -> HttpResponse:
    """Hand a supplementary agreement over for signature."""
    amendment = access.amendment_for(request.acting, pk, to_change=True)
    services.amendment_send(actor=request.acting, amendment=amendment, at=timezone.now())
    messages.success(request, "Дополнительное соглашение передано на подпись.")
    return redirect("agreement", amendment.agreement_id)


@require_POST
def amendment_drop(request: ActingRequest, pk: int) -> HttpResponse:
    """Give up a draft."""
    amendment = access.amendment_for(request.acting, pk, to_change=True)
    services.amendment_drop(actor=request.acting, amendment=amendment, at=timezone.now())
    messages.success(request, "Проект дополнительного соглашения отозван.")
    return redirect("agreement", amendment.agreement_id)


@require_POST
def amendment_sign(request: ActingRequest, pk: int) -> HttpResponse:
    """Sign a supplementary agreement for the own school."""
    amendment = access.amendment_to_sign_for(request.acting, pk)
    form = SignForm(request.POST)
    if form.is_valid():
        try:
            services.amendment_sign(
                actor=request.acting,
                amendment=amendment,
                **form.signed_in(request),
                at=timezone.now(),
                ip=request.META.get("REMOTE_ADDR", ""),
            )
        except StaleError:
            raise
        except RuleError as refusal:
            add_refusal(form, refusal)
        else:
            messages.success(request, "Дополнительное соглашение подписано.")
            return redirect("agreement", amendment.agreement_id)
    return _agreement_page(request, amendment.agreement_id, amendment_sign=form)


@require_POST
def amendment_refuse(request: ActingRequest, pk: int) -> HttpResponse:
    """Return a supplementary agreement with remarks."""
    amendment = access.amendment_to_sign_for(request.acting, pk)
    form = ReasonForm(request.POST)
    if not form.is_valid():
        return _agreement_page(request, amendment.agreement_id, reason=form)
    services.amendment_refuse(
        actor=request.acting,
        amendment=amendment,
        reason=form.cleaned_data["reason"],
        version_sha256=request.POST.get("version_sha256") or None,
        at=timezone.now(),
    )
    messages.success(request, "Дополнительное соглашение возвращено с замечаниями.")
    return redirect("agreement", amendment.agreement_id)


@require_safe
def amendment_pdf(request: ActingRequest, pk: int, what: str = "document") -> HttpResponse:
    """The paper of a supplementary agreement, or the copy of the other party."""
    amendment = access.amendment_for(request.acting, pk)
    return document_response(access.paper_of(getattr(amendment, what)))


# --- after signing ----------------------------------------------------------------------------------------------


@form_page
def agreement_publish(request: ActingRequest, pk: int) -> HttpResponse:
    """Put the redacted copy on the page for everyone; the page tells what it leaves out."""
    agreement = access.agreement_for(request.acting, pk, to_change=True)
    form = PublishForm(
        request.POST if request.method == "POST" else None,
        appendices=agreement.appendices.all(),
        initial={"appendices": [one.pk for one in agreement.appendices.all() if not one.personal]},
    )
    if form.is_valid():
        try:
            services.agreement_publish(
                actor=request.acting, agreement=agreement, appendix_ids=form.chosen, at=timezone.now()
            )
        except StaleError:
            raise
        except RuleError as refusal:
            add_refusal(form, refusal)
        else:
            messages.success(request, "Договор размещён на странице для всех.")
            return redirect("agreement", pk)
    return shown(request, "schools/agreement_publish.html", {"form": form, "agreement": agreement})


@form_page
def agreement_contacts(request: ActingRequest, pk: int) -> HttpResponse:
    """Change whom to ask in the own school about the agreement."""
    agreement = access.agreement_of_office_for(request.acting, pk)
    ours = agreement.home_id == request.acting.organisation_id
    stored = agreement.home_contacts if ours else agreement.host_contacts
    form = ContactsForm(request.POST if request.method == "POST" else None, initial={"contacts": stored})
    if form.is_valid():
        services.agreement_contacts(actor=request.acting, agreement=agreement, **form.cleaned_data, at=timezone.now())
        messages.success(request, "Контакты сохранены.")
        return redirect("agreement", pk)
    return shown(request, "schools/agreement_contacts.html", {"form": form, "agreement": agreement})


@require_POST
def agreement_duty_done(request: ActingRequest, pk: int) -> HttpResponse:
    """Mark that the own school has done what it owed."""
    duty = access.agreement_duty_for(request.acting, pk)
    form = DoneForm(request.POST)
    if form.is_valid():
        try:
            services.agreement_duty_done(actor=request.acting, duty=duty, on=form.cleaned_data["on"], at=timezone.now())
        except StaleError:
            raise
        except RuleError as refusal:
            add_refusal(form, refusal)
        else:
            messages.success(request, "Отмечено исполненным, вторая сторона уведомлена.")
            return redirect(f"{reverse('agreement', args=[duty.agreement_id])}#duties")
    return _agreement_page(request, duty.agreement_id, done=form)


# --- the page ---------------------------------------------------------------------------------------------------


def _agreement_page(
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
