"""HTML to PDF/A with the fonts of the wheels (5.1).

`rendering` imports it with the first paper: the library takes seconds to load and most processes render nothing.
"""

from __future__ import annotations

import io
import threading
from functools import cache
from pathlib import Path

import fontpkg_pt_sans
import fontpkg_pt_serif
from django.conf import settings
from weasyprint import CSS, HTML
from weasyprint.text.fonts import FontConfiguration
from weasyprint.urls import URLFetcher, URLFetcherResponse

PDF_VARIANT = "pdf/a-2b"
FONT_FOLDERS = {
    "pt-serif": Path(fontpkg_pt_serif.__file__).parent / "files",
    "pt-sans": Path(fontpkg_pt_sans.__file__).parent / "files",
}
FONTS = {
    (family, weight, style): f"font:{folder}/{prefix}-Web-{face}.ttf"
    for folder, family, prefix in (("pt-serif", "PT Serif", "PT_Serif"), ("pt-sans", "PT Sans", "PT_Sans"))
    for face, weight, style in (
        ("Regular", "normal", "normal"),
        ("Bold", "bold", "normal"),
        ("Italic", "normal", "italic"),
        ("BoldItalic", "bold", "italic"),
    )
}
# The text engine below WeasyPrint is not made for several threads at once.
_one_at_a_time = threading.Lock()


class LocalOnly(URLFetcher):  # type: ignore[misc] # the library has no types
    """Gives the fonts of the wheels, static files of the portal and data URIs; everything else is refused."""

    def __init__(self) -> None:
        super().__init__(allowed_protocols={"data"}, allow_redirects=False)

    def fetch(self, url: str, headers: dict[str, str] | None = None) -> URLFetcherResponse:
        scheme, _, path = url.partition(":")
        if scheme == "font":
            folder, _, name = path.partition("/")
            return self._local(url, FONT_FOLDERS[folder], name)
        if scheme == "static":
            return self._local(url, settings.BASE_DIR / "static", path)
        return super().fetch(url, headers)

    @staticmethod
    def _local(url: str, folder: Path, name: str) -> URLFetcherResponse:
        path = (folder / name).resolve()
        if not path.is_relative_to(folder.resolve()):
            raise ValueError(f"outside the folder: {url}")
        return URLFetcherResponse(url, path.read_bytes())


def pdf_of(html: str) -> tuple[bytes, int]:
    """Return `html` as a tagged PDF/A-2b with embedded fonts, and the number of its pages; one paper at a time."""
    with _one_at_a_time:
        fonts, stylesheet = _fonts()
        laid_out = HTML(string=html, url_fetcher=LocalOnly()).render(font_config=fonts, stylesheets=[stylesheet])
        target = io.BytesIO()
        # The lasting identifier of the file is its check code: it stays readable in a changed copy.
        identifier = "".join(laid_out.metadata.keywords).encode() or None
        laid_out.write_pdf(target, pdf_variant=PDF_VARIANT, pdf_tags=True, pdf_identifier=identifier)
    return target.getvalue(), len(laid_out.pages)


@cache
def _fonts() -> tuple[FontConfiguration, CSS]:
    configuration = FontConfiguration()
    faces = "".join(
        f"@font-face {{ font-family: '{family}'; font-weight: {weight}; font-style: {style}; src: url('{url}') }}"
        for (family, weight, style), url in FONTS.items()
    )
    return configuration, CSS(string=faces, font_config=configuration, url_fetcher=LocalOnly())
