"""Tags that the components of `templates/ui/` need; loaded everywhere as builtins."""

from __future__ import annotations

from datetime import date
from html import escape
from typing import Any

from crispy_forms.templatetags.crispy_forms_filters import as_crispy_field
from django import template
from django.core.paginator import Page
from django.forms import BaseForm, BoundField, Select
from django.middleware.csrf import get_token
from django.template import RequestContext
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from network_portal.common.russian import plural

register = template.Library()


@register.simple_tag(takes_context=True)
def csrf_input(context: RequestContext) -> SafeString:
    """The hidden fields of every form that changes something; they also work inside `{% include … only %}`.

    Beside the CSRF token stands for whom the person acted when the page was made (I-8): see `ActingMiddleware`.
    """
    request = context.request
    made: SafeString | None = getattr(request, "csrf_input", None)  # a page has many forms
    if made is None:
        made = format_html('<input type="hidden" name="csrfmiddlewaretoken" value="{}">', get_token(request))
        if acting := getattr(request, "acting", None):
            made += format_html('<input type="hidden" name="acted_as" value="{}">', acting.key)
        request.csrf_input = made  # type: ignore[attr-defined]  # for the next form
    return made


@register.simple_block_tag
def table_scroll(content: SafeString, label: str) -> SafeString:
    """Let a wide table scroll inside a region that the keyboard reaches and a screen reader names."""
    return format_html(
        '<div class="table-scroll" role="region" aria-label="{}" tabindex="0">{}</div>',
        label,
        content,
    )


@register.simple_block_tag
def panel(content: SafeString, title: str = "", tone: str = "") -> SafeString:
    """A white box with an optional heading; `tone` good, warn or bad colours its left edge."""
    heading = format_html('<h2 class="panel-title">{}</h2>', title) if title else ""
    return format_html(
        '<section class="panel{}">{}{}</section>',
        f" panel-{tone}" if tone else "",
        heading,
        content,
    )


@register.filter
def filter_field(field: BoundField) -> SafeString:
    """A field of a filter. A list is joined here: the library takes a template for each of its options."""
    if field.errors or type(field.field.widget) is not Select:
        return SafeString(as_crispy_field(field))
    chosen = str(field.value() or "")
    options = "".join(
        f'<option value="{escape(str(value))}"{" selected" * (str(value) == chosen)}>{escape(str(label))}</option>'
        for value, label in field.field.widget.choices
    )
    name = escape(field.id_for_label)
    return mark_safe(
        f'<div id="div_{name}" class="mb-3"><label for="{name}" class="form-label">{escape(str(field.label))}</label>'
        f'<select name="{escape(field.html_name)}" class="select form-select" id="{name}">{options}</select></div>'
    )


@register.filter
def page_numbers(page: Page[Any]) -> list[int | str]:
    """The numbers to show under a list: the first, the last and those beside the current one."""
    return list(page.paginator.get_elided_page_range(page.number, on_each_side=1, on_ends=1))


@register.filter
def due_words(due: date | None) -> str:
    """«сегодня», «ещё 3 дня», «просрочено на 2 дня»; nothing for a task without a date."""
    return days_words((due - timezone.localdate()).days) if due else ""


@register.filter
def due_tone(due: date | None) -> str:
    """The tone of the badge that shows a due date: bad when overdue, warn within two days."""
    if due is None:
        return "neutral"
    days = (due - timezone.localdate()).days
    return "bad" if days < 0 else "warn" if days <= 2 else "neutral"


def days_words(days: int) -> str:
    """Say how far away a day is, `days` from today, negative in the past."""
    if days == 0:
        return "сегодня"
    if days == 1:
        return "завтра"
    number = abs(days)
    noun = plural(number, "день,дня,дней")
    return f"ещё {number}\N{NO-BREAK SPACE}{noun}" if days > 0 else f"просрочено на\N{NO-BREAK SPACE}{number} {noun}"


@register.filter
def has_errors(form: BaseForm) -> bool:
    return form.is_bound and bool(form.errors)
