"""The steps of the whole way of a course, each as the people of two schools take it in a browser."""

import pytest

pytest.register_assert_rewrite(*(f"{__name__}.{part}" for part in ("enrolment", "lessons", "transfers")))
