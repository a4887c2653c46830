"""Reminding who has to sign: no oftener than once a day, with a link that leads straight to the paper."""

from __future__ import annotations

from datetime import datetime
from math import ceil

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import transaction
from django.template.loader import render_to_string
from django.urls import reverse

from network_portal.accounts.models import User
from network_portal.audit.services import record
from network_portal.common.errors import RuleError
from network_portal.common.russian import plural
from network_portal.documents.enums import Verb
from network_portal.documents.models import Document, Reminder
from network_portal.documents.selectors import current_version, next_slot
from network_portal.documents.services.papers import lock, still_open
from network_portal.documents.signing import REMINDER_PAUSE, last_reminder, link_token
from network_portal.outbox.services import emit


@transaction.atomic
def signature_remind(
    *, actor: User, document: Document, people: list[User], url: str, at: datetime
) -> tuple[Reminder, ...]:
    """Remind those whose signature a paper waits for now.

    Args:
        actor: who reminds; the owning app's gate let the person through.
        document: a paper that waits for a signature.
        people: who may sign in the place whose turn it is; the owning app knows.
        url: the page where they sign.
        at: the moment.

    Returns:
        One reminder for each person; the caller tells them by the bell too, the letters are on their way.

    Raises:
        RuleError: nobody's signature is waited for; nobody may give it; reminded less than a day ago.
        StaleError: the paper is registered.
    """
    document = lock(document)
    still_open(document)
    waiting, version = next_slot(document), current_version(document)
    if waiting is None:
        raise RuleError("Подписи под документом сейчас никто не ждёт.")
    told = [user for user in people if user.pk != actor.pk]
    if not told:
        raise RuleError("Напомнить некому: тот, кто подписывает, сейчас не назначен на портале.")
    last = last_reminder(version, waiting.key)
    if last and last.at > at - REMINDER_PAUSE:
        hours = ceil((last.at + REMINDER_PAUSE - at).total_seconds() / 3600)
        raise RuleError(f"Напоминание уже отправлено. Следующее: через {hours}\u00a0{plural(hours, 'час,часа,часов')}.")
    reminders = tuple(
        Reminder.objects.create(version=version, slot=waiting.key, user=user, sent_by=actor, url=url, at=at)
        for user in told
    )
    for reminder in reminders:
        emit(
            topic="documents.reminder",
            key=f"reminder:{reminder.pk}",
            payload={"reminder_id": reminder.pk},
            at=at,
        )
    record(
        Verb.REMINDED,
        actor=actor,
        organisation=document.organisation,
        target=document,
        at=at,
        changes={"slot": waiting.key, "users": [reminder.user_id for reminder in reminders]},
    )
    return reminders


def reminder_send(*, reminder_id: int) -> None:
    """Send the letter of a reminder, unless the signature was given meanwhile."""
    reminder = Reminder.objects.select_related("user", "version__document", "sent_by").get(pk=reminder_id)
    document = reminder.version.document
    waiting = None if document.is_registered else next_slot(document)
    if waiting is None or waiting.key != reminder.slot:
        return
    text = render_to_string(
        "documents/email/reminder.txt",
        {
            "title": document.title,
            "link": settings.PUBLIC_URL.rstrip("/") + reverse("signing_link", args=[link_token(reminder)]),
            "sender": reminder.sent_by.short_name,
        },
    )
    EmailMessage("Документ ждёт вашей подписи", text, to=[reminder.user.email]).send()
