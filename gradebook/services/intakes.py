"""Keys of programs, and packages that other portals send: taken once, line by line (idempotent by message id)."""

from __future__ import annotations

import hashlib
import secrets
from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.conf import settings
from django.db import transaction
from django.urls import reverse

from gradebook.enums import IntakeLineState, IntakeState, Verb
from gradebook.models import ApiKey, Intake, IntakeLine
from gradebook.package import full_name
from gradebook.selectors.intakes import Envelope, digest_of, envelope_of
from gradebook.services.endpoints import new_key
from gradebook.services.messages import NotAMessageError, changed, signed_id
from gradebook.services.replies import receivers_of
from network_portal.audit.services import record
from network_portal.common.dates import local_day, month_label, month_range
from network_portal.common.errors import RuleError
from network_portal.common.russian import sort_key
from network_portal.common.secrets import decrypt, encrypt
from network_portal.common.states import move
from network_portal.notices.services import notify
from schools.acting import Acting
from schools.agreements import agreement_covers
from schools.models import Organisation, Student

KEY_BYTES = 32


@dataclass(frozen=True)
class IssuedKey:
    """What is shown once: the key of access, and of a partner the key of the signatures."""

    key: ApiKey
    access: str
    signing: str


@transaction.atomic
def api_key_issue(*, actor: Acting, title: str, partner: Organisation | None, at: datetime) -> IssuedKey:
    """Give a program a key that acts for the own school; the key itself is kept nowhere.

    Args:
        actor: who manages the channels of the school.
        title: what the key is for.
        partner: the host school whose portal will deliver here; None for a program that reads the school's transfers.
        at: the moment.
    """
    if actor.organisation is None:
        raise RuleError("Ключ выдаёт школа.")
    given = f"np_{secrets.token_urlsafe(KEY_BYTES)}"
    signing = new_key() if partner else ""
    key = ApiKey(
        organisation=actor.organisation,
        partner=partner,
        title=title.strip(),
        digest=digest_of(given),
        secret=encrypt(signing) if signing else "",
        created_at=at,
        created_by=actor.user,
    )
    key.full_clean(exclude=["partner", "used_at", "revoked_at"])
    key.save()
    record(Verb.API_KEY_ISSUED, actor=actor.user, organisation=actor.organisation, target=key, at=at)
    return IssuedKey(key, given, signing)


@transaction.atomic
def api_key_revoke(*, actor: Acting, key: ApiKey, at: datetime) -> None:
    """Take a key back: the program is refused from now on."""
    key = ApiKey.objects.select_for_update().get(pk=key.pk)
    if key.revoked_at is None:
        key.revoked_at = at
        key.save(update_fields=["revoked_at"])
        record(Verb.API_KEY_REVOKED, actor=actor.user, organisation=key.organisation, target=key, at=at)


def api_key_used(*, key: ApiKey, at: datetime) -> None:
    """Note when a key was used last."""
    ApiKey.objects.filter(pk=key.pk).update(used_at=at)


# --- packages -----------------------------------------------------------------------------------------------------


@transaction.atomic
def intake_take(*, key: ApiKey, headers: dict[str, str], body: bytes, at: datetime) -> tuple[Intake, bool]:
    """Take a package that a partner's portal pushed.

    The same message sent again is answered with what became of it. Messages may come in any order: of several versions
    of a month the highest counts. A pupil whom the school does not have waits in quarantine, the others are taken in.

    Args:
        key: the partner's key.
        headers: of the request, names in lower case.
        body: the bytes as they came.
        at: the moment of arrival.

    Returns:
        What was kept, and whether it is new. A refused package is kept too, with the reason.

    Raises:
        WrongSignatureError: signature or age.
        ChangedBodyError: the id is known with another body.
        NotAMessageError: the body is not a package, or its hash is wrong.
    """
    message_id = signed_id(secrets=[decrypt(key.secret)], headers=headers, body=body, at=at)
    key = ApiKey.objects.select_for_update(of=("self",)).select_related("organisation", "partner").get(pk=key.pk)
    sha256 = hashlib.sha256(body).hexdigest()
    if known := Intake.objects.filter(key=key, message_id=message_id).first():
        if known.sha256 != sha256:
            raise changed()
        return known, False
    try:
        envelope = envelope_of(body)
    except ValueError as error:
        raise NotAMessageError(str(error)) from error
    assert key.partner is not None
    reason = _refusal(key.organisation, key.partner, envelope)
    package = envelope.package
    lines = [] if reason else _lines(key.organisation, package["lines"])
    waiting = [line for line in lines if line.student is None]
    intake = Intake(
        key=key,
        message_id=message_id,
        home=key.organisation,
        host=key.partner,
        raw=body,
        sha256=sha256,
        received_at=at,
        state=IntakeState.REFUSED if reason else IntakeState.PARTIAL if waiting else IntakeState.TAKEN,
        reason=reason,
        number=envelope.number,
        version=envelope.version,
        year=envelope.year,
        month=envelope.month,
        group_key=package["group"]["id"],
        group_name=package["group"]["name"],
        course_title=package["course"]["title"],
        package_sha256=envelope.sha256,
        receipt_url=envelope.receipt_url,
    )
    intake.full_clean(exclude=["raw"])
    intake.save()
    for line in lines:
        line.intake = intake
    IntakeLine.objects.bulk_create(lines)
    verb = Verb.INTAKE_REFUSED if reason else Verb.INTAKE_TAKEN
    record(verb, actor=None, organisation=intake.home, target=intake, at=at, changes={"sha256": sha256})
    _tell(intake, len(waiting), at)
    return intake, True


@transaction.atomic
def intake_line_match(*, actor: Acting, line: IntakeLine, student: Student, at: datetime) -> IntakeLine:
    """Take a line out of quarantine: the school says whose it is.

    Raises:
        RuleError: the package has a line of that pupil already.
        StaleError: the line is matched already.
    """
    intake = Intake.objects.select_for_update().get(pk=line.intake_id)
    line = IntakeLine.objects.select_for_update().get(pk=line.pk)
    if intake.lines.filter(student=student).exists():
        raise RuleError("Строка этого обучающегося в ведомости уже есть.", field="student")
    move(line, IntakeLineState.TAKEN, student=student, matched_by=actor.user, matched_at=at)
    record(Verb.INTAKE_MATCHED, actor=actor.user, organisation=actor.organisation, target=line, at=at)
    if not intake.lines.filter(state=IntakeLineState.QUARANTINED).exists():
        move(intake, IntakeState.TAKEN)
    return line


def _refusal(home: Organisation, host: Organisation, envelope: Envelope) -> str:
    """Return why the school does not take the package; an empty string when it does."""
    package = envelope.package
    if package["home"]["ogrn"] != home.ogrn or not home.ogrn:
        return f"Ведомость составлена для другой школы: {package['home']['short_name']}."
    if package["host"]["ogrn"] != host.ogrn or not host.ogrn:
        return f"Ключ выдан школе {host}, а ведомость составила другая: {package['host']['short_name']}."
    first, last = month_range(envelope.year, envelope.month)
    if not agreement_covers(home=home, host=host, first=first, last=last):
        return f"Со школой {host} нет договора, который действовал в этом месяце."
    return ""


def _lines(home: Organisation, lines: list[dict[str, Any]]) -> list[IntakeLine]:
    """Return the lines with the pupils they belong to: by full name, and by class where names are alike."""
    by_name: dict[str, list[Student]] = defaultdict(list)
    for student in Student.objects.filter(home_school=home).select_related("school_class"):
        by_name[sort_key(student.full_name)].append(student)
    found = []
    taken: set[int] = set()
    for no, line in enumerate(lines, 1):
        name = full_name(line)
        alike = by_name.get(sort_key(name), [])
        same_class = [one for one in alike if str(one.school_class) == line["class"]]
        chosen = alike if len(alike) == 1 else same_class
        reason = ""
        if not alike:
            reason = "В школе нет обучающегося с таким именем."
        elif len(chosen) != 1:
            reason = "В школе несколько обучающихся с таким именем, класс не подсказал, кто из них."
        elif chosen[0].pk in taken:
            reason = "Строка этого обучающегося в ведомости уже есть."
        owner = None if reason else chosen[0]
        if owner is not None:
            taken.add(owner.pk)
        found.append(
            IntakeLine(
                no=no,
                name=name,
                school_class=line["class"],
                content=line,
                state=IntakeLineState.QUARANTINED if reason else IntakeLineState.TAKEN,
                reason=reason,
                student=owner,
            )
        )
    return found


def _tell(intake: Intake, quarantined: int, at: datetime) -> None:
    day: date = local_day(at, settings.TIME_ZONE)
    month = month_label(intake.year or day.year, intake.month or day.month)
    if intake.reason:
        text = f"Ведомость другого портала не принята: {intake.host}, {month}. {intake.reason}"
    else:
        text = f"Пришла ведомость с другого портала: {intake.host}, {intake.group_name}, {month}"
        if quarantined:
            text += f"; строк в карантине: {quarantined}"
    notify(receivers_of(intake, at), text, reverse("intake", args=[intake.pk]), at=at)
