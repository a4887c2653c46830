"""Copies with a name across each page: whoever finds one knows whose it is (S1-5.8)."""

from __future__ import annotations

import io

import pikepdf
from django.utils.html import escape

PAGE = """<!doctype html><html lang="ru"><head><meta charset="utf-8"><title>Копия</title><style>
@page {{ size: {width}pt {height}pt; margin: 0 }}
body {{ margin: 0; font-family: "PT Sans", sans-serif; color: #8a8f98 }}
p {{ position: absolute; margin: 0; font-size: 9pt; left: 50%; transform: translateX(-50%); bottom: 8pt }}
div {{ position: absolute; top: 45%; left: 0; width: 100%; text-align: center; font-size: 26pt; opacity: .22;
  transform: rotate(-35deg) }}
</style></head><body><div>{text}</div><p>{text}. Подлинник хранится в портале.</p></body></html>"""


def marked(content: bytes, text: str) -> bytes:
    """Return the PDF `content` with `text` across each of its pages."""
    from network_portal.documents.engine import pdf_of  # it takes seconds to load

    with pikepdf.open(io.BytesIO(content)) as pdf:
        sheets: dict[tuple[float, float], bytes] = {}
        for page in pdf.pages:
            box = [float(edge) for edge in page.mediabox]
            size = (box[2] - box[0], box[3] - box[1])
            if size not in sheets:
                sheets[size], _ = pdf_of(PAGE.format(width=size[0], height=size[1], text=escape(text)))
            with pikepdf.open(io.BytesIO(sheets[size])) as sheet:
                page.add_overlay(sheet.pages[0], pikepdf.Rectangle(*box))
        copy = io.BytesIO()
        pdf.save(copy)
    return copy.getvalue()
