"""What is given out as files: a sealed package as table, OneRoster CSV and archive; lists of pages as tables."""

from gradebook.exports.archive import archive
from gradebook.exports.oneroster import oneroster_files
from gradebook.exports.sheets import list_table
from gradebook.exports.table import table

__all__ = ["archive", "list_table", "oneroster_files", "table"]
