"""Input of the schools' pages by noun; querysets come from the gate."""
