"""Rows and files of spreadsheets that the journal gives out."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from typing import Any

from gradebook.exports.cells import clean


def add_row(sheet: Any, values: Iterable[Any], *, bold: bool = False) -> None:
    """Add a row; text stays text, whatever sign it begins with."""
    from openpyxl.styles import Font  # only the processes that make tables pay for its import

    sheet.append([clean(value) if isinstance(value, str) else value for value in values])
    for cell in sheet[sheet.max_row]:
        if isinstance(cell.value, str):
            cell.data_type = "s"
        if bold:
            cell.font = Font(bold=True)


def saved(book: Any) -> bytes:
    """Return a workbook as the bytes of its file."""
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def list_table(title: str, columns: Sequence[tuple[str, int]], rows: Iterable[Iterable[Any]]) -> bytes:
    """Return a list of a page as an XLSX file.

    Args:
        title: of the list, which stands above it.
        columns: heads and widths in characters.
        rows: the values in the order of the columns; dates stay dates.
    """
    from openpyxl import Workbook  # only the processes that make tables pay for its import

    book = Workbook()
    sheet = book.active
    sheet.title = "Список"
    add_row(sheet, [title], bold=True)
    add_row(sheet, [head for head, _ in columns], bold=True)
    for values in rows:
        add_row(sheet, values)
        for cell in sheet[sheet.max_row]:
            if cell.is_date:
                cell.number_format = "DD.MM.YYYY"
    for place, (_, width) in enumerate(columns, 1):
        sheet.column_dimensions[sheet.cell(2, place).column_letter].width = width
    sheet.freeze_panes = "A3"
    return saved(book)
