"""Consents to the processing of a child's data: papers apart from the application, one for each operator (L-2, T02)."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.html import strip_tags

from enrollment.documents import SheetLine, SheetPaper, consent_paper, consent_until, details_words
from enrollment.enums import Verb
from enrollment.models import Application, Consent, FamilyDetails
from enrollment.selectors.consents import (
    consents_needed,
    consents_to_sign,
    papers_to_sign,
)
from enrollment.selectors.details import Details, KeptDetails, details_of, details_row
from enrollment.services._shared import checked, lock_application, tell_managers
from enrollment.services.leaving import reviews_follow
from network_portal.common.dates import local_day
from network_portal.common.errors import RuleError, StaleError
from network_portal.common.secrets import encrypt
from network_portal.documents.kinds import content_of, content_sha256, parse
from network_portal.documents.models import Document
from network_portal.documents.proofs import Proof
from network_portal.documents.selectors import current_version
from network_portal.documents.services import (
    SignerSlot,
    document_draft,
    document_register,
    document_revise,
    document_sign,
    signing_code_keep,
)
from schools.acting import Acting
from schools.models import Student
from schools.services.trail import note

SLOT = "guardian"


@transaction.atomic
def family_details_keep(*, actor: Acting, application: Application, details: Details, at: datetime) -> FamilyDetails:
    """Keep addresses and identity documents, encrypted; asked once for a parent and a child (L-2, L-3).

    Args:
        actor: the parent, or who enters an application from paper.
        application: names the child and the representative.
        details: what was typed.
        at: the moment.
    """
    application = lock_application(application)
    kept = KeptDetails(details, secrets.token_hex(16))
    row = details_row(application)
    if row is None:
        row = FamilyDetails(
            student=application.student,
            guardian=application.guardian,
            application=None if application.guardian_id else application,
        )
    row.sealed, row.kept_at = encrypt(kept.sealed()), at
    checked(row).save()
    note(Verb.FAMILY_DETAILS_KEPT, actor, application, at)
    return row


@transaction.atomic
def consents_prepare(*, actor: Acting, application: Application, at: datetime) -> list[Consent]:
    """Make the paper of each consent that is not in force, or its next version when something has changed.

    Returns:
        The drafts; none when every consent is in force.

    Raises:
        RuleError: the parent's details are not there yet.
    """
    application = lock_application(application)
    on = local_day(at, actor.zone)
    missing = [need for need in consents_needed(application, on) if need.given is None]
    if not missing:
        return []
    row = details_row(application)
    if row is None:
        raise RuleError("Для согласий нужны адрес и документ, удостоверяющий личность. Заполните их на этой странице.")
    details = details_of(row)
    drafts = []
    for need in missing:
        paper = consent_paper(
            application,
            operator=need.operator,
            purpose=need.purpose,
            details=details_words(application.home, details),
            details_sha256=details.sha256,
            on=on,
        )
        if need.draft is not None and need.draft.date_from is not None:
            paper = replace(paper, date_from=need.draft.date_from)  # a new day alone makes no new version
        slots = [SignerSlot(SLOT, f"законный представитель ({paper.kinship})")]
        consent = need.draft or Consent(
            student=application.student,
            guardian=application.guardian,
            application=application,
            operator=need.operator,
            purpose=need.purpose,
            evidence={"drafted_at": at.isoformat()},
        )
        if consent.document is None:
            consent.document = document_draft(
                actor=actor.user, organisation=application.home, paper=paper, signers=slots, at=at
            )
        elif current_version(consent.document).sha256 != content_sha256(content_of(paper)):
            document_revise(document=consent.document, paper=paper, actor=actor.user, signers=slots, at=at)
            consent.agreed_at = None
        consent.date_from, consent.date_to = paper.date_from, consent_until(application)
        words = strip_tags(render_to_string("documents/_t02_text.html", {"paper": _fields(consent.document)}))
        consent.text = " ".join(words.split())
        checked(consent).save()
        drafts.append(consent)
    return drafts


@transaction.atomic
def consents_mark(*, actor: Acting, application: Application, operator_ids: Iterable[int], at: datetime) -> None:
    """Note which of the prepared consents the parent has ticked; they are given by the signature, not by the tick.

    Raises:
        RuleError: a school is not an operator of this application.
    """
    application = lock_application(application)
    ticked = set(operator_ids)
    needed = {need.operator.pk: need for need in consents_needed(application, local_day(at, actor.zone))}
    if not ticked <= needed.keys():
        raise RuleError("Для этого заявления нужны другие согласия. Обновите страницу.")
    for need in needed.values():
        if need.draft is None or need.given is not None:
            continue
        agreed_at = (need.draft.agreed_at or at) if need.operator.pk in ticked else None
        if agreed_at != need.draft.agreed_at:
            Consent.objects.filter(pk=need.draft.pk).update(agreed_at=agreed_at)


@transaction.atomic
def sheet_prepare(*, actor: Acting, application: Application, with_application: bool, at: datetime) -> Document | None:
    """Return the paper whose version the parent signs: the only one, or the sheet that lists several of them.

    Args:
        actor: the parent.
        application: with what is prepared.
        with_application: whether the application itself is signed now, or consents alone.
        at: the moment.

    Returns:
        None when there is nothing to sign.
    """
    application = lock_application(application)
    consents = consents_to_sign(application, local_day(at, actor.zone))
    papers = papers_to_sign(application, consents, with_application=with_application)
    if len(papers) < 2:
        return papers[0] if papers else None
    paper = _sheet(application, papers)
    slots = [SignerSlot(SLOT, "законный представитель")]
    if application.sheet is None or application.sheet.is_registered:
        application.sheet = document_draft(
            actor=actor.user, organisation=application.home, paper=paper, signers=slots, at=at
        )
        application.save(update_fields=["sheet"])
    elif current_version(application.sheet).sha256 != content_sha256(content_of(paper)):
        document_revise(document=application.sheet, paper=paper, actor=actor.user, signers=slots, at=at)
    return application.sheet


@transaction.atomic
def consent_give(
    *, actor: Acting, application: Application, version_sha256: str, proof: Proof, at: datetime, ip: str = ""
) -> list[Consent]:
    """Sign the ticked consents alone: those of an application that is submitted already.

    Args:
        actor: the parent.
        application: names the child and the operators.
        version_sha256: the hash that `sheet_prepare` gave.
        proof: the password and the one-time code.
        at: the moment.
        ip: where the request came from, kept as evidence.

    Raises:
        RuleError: nothing is ticked; on the field "password" or "code" when that is wrong.
        StaleError: the papers have changed since they were read.
    """
    application = lock_application(application)
    Student.objects.select_for_update(no_key=True).get(pk=application.student_id)
    on = local_day(at, actor.zone)
    consents = consents_to_sign(application, on)
    if not consents:
        raise RuleError("Отметьте согласие, которое вы даёте.")
    papers = papers_to_sign(application, consents, with_application=False)
    sign_together(
        actor=actor, application=application, papers=papers, version_sha256=version_sha256, proof=proof, at=at, ip=ip
    )
    consents_register(actor=actor, consents=consents, on=on, at=at, method="password and code", ip=ip)
    tell_managers(
        application.home,
        "Семья дала согласие на обработку данных.",
        reverse("application", args=[application.pk]),
        on=on,
        at=at,
    )
    return consents


def sign_together(
    *,
    actor: Acting,
    application: Application,
    papers: list[Document],
    version_sha256: str,
    proof: Proof,
    at: datetime,
    ip: str,
) -> None:
    """Put a signature under each of `papers`, each bound to its own version, by one password and one code.

    The code belongs to the version of the sheet that lists the papers with their hashes.

    Raises:
        RuleError: on the field "password" or "code" when that is wrong.
        StaleError: what was read is not what would be signed now.
    """
    common: dict[str, Any] = {"signer": actor.user, "slot": SLOT, "proof": proof, "at": at, "ip": ip}
    if len(papers) == 1:
        document_sign(document=papers[0], version_sha256=version_sha256, **common)
        return
    sheet = application.sheet
    if sheet is None or current_version(sheet).sha256 != content_sha256(content_of(_sheet(application, papers))):
        raise StaleError("Документы изменились после того, как вы их открыли. Вернитесь на шаг «Согласия».")
    document_sign(document=sheet, version_sha256=version_sha256, **common)
    code = "".join(proof.code.split())
    for paper in papers:
        version = current_version(paper).sha256
        signing_code_keep(user=actor.user, version_sha256=version, code=code, at=at)
        document_sign(document=paper, version_sha256=version, **common)
    on = local_day(at, actor.zone)
    document_register(document=sheet, on=on, at=at, actor=actor.user, pdf_later=True)


def consents_register(
    *, actor: Acting, consents: list[Consent], on: date, at: datetime, method: str, ip: str = ""
) -> None:
    """Register signed consents: each takes its number and is in force from now on."""
    for consent in consents:
        assert consent.document is not None
        consent.document = document_register(document=consent.document, on=on, at=at, actor=actor.user, pdf_later=True)
        consent.given_at = at
        consent.evidence = {
            "method": method,
            "ip": ip,
            "login": actor.user.email,
            "number": consent.document.number,
            "sha256": current_version(consent.document).sha256,
        }
        consent.save(update_fields=["given_at", "evidence"])
        note(Verb.CONSENT_GIVEN, actor, consent, at, operator=consent.operator_id, number=consent.document.number)
    for student_id in {consent.student_id for consent in consents}:
        reviews_follow(student_id=student_id, at=at)


@transaction.atomic
def consent_withdraw(*, actor: Acting, consent: Consent, at: datetime) -> None:
    """Withdraw a consent at once; the managers of both schools are told.

    Nobody is expelled by it: what is not active yet is refused by its conditions, and about a pupil who studies the
    home school decides within three working days (I-4).

    Raises:
        StaleError: it was withdrawn before.
    """
    consent = (
        Consent.objects.select_for_update(of=("self",))
        .select_related("operator", "student__home_school")
        .get(pk=consent.pk)
    )
    if consent.withdrawn_at is not None:
        raise StaleError("Это согласие уже отозвано.")
    consent.withdrawn_at = at
    consent.save(update_fields=["withdrawn_at"])
    note(Verb.CONSENT_WITHDRAWN, actor, consent, at)
    on = local_day(at, actor.zone)
    home = consent.student.home_school
    tell_managers(
        home,
        f"Отозвано согласие на обработку данных обучающегося. Оператор: {consent.operator.short_name}.",
        reverse("application", args=[consent.application_id])
        if consent.application_id
        else reverse("application_list"),
        on=on,
        at=at,
    )
    reviews_follow(student_id=consent.student_id, at=at)
    if consent.operator_id != home.pk:
        tell_managers(
            consent.operator,
            f"Отозвано согласие на обработку данных обучающегося, {home.short_name}. Решение примет его школа.",
            reverse("request_list"),
            on=on,
            at=at,
        )


@transaction.atomic
def consent_read(*, actor: Acting, consent: Consent, at: datetime) -> KeptDetails | None:
    """Open the details for the full copy of a consent and note who read them (L-4); None when none are kept."""
    row = details_row(consent.application) if consent.application else None
    note(Verb.CONSENT_READ, actor, consent, at)
    return details_of(row) if row else None


def _sheet(application: Application, papers: list[Document]) -> SheetPaper:
    lines = []
    for paper in papers:
        version = current_version(paper)
        fields = parse(version.content)
        lines.append(
            SheetLine(
                title=paper.title, addressee=fields.get("operator", application.home.short_name), sha256=version.sha256
            )
        )
    return SheetPaper(person=application.asker.full_name, lines=tuple(lines))


def _fields(document: Document) -> dict[str, object]:
    return parse(current_version(document).content)
