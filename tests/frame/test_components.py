"""The components of `templates/ui/` and the tags behind them."""

from __future__ import annotations

from typing import Any

import pytest
from django import forms
from django.core.paginator import Paginator
from django.template import Context, RequestContext, Template
from django.test import RequestFactory

from network_portal.common.templatetags.ui import days_words


def render(source: str, address: str = "/", **context: Any) -> str:
    return Template(source).render(RequestContext(RequestFactory().get(address), context))


@pytest.mark.parametrize(
    ("days", "words"),
    [
        (0, "сегодня"),
        (1, "завтра"),
        (2, "ещё 2 дня"),
        (5, "ещё 5 дней"),
        (11, "ещё 11 дней"),
        (21, "ещё 21 день"),
        (-1, "просрочено на 1 день"),
        (-2, "просрочено на 2 дня"),
        (-14, "просрочено на 14 дней"),
    ],
)
def test_due_in_words(days: int, words: str) -> None:
    assert days_words(days).replace("\N{NO-BREAK SPACE}", " ") == words


def test_pagination_counts_and_keeps_the_filters() -> None:
    page = Paginator(range(143), 20).page(2)
    html = render('{% include "ui/pagination.html" with page=page only %}', "/?state=new&page=2", page=page)
    assert "Показано 20 из 143" in html
    assert 'href="?state=new&amp;page=3"' in html
    assert html.count('aria-current="page"') == 1


@pytest.mark.parametrize(
    ("current", "sort", "next_sort"),
    [("name", "ascending", "-name"), ("-name", "descending", "name")],
)
def test_sort_head_says_the_order_and_turns_it(current: str, sort: str, next_sort: str) -> None:
    source = '{% include "ui/sort_head.html" with label="Имя" key="name" current=current only %}'
    html = render(source, "/?page=3&state=new", current=current)
    assert f'aria-sort="{sort}"' in html
    assert f'href="?state=new&amp;sort={next_sort}"' in html


def test_confirm_button_carries_the_question_and_the_token() -> None:
    html = render('{% include "ui/confirm_button.html" with url="/x/" label="Принять" confirm="Принять?" only %}')
    assert 'method="post" action="/x/" data-confirm="Принять?"' in html
    assert 'name="csrfmiddlewaretoken"' in html


def test_disabled_button_gives_the_reason() -> None:
    source = (
        '{% include "ui/confirm_button.html" with url="/" label="Голосовать" disabled=True reason="Кворума нет" only %}'
    )
    html = render(source)
    assert "disabled>" in html
    assert '<span class="why">Кворума нет</span>' in html


class ExampleForm(forms.Form):
    name = forms.CharField(label="Название")
    note = forms.CharField(label="Замечание", required=False)


def test_form_with_errors_lists_them_above_with_links() -> None:
    source = '{% include "ui/form.html" with form=form submit="Сохранить курс" only %}'
    html = render(source, form=ExampleForm({"note": "<b>осталось</b>"}))
    assert '<a href="#id_name">Название</a>: Обязательное поле.' in html
    assert 'value="&lt;b&gt;осталось&lt;/b&gt;"' in html
    assert html.count("requiredField") == 1


def test_form_not_sent_shows_no_errors() -> None:
    html = render('{% include "ui/form.html" with form=form submit="Сохранить" only %}', form=ExampleForm())
    assert "alert" not in html


def test_block_tags_escape_their_arguments() -> None:
    html = Template("{% panel title=t %}<p>{{ t }}</p>{% endpanel %}").render(Context({"t": "<i>"}))
    assert html == '<section class="panel"><h2 class="panel-title">&lt;i&gt;</h2><p>&lt;i&gt;</p></section>'


def test_table_region_is_named_and_reachable() -> None:
    html = Template('{% table_scroll label="Список" %}<table></table>{% endtable_scroll %}').render(Context())
    assert html == '<div class="table-scroll" role="region" aria-label="Список" tabindex="0"><table></table></div>'


def test_capacity_of_a_full_group_says_so() -> None:
    html = render('{% include "ui/capacity.html" with taken=15 total=15 only %}')
    assert "занято 15 из 15, мест нет" in html
