"""Pages of the summary register of a class."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from gradebook import access
from gradebook.forms.cards import DecisionsForm
from gradebook.selectors import registers as reads
from gradebook.selectors.slips import slips_of
from gradebook.services import registers
from gradebook.slips import slips_page
from network_portal.common.errors import RuleError, StaleError
from network_portal.common.forms import add_conflict
from network_portal.common.russian import plural
from network_portal.documents import rendering
from network_portal.documents.http import document_response, pdf_response
from schools.acting import ActingRequest


@require_http_methods(["GET", "HEAD", "POST"])
def register(request: ActingRequest, pk: int) -> HttpResponse:
    """Show the register of a class; its class teacher notes the decisions of the pedagogical council here."""
    acting = request.acting
    school_class = access.register_for(acting, pk, to_carry=request.method == "POST")
    page = reads.register_page(school_class)
    carries = access.carries(acting, school_class)
    form = DecisionsForm(request.POST or None, page=page) if carries and page.rows else None
    status = 200
    if request.method == "POST" and form is not None:
        if form.is_valid():
            try:
                changed = registers.register_decide(
                    actor=acting,
                    school_class=school_class,
                    texts=form.texts(),
                    seen=form.cleaned_data["seen"],
                    at=timezone.now(),
                )
            except StaleError as refusal:
                add_conflict(form, refusal, page.decisions_seen)
            except RuleError as refusal:
                form.add_error(refusal.field, refusal.message)
            else:
                messages.success(request, "Решения сохранены." if changed else "Ничего не изменилось.")
                return redirect("register", pk)
        status = StaleError.status if form.conflict else 422
    context = {
        "page": page,
        "school_class": school_class,
        "form": form,
        "rows": [(row, form[f"decision_{row.student.pk}"] if form else None) for row in page.rows],
        "cards": [(card, page.carried.get(card.pk), access.may_verify(acting, card)) for card in page.cards],
        "carries": carries,
        "prints": reads.register_prints_of(acting, school_class),
    }
    return render(request, "gradebook/register.html", context, status=status)


@require_POST
def register_carry(request: ActingRequest, pk: int) -> HttpResponse:
    """Carry all marks of received cards into the register in one act."""
    school_class = access.register_for(request.acting, pk, to_carry=True)
    changed = registers.register_carry(actor=request.acting, school_class=school_class, at=timezone.now())
    words = plural(changed, "отметка перенесена,отметки перенесены,отметок перенесено")
    messages.success(request, f"{changed} {words} в сводную ведомость.")
    return redirect("register", pk)


@require_POST
def register_print(request: ActingRequest, pk: int) -> HttpResponse:
    """Print the register as a numbered paper T15."""
    school_class = access.register_for(request.acting, pk)
    made = registers.register_print(actor=request.acting, school_class=school_class, at=timezone.now())
    return redirect("register_print_pdf", made.pk)


@require_safe
def register_print_pdf(request: ActingRequest, pk: int) -> HttpResponse:
    return document_response(access.register_print_for(request.acting, pk).document)


@require_safe
def register_slips(request: ActingRequest, pk: int) -> HttpResponse:
    """A page for each pupil's family with the marks of all network courses, as one file."""
    school_class = access.register_for(request.acting, pk)
    html = slips_page(slips_of(request.acting, school_class), timezone.localdate())
    return pdf_response(rendering.render(html).content, f"tabeli-{school_class.pk}.pdf")
