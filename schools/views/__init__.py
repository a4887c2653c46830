"""Pages of the schools by noun: the front page, families, duties, agreements, pupils, papers that are signed."""

from schools.views._shared import PAGE, form_page, shown

__all__ = ["PAGE", "form_page", "shown"]
