"""Papers of the organisations: versions, signatures, stored PDFs and the registers that number them.

Triggers keep what is signed or registered from change by any path, raw SQL included (I-6, I-7, I-9).
"""

from __future__ import annotations

import secrets
from typing import ClassVar

import pgtrigger
from django.conf import settings
from django.db import models

from network_portal.common.models import choices_check
from network_portal.documents.enums import DOCUMENT_TRANSITIONS, DocumentState, SignatureKind

CODE_LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


def new_check_code() -> str:
    """Return a code for the public check page that nobody can guess: 80 random bits without look-alike letters."""
    letters = "".join(secrets.choice(CODE_LETTERS) for _ in range(16))
    return "-".join(letters[place : place + 4] for place in range(0, 16, 4))


def append_only() -> pgtrigger.Protect:
    """Return the trigger that refuses every change and deletion of a row."""
    return pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)


class Document(models.Model):
    """A paper in an organisation's register; number, year and date appear together at registration (3.13)."""

    TRANSITIONS: ClassVar = DOCUMENT_TRANSITIONS

    kind = models.CharField("вид документа", max_length=10)
    title = models.CharField("название", max_length=200)
    organisation = models.ForeignKey(
        "schools.Organisation", models.PROTECT, related_name="documents", verbose_name="чей документ"
    )
    state = models.CharField("состояние", max_length=12, choices=DocumentState, default=DocumentState.DRAFT)
    year = models.PositiveSmallIntegerField("год", null=True)
    number = models.PositiveIntegerField("номер", null=True)
    registered_on = models.DateField("дата", null=True)
    check_code = models.CharField("код проверки", max_length=19, unique=True, default=new_check_code)
    replaces = models.ForeignKey(
        "self", models.PROTECT, null=True, related_name="replacements", verbose_name="заменяет"
    )
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField("создан")

    class Meta:
        verbose_name = "документ"
        verbose_name_plural = "документы"
        ordering = ["-registered_on", "-pk"]
        constraints = [
            choices_check("state", DocumentState, name="documents_document_state"),
            models.UniqueConstraint(
                fields=["organisation", "kind", "year", "number"],
                name="documents_document_number",
                violation_error_message="Такой номер в реестре уже есть.",
            ),
            models.CheckConstraint(
                condition=models.Q(
                    state__in=[DocumentState.DRAFT, DocumentState.SIGNING],
                    number=None,
                    year=None,
                    registered_on=None,
                )
                | models.Q(
                    state__in=[DocumentState.REGISTERED, DocumentState.REPLACED, DocumentState.CANCELLED],
                    number__isnull=False,
                    year__isnull=False,
                    registered_on__isnull=False,
                ),
                name="documents_document_registered_has_number",
                violation_error_message="Номер и дата есть только у зарегистрированного документа.",
            ),
        ]
        triggers = [
            pgtrigger.Protect(
                name="registered_is_final",
                operation=pgtrigger.Update,
                condition=pgtrigger.Condition(
                    "OLD.number IS NOT NULL AND to_jsonb(OLD) - 'state' IS DISTINCT FROM to_jsonb(NEW) - 'state'"
                ),
            ),
            pgtrigger.Protect(
                name="registered_is_kept",
                operation=pgtrigger.Delete,
                condition=pgtrigger.Q(old__number__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        if self.number is None:
            return f"{self.title} (проект)"
        return f"{self.title} №\u00a0{self.number} от {self.registered_on:%d.%m.%Y}"

    @property
    def is_registered(self) -> bool:
        """Tell whether the paper has its number; it may have been replaced or cancelled since."""
        return self.number is not None

    @property
    def file_name(self) -> str:
        """Return a name for the file without personal data: «T16-2026-000012.pdf»."""
        if self.number is None:
            return f"{self.kind}-draft-{self.pk}.pdf"
        return f"{self.kind}-{self.year}-{self.number:06}.pdf"


class DocumentVersion(models.Model):
    """The content of a paper as it was at one moment; signatures bind to its hash."""

    document = models.ForeignKey(Document, models.PROTECT, related_name="versions")
    no = models.PositiveSmallIntegerField("редакция")
    content = models.TextField("содержание в каноническом виде")
    sha256 = models.CharField("контрольная сумма", max_length=64)
    signers = models.JSONField("кто подписывает, по порядку", default=list)
    template_version = models.PositiveSmallIntegerField("версия шаблона")
    created_at = models.DateTimeField("создана")
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")

    class Meta:
        verbose_name = "редакция документа"
        verbose_name_plural = "редакции документов"
        ordering = ["document", "no"]
        constraints = [
            models.UniqueConstraint(fields=["document", "no"], name="documents_version_no"),
        ]
        triggers = [append_only()]

    def __str__(self) -> str:
        return f"редакция {self.no}"


class SigningAgreement(models.Model):
    """The agreement T24 of a school and a person: signed once by hand after a check of identity (L-10).

    It is in force while its paper is: ending it cancels the paper.
    """

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="signing_agreements", verbose_name="кто подписывает"
    )
    organisation = models.ForeignKey(
        "schools.Organisation", models.PROTECT, related_name="+", verbose_name="кто проверил личность"
    )
    document = models.OneToOneField(Document, models.PROTECT, related_name="+", verbose_name="соглашение")
    identity_document = models.CharField(
        "документ, удостоверяющий личность", max_length=200, help_text="Вид, номер, кем и когда выдан."
    )
    checked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="кто проверил"
    )
    checked_at = models.DateTimeField("когда проверена личность")

    class Meta:
        verbose_name = "соглашение о простой электронной подписи"
        verbose_name_plural = "соглашения о простой электронной подписи"
        ordering = ["-checked_at", "-pk"]

    def __str__(self) -> str:
        return f"{self.user}, {self.document}"


class Signature(models.Model):
    """One person's signature under one version, with what proves it."""

    version = models.ForeignKey(DocumentVersion, models.PROTECT, related_name="signatures")
    slot = models.CharField("место подписи", max_length=40)
    capacity = models.CharField("в каком качестве", max_length=300)
    signer = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="кто")
    signer_name = models.CharField("имя на день подписи", max_length=310)
    kind = models.CharField("вид подписи", max_length=8, choices=SignatureKind, default=SignatureKind.SES)
    signed_at = models.DateTimeField("когда")
    evidence = models.JSONField("доказательства", default=dict)
    agreement = models.ForeignKey(
        SigningAgreement, models.PROTECT, null=True, related_name="+", verbose_name="соглашение об электронной подписи"
    )

    class Meta:
        verbose_name = "подпись"
        verbose_name_plural = "подписи"
        ordering = ["version", "pk"]
        constraints = [
            choices_check("kind", SignatureKind, name="documents_signature_kind"),
            models.UniqueConstraint(
                fields=["version", "slot"],
                name="documents_signature_slot",
                violation_error_message="Эта подпись уже поставлена.",
            ),
            models.UniqueConstraint(
                fields=["version", "signer"],
                name="documents_signature_signer",
                violation_error_message="Один человек не может подписать документ дважды.",
            ),
        ]
        triggers = [append_only()]

    def __str__(self) -> str:
        return f"{self.signer_name}, {self.capacity}"


class Refusal(models.Model):
    """A refusal to sign a version, with the reason; the version cannot be signed any more."""

    version = models.OneToOneField(DocumentVersion, models.PROTECT, related_name="refusal")
    slot = models.CharField("место подписи", max_length=40)
    capacity = models.CharField("в каком качестве", max_length=300)
    signer = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="кто")
    reason = models.TextField("причина")
    refused_at = models.DateTimeField("когда")

    class Meta:
        verbose_name = "отказ в подписи"
        verbose_name_plural = "отказы в подписи"
        triggers = [append_only()]

    def __str__(self) -> str:
        return self.reason


class RegisteredPdf(models.Model):
    """The bytes of a paper, rendered once at registration: a newer template never changes an old paper."""

    document = models.OneToOneField(Document, models.PROTECT, related_name="pdf")
    content = models.BinaryField("файл")
    sha256 = models.CharField("контрольная сумма файла", max_length=64)
    pages = models.PositiveSmallIntegerField("страниц")

    class Meta:
        verbose_name = "файл документа"
        verbose_name_plural = "файлы документов"
        triggers = [append_only()]

    def __str__(self) -> str:
        return self.sha256


class RegisterCounter(models.Model):
    """The last number given in a register: one row per organisation, kind and calendar year (I-7)."""

    organisation = models.ForeignKey("schools.Organisation", models.PROTECT, related_name="+")
    kind = models.CharField(max_length=10)
    year = models.PositiveSmallIntegerField()
    last = models.PositiveIntegerField()

    class Meta:
        verbose_name = "счётчик реестра"
        verbose_name_plural = "счётчики реестров"
        constraints = [
            models.UniqueConstraint(fields=["organisation", "kind", "year"], name="documents_counter_register"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.year}: {self.last}"


class SigningCode(models.Model):
    """A one-time code asked for one version; its digest appears when the letter is sent."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="кому")
    version_sha256 = models.CharField("редакция", max_length=64)
    asked_at = models.DateTimeField("запрошен")
    sent_at = models.DateTimeField("отправлен", null=True)
    sent_to = models.EmailField("куда", blank=True)
    digest = models.CharField(max_length=64, blank=True)
    used_at = models.DateTimeField("использован", null=True)

    class Meta:
        verbose_name = "код подписания"
        verbose_name_plural = "коды подписания"
        ordering = ["-asked_at", "-pk"]
        indexes = [models.Index(fields=["user", "version_sha256", "sent_at"], name="documents_code_version")]

    def __str__(self) -> str:
        return f"{self.user}: {self.asked_at:%d.%m.%Y %H:%M}"


class PasswordAttempt(models.Model):
    """A password and code given at a signature and not yet found right.

    Written by a connection of its own, so that it outlives the refused transaction; hence a number, not a foreign key.
    """

    user_id = models.BigIntegerField()
    at = models.DateTimeField()

    class Meta:
        verbose_name = "попытка ввода пароля"
        verbose_name_plural = "попытки ввода пароля"
        indexes = [models.Index(fields=["user_id", "at"], name="documents_attempt_user")]

    def __str__(self) -> str:
        return f"{self.user_id}: {self.at:%d.%m.%Y %H:%M}"
