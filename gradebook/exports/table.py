"""A sealed package as an XLSX table: a sheet of pupils and a sheet of lessons."""

from __future__ import annotations

from gradebook.exports.sheets import add_row, saved
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
    add_row(pupils, [heading], bold=True)
    head = ["№", "ФИО", "Класс", *(ru_day(lesson["date"])[:5] for lesson in held)]
    add_row(pupils, [*head, "Средний", "Н", "Б", "УП", "НП", "Опозданий"], bold=True)
    for no, line in enumerate(package["lines"], 1):
        texts = cells(line)
        absences = line["absences"]
        add_row(
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
    add_row(lessons, ["Дата", "Тема", "Домашнее задание"], bold=True)
    for lesson in held:
        add_row(lessons, [ru_day(lesson["date"]), lesson["topic"], lesson["homework"]])
    lessons.column_dimensions["B"].width = lessons.column_dimensions["C"].width = 60
    if package["no_lessons_reason"]:
        add_row(lessons, ["", f"Занятия не проводились: {package['no_lessons_reason']}"])
    return saved(book)
