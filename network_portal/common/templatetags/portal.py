"""Filters and tags that every template has without loading: dates and plurals in Russian, icons."""

from __future__ import annotations

from functools import cache
from typing import Any

from django import template
from django.utils.html import conditional_escape
from django.utils.safestring import SafeString, mark_safe
from lucide.templatetags.lucide import lucide

from network_portal.common import dates, russian

register = template.Library()

register.filter("ru_date", dates.ru_date)
register.filter("ru_day", dates.ru_day)
register.filter("ru_moment", dates.ru_moment)
register.filter("ru_time", dates.ru_time)
register.filter("school_year_label", dates.school_year_label)
register.filter("month_name", dates.month_name)


@register.filter
def ru_plural(count: int | None, forms: str) -> str:
    """Return the word for `count` without the number: `{{ n }} {{ n|ru_plural:"ученик,ученика,учеников" }}`."""
    return russian.plural(int(count or 0), forms)


@register.filter
def by_gender(gender: str, words: str) -> str:
    """Return the word for "m", "f" or both: `{{ student.gender|by_gender:"зачислен,зачислена" }}`."""
    male, female = words.split(",")
    return russian.by_gender(gender, male, female)


@register.filter
def agreeing(phrase: str, words: str) -> str:
    """Return the word that agrees with a name's head: `{{ full_name|agreeing:"именуемый,именуемая,именуемое" }}`."""
    return dict(zip("mfn", words.split(","), strict=True))[russian.phrase_gender(phrase)]


@register.filter
def counted_genitive(count: int, forms: str) -> str:
    """Return «3 (трёх) рабочих дней» for `{{ n|counted_genitive:"рабочего дня,рабочих дней,рабочих дней" }}`."""
    return russian.counted(count, forms, in_words=True, case=russian.Case.GENITIVE)


@register.filter(is_safe=True)
def nbsp(value: str) -> SafeString:
    """Return the text with non-breaking spaces where Russian typography wants them."""
    return mark_safe(russian.nbsp(conditional_escape(value)))


@register.simple_tag
@cache
def icon(name: str) -> SafeString:
    """Return the named line icon as inline SVG, hidden from screen readers: the words beside it say the same."""
    attributes: dict[str, Any] = {"class": "icon", "aria-hidden": "true", "focusable": "false"}
    return mark_safe(lucide(name, **attributes))
