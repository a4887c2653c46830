"""From the bytes of an uploaded file to rows of text; what may not be read is refused with what to do instead."""

from __future__ import annotations

import csv
import io
import re
import warnings
import zipfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import PurePath
from typing import Any

import puremagic

from network_portal.common.errors import RuleError
from network_portal.common.russian import NBSP

MEGABYTE = 1024 * 1024
LARGEST_FILE = 10 * MEGABYTE
LARGEST_UNPACKED = 60 * MEGABYTE
#: A table of text packs some tenfold; whatever packs a hundredfold was made to fill the memory.
HIGHEST_RATIO = 100
MOST_MEMBERS = 500
MOST_ROWS = 10_000
#: Rows with gaps between them: an empty row costs time although nobody sees it.
MOST_LINES = 50_000
MOST_COLUMNS = 60
LONGEST_CELL = 500
LONGEST_NAME = 100

SAVE_AS_XLSX = "Откройте его в табличном редакторе и сохраните как «Книга Excel (.xlsx)»."
TOO_MANY = (
    f"В файле больше {MOST_ROWS // 1000}{NBSP}000 строк. Оставьте в нём только обучающихся вашей школы "
    "или разделите на несколько файлов."
)
FORMULA = "="
Progress = Callable[[int], None]


@dataclass(frozen=True)
class Line:
    """A row of the file: its number as a person counts it, and its cells as text."""

    number: int
    cells: tuple[str, ...]


@dataclass(frozen=True)
class Table:
    """What a file holds.

    Attributes:
        lines: the rows that are not empty.
        merged: the first merged range of each row in which one begins, by the number of the row.
    """

    lines: tuple[Line, ...]
    merged: tuple[tuple[int, str], ...] = ()


def safe_name(name: str) -> str:
    """Return the bare name of an uploaded file without folders and control characters; pages show it as text."""
    bare = PurePath(name.replace("\\", "/")).name
    return "".join(letter for letter in bare if letter.isprintable())[:LONGEST_NAME] or "файл"


def check_file(content: bytes) -> None:
    """Refuse a file that cannot be a table, by a look from outside that unpacks nothing.

    Raises:
        RuleError: it is empty, too big, protected, of another kind, with macros, or would not fit into the memory.
    """
    if not content.strip():
        raise RuleError("Файл пуст. Выберите файл со списком обучающихся.")
    if len(content) > LARGEST_FILE:
        raise RuleError("Файл больше 10 МБ. Уберите из него картинки и лишние листы или разделите на части.")
    if content.startswith(b"\xd0\xcf\x11\xe0"):
        raise RuleError(f"Файл защищён паролем или сохранён в старом формате .xls. Снимите пароль. {SAVE_AS_XLSX}")
    if content.startswith(b"PK"):
        _check_package(content)
    elif kind := _foreign_kind(content):
        raise RuleError(f"Это не таблица, а файл «{kind}». Нужен список в формате .xlsx или .csv.")


def read_table(content: bytes, progress: Progress = lambda count: None) -> Table:
    """Return the rows of a file that `check_file` let pass.

    Args:
        content: the bytes of an XLSX workbook, of which the first sheet is read, or of a CSV file.
        progress: is told from time to time how many rows were read.

    Raises:
        RuleError: the file is broken or has too many rows.
    """
    if content.startswith(b"PK"):
        return _read_workbook(content, progress)
    return Table(tuple(_kept(enumerate(_csv_rows(_decode(content)), 1), progress)))


# --- what a file is ---------------------------------------------------------------------------------------------


def _foreign_kind(content: bytes) -> str:
    """Return the extension of a known kind of file that is no text; an empty string for what may be a CSV."""
    try:
        found = puremagic.from_string(content[: 4 * 1024]).lstrip(".")
    except puremagic.PureError:
        found = ""
    utf16 = content.startswith((b"\xff\xfe", b"\xfe\xff"))
    if found in ("", "csv", "txt") or utf16:
        return "двоичный" if b"\x00" in content and not utf16 else ""
    return found


def _check_package(content: bytes) -> None:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as package:
            members = package.infolist()
            types = b"".join(package.open(m).read(MEGABYTE) for m in members if m.filename == "[Content_Types].xml")
    except (zipfile.BadZipFile, RuntimeError, NotImplementedError, EOFError, OSError) as error:
        raise RuleError(f"Файл повреждён или защищён паролем. {SAVE_AS_XLSX}") from error
    if any(member.flag_bits & 1 for member in members):
        raise RuleError(f"Файл защищён паролем. Снимите пароль. {SAVE_AS_XLSX}")
    unpacked = sum(member.file_size for member in members)
    if len(members) > MOST_MEMBERS or unpacked > LARGEST_UNPACKED or unpacked > MEGABYTE + HIGHEST_RATIO * len(content):
        raise RuleError(
            "Файл слишком велик после распаковки. Скопируйте таблицу в новую книгу без лишних листов и сохраните её."
        )
    if any("vbaproject" in member.filename.lower() for member in members) or b"macroEnabled" in types:
        raise RuleError(f"В файле есть макросы, такие файлы портал не принимает. {SAVE_AS_XLSX}")
    if not any(member.filename == "xl/workbook.xml" for member in members):
        raise RuleError("Это архив или документ другого вида. Нужен список в формате .xlsx или .csv.")


# --- workbooks --------------------------------------------------------------------------------------------------


def _read_workbook(content: bytes, progress: Progress) -> Table:
    from openpyxl import load_workbook  # with the first workbook, not with every process

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # openpyxl warns of parts it does not keep, which nobody asked it to keep
        try:
            book = load_workbook(io.BytesIO(content), read_only=True, data_only=False, keep_links=False)
            try:
                sheet = book.worksheets[0]
                sheet.reset_dimensions()  # the size that a sheet states may be wrong
                rows = sheet.iter_rows(max_col=MOST_COLUMNS, values_only=True)
                lines = tuple(_kept(((n, map(_cell, row)) for n, row in enumerate(rows, 1)), progress))
                merged = _merged(content, sheet._worksheet_path)
            finally:
                book.close()
        except RuleError:
            raise
        except Exception as error:  # a broken workbook fails anywhere in the library, with anything
            raise RuleError(f"Файл повреждён, прочитать его не удалось. {SAVE_AS_XLSX}") from error
    return Table(lines, merged)


def _merged(content: bytes, path: str) -> tuple[tuple[int, str], ...]:
    """Return the merged ranges of a sheet, which the quick way of reading does not tell."""
    with zipfile.ZipFile(io.BytesIO(content)) as package:
        found = re.findall(rb'<(?:\w+:)?mergeCell\s[^>]*?ref="([A-Z]+(\d+)[A-Z0-9:]*)"', package.read(path))
    return tuple(sorted({int(row): ref.decode() for ref, row in reversed(found)}.items()))


def _cell(value: Any) -> str:
    """Return a cell as text; a formula stays the text it was written as, and days are written as ISO."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        value = value.date()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return _plain(str(value))


# --- CSV --------------------------------------------------------------------------------------------------------


def _decode(content: bytes) -> str:
    for encoding in ("utf-16",) if content.startswith((b"\xff\xfe", b"\xfe\xff")) else ("utf-8-sig", "cp1251"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise RuleError("Не удалось понять кодировку файла. Сохраните его как «CSV UTF-8» или как .xlsx.")


def _csv_rows(text: str) -> Iterator[Iterable[str]]:
    separator = _separator(text)
    try:
        for row in csv.reader(io.StringIO(text, newline=""), delimiter=separator):
            yield (_unprotected(_plain(cell)) for cell in row[:MOST_COLUMNS])
    except csv.Error as error:
        raise RuleError("Файл CSV повреждён: проверьте кавычки или сохраните его как .xlsx.") from error


def _separator(text: str) -> str:
    """Return the separator that the first lines have most of."""
    head = "\n".join(text.splitlines()[:20])
    return max(";\t,", key=head.count)


def _unprotected(text: str) -> str:
    """Take off the apostrophe that keeps a spreadsheet from taking a text for a formula."""
    return text[1:] if text.startswith(("'=", "'+", "'-", "'@")) else text


def _plain(text: str) -> str:
    """Return one line without control characters and doubled spaces."""
    return " ".join("".join(c if c.isprintable() else " " for c in text[:LONGEST_CELL]).split())


def _kept(rows: Iterable[tuple[int, Iterable[str]]], progress: Progress) -> Iterator[Line]:
    count = 0
    for number, cells in rows:
        if number > MOST_LINES:
            raise RuleError(TOO_MANY)
        values = tuple(cells)
        if any(values):
            count += 1
            if count > MOST_ROWS + 20:  # the lines above and with the header
                raise RuleError(TOO_MANY)
            if count % 500 == 0:
                progress(count)
            yield Line(number, values)
