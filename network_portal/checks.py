"""System checks: what the portal needs from the machine and from its settings before it serves anyone."""

from __future__ import annotations

import ctypes
import ctypes.util
from collections.abc import Sequence
from typing import Any

import fontpkg
from cryptography.fernet import Fernet
from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register

PANGO = ("libpango-1.0.so.0", "libpangoft2-1.0.so.0")
FONTS = ("PT Serif", "PT Sans")


@register()
def check_pango(app_configs: Sequence[Any] | None, **kwargs: Any) -> list[CheckMessage]:
    """WeasyPrint loads Pango when it is imported; say what to install before a paper is due."""
    try:
        for name in PANGO:
            ctypes.CDLL(name)
    except OSError as error:
        hint = "apt-get install --no-install-recommends libpangoft2-1.0-0"
        return [Error(f"Papers cannot be printed: {error}", hint=hint, id="portal.E001")]
    return []


@register()
def check_fonts(app_configs: Sequence[Any] | None, **kwargs: Any) -> list[CheckMessage]:
    """Without its fonts WeasyPrint prints papers with empty boxes instead of letters."""
    missing = []
    for name in FONTS:
        try:
            fontpkg.path(name)
        except fontpkg.FontpkgError:
            missing.append(name)
    if missing:
        hint = "pip install -r requirements.txt"
        return [Error(f"Fonts of the papers are not installed: {', '.join(missing)}", hint=hint, id="portal.E002")]
    return []


@register()
def check_field_keys(app_configs: Sequence[Any] | None, **kwargs: Any) -> list[CheckMessage]:
    """Each key of FIELD_KEYS is a Fernet key; the first one encrypts, all of them decrypt."""
    try:
        keys = [Fernet(key) for key in settings.FIELD_KEYS]
    except ValueError:
        keys = []
    if keys:
        return []
    hint = 'python -c "from cryptography.fernet import Fernet; print(Fernet.generate_key().decode())"'
    return [Error("FIELD_KEYS must hold at least one Fernet key and nothing else.", hint=hint, id="portal.E003")]


@register(Tags.security, deploy=True)
def check_demonstration(app_configs: Sequence[Any] | None, **kwargs: Any) -> list[CheckMessage]:
    """The passwords of the demonstration are public."""
    if settings.DEMO and settings.HTTPS:
        return [Warning("DEMO is on while PUBLIC_URL is https: the accounts are known to everyone.", id="portal.W001")]
    return []
