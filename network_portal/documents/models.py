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
from network_portal.documents.enums import (
    DOCUMENT_TRANSITIONS,
    EFFECTIVE,
    OPEN,
    DocumentState,
    Effect,
    SignatureKind,
)

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
        "self", models.PROTECT, null=True, related_name="replacements", verbose_name="более ранний документ"
    )
    effect = models.CharField(
        "что делает с более ранним документом", max_length=8, choices=Effect, default=Effect.REPLACES
    )
    effective_from = models.DateField("действует с", null=True)
    effective_to = models.DateField("действует по", null=True)
    ended_on = models.DateField("заменён или аннулирован", null=True)
    archived_on = models.DateField("сдан в архив", null=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField("создан")

    class Meta:
        verbose_name = "документ"
        verbose_name_plural = "документы"
        ordering = ["-registered_on", "-pk"]
        constraints = [
            choices_check("state", DocumentState, name="documents_document_state"),
            choices_check("effect", Effect, name="documents_document_effect"),
            models.UniqueConstraint(
                fields=["organisation", "kind", "year", "number"],
                name="documents_document_number",
                violation_error_message="Такой номер в реестре уже есть.",
            ),
            models.CheckConstraint(
                condition=models.Q(state__in=sorted(OPEN), number=None, year=None, registered_on=None)
                | models.Q(
                    state__in=sorted(set(DocumentState) - OPEN),
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
                    "OLD.number IS NOT NULL AND ("
                    "OLD.ended_on IS NOT NULL AND OLD.ended_on IS DISTINCT FROM NEW.ended_on "
                    "OR OLD.archived_on IS NOT NULL AND OLD.archived_on IS DISTINCT FROM NEW.archived_on "
                    "OR to_jsonb(OLD) - '{state,ended_on,archived_on}'::text[] "
                    "IS DISTINCT FROM to_jsonb(NEW) - '{state,ended_on,archived_on}'::text[])"
                ),
            ),
            pgtrigger.FSM(
                name="state_by_the_table",
                field="state",
                transitions=sorted(
                    (str(state), str(to)) for state, targets in DOCUMENT_TRANSITIONS.items() for to in targets
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
    def is_effective(self) -> bool:
        """Tell whether the paper has effect: registered, its day has come, not replaced, cancelled or archived."""
        return self.state in EFFECTIVE

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
        indexes = [models.Index(fields=["sha256"], name="documents_version_sha256")]
        triggers = [append_only()]

    def __str__(self) -> str:
        return f"редакция {self.no}"


class KeptFile(models.Model):
    """A file that came from outside, byte for byte: a scan, a detached signature, the file that was signed by it."""

    name = models.CharField("имя файла", max_length=120)
    media_type = models.CharField("вид содержимого", max_length=100)
    content = models.BinaryField("содержимое")
    sealed = models.BooleanField("содержимое зашифровано", default=False)
    sha256 = models.CharField("контрольная сумма", max_length=64)
    size = models.PositiveIntegerField("байтов")
    uploaded_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    uploaded_at = models.DateTimeField("загружен")

    class Meta:
        verbose_name = "приложенный файл"
        verbose_name_plural = "приложенные файлы"
        triggers = [append_only()]

    def __str__(self) -> str:
        return self.name


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
    identity_sealed = models.TextField("документ, удостоверяющий личность, в зашифрованном виде")
    checked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="кто проверил"
    )
    checked_at = models.DateTimeField("когда проверена личность")
    scan = models.ForeignKey(
        "KeptFile", models.PROTECT, null=True, related_name="+", verbose_name="скан подписанного экземпляра"
    )
    ended_at = models.DateTimeField("прекращено", null=True)
    ended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name="кто прекратил"
    )
    end_reason = models.CharField("почему прекращено", max_length=300, blank=True)

    class Meta:
        verbose_name = "соглашение о простой электронной подписи"
        verbose_name_plural = "соглашения о простой электронной подписи"
        ordering = ["-checked_at", "-pk"]
        triggers = [
            pgtrigger.Protect(name="kept", operation=pgtrigger.Delete),
            pgtrigger.Protect(
                name="facts_stay",
                operation=pgtrigger.Update,
                condition=pgtrigger.Condition(
                    "OLD.ended_at IS NOT NULL OR OLD.scan_id IS NOT NULL AND OLD.scan_id IS DISTINCT FROM NEW.scan_id "
                    "OR to_jsonb(OLD) - '{scan_id,ended_at,ended_by_id,end_reason}'::text[] IS DISTINCT FROM "
                    "to_jsonb(NEW) - '{scan_id,ended_at,ended_by_id,end_reason}'::text[]"
                ),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user}, {self.document}"


class Signature(models.Model):
    """One person's signature under one version, with what proves it.

    One made by hand or by a qualified certificate was made elsewhere: its file was attached by `registered_by`, and
    the signer need have no account.
    """

    version = models.ForeignKey(DocumentVersion, models.PROTECT, related_name="signatures")
    slot = models.CharField("место подписи", max_length=40)
    capacity = models.CharField("в каком качестве", max_length=300)
    signer = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name="кто"
    )
    signer_name = models.CharField("имя на день подписи", max_length=310)
    basis = models.CharField("на каком основании", max_length=300, blank=True)
    kind = models.CharField("вид подписи", max_length=8, choices=SignatureKind, default=SignatureKind.SES)
    signed_at = models.DateTimeField("когда")
    evidence = models.JSONField("доказательства", default=dict)
    agreement = models.ForeignKey(
        SigningAgreement, models.PROTECT, null=True, related_name="+", verbose_name="соглашение об электронной подписи"
    )
    code = models.OneToOneField(
        "SigningCode", models.PROTECT, null=True, related_name="+", verbose_name="код подписания"
    )
    signed_on = models.DateField("дата на бумаге", null=True)
    file = models.ForeignKey(
        KeptFile, models.PROTECT, null=True, related_name="+", verbose_name="скан или файл подписи"
    )
    original = models.ForeignKey(
        KeptFile, models.PROTECT, null=True, related_name="+", verbose_name="файл, который подписан вне портала"
    )
    registered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name="кто зарегистрировал"
    )

    class Meta:
        verbose_name = "подпись"
        verbose_name_plural = "подписи"
        ordering = ["version", "pk"]
        constraints = [
            choices_check("kind", SignatureKind, name="documents_signature_kind"),
            models.CheckConstraint(
                condition=models.Q(kind=SignatureKind.SES, signer__isnull=False)
                | models.Q(file__isnull=False, registered_by__isnull=False, signed_on__isnull=False)
                & ~models.Q(kind=SignatureKind.SES),
                name="documents_signature_has_proof",
                violation_error_message="К подписи, поставленной вне портала, нужен файл и дата.",
            ),
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
    failed_at = models.DateTimeField("отправить не удалось", null=True)
    asked_ip = models.CharField("откуда запрошен", max_length=45, blank=True)
    asked_agent = models.CharField("чем запрошен", max_length=300, blank=True)

    class Meta:
        verbose_name = "код подписания"
        verbose_name_plural = "коды подписания"
        ordering = ["-asked_at", "-pk"]
        triggers = [
            pgtrigger.Protect(name="kept", operation=pgtrigger.Delete),
            pgtrigger.Protect(
                name="used_once", operation=pgtrigger.Update, condition=pgtrigger.Q(old__used_at__isnull=False)
            ),
        ]
        indexes = [models.Index(fields=["user", "version_sha256", "sent_at"], name="documents_code_version")]

    def __str__(self) -> str:
        return f"{self.user}: {self.asked_at:%d.%m.%Y %H:%M}"


class Reminder(models.Model):
    """A reminder of a signature that a paper waits for; the last one tells when the next may be sent."""

    version = models.ForeignKey(DocumentVersion, models.PROTECT, related_name="reminders")
    slot = models.CharField("место подписи", max_length=40)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="кому")
    sent_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="кто напомнил")
    url = models.CharField("страница подписания", max_length=200)
    at = models.DateTimeField("когда")

    class Meta:
        verbose_name = "напоминание о подписи"
        verbose_name_plural = "напоминания о подписи"
        ordering = ["-at", "-pk"]
        triggers = [append_only()]

    def __str__(self) -> str:
        return f"{self.user}: {self.at:%d.%m.%Y %H:%M}"


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
