"""Papers are laid out in earnest only where a test looks at the file."""

from __future__ import annotations

import pytest

from network_portal.documents import rendering

BLANK = rendering.Pdf(b"%PDF-1.7 blank", 1)


@pytest.fixture(autouse=True)
def _blank_paper(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    if "real_paper" not in request.fixturenames:
        monkeypatch.setattr(rendering, "render", lambda html: BLANK)


@pytest.fixture
def real_paper() -> None:
    """Ask for this where the PDF itself matters."""
