"""Forming groups: what goes into a run, what its outcome says in words, what each reader sees of it (3.7, I-3, I-5)."""

from enrollment.selectors.allocation.rows import (
    TONES,
    approval_of,
    changes_of,
    current_run,
    hosts_in,
    newer_lines,
    numbers_of,
    place_of,
    place_rows,
    seasons_to_start,
    to_answer,
)
from enrollment.selectors.allocation.season import class_weeks, lessons_of, season_of
from enrollment.selectors.allocation.words import Words, clash_sentence, explanation_rows, result_of, sha256_of

__all__ = [
    "TONES",
    "Words",
    "approval_of",
    "changes_of",
    "clash_sentence",
    "class_weeks",
    "current_run",
    "explanation_rows",
    "hosts_in",
    "lessons_of",
    "newer_lines",
    "numbers_of",
    "place_of",
    "place_rows",
    "result_of",
    "season_of",
    "seasons_to_start",
    "sha256_of",
    "to_answer",
]
