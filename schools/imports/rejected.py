"""The rejected rows as a workbook with the reasons beside them, to be mended and sent again."""

from __future__ import annotations

import io
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from openpyxl.cell import Cell

REASONS = "Почему строка не принята"
WIDTH = 24


def rejected_workbook(
    titles: Sequence[tuple[str, str]], rows: Iterable[tuple[Mapping[str, str], str]], *, reasons: bool = True
) -> bytes:
    """Return an XLSX file.

    Args:
        titles: fields with the titles that they had in the file.
        rows: the values of each row by field, and the reasons against it.
        reasons: whether there is a column for the reasons; an empty sample has none.
    """
    from openpyxl import Workbook  # with the first workbook, not with every process
    from openpyxl.styles import Alignment, Font

    book = Workbook()
    sheet = book.active
    sheet.title = "Не принято"
    for number, values in enumerate(_lines(titles, rows, reasons), 1):
        for place, value in enumerate(values, 1):
            write_text(sheet.cell(number, place), value)
            sheet.cell(number, place).alignment = Alignment(wrap_text=True, vertical="top")
            if number == 1:
                sheet.cell(number, place).font = Font(bold=True)
    for place in range(1, len(titles) + 1 + reasons):
        sheet.column_dimensions[sheet.cell(1, place).column_letter].width = WIDTH * (1 + (place > len(titles)))
    sheet.freeze_panes = "A2"
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def write_text(cell: Cell, value: str) -> None:
    """Put a text into a cell, which stays a text also when it begins like a formula."""
    cell.value = value
    cell.data_type = "s"


def _lines(
    titles: Sequence[tuple[str, str]], rows: Iterable[tuple[Mapping[str, str], str]], reasons: bool
) -> Iterable[Sequence[str]]:
    yield [*(title for _, title in titles), *([REASONS] if reasons else [])]
    for cells, why in rows:
        yield [*(cells.get(field, "") for field, _ in titles), why]
