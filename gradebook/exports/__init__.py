"""A sealed package as files: a table, OneRoster CSV, and all of them in one archive (formats of exchange)."""

from gradebook.exports.archive import archive
from gradebook.exports.oneroster import oneroster_files
from gradebook.exports.table import table

__all__ = ["archive", "oneroster_files", "table"]
