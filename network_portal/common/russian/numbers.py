"""Numbers with their words: plurals, decimals, numbers and marks in words."""

from __future__ import annotations

from decimal import Decimal

from network_portal.common.russian.cases import FEMALE, MALE, Case
from network_portal.common.russian.typography import NBSP

NEUTER = "n"

# Nominative and genitive.
_BELOW_TWENTY = (
    ("ноль", "нуля"), ("один", "одного"), ("два", "двух"), ("три", "трёх"), ("четыре", "четырёх"), ("пять", "пяти"),
    ("шесть", "шести"), ("семь", "семи"), ("восемь", "восьми"), ("девять", "девяти"), ("десять", "десяти"),
    ("одиннадцать", "одиннадцати"), ("двенадцать", "двенадцати"), ("тринадцать", "тринадцати"),
    ("четырнадцать", "четырнадцати"), ("пятнадцать", "пятнадцати"), ("шестнадцать", "шестнадцати"),
    ("семнадцать", "семнадцати"), ("восемнадцать", "восемнадцати"), ("девятнадцать", "девятнадцати"),
)  # fmt: skip
_TENS = (
    ("двадцать", "двадцати"), ("тридцать", "тридцати"), ("сорок", "сорока"), ("пятьдесят", "пятидесяти"),
    ("шестьдесят", "шестидесяти"), ("семьдесят", "семидесяти"), ("восемьдесят", "восьмидесяти"),
    ("девяносто", "девяноста"),
)  # fmt: skip
_HUNDREDS = (
    ("сто", "ста"), ("двести", "двухсот"), ("триста", "трёхсот"), ("четыреста", "четырёхсот"), ("пятьсот", "пятисот"),
    ("шестьсот", "шестисот"), ("семьсот", "семисот"), ("восемьсот", "восьмисот"), ("девятьсот", "девятисот"),
)  # fmt: skip
_BY_GENDER = {
    (1, FEMALE): ("одна", "одной"),
    (1, NEUTER): ("одно", "одного"),
    (2, FEMALE): ("две", "двух"),
}
_THOUSANDS = ("тысяча,тысячи,тысяч", "тысячи,тысяч,тысяч")
_MILLIONS = ("миллион,миллиона,миллионов", "миллиона,миллионов,миллионов")

MARKS = {
    "5": "отлично",
    "4": "хорошо",
    "3": "удовлетворительно",
    "2": "неудовлетворительно",
    "н/а": "не аттестован",
}


def plural(count: int | float | Decimal, forms: str) -> str:
    """Return the word that fits `count`, without the number itself.

    Args:
        count: how many; a fraction takes the second form: 1,5 часа.
        forms: three forms with commas: "ученик,ученика,учеников".
    """
    one, few, many = (form.strip() for form in forms.split(","))
    if count != int(count):
        return few
    tens, units = abs(int(count)) % 100, abs(int(count)) % 10
    if units == 1 and tens != 11:
        return one
    return few if units in (2, 3, 4) and tens not in (12, 13, 14) else many


def counted(
    count: int | float | Decimal, forms: str, *, in_words: bool = False, gender: str = MALE, case: Case | None = None
) -> str:
    """Return the number with its word: «34 часа», «1,5 часа», in words «3 (три) рабочих дня».

    Args:
        count: how many; only whole numbers are written in words.
        forms: three forms with commas as of `plural`; they stand in `case` already.
        in_words: add the number in words in brackets.
        gender: "m", "f" or "n" of the counted word: «2 (две) недели».
        case: None for the nominative, or the genitive: «в течение 3 (трёх) рабочих дней».
    """
    whole = count == int(count)
    digits = str(int(count)) if whole else f"{Decimal(str(count)).normalize():f}".replace(".", ",")
    words = f"{NBSP}({number_words(int(count), gender=gender, case=case)})" if in_words and whole else ""
    return f"{digits}{words}{NBSP}{plural(count, forms)}"


def number_words(number: int, *, gender: str = MALE, case: Case | None = None) -> str:
    """Return `number` in words: «двадцать одна» for 21 and "f".

    Args:
        number: from 0 to 999 999 999.
        gender: "m", "f" or "n" of what is counted.
        case: None for the nominative, or the genitive.

    Raises:
        ValueError: the number is out of range, or the case another one.
    """
    if not 0 <= number < 10**9 or case not in (None, Case.GENITIVE):
        raise ValueError(f"no words for {number} in {case!r}")
    place = 0 if case is None else 1
    if number == 0:
        return _BELOW_TWENTY[0][place]
    millions, thousands, rest = number // 10**6, number // 1000 % 1000, number % 1000
    words = []
    for group, sex, names in ((millions, MALE, _MILLIONS), (thousands, FEMALE, _THOUSANDS)):
        if group:
            words += [*_below_thousand(group, sex, place), plural(group, names[place])]
    return " ".join([*words, *_below_thousand(rest, gender, place)])


def _below_thousand(number: int, gender: str, place: int) -> list[str]:
    hundreds, rest = divmod(number, 100)
    words = [_HUNDREDS[hundreds - 1][place]] if hundreds else []
    if rest >= 20:
        words.append(_TENS[rest // 10 - 2][place])
        rest %= 10
    if rest:
        words.append(_BY_GENDER.get((rest, gender), _BELOW_TWENTY[rest])[place])
    return words


def mark_words(mark: int | str | None) -> str:
    """Return a mark with its word: «5 (отлично)»; what is not a mark of the scale stays as it is."""
    text = "" if mark is None else str(mark)
    word = MARKS.get(text)
    return f"{text}{NBSP}({word})" if word else text
