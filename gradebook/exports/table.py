"""A sealed package as an XLSX table: a sheet of pupils and a sheet of lessons."""

from __future__ import annotations

import io
from collections.abc import Iterable
from typing import Any

from gradebook.exports.cells import clean
from gradebook.package import Package, cells, full_name, mean_words
from network_portal.common.dates import month_label, ru_day


def table(package: Package) -> bytes:
    """Return the workbook of a package: pupils against the lessons held, means, absences; then the lessons."""
    from openpyxl import Workbook  # only the processes that make tables pay for its import

    book = Workbook()
    pupils = book.active
    pupils.title = "Отметки"
    period, held = package["period"], package["lessons"]["held"]
    heading = (
        f"{package['host']['short_name']} → {package['home']['short_name']}, {package['course']['title']}, "
        f"{package['group']['name']}, {month_label(period['year'], period['month'])}"
    )
    _row(pupils, [heading], bold=True)
    head = ["№", "ФИО", "Класс", *(ru_day(lesson["date"])[:5] for lesson in held)]
    _row(pupils, [*head, "Средний", "Н", "Б", "УП", "НП", "Опозданий"], bold=True)
    for no, line in enumerate(package["lines"], 1):
        texts = cells(line)
        absences = line["absences"]
        _row(
            pupils,
            [
                no,
                full_name(line),
                line["class"],
                *(texts.get(lesson["id"], ("", ""))[1] for lesson in held),
                mean_words(line["mean"]),
                *(absences[code] for code in ("absent", "ill", "excused", "unexcused")),
                line["late"],
            ],
        )
    pupils.column_dimensions["B"].width = 40
    pupils.freeze_panes = "C3"
    lessons = book.create_sheet("Занятия")
    _row(lessons, ["Дата", "Тема", "Домашнее задание"], bold=True)
    for lesson in held:
        _row(lessons, [ru_day(lesson["date"]), lesson["topic"], lesson["homework"]])
    lessons.column_dimensions["B"].width = lessons.column_dimensions["C"].width = 60
    if package["no_lessons_reason"]:
        _row(lessons, ["", f"Занятия не проводились: {package['no_lessons_reason']}"])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _row(sheet: Any, values: Iterable[Any], *, bold: bool = False) -> None:
    """Add a row; text stays text, whatever sign it begins with."""
    from openpyxl.styles import Font

    sheet.append([clean(value) if isinstance(value, str) else value for value in values])
    for cell in sheet[sheet.max_row]:
        if isinstance(cell.value, str):
            cell.data_type = "s"
        if bold:
            cell.font = Font(bold=True)
