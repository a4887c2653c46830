"""What follows a signed agreement: its redacted copy for everyone, contacts, duties that are done."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from datetime import date, datetime

from django.db import transaction

from network_portal.common import russian
from network_portal.common.errors import RuleError, StaleError
from network_portal.documents.services import document_issue
from schools.acting import Acting
from schools.documents import published_agreement, source_of
from schools.enums import AgreementState, Side, Verb
from schools.models import Agreement, AgreementDuty, Student
from schools.services._agreements import legal_day, lock_agreement, tell
from schools.services.agreements import paper_content
from schools.services.trail import note
from schools.terms import AgreementTerms


@transaction.atomic
def agreement_publish(*, actor: Acting, agreement: Agreement, appendix_ids: Collection[int], at: datetime) -> Agreement:
    """Put the redacted copy of a signed agreement on the page for everyone (L-9, S0-5b).

    It holds no phones, e-mail addresses, bank details and signatures.

    Args:
        actor: the office of the school that prepared the agreement.
        agreement: a signed agreement.
        appendix_ids: the appendices to publish with it.
        at: the moment.

    Raises:
        StaleError: the agreement is not signed, or published already.
        RuleError: an appendix holds personal data; a text names a pupil of one of the schools.
    """
    agreement = lock_agreement(agreement)
    if agreement.state != AgreementState.SIGNED or agreement.document is None:
        raise StaleError(f"Размещают подписанный договор, а он {agreement.get_state_display()}.")
    if agreement.publication is not None:
        raise StaleError("Договор уже размещён на странице для всех.")
    appendices = list(agreement.appendices.all())
    chosen = [one for one in appendices if one.pk in set(appendix_ids)]
    if personal := [one.title for one in chosen if one.personal]:
        raise RuleError(
            f"Приложение «{personal[0]}» содержит персональные данные, разместить его нельзя. Снимите отметку с него.",
            field="appendices",
        )
    content = paper_content(agreement, at)
    titles = {one.title for one in chosen}
    terms = replace(
        content.terms,
        appendices=tuple(one for one in content.terms.appendices if one.title in titles and not one.personal),
    )
    _names_nobody(agreement, terms)
    publication = document_issue(
        actor=actor.user,
        organisation=agreement.home,
        paper=published_agreement(replace(content, terms=terms), source_of(agreement.document)),
        on=legal_day(agreement, at),
        at=at,
        pdf_later=True,
    )
    agreement.publication = publication
    agreement.save(update_fields=["publication"])
    note(Verb.AGREEMENT_PUBLISHED, actor, agreement, at, number=publication.number)
    tell(agreement, [agreement.host], f"Договор размещён на странице для всех: {agreement}", at)
    return agreement


def _names_nobody(agreement: Agreement, terms: AgreementTerms) -> None:
    """Refuse texts with the surname and first name of a pupil of either school."""
    texts = russian.fold(" ".join(_texts(terms)))
    pupils = Student.objects.filter(home_school__in=[agreement.home_id, agreement.host_id], left_on=None)
    for surname, name in pupils.values_list("last_name", "first_name").distinct():
        if russian.fold(f"{surname} {name}") in texts or russian.fold(f"{name} {surname}") in texts:
            raise RuleError(
                "В условиях договора названы фамилия и имя обучающегося. Уберите их дополнительным соглашением или "
                "перенесите в приложение с отметкой «Содержит персональные данные», затем разместите договор."
            )


def _texts(value: object) -> list[str]:
    if isinstance(value, str):
        return [value]
    if isinstance(value, tuple):
        return [text for one in value for text in _texts(one)]
    return [text for one in vars(value).values() for text in _texts(one)] if hasattr(value, "__dict__") else []


@transaction.atomic
def agreement_contacts(*, actor: Acting, agreement: Agreement, contacts: str, at: datetime) -> Agreement:
    """Change whom to ask in the own school; it is no term and needs nobody's approval.

    Args:
        actor: the office of a party.
        agreement: of any state.
        contacts: names, phones, hours.
        at: the moment.
    """
    agreement = lock_agreement(agreement)
    name = "home_contacts" if actor.organisation_id == agreement.home_id else "host_contacts"
    setattr(agreement, name, contacts.strip())
    agreement.save(update_fields=[name])
    note(Verb.AGREEMENT_CONTACTS, actor, agreement, at)
    return agreement


@transaction.atomic
def agreement_duty_done(*, actor: Acting, duty: AgreementDuty, on: date, at: datetime) -> AgreementDuty:
    """Mark that the own school has done what it owed (S4-5.8); the other party is told.

    Args:
        actor: the office of the party that owes it.
        duty: a duty of a signed agreement.
        on: the day it was done.
        at: the moment.

    Raises:
        StaleError: it is marked already, or the agreement is not signed.
        RuleError: the day lies ahead or before the agreement.
    """
    agreement = lock_agreement(duty.agreement)
    duty = AgreementDuty.objects.select_for_update().get(pk=duty.pk)
    if agreement.state != AgreementState.SIGNED:
        raise StaleError(f"Обязанности исполняют по подписанному договору, а он {agreement.get_state_display()}.")
    if duty.done_on is not None:
        raise StaleError("Эта обязанность уже отмечена исполненной.")
    if not agreement.date_from <= on <= max(legal_day(agreement, at), agreement.date_from):
        raise RuleError("День исполнения: не раньше начала действия договора и не позже сегодняшнего.", field="on")
    duty.done_on, duty.done_by = on, actor.user
    duty.save(update_fields=["done_on", "done_by"])
    note(Verb.AGREEMENT_DUTY_DONE, actor, agreement, at, duty=duty.pk)
    other = agreement.host if duty.party == Side.HOME else agreement.home
    tell(agreement, [other], f"Исполнено по договору: {duty.what}", at)
    return duty
