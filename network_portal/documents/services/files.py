"""Keeping files that came from outside, byte for byte."""

from __future__ import annotations

import hashlib
from datetime import datetime

from network_portal.accounts.models import User
from network_portal.common.secrets import decrypt_bytes, encrypt_bytes
from network_portal.documents.models import KeptFile
from network_portal.documents.uploads import Upload


def file_keep(*, upload: Upload, by: User, at: datetime, sealed: bool = False) -> KeptFile:
    """Keep a file that was looked at.

    Args:
        upload: from `uploads.check_scan` or `check_detached_signature`.
        by: who attached it.
        at: the moment.
        sealed: encrypt it: it shows a document of identity (L-3).
    """
    return KeptFile.objects.create(
        name=upload.name,
        media_type=upload.media_type,
        content=encrypt_bytes(upload.content) if sealed else upload.content,
        sealed=sealed,
        sha256=hashlib.sha256(upload.content).hexdigest(),
        size=len(upload.content),
        uploaded_by=by,
        uploaded_at=at,
    )


def file_content(kept: KeptFile) -> bytes:
    """Return the bytes as they were uploaded."""
    content = bytes(kept.content)
    return decrypt_bytes(content) if kept.sealed else content
