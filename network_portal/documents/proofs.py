"""What a simple electronic signature stands on: the agreement T24, a fresh password and a one-time code (L-10)."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.utils.crypto import constant_time_compare, salted_hmac

from network_portal.accounts.models import User
from network_portal.common.errors import RuleError
from network_portal.documents.attempts import attempt
from network_portal.documents.enums import SignatureKind
from network_portal.documents.models import SigningAgreement, SigningCode
from network_portal.documents.selectors import signing_agreement_of
from network_portal.documents.uploads import Upload

CODE_DIGITS = 6
CODE_LIFE = timedelta(minutes=10)
NO_AGREEMENT = (
    "Подписать на портале может тот, с кем школа заключила соглашение о простой электронной подписи. "
    "Придите в школу с паспортом или подпишите документ на бумаге."
)


@dataclass(frozen=True)
class Proof:
    """What a signer types for one signature.

    Attributes:
        password: the password of the account.
        code: the one-time code from the letter; spaces in it do not matter.
        user_agent: what browser the signature came from, kept as evidence.
    """

    password: str
    code: str = ""
    user_agent: str = ""


@dataclass(frozen=True, kw_only=True)
class SignedElsewhere:
    """What a clerk attaches of a signature that was not made on the portal; it takes the place of a `Proof`.

    Attributes:
        signer_name: who signed, in full.
        signed_on: the date written beside the signature.
        file: the scan of the paper, or the detached file of a qualified signature.
        original: for a qualified signature the very file that was signed.
        kind: by hand, or qualified.
        signer: the signer's account, if there is one.
        capacity: in what capacity, if it is another than the paper names.
        basis: a power of attorney, if the signer acts by one.
        sealed: keep the files encrypted: they show documents of identity (L-3).
    """

    signer_name: str
    signed_on: date
    file: Upload
    original: Upload | None = None
    kind: SignatureKind = SignatureKind.HAND
    signer: User | None = None
    capacity: str = ""
    basis: str = ""
    sealed: bool = False


@dataclass(frozen=True)
class Proved:
    """What was found right; it becomes the evidence of the signature."""

    agreement: SigningAgreement
    code: SigningCode


def new_code() -> str:
    """Return a one-time code of six digits."""
    return f"{secrets.randbelow(10**CODE_DIGITS):0{CODE_DIGITS}}"


def code_digest(user_id: int, version_sha256: str, code: str) -> str:
    """Return what is kept of a code: it is worth nothing for another person or another version."""
    return salted_hmac("documents.signing_code", f"{user_id}:{version_sha256}:{code}", algorithm="sha256").hexdigest()


def check_proof(user: User, proof: Proof, *, version_sha256: str, at: datetime) -> Proved:
    """Check that `user` may sign electronically, with a fresh password and the code sent for this very version.

    A wrong password and a wrong code count as attempts alike; the count survives the refused transaction.

    Args:
        user: who signs.
        proof: what was typed.
        version_sha256: the version that is signed.
        at: the moment.

    Raises:
        RuleError: there is no agreement T24 in force; on the field "password" or "code" when that is wrong, too old,
            used already, or was wrong too often.
    """
    agreement = signing_agreement_of(user)
    if agreement is None:
        raise RuleError(NO_AGREEMENT)
    with attempt(user, at=at):
        if not user.check_password(proof.password):
            raise RuleError("Пароль неверен. Введите пароль, с которым вы входите в портал.", field="password")
        code = _code_in_force(user, version_sha256, at)
        typed = "".join(proof.code.split())
        if code is None:
            raise RuleError("Запросите код: он придёт на вашу почту и действует 10\u00a0минут.", field="code")
        if not constant_time_compare(code.digest, code_digest(user.pk, version_sha256, typed)):
            raise RuleError("Код неверен. Введите последний присланный код или запросите новый.", field="code")
        SigningCode.objects.filter(pk=code.pk).update(used_at=at)
    return Proved(agreement, code)


def _code_in_force(user: User, version_sha256: str, at: datetime) -> SigningCode | None:
    """Return the last code sent for the version, locked, unless it is used or too old."""
    last = (
        SigningCode.objects.select_for_update()
        .filter(user=user, version_sha256=version_sha256, sent_at__isnull=False)
        .order_by("-sent_at", "-pk")
        .first()
    )
    if last is None or last.used_at or last.sent_at is None or last.sent_at <= at - CODE_LIFE:
        return None
    return last
