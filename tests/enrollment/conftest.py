import pytest

from network_portal.documents import rendering
from tests.enrollment.network import World


@pytest.fixture(autouse=True)
def quick_papers(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Give papers a stand-in for their file, which takes most of a second to lay out, unless the test reads it."""
    if "real_papers" not in request.fixturenames:
        monkeypatch.setattr(rendering, "render", lambda html: rendering.Pdf(b"%PDF-stand-in", 1))


@pytest.fixture
def real_papers() -> None:
    """Lay the papers of this test out."""


@pytest.fixture
def world(db: None) -> World:
    return World.create()
