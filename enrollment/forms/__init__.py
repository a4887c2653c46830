"""Input of enrolment by noun; querysets and choices come from the gate and the selectors."""
