"""States of a paper, kinds of signature, and the sentences of the audit trail."""

from __future__ import annotations

from django.db import models


class DocumentState(models.TextChoices):
    """The way of a paper (3.13); it is destroyed outside the portal, by an act."""

    DRAFT = "draft", "проект"
    AGREED = "agreed", "согласован"
    SIGNING = "signing", "на подписании"
    SIGNED = "signed", "подписан"
    REGISTERED = "registered", "зарегистрирован, ещё не действует"
    IN_FORCE = "in_force", "действует"
    AMENDED = "amended", "действует с изменениями"
    REPLACED = "replaced", "заменён другим документом"
    CANCELLED = "cancelled", "аннулирован"
    ARCHIVED = "archived", "в архиве"


#: Agreed only where the kind asks for it; whatever changes the content leads back to the draft (I-5).
DOCUMENT_TRANSITIONS: dict[DocumentState, frozenset[DocumentState]] = {
    DocumentState.DRAFT: frozenset({DocumentState.AGREED, DocumentState.SIGNING, DocumentState.REGISTERED}),
    DocumentState.AGREED: frozenset({DocumentState.DRAFT, DocumentState.SIGNING, DocumentState.REGISTERED}),
    DocumentState.SIGNING: frozenset({DocumentState.DRAFT, DocumentState.SIGNED}),
    DocumentState.SIGNED: frozenset({DocumentState.DRAFT, DocumentState.REGISTERED}),
    DocumentState.REGISTERED: frozenset({DocumentState.IN_FORCE, DocumentState.REPLACED, DocumentState.CANCELLED}),
    DocumentState.IN_FORCE: frozenset(
        {DocumentState.AMENDED, DocumentState.REPLACED, DocumentState.CANCELLED, DocumentState.ARCHIVED}
    ),
    DocumentState.AMENDED: frozenset(
        {DocumentState.AMENDED, DocumentState.REPLACED, DocumentState.CANCELLED, DocumentState.ARCHIVED}
    ),
    DocumentState.REPLACED: frozenset({DocumentState.ARCHIVED}),
    DocumentState.CANCELLED: frozenset({DocumentState.ARCHIVED}),
    DocumentState.ARCHIVED: frozenset(),
}
#: States of a paper without a number.
OPEN = frozenset({DocumentState.DRAFT, DocumentState.AGREED, DocumentState.SIGNING, DocumentState.SIGNED})
#: States of a paper that has effect.
EFFECTIVE = frozenset({DocumentState.IN_FORCE, DocumentState.AMENDED})


class Effect(models.TextChoices):
    """What a paper does to the earlier one that it names, from the day it comes into force."""

    REPLACES = "replaces", "заменяет"
    AMENDS = "amends", "изменяет"
    CANCELS = "cancels", "отменяет"


class PersonalData(models.TextChoices):
    """How much a kind of paper tells about people; a kind with data of pupils or parents is never published (L-9)."""

    NONE = "none", "нет"
    STAFF = "staff", "только имена и должности работников"
    FULL = "full", "сведения об обучающихся, родителях или удостоверениях личности"


class Standard(models.TextChoices):
    """The standard by which a paper is laid out, chosen by its date (5.1)."""

    GOST_2016 = "gost-2016", "ГОСТ Р 7.0.97-2016"
    GOST_2025 = "gost-2025", "ГОСТ Р 7.0.97-2025"


class SignatureKind(models.TextChoices):
    """The portal makes the first kind itself; of the others it keeps the file, and checks no certificate."""

    SES = "ses", "простая электронная подпись"
    HAND = "hand", "собственноручная подпись"
    QUALIFIED = "qes", "усиленная квалифицированная электронная подпись"


class Verb(models.TextChoices):
    DRAFTED = "document.drafted", "Подготовлен проект документа"
    REVISED = "document.revised", "Подготовлена новая редакция документа"
    SIGNED = "document.signed", "Документ подписан"
    REFUSED = "document.refused", "В подписании документа отказано"
    AGREED = "document.agreed", "Документ согласован"
    REGISTERED = "document.registered", "Документ зарегистрирован"
    CAME_INTO_FORCE = "document.came_into_force", "Документ вступил в силу"
    AMENDED = "document.amended", "Документ изменён другим"
    REPLACED = "document.replaced", "Документ заменён другим"
    CANCELLED = "document.cancelled", "Документ аннулирован"
    ARCHIVED = "document.archived", "Документ сдан в архив"
    SIGNED_ELSEWHERE = "document.signed_elsewhere", "Зарегистрирована подпись, поставленная вне портала"
    REMINDED = "document.reminded", "Отправлено напоминание о подписи"
    CODE_ASKED = "document.code_asked", "Запрошен код подписания"
    ESIGN_PREPARED = "document.esign_prepared", "Подготовлено соглашение о простой электронной подписи"
    ESIGN_ENDED = "document.esign_ended", "Прекращено соглашение о простой электронной подписи"
    ESIGN_AGREED = "document.esign_agreed", "Заключено соглашение о простой электронной подписи"
