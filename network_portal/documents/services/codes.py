"""One-time codes for signing: asked for on the page, sent by e-mail; the code itself is never in the database."""

from __future__ import annotations

from datetime import datetime, timedelta
from math import ceil

from django.core.mail import EmailMessage
from django.db import transaction
from django.template.loader import render_to_string

from network_portal.accounts.models import User
from network_portal.audit.services import record
from network_portal.common.errors import RuleError, StaleError
from network_portal.common.russian import plural
from network_portal.documents.enums import Verb
from network_portal.documents.models import SigningCode
from network_portal.documents.proofs import CODE_LIFE, NO_AGREEMENT, code_digest, new_code
from network_portal.documents.selectors import signing_agreement_of
from network_portal.documents.signing import open_version
from network_portal.outbox.handlers import LocalEffect
from network_portal.outbox.services import emit

PAUSE = timedelta(minutes=1)
AN_HOUR = timedelta(hours=1)
MOST_AN_HOUR = 6


@transaction.atomic
def signing_code_ask(
    *, user: User, version_sha256: str, at: datetime, ip: str = "", user_agent: str = ""
) -> SigningCode:
    """Ask for a code to sign one version; the worker makes it and sends it to the person's own address.

    Args:
        user: who wants to sign.
        version_sha256: the version that the page shows.
        at: the moment.
        ip: where the request came from, kept as evidence.
        user_agent: what browser it came from, kept as evidence.

    Raises:
        RuleError: there is no agreement T24 in force; asked less than a minute ago, or too often in this hour.
        StaleError: no paper that can still be signed has this version.
    """
    User.objects.select_for_update(no_key=True).get(pk=user.pk)
    if signing_agreement_of(user) is None:
        raise RuleError(NO_AGREEMENT)
    version = open_version(version_sha256)
    if version is None:
        raise StaleError("Эту редакцию уже нельзя подписать: документ изменён или подписан. Откройте его заново.")
    _not_too_often(user, at)
    code = SigningCode.objects.create(
        user=user,
        version_sha256=version_sha256,
        asked_at=at,
        asked_ip=ip[:45],
        asked_agent=user_agent[:300],
    )
    document = version.document
    record(Verb.CODE_ASKED, actor=user, organisation=document.organisation, target=document, at=at)
    emit(topic="documents.signing_code", key=f"signing_code:{code.pk}", payload={"code_id": code.pk}, at=at)
    return code


def signing_code_send(*, code_id: int, at: datetime) -> LocalEffect | None:
    """Send the letter with a new code, unless the request for it is out of date.

    Returns:
        What keeps the digest and the moment of sending; to be committed with the end of the event.
    """
    asked = SigningCode.objects.select_related("user").get(pk=code_id)
    version = open_version(asked.version_sha256)
    if version is None or asked.sent_at or asked.asked_at <= at - CODE_LIFE:
        return None
    code = new_code()
    address = asked.user.email
    text = render_to_string(
        "documents/email/signing_code.txt",
        {"code": code, "title": version.document.title, "minutes": int(CODE_LIFE.total_seconds() // 60)},
    )
    EmailMessage("Код для подписания документа", text, to=[address]).send()
    digest = code_digest(asked.user_id, asked.version_sha256, code)

    def keep() -> None:
        SigningCode.objects.filter(pk=code_id).update(digest=digest, sent_at=at, sent_to=address)

    return keep


def signing_code_fail(*, code_id: int, at: datetime) -> None:
    """Note that the letter could not be sent, so that the page says so."""
    SigningCode.objects.filter(pk=code_id, used_at=None).update(failed_at=at)


def signing_code_keep(*, user: User, version_sha256: str, code: str, at: datetime) -> SigningCode:
    """Keep that `code` was sent to the address of `user` for signing one version; only its digest stays."""
    return SigningCode.objects.create(
        user=user,
        version_sha256=version_sha256,
        asked_at=at,
        sent_at=at,
        sent_to=user.email,
        digest=code_digest(user.pk, version_sha256, code),
    )


def _not_too_often(user: User, at: datetime) -> None:
    moments = SigningCode.objects.filter(user=user, asked_at__gt=at - AN_HOUR).order_by("-asked_at")
    asked = list(moments.values_list("asked_at", flat=True))
    if asked and asked[0] > at - PAUSE:
        seconds = ceil((asked[0] + PAUSE - at).total_seconds())
        raise RuleError(
            f"Код уже запрошен. Новый можно запросить через {seconds}\u00a0{plural(seconds, 'секунду,секунды,секунд')}."
        )
    if len(asked) >= MOST_AN_HOUR:
        minutes = ceil((asked[MOST_AN_HOUR - 1] + AN_HOUR - at).total_seconds() / 60)
        raise RuleError(
            f"За час можно запросить не больше {MOST_AN_HOUR}\u00a0кодов. Следующий: через "
            f"{minutes}\u00a0{plural(minutes, 'минуту,минуты,минут')}."
        )
