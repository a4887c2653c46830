"""What a family chooses from, what stands against an application, where it stands, and applications in lists."""

from enrollment.selectors.applications.choices import MOST_CHOICES, check_choices, choices_of, other_forms
from enrollment.selectors.applications.lists import (
    TABS,
    Wish,
    classes_of,
    counts_by_tab,
    courses_applied_for,
    queue_of,
    wishes_of,
    with_choices,
)
from enrollment.selectors.applications.offered import (
    courses_late,
    courses_offered,
    late_for,
    seats_left,
    window_end_words,
)
from enrollment.selectors.applications.standing import (
    ALONE,
    TONES,
    application_steps,
    events_of,
    lines_of,
    paper_facts,
    places_to_leave,
    queue_place,
    remaining_choice,
    what_may_do,
    whats_next,
)

__all__ = [
    "ALONE",
    "MOST_CHOICES",
    "TABS",
    "TONES",
    "Wish",
    "application_steps",
    "check_choices",
    "choices_of",
    "classes_of",
    "counts_by_tab",
    "courses_applied_for",
    "courses_late",
    "courses_offered",
    "events_of",
    "late_for",
    "lines_of",
    "other_forms",
    "paper_facts",
    "places_to_leave",
    "queue_of",
    "queue_place",
    "remaining_choice",
    "seats_left",
    "what_may_do",
    "whats_next",
    "window_end_words",
    "wishes_of",
    "with_choices",
]
