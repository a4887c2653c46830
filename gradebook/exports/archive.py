"""Everything of a transfer in one ZIP: paper, table, the sealed bytes, OneRoster, and the sums to check them by."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from datetime import datetime

from gradebook.exports.oneroster import oneroster_files
from gradebook.exports.table import table


def archive(*, payload: str, pdf: bytes, name: str, at: datetime) -> bytes:
    """Return the ZIP.

    Args:
        payload: the sealed canonical JSON.
        pdf: the kept paper.
        name: of the files, without personal data: «T16-2026-000012».
        at: the moment that stands in the archive; the same transfer always gives the same bytes.
    """
    package = json.loads(payload)
    roster = _zip({path: text.encode() for path, text in oneroster_files(package).items()}, at)
    files = {
        f"{name}.pdf": pdf,
        f"{name}.xlsx": table(package),
        f"{name}.json": payload.encode(),
        f"{name}-oneroster.zip": roster,
    }
    sums = "".join(f"{hashlib.sha256(content).hexdigest()}  {path}\n" for path, content in files.items())
    return _zip({**files, "SHA256SUMS": sums.encode()}, at)


def _zip(files: dict[str, bytes], at: datetime) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        for path, content in files.items():
            made.writestr(zipfile.ZipInfo(path, at.timetuple()[:6]), content, zipfile.ZIP_DEFLATED)
    return out.getvalue()
