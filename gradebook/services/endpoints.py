"""Where a school's own system takes transfers, and the key of the signatures (Standard Webhooks)."""

from __future__ import annotations

import base64
import secrets
from datetime import datetime

from django.db import transaction

from gradebook.enums import Verb
from gradebook.models import PushEndpoint
from network_portal.audit.services import record
from network_portal.common.errors import RuleError, StaleError
from network_portal.common.secrets import encrypt
from network_portal.outbox.sender import target_of
from schools.acting import Acting
from schools.models import Organisation

KEY_BYTES = 32


@transaction.atomic
def endpoint_set(*, actor: Acting, url: str, at: datetime) -> str | None:
    """Set or change the address of the own school's system.

    Returns:
        The key of the signatures, which is never shown again, when the school had no address before; else None.

    Raises:
        RuleError: the address is not one that a push may go to.
    """
    organisation = _lock_school(actor)
    target = target_of(url)
    endpoint = PushEndpoint.objects.filter(organisation=organisation).first()
    key = None
    if endpoint is None:
        key = _new_key()
        endpoint = PushEndpoint(organisation=organisation, url=url, secret=encrypt(key))
        endpoint.full_clean()
        endpoint.save()
    else:
        endpoint.url = url
        endpoint.full_clean()
        endpoint.save(update_fields=["url"])
    record(
        Verb.ENDPOINT_SET,
        actor=actor.user,
        organisation=organisation,
        target=endpoint,
        at=at,
        changes={"host": target.host},
    )
    return key


@transaction.atomic
def endpoint_rotate(*, actor: Acting, at: datetime) -> str:
    """Replace the key of the signatures and return the new one, which is never shown again.

    Raises:
        StaleError: the school has no address.
    """
    endpoint = _lock_endpoint(actor)
    key = _new_key()
    endpoint.secret = encrypt(key)
    endpoint.save(update_fields=["secret"])
    record(Verb.ENDPOINT_ROTATED, actor=actor.user, organisation=actor.organisation, target=endpoint, at=at)
    return key


@transaction.atomic
def endpoint_remove(*, actor: Acting, at: datetime) -> None:
    """Stop pushes to the own school's system.

    Raises:
        StaleError: the school has no address.
    """
    endpoint = _lock_endpoint(actor)
    record(Verb.ENDPOINT_REMOVED, actor=actor.user, organisation=actor.organisation, target=endpoint, at=at)
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


def _new_key() -> str:
    return f"whsec_{base64.b64encode(secrets.token_bytes(KEY_BYTES)).decode()}"
