"""Order, numbers with words, quotation marks, non-breaking spaces."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from network_portal.common import russian
from network_portal.common.russian import Case


def test_order_puts_yo_between_ye_and_zhe():
    names = ["Жуков", "Ёлкин Пётр", "Яковлев", "Ёлкин", "Елисеев", "Елкин Петр", "Ефимов", "ЁЖ", "елкин пётр", "Ежов"]
    assert sorted(names, key=russian.sort_key) == [
        "Ежов",
        "Елисеев",
        "Елкин Петр",
        "елкин пётр",
        "Ефимов",
        "ЁЖ",
        "Ёлкин",
        "Ёлкин Пётр",
        "Жуков",
        "Яковлев",
    ]


def test_order_of_names_alike_but_for_yo():
    names = ["Ёлена", "Еленин", "Елена Я.", "Елена", "Аленин", "Алёна", "Алена", "Ёлена А.", "Еяна"]
    assert sorted(names, key=russian.sort_key) == [
        "Алена",
        "Аленин",
        "Алёна",
        "Елена",
        "Елена Я.",
        "Еленин",
        "Еяна",
        "Ёлена",
        "Ёлена А.",
    ]


ALPHABET = "абвгдеёжзийклмнопрстуфхцчшщъыьэюя"
russian_text = st.text(alphabet=ALPHABET + ALPHABET.upper() + " -", max_size=20)


@given(russian_text, russian_text)
def test_sort_key_orders_as_the_alphabet(one, other):
    def places(text: str) -> list[int]:
        return [(" -" + ALPHABET).index(letter) for letter in text.casefold().strip()]

    assert (russian.sort_key(one) < russian.sort_key(other)) == (places(one) < places(other))


@given(russian_text)
def test_key_contains_the_folded_text(text):
    assert russian.fold(text) in russian.sort_key(text)
    assert russian.fold(text.replace("ё", "е").replace("Ё", "Е")) == russian.fold(text)


def test_sort_key_of_decomposed_letters():
    assert russian.sort_key("Е\u0308лкин") == russian.sort_key("Ёлкин")


@pytest.mark.parametrize(
    ("count", "word"),
    [
        (0, "учеников"),
        (1, "ученик"),
        (2, "ученика"),
        (4, "ученика"),
        (5, "учеников"),
        (11, "учеников"),
        (14, "учеников"),
        (21, "ученик"),
        (22, "ученика"),
        (111, "учеников"),
        (1001, "ученик"),
        (-1, "ученик"),
    ],
)
def test_plural(count, word):
    assert russian.plural(count, "ученик,ученика,учеников") == word


@pytest.mark.parametrize(
    ("count", "text"),
    [
        (1, "1_час"),
        (3, "3_часа"),
        (34, "34_часа"),
        (111, "111_часов"),
        (1.5, "1,5_часа"),
        (Decimal("0.50"), "0,5_часа"),
        (Decimal("11.00"), "11_часов"),
        (Decimal(100), "100_часов"),
    ],
)
def test_counted(count, text):
    assert russian.counted(count, "час,часа,часов") == text.replace("_", "\u00a0")


def test_counted_in_words():
    days = "рабочий день,рабочих дня,рабочих дней"
    assert russian.counted(3, days, in_words=True) == "3\u00a0(три)\u00a0рабочих дня"
    assert russian.counted(1.5, days, in_words=True) == "1,5\u00a0рабочих дня"
    assert russian.counted(2, "неделя,недели,недель", in_words=True, gender="f") == "2\u00a0(две)\u00a0недели"
    within = "рабочего дня,рабочих дней,рабочих дней"
    assert russian.counted(3, within, in_words=True, case=Case.GENITIVE) == "3\u00a0(трёх)\u00a0рабочих дней"
    assert russian.counted(21, within, in_words=True, case=Case.GENITIVE) == (
        "21\u00a0(двадцати одного)\u00a0рабочего дня"
    )


@pytest.mark.parametrize(
    ("number", "gender", "nominative", "genitive"),
    [
        (0, "m", "ноль", "нуля"),
        (1, "m", "один", "одного"),
        (1, "f", "одна", "одной"),
        (1, "n", "одно", "одного"),
        (2, "f", "две", "двух"),
        (2, "n", "два", "двух"),
        (8, "m", "восемь", "восьми"),
        (11, "f", "одиннадцать", "одиннадцати"),
        (19, "m", "девятнадцать", "девятнадцати"),
        (40, "m", "сорок", "сорока"),
        (52, "f", "пятьдесят две", "пятидесяти двух"),
        (90, "m", "девяносто", "девяноста"),
        (100, "m", "сто", "ста"),
        (101, "f", "сто одна", "ста одной"),
        (234, "m", "двести тридцать четыре", "двухсот тридцати четырёх"),
        (999, "m", "девятьсот девяносто девять", "девятисот девяноста девяти"),
        (1000, "m", "одна тысяча", "одной тысячи"),
        (2002, "m", "две тысячи два", "двух тысяч двух"),
        (
            305_040,
            "m",
            "триста пять тысяч сорок",
            "трёхсот пяти тысяч сорока",
        ),
        (
            1_021_005,
            "f",
            "один миллион двадцать одна тысяча пять",
            "одного миллиона двадцати одной тысячи пяти",
        ),
    ],
)
def test_number_in_words(number, gender, nominative, genitive):
    assert russian.number_words(number, gender=gender) == nominative
    assert russian.number_words(number, gender=gender, case=Case.GENITIVE) == genitive


def test_number_without_words_is_an_error():
    with pytest.raises(ValueError, match="no words for -1"):
        russian.number_words(-1)
    with pytest.raises(ValueError, match="no words for 1000000000"):
        russian.number_words(10**9)
    with pytest.raises(ValueError, match="no words for 5"):
        russian.number_words(5, case=Case.DATIVE)


@pytest.mark.parametrize(
    ("mark", "words"),
    [
        (5, "5_(отлично)"),
        ("4", "4_(хорошо)"),
        (3, "3_(удовлетворительно)"),
        (2, "2_(неудовлетворительно)"),
        ("н/а", "н/а_(не аттестован)"),
        ("зачтено", "зачтено"),
        (None, ""),
    ],
)
def test_mark_in_words(mark, words):
    assert russian.mark_words(mark) == words.replace("_", "\u00a0")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('МАОУ "Гимназия № 40"', "МАОУ «Гимназия № 40»"),
        ('МАОУ "Гимназия № 40 "Эврика""', "МАОУ «Гимназия № 40 „Эврика“»"),
        ("МАОУ «Гимназия «Эврика»»", "МАОУ «Гимназия „Эврика“»"),
        ("МАОУ «Гимназия “Эврика”»", "МАОУ «Гимназия „Эврика“»"),
        ("„Эврика“", "«Эврика»"),
        ("“Эврика”", "«Эврика»"),
        ('курс «Проект "Город"»', "курс «Проект „Город“»"),
        ('"Город" и "Село"', "«Город» и «Село»"),
        ('("Город")', "(«Город»)"),
        ('10 "А"', "10 «А»"),
        ('монитор 15" и "Город"', 'монитор 15" и «Город»'),
        ('незакрытая "кавычка', 'незакрытая "кавычка'),
        ("МАОУ «Гимназия «Эврика»", "МАОУ «Гимназия «Эврика»"),
        ('<a href="x"> и "Город"', '<a href="x"> и «Город»'),
        ('"Город".', "«Город»."),
        ("без кавычек", "без кавычек"),
    ],
)
def test_quotes(text, expected):
    assert russian.quotes(text) == expected


@given(st.text(alphabet='аб "«»„“”(', max_size=30))
def test_quotes_change_marks_alone(text):
    def plain(value: str) -> str:
        return "".join('"' if letter in "«»„“”" else letter for letter in value)

    assert plain(russian.quotes(text)) == plain(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("МАОУ СОШ № 7", "МАОУ СОШ №_7"),
        ("приказ №12-К", "приказ №_12-К"),
        ("10 «А» класс", "10_«А» класс"),
        ("Петров И.А.", "Петров_И._А."),
        ("И. А. Петров", "И._А._Петров"),
        ("2 сентября 2026 г.", "2_сентября 2026_г."),
        ("34 ч. и 12 человек", "34_ч. и 12_человек"),
        ("ул. Мира, д. 5, п. 3.1", "ул._Мира, д._5, п._3.1"),
        ("5 учебных недель", "5 учебных недель"),
        ('класс 10 "А"', 'класс 10_"А"'),
        ("34 недели по 2 часа, 1,5 балла", "34_недели по 2_часа, 1,5_балла"),
    ],
)
def test_nbsp(text, expected):
    assert russian.nbsp(text) == expected.replace("_", "\u00a0")


@given(st.text())
def test_nbsp_changes_spaces_alone(text):
    def squeezed(value: str) -> str:
        return value.replace(" ", "").replace("\u00a0", "")

    assert squeezed(russian.nbsp(text)) == squeezed(text)
    assert russian.nbsp(russian.nbsp(text)) == russian.nbsp(text)


def test_page_is_printed_between_its_tags():
    html = (
        '<style>p::before { content: "№ 7" }</style><!-- "№ 7" --><p class="a">МАОУ &quot;Лицей № 7&quot;, '
        "2 сентября 2026 г., Петров И. А., A &lt; B &amp; 15&quot;</p>"
    )
    assert russian.printed_html(html) == (
        '<style>p::before { content: "№ 7" }</style><!-- "№ 7" --><p class="a">МАОУ «Лицей №_7», '
        "2_сентября 2026_г., Петров_И._А., A &lt; B &amp; 15&quot;</p>"
    ).replace("_", "\u00a0")
