"""Pages of certificates of learning: prepared and signed at the host, read at home, the issue book."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from gradebook.access import certificates as access
from gradebook.enums import CERTIFICATE_OPEN, CertificateState
from gradebook.exports import list_table
from gradebook.forms.certificates import CertificateReasonForm, HandOutForm, PrepareForm
from gradebook.models import StudyCertificate
from gradebook.selectors import certificates as reads
from gradebook.selectors import issue_book as books
from gradebook.selectors.months import group_day
from gradebook.services import certificates as services
from network_portal.common.access import allow
from network_portal.common.errors import StaleError
from network_portal.common.forms import refusals_in
from network_portal.documents.forms import SignForm, forms_to_sign, returned_in
from network_portal.documents.http import document_response, table_response
from network_portal.documents.kinds import parse
from network_portal.documents.selectors import current_version, next_slot, refusal_of, signature_slots
from schools.acting import ActingRequest
from schools.models import FAMILY_READERS, SCHOOL_STAFF
from schools.views import form_page, shown

PAGE = 50
TONES = {
    CertificateState.PREPARED: "warn",
    CertificateState.RETURNED: "bad",
    CertificateState.ISSUED: "good",
    CertificateState.REPLACED: "neutral",
    CertificateState.ANNULLED: "bad",
}


def tone(certificate: StudyCertificate) -> str:
    return TONES[CertificateState(certificate.state)]


@require_safe
def certificate_list(request: ActingRequest) -> HttpResponse:
    """Show the host's groups of a year with their certificates, and what other schools gave to own pupils."""
    acting = request.acting
    allow(acting.is_(*access.READERS))
    years = reads.certificate_years(acting, timezone.localdate())
    year = next((one for one in years if str(one) == request.GET.get("year", "")), years[0])
    received = access.certificates_for(acting).exclude(state__in=CERTIFICATE_OPEN)
    if acting.organisation_id is not None:
        received = received.filter(home=acting.organisation_id)
    page = Paginator(received.order_by("-issued_at", "-pk"), PAGE).get_page(request.GET.get("page"))
    context = {
        "year": year,
        "years": [
            {"label": f"{one}/{one + 1}", "url": f"?year={one}", "count": None, "active": one == year} for one in years
        ],
        "groups": reads.groups_to_certify(acting, year),
        "at_school": acting.is_(*SCHOOL_STAFF),
        "family": acting.is_(*FAMILY_READERS),
        "page": page,
        "rows": [(one, tone(one), reads.result_words(one.result, one.enrolment.student.gender)) for one in page],
    }
    return shown(request, "gradebook/certificate_list.html", context)


@require_safe
def certificate_book(request: ActingRequest) -> HttpResponse:
    """The issue book of the own school for a calendar year: numbers without gaps, who received what and how."""
    acting = request.acting
    year, years = _book_year(request)
    page = Paginator(books.issue_book(acting, year), PAGE).get_page(request.GET.get("page"))
    context = {
        "year": year,
        "years": [{"label": str(one), "url": f"?year={one}", "count": None, "active": one == year} for one in years],
        "page": page,
        "rows": [(one, tone(one)) for one in page],
    }
    return shown(request, "gradebook/certificate_book.html", context)


@require_safe
def certificate_book_xlsx(request: ActingRequest) -> HttpResponse:
    """The whole issue book of a calendar year as a table."""
    year, _ = _book_year(request)
    school = request.acting.organisation
    book = list_table(
        f"Книга регистрации справок об обучении, {school}, {year} г.",
        books.BOOK_COLUMNS,
        books.book_lines(books.issue_book(request.acting, year)),
    )
    return table_response(book, f"kniga-spravok-{year}.xlsx")


def _book_year(request: ActingRequest) -> tuple[int, list[int]]:
    """Return the year of the issue book that the address names, the last one otherwise, and all its years."""
    allow(request.acting.is_(*SCHOOL_STAFF))
    years = books.book_years(request.acting, timezone.localdate())
    return next((one for one in years if str(one) == request.GET.get("year", "")), years[0]), years


@require_safe
def certificate_group(request: ActingRequest, pk: int) -> HttpResponse:
    """Show who of a group may get a certificate, with what it would say and what stands in the way."""
    group = access.group_to_certify_for(request.acting, pk)
    rows = reads.certificate_rows(group, today=group_day(group, timezone.now()))
    context = {
        "group": group,
        "rows": [(row, tone(row.certificate) if row.certificate else "") for row in rows],
        "ready": sum(row.ready for row in rows),
        "may_prepare": request.acting.is_(*access.PREPARERS),
    }
    return shown(request, "gradebook/certificate_group.html", context)


@require_POST
def certificate_prepare(request: ActingRequest, pk: int) -> HttpResponse:
    """Prepare one certificate, or those of everybody in the group who is ready."""
    group = access.group_to_certify_for(request.acting, pk, to_prepare=True)
    form = PrepareForm(request.POST)
    if not form.is_valid():
        raise Http404
    one = form.cleaned_data["enrolment"]
    prepared = services.certificates_prepare(
        actor=request.acting, group=group, only=[one] if one else None, at=timezone.now()
    )
    messages.success(request, f"Подготовлено справок: {len(prepared)}. Директору отправлено уведомление.")
    return redirect("certificate_group", pk)


@require_safe
def certificate(request: ActingRequest, pk: int) -> HttpResponse:
    """One certificate: what it says, where it is, who received it."""
    return shown(request, "gradebook/certificate.html", _context(request, access.certificate_for(request.acting, pk)))


def _context(request: ActingRequest, one: StudyCertificate) -> dict[str, Any]:
    acting = request.acting
    issued = one.state == CertificateState.ISSUED
    at_host = one.host_id == acting.organisation_id
    prepares = access.may_prepare(acting, one)
    return {
        "certificate": one,
        "tone": tone(one),
        "paper": parse(current_version(one.document).content),
        "words": reads.result_words(one.result, one.enrolment.student.gender),
        "at_host": at_host,
        "family": acting.is_(*FAMILY_READERS),
        "refused": refusal_of(one.document) if one.state == CertificateState.RETURNED else None,
        "later": access.certificates_for(acting).filter(replaces=one).first(),
        "may_sign": one.state == CertificateState.PREPARED and access.signs(acting, one),
        "may_hand_out": issued and one.handed_on is None and prepares,
        "may_receive": issued and one.handed_on is None and acting.is_(*FAMILY_READERS),
        "may_annul": issued and access.may_annul(acting, one),
        "may_duplicate": prepares and (issued or (one.duplicate and one.state == CertificateState.RETURNED)),
    }


@require_safe
def certificate_pdf(request: ActingRequest, pk: int) -> HttpResponse:
    """The paper T20: a preview until it is signed."""
    return document_response(access.certificate_for(request.acting, pk).document)


@form_page
def certificate_sign(request: ActingRequest, pk: int) -> HttpResponse:
    """The host's director reads and signs; the next one of the group follows."""
    one = access.certificate_for(request.acting, pk, to_sign=True)
    if request.method != "POST":
        return _sign_page(request, one)
    form = SignForm(request.POST)
    if form.is_valid():
        with refusals_in(form):
            signed = services.certificate_sign(
                actor=request.acting, certificate=one, **form.signed_in(request), at=timezone.now()
            )
            messages.success(request, f"Справка {signed.label} подписана и зарегистрирована.")
            following = reads.next_to_sign(request.acting, one.enrolment.group)
            return redirect("certificate_sign", following.pk) if following else redirect("certificate", pk)
    return _sign_page(request, one, sign=form)


@require_POST
def certificate_return(request: ActingRequest, pk: int) -> HttpResponse:
    """The host's director returns a certificate with a reason."""
    one = access.certificate_for(request.acting, pk, to_sign=True)
    form = CertificateReasonForm(request.POST)
    if not form.is_valid():
        return _sign_page(request, one, reason=form)
    services.certificate_return(actor=request.acting, certificate=one, **returned_in(request, form), at=timezone.now())
    messages.success(request, "Справка возвращена, тот, кто её готовит, узнал причину.")
    return redirect("certificate", pk)


def _sign_page(
    request: ActingRequest,
    one: StudyCertificate,
    *,
    sign: SignForm | None = None,
    reason: CertificateReasonForm | None = None,
) -> HttpResponse:
    if one.state != CertificateState.PREPARED:
        raise StaleError(f"Справка в состоянии «{one.get_state_display()}»: подпись сейчас не нужна.")
    context = _context(request, one) | {
        **forms_to_sign(one.document, sign, reason or CertificateReasonForm()),
        "slots": signature_slots(one.document),
        "slot": next_slot(one.document),
    }
    return shown(request, "gradebook/certificate_sign.html", context)


@form_page
def certificate_hand_out(request: ActingRequest, pk: int) -> HttpResponse:
    """Write into the issue book who received the certificate."""
    one = access.certificate_for(request.acting, pk, to_prepare=True)
    initial = {"on": timezone.localdate(), "received_by": one.enrolment.student.full_name}
    form = HandOutForm(request.POST or None, initial=initial)
    if form.is_valid():
        with refusals_in(form):
            services.certificate_hand_out(actor=request.acting, certificate=one, **form.cleaned_data, at=timezone.now())
            messages.success(request, "Запись внесена в книгу регистрации.")
            return redirect("certificate", pk)
    return shown(request, "gradebook/certificate_hand_out.html", {"certificate": one, "form": form})


@require_POST
def certificate_receive(request: ActingRequest, pk: int) -> HttpResponse:
    """The family confirms that it has the certificate."""
    one = access.certificate_for(request.acting, pk, to_receive=True)
    services.certificate_receive(actor=request.acting, certificate=one, at=timezone.now())
    messages.success(request, "Получение отмечено, школа это видит.")
    return redirect("certificate", pk)


@form_page
def certificate_annul(request: ActingRequest, pk: int) -> HttpResponse:
    """End a wrong certificate with a reason."""
    one = access.certificate_for(request.acting, pk, to_annul=True)
    form = CertificateReasonForm(request.POST or None)
    if form.is_valid():
        services.certificate_annul(
            actor=request.acting, certificate=one, reason=form.cleaned_data["reason"], at=timezone.now()
        )
        messages.success(request, "Справка аннулирована. Исправьте сведения и подготовьте новую.")
        return redirect("certificate_group", one.enrolment.group_id)
    return shown(request, "gradebook/certificate_annul.html", {"certificate": one, "form": form})


@require_POST
def certificate_duplicate(request: ActingRequest, pk: int) -> HttpResponse:
    """Prepare a duplicate in place of a lost certificate."""
    one = access.certificate_for(request.acting, pk, to_prepare=True)
    made = services.certificate_duplicate(actor=request.acting, certificate=one, at=timezone.now())
    messages.success(request, "Дубликат подготовлен и ждёт подписи директора.")
    return redirect("certificate", made.pk)
