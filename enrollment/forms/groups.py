"""The dates of a group."""

from __future__ import annotations

from django import forms

from network_portal.common.forms import DateField


class GroupDatesForm(forms.Form):
    enrol_from = DateField(label="Зачислять с", required=False, help_text="Пусто: с начала курса.")
    enrol_to = DateField(label="Зачислять по", required=False, help_text="Пусто: до конца курса.")
    last_free_exit = DateField(
        label="Выход без записи об обучении по",
        required=False,
        help_text="Кто выйдет не позже этого дня, записан «не обучался»; позже: «выбыл».",
    )
