"""Russian text: cases of names, posts and organisations, order, numbers, words by gender, typography (5.1, I-11)."""

from network_portal.common.russian.cases import FEMALE, MALE, Case
from network_portal.common.russian.declension import decline
from network_portal.common.russian.names import (
    Named,
    accusative,
    by_gender,
    dative,
    fio,
    fio_short,
    genitive,
    guess_gender,
    in_case,
    initials_first,
    instrumental,
)
from network_portal.common.russian.numbers import counted, mark_words, number_words, plural
from network_portal.common.russian.order import FOLDED, YO, fold, sort_key
from network_portal.common.russian.phrases import phrase_gender, phrase_in_case
from network_portal.common.russian.typography import NBSP, nbsp, printed, printed_html, quotes

__all__ = [
    "FEMALE",
    "FOLDED",
    "MALE",
    "NBSP",
    "YO",
    "Case",
    "Named",
    "accusative",
    "by_gender",
    "counted",
    "dative",
    "decline",
    "fio",
    "fio_short",
    "fold",
    "genitive",
    "guess_gender",
    "in_case",
    "initials_first",
    "instrumental",
    "mark_words",
    "nbsp",
    "number_words",
    "phrase_gender",
    "phrase_in_case",
    "plural",
    "printed",
    "printed_html",
    "quotes",
    "sort_key",
]
