"""Secrets that the database keeps: encrypted with the keys of this installation, the newest first."""

from __future__ import annotations

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings


class BrokenSecretError(Exception):
    """The text was not encrypted with any of the keys in `FIELD_KEYS`."""


def encrypt(secret: str) -> str:
    """Return `secret` as the database may keep it."""
    return _keys().encrypt(secret.encode()).decode()


def decrypt(kept: str) -> str:
    """Return the secret that `encrypt` was given.

    Raises:
        BrokenSecretError: no key of `FIELD_KEYS` opens it.
    """
    try:
        return _keys().decrypt(kept.encode()).decode()
    except InvalidToken as error:
        raise BrokenSecretError from error


def encrypt_bytes(secret: bytes) -> bytes:
    """Return the bytes of a file as the database may keep them."""
    return _keys().encrypt(secret)


def decrypt_bytes(kept: bytes) -> bytes:
    """Return the bytes that `encrypt_bytes` was given; BrokenSecretError when no key opens them."""
    try:
        return _keys().decrypt(kept)
    except InvalidToken as error:
        raise BrokenSecretError from error


def _keys() -> MultiFernet:
    return MultiFernet([Fernet(key) for key in settings.FIELD_KEYS])
