"""Where a school's own system takes transfers, and the key of the signatures (Standard Webhooks)."""

from __future__ import annotations

import base64
import binascii
import secrets
from datetime import datetime, timedelta

from django.db import transaction

from gradebook.enums import Verb
from gradebook.models import MailChannel, PushEndpoint
from network_portal.audit.services import record
from network_portal.common.errors import RuleError, StaleError
from network_portal.common.secrets import encrypt
from network_portal.outbox.sender import target_of
from schools.acting import Acting
from schools.models import Organisation
from schools.services.trail import note

KEY_BYTES = 32
#: How long the old key of the signatures signs beside the new one.
OVERLAP = timedelta(days=7)


@transaction.atomic
def endpoint_set(
    *, actor: Acting, url: str, thin: bool = False, key: str = "", access_key: str = "", at: datetime
) -> str | None:
    """Set or change the address of the own school's system.

    Args:
        actor: who manages it.
        url: where the pushes go.
        thin: send a notice without personal data; the system then comes and reads the transfer with its own key.
        key: the key of the signatures that the receiver gave, where it gives one; empty leaves or makes one.
        access_key: what the receiver asks for in the header Authorization; empty leaves the one that is there.
        at: the moment.

    Returns:
        The key of the signatures, which is never shown again, when the portal has made one; else None.

    Raises:
        RuleError: the address is not one that a push may go to, or the key is not one of Standard Webhooks.
    """
    organisation = _lock_school(actor)
    target = target_of(url)
    if key and not _is_key(key):
        raise RuleError("Ключ подписи начинается с whsec_ и содержит от 24 до 64 байтов в base64.", field="key")
    endpoint = PushEndpoint.objects.filter(organisation=organisation).first()
    made = None
    if endpoint is None:
        made = None if key else new_key()
        endpoint = PushEndpoint(organisation=organisation, secret=encrypt(key or made or ""))
    elif key:
        endpoint.secret = encrypt(key)
    endpoint.url, endpoint.thin = url, thin
    if access_key:
        endpoint.access_key = encrypt(access_key)
    endpoint.full_clean(exclude=["previous_until"])
    if endpoint.pk is None:
        endpoint.save()
    else:
        endpoint.save(update_fields=["url", "thin", "secret", "access_key"])
    record(
        Verb.ENDPOINT_SET,
        actor=actor.user,
        organisation=organisation,
        target=endpoint,
        at=at,
        changes={"host": target.host, "thin": thin},
    )
    return made


@transaction.atomic
def endpoint_rotate(*, actor: Acting, at: datetime) -> str:
    """Make a new key of the signatures and return it, never to be shown again; the old one signs too for a while.

    Raises:
        StaleError: the school has no address.
    """
    endpoint = _lock_endpoint(actor)
    key = new_key()
    endpoint.previous_secret, endpoint.previous_until = endpoint.secret, at + OVERLAP
    endpoint.secret = encrypt(key)
    endpoint.save(update_fields=["secret", "previous_secret", "previous_until"])
    note(Verb.ENDPOINT_ROTATED, actor, endpoint, at)
    return key


@transaction.atomic
def mail_set(*, actor: Acting, email: str, at: datetime) -> None:
    """Take the own school's transfers by e-mail too, or no more when `email` is empty."""
    organisation = _lock_school(actor)
    channel = MailChannel.objects.filter(organisation=organisation).first()
    if not email:
        if channel is not None:
            record(Verb.MAIL_REMOVED, actor=actor.user, organisation=organisation, target=channel, at=at)
            channel.delete()
        return
    channel = channel or MailChannel(organisation=organisation)
    channel.email = email
    channel.full_clean()
    if channel.pk is None:
        channel.save()
    else:
        channel.save(update_fields=["email"])
    record(Verb.MAIL_SET, actor=actor.user, organisation=organisation, target=channel, at=at)


@transaction.atomic
def endpoint_remove(*, actor: Acting, at: datetime) -> None:
    """Stop pushes to the own school's system.

    Raises:
        StaleError: the school has no address.
    """
    endpoint = _lock_endpoint(actor)
    note(Verb.ENDPOINT_REMOVED, actor, endpoint, at)
    endpoint.delete()


def _lock_school(actor: Acting) -> Organisation:
    if actor.organisation_id is None:
        raise RuleError("Адрес указывает школа.")
    return Organisation.objects.select_for_update(no_key=True).get(pk=actor.organisation_id)


def _lock_endpoint(actor: Acting) -> PushEndpoint:
    endpoint = PushEndpoint.objects.select_for_update().filter(organisation=actor.organisation_id).first()
    if endpoint is None:
        raise StaleError("Адрес внешней системы уже удалён. Обновите страницу.")
    return endpoint


def new_key() -> str:
    """Return a new key of signatures (Standard Webhooks)."""
    return f"whsec_{base64.b64encode(secrets.token_bytes(KEY_BYTES)).decode()}"


def _is_key(text: str) -> bool:
    """Tell whether `text` is a key of Standard Webhooks."""
    if not text.startswith("whsec_"):
        return False
    try:
        return 24 <= len(base64.b64decode(text.removeprefix("whsec_"), validate=True)) <= 64
    except (binascii.Error, ValueError):
        return False
