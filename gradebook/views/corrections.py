"""Pages of objections to a transfer's lines and of corrections of a sealed month."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from gradebook import access
from gradebook.forms.transfers import AnswerForm, CellsForm, CorrectionRequestForm, DecisionForm, DisputeForm
from gradebook.models import Correction
from gradebook.package import full_name
from gradebook.selectors.received import correction_cells, transfer_view
from gradebook.services import corrections
from gradebook.services.correction_cells import cells_correct
from network_portal.common.dates import ru_day
from network_portal.common.errors import RuleError


@require_http_methods(["GET", "HEAD", "POST"])
def transfer_dispute(request: HttpRequest, pk: int) -> HttpResponse:
    """Object to single lines: the school writes beside each what is wrong in it."""
    one = access.transfer_for(request.acting, pk, to_acknowledge=True)
    view = transfer_view(request.acting, one)
    lines = [(line.enrolment, full_name(line.line)) for line in view.lines if not line.disputed]
    form = DisputeForm(request.POST or None, lines=lines)
    if request.method == "POST" and form.is_valid():
        try:
            raised = corrections.disputes_raise(
                actor=request.acting, transfer=one, reasons=form.reasons, at=timezone.now()
            )
        except RuleError as error:
            form.add_error(None, error.message)
        else:
            messages.success(request, f"Возражения направлены, строк: {len(raised)}.")
            return redirect("transfer", one.pk)
    context = {"form": form, "transfer": one, "view": view}
    return render(request, "gradebook/transfer_dispute.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
def dispute_reject(request: HttpRequest, pk: int) -> HttpResponse:
    dispute = access.dispute_for(request.acting, pk)
    form = AnswerForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            corrections.dispute_reject(
                actor=request.acting, dispute=dispute, answer=form.cleaned_data["answer"], at=timezone.now()
            )
        except RuleError as error:
            form.add_error(error.field, error.message)
        else:
            messages.success(request, "Ответ направлен школе обучающегося.")
            return redirect("transfer", dispute.transfer_id)
    context = {"form": form, "dispute": dispute, "transfer": dispute.transfer}
    return render(request, "gradebook/dispute_reject.html", context, status=422 if form.errors else 200)


@require_POST
def dispute_accept(request: HttpRequest, pk: int) -> HttpResponse:
    dispute = access.dispute_for(request.acting, pk)
    correction = corrections.dispute_accept(actor=request.acting, dispute=dispute, at=timezone.now())
    messages.success(request, "Строка открыта для исправления. Когда учитель исправит, запечатайте новую ведомость.")
    return redirect("correction", correction.pk)


@require_http_methods(["GET", "HEAD", "POST"])
def correction_request(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask to write records of a sealed month once more."""
    one = access.transfer_for(request.acting, pk, to_request=True)
    content = transfer_view(request.acting, one).content
    form = CorrectionRequestForm(
        request.POST or None,
        pupils=[(line["enrolment"], full_name(line)) for line in content["lines"]],
        lessons=[
            (lesson["id"], f"{ru_day(lesson['date'])} {lesson['topic']}".strip())
            for lesson in content["lessons"]["held"]
        ],
    )
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            correction = corrections.correction_request(
                actor=request.acting,
                transfer=one,
                cells=[(lesson, data["enrolment"]) for lesson in data["lessons"]],
                reason=data["reason"],
                at=timezone.now(),
            )
        except RuleError as error:
            form.add_error(error.field, error.message)
        else:
            messages.success(request, "Запрос направлен заместителю директора.")
            return redirect("correction", correction.pk)
    context = {"form": form, "transfer": one}
    return render(request, "gradebook/correction_request.html", context, status=422 if form.errors else 200)


@require_safe
def correction(request: HttpRequest, pk: int) -> HttpResponse:
    one = access.correction_for(request.acting, pk)
    return _page(request, one)


def _page(
    request: HttpRequest, one: Correction, *, decision: DecisionForm | None = None, cells: CellsForm | None = None
) -> HttpResponse:
    acting = request.acting
    found = correction_cells(one)
    writes = one.state == "approved" and access.writes(acting, one.transfer.group)
    context = {
        "correction": one,
        "transfer": one.transfer,
        "cells": found,
        "changed": any(cell.sealed != cell.now for cell in found),
        "may_decide": one.state == "requested" and access.may_decide(acting),
        "may_seal": one.state == "approved" and access.may_correct(acting, one.transfer),
        "decision_form": decision or DecisionForm(),
        "cells_form": (cells or _cells_form(one, None)) if writes else None,
    }
    wrong = any(form is not None and form.errors for form in (decision, cells))
    return render(request, "gradebook/correction.html", context, status=422 if wrong else 200)


def _cells_form(one: Correction, data: object) -> CellsForm:
    return CellsForm(
        data,
        cells=[
            (f"cell_{cell.lesson}_{cell.enrolment}", f"{cell.name}, {ru_day(cell.day)}", cell.now)
            for cell in correction_cells(one)
        ],
    )


@require_POST
def correction_write(request: HttpRequest, pk: int) -> HttpResponse:
    """Write the opened records; those that were not touched stay."""
    one = access.correction_for(request.acting, pk, to_write=True)
    form = _cells_form(one, request.POST)
    if form.is_valid():
        wanted = {}
        for name, value in form.cleaned_data.items():
            _, lesson, enrolment = name.split("_")
            wanted[int(lesson), int(enrolment)] = value
        try:
            cells_correct(actor=request.acting, correction=one, wanted=wanted, at=timezone.now())
        except RuleError as error:
            form.add_error(error.field if error.field in form.fields else None, error.message)
        else:
            messages.success(request, "Записи сохранены. Координатор запечатает исправленную ведомость.")
            return redirect("correction", one.pk)
    return _page(request, one, cells=form)


@require_POST
def correction_approve(request: HttpRequest, pk: int) -> HttpResponse:
    one = access.correction_for(request.acting, pk, to_decide=True)
    corrections.correction_approve(actor=request.acting, correction=one, at=timezone.now())
    messages.success(request, "Записи открыты, учитель извещён.")
    return redirect("correction", one.pk)


@require_POST
def correction_refuse(request: HttpRequest, pk: int) -> HttpResponse:
    one = access.correction_for(request.acting, pk, to_decide=True)
    form = DecisionForm(request.POST)
    if form.is_valid():
        try:
            corrections.correction_refuse(
                actor=request.acting, correction=one, reason=form.cleaned_data["decision"], at=timezone.now()
            )
        except RuleError as error:
            form.add_error(error.field, error.message)
        else:
            messages.success(request, "Отказ направлен учителю.")
            return redirect("correction", one.pk)
    return _page(request, one, decision=form)


@require_POST
def correction_close(request: HttpRequest, pk: int) -> HttpResponse:
    one = access.correction_for(request.acting, pk, to_close=True)
    corrections.correction_close(actor=request.acting, correction=one, at=timezone.now())
    messages.success(request, "Записи снова закрыты, ведомость осталась прежней.")
    return redirect("transfer", one.transfer_id)


@require_POST
def transfer_correct(request: HttpRequest, pk: int) -> HttpResponse:
    one = access.transfer_for(request.acting, pk, to_correct=True)
    new = corrections.transfer_correct(actor=request.acting, transfer=one, at=timezone.now())
    messages.success(request, f"Исправленная ведомость {new.label} запечатана и отправляется: {new.home}.")
    return redirect("transfer", new.pk)
