"""States of a paper, kinds of signature, and the sentences of the audit trail."""

from __future__ import annotations

from django.db import models


class DocumentState(models.TextChoices):
    """A registered paper is in force until another one replaces or cancels it (3.13)."""

    DRAFT = "draft", "проект"
    SIGNING = "signing", "на подписании"
    REGISTERED = "registered", "зарегистрирован, действует"
    REPLACED = "replaced", "заменён другим документом"
    CANCELLED = "cancelled", "аннулирован"


DOCUMENT_TRANSITIONS: dict[DocumentState, frozenset[DocumentState]] = {
    DocumentState.DRAFT: frozenset({DocumentState.SIGNING, DocumentState.REGISTERED}),
    DocumentState.SIGNING: frozenset({DocumentState.DRAFT, DocumentState.REGISTERED}),
    DocumentState.REGISTERED: frozenset({DocumentState.REPLACED, DocumentState.CANCELLED}),
    DocumentState.REPLACED: frozenset(),
    DocumentState.CANCELLED: frozenset(),
}


class SignatureKind(models.TextChoices):
    SES = "ses", "простая электронная подпись"


class Verb(models.TextChoices):
    DRAFTED = "document.drafted", "Подготовлен проект документа"
    REVISED = "document.revised", "Подготовлена новая редакция документа"
    SIGNED = "document.signed", "Документ подписан"
    REFUSED = "document.refused", "В подписании документа отказано"
    REGISTERED = "document.registered", "Документ зарегистрирован"
    REPLACED = "document.replaced", "Документ заменён другим"
    CANCELLED = "document.cancelled", "Документ аннулирован"
    ESIGN_AGREED = "document.esign_agreed", "Заключено соглашение о простой электронной подписи"
