"""A pupil's own account: taken by the owner of the address, ended by the school; it is offered on the pupil's card."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_POST

from network_portal.common.forms import refusals_in
from schools import access, services
from schools.acting import SESSION_KEY, ActingRequest
from schools.enums import AccountState, Role
from schools.forms.pupils import AccountTakeForm
from schools.views._shared import form_page, shown


@require_POST
def pupil_account_end(request: ActingRequest, pk: int) -> HttpResponse:
    """End an account or take an offer back."""
    account = access.pupil_account_for(request.acting, pk)
    ended = services.account_end(actor=request.acting, account=account, at=timezone.now())
    done = "Учётная запись обучающегося прекращена." if ended.taken_at else "Приглашение отозвано."
    messages.success(request, done)
    return redirect("student", account.student_id)


@form_page
def pupil_account_take(request: ActingRequest, pk: int) -> HttpResponse:
    """Let the owner of the address take the account by naming the own date of birth."""
    account = access.own_account_offer_for(request.acting, pk)
    form = AccountTakeForm(request.POST or None)
    if form.is_valid():
        with refusals_in(form):
            account = services.account_take(
                actor=request.acting, account=account, **form.cleaned_data, at=timezone.now()
            )
            if account.state == AccountState.TAKEN:
                request.session[SESSION_KEY] = str(Role.PUPIL)
                messages.success(request, "Готово: теперь вы действуете как обучающийся.")
                return redirect("home")
            if account.state == AccountState.ENDED:
                messages.error(
                    request, "Дата рождения не совпала несколько раз, приглашение отозвано. Спросите в школе."
                )
                return redirect("home")
            form.add_error("birth_date", "По данным школы дата рождения другая. Проверьте её или спросите в школе.")
    return shown(request, "schools/pupil_account_take.html", {"account": account, "form": form})
