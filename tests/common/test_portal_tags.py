"""Filters and tags that every template has."""

from __future__ import annotations

from django import forms
from django.template import Context, Template


def rendered(template: str, **values: object) -> str:
    return Template(template).render(Context(values))


def test_plural_is_the_word_alone():
    assert rendered('{{ n }} {{ n|ru_plural:"ученик,ученика,учеников" }}', n=22) == "22 ученика"


def test_word_by_gender():
    assert rendered('{{ g|by_gender:"зачислен,зачислена" }}', g="f") == "зачислена"


def test_nbsp_escapes_what_it_marks_safe():
    assert rendered("{{ text|nbsp }}", text="<b>№ 7</b>") == "&lt;b&gt;№\u00a07&lt;/b&gt;"


def test_dates_need_no_load():
    assert rendered("{{ d|ru_day }} {{ d|ru_date }}", d="2026-09-02") == "02.09.2026 2\u00a0сентября 2026\u00a0г."


def test_icon_is_hidden_from_screen_readers():
    svg = rendered('{% icon "bell" %}')
    assert svg.startswith("<svg")
    assert 'aria-hidden="true"' in svg
    assert 'class="icon"' in svg


class Choice(forms.Form):
    grade = forms.ChoiceField(label="Класс", choices=[("", "Любой"), ("1", "1"), ("<2>", "2 & 3")], required=False)


def test_filter_field_is_a_labelled_list_with_the_choice_made():
    assert rendered("{{ field|filter_field }}", field=Choice({"grade": "1"})["grade"]) == (
        '<div id="div_id_grade" class="mb-3"><label for="id_grade" class="form-label">Класс</label>'
        '<select name="grade" class="select form-select" id="id_grade"><option value="">Любой</option>'
        '<option value="1" selected>1</option><option value="&lt;2&gt;">2 &amp; 3</option></select></div>'
    )


def test_filter_field_says_what_is_wrong():
    shown = rendered("{{ field|filter_field }}", field=Choice({"grade": "9"})["grade"])
    assert ("is-invalid" in shown, "Выберите корректный вариант" in shown) == (True, True)
