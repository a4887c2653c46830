"""Asking for what is refused."""

from __future__ import annotations

import pytest

from network_portal.common.errors import RuleError


def refusal_of(call: object, *args: object, **kwargs: object) -> str:
    """Return the words of the refusal that `call` meets."""
    with pytest.raises(RuleError) as caught:
        call(*args, **kwargs)
    return caught.value.message
