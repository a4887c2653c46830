"""What a family asks for: applications with their courses, the other parent's word, those without an account."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q

from courses.models import NetworkCourse
from enrollment.enums import APPLICATION_TRANSITIONS, ApplicationMethod, ApplicationState, GuardianWord
from network_portal.accounts.models import PersonName
from network_portal.common.models import choices_check
from network_portal.documents.models import Document
from schools.enums import Kinship, Role
from schools.models import SCHOOL_STAFF, Organisation, Student

if TYPE_CHECKING:
    from schools.acting import Acting


class ApplicationQuerySet(models.QuerySet["Application"]):
    def visible_to(self, acting: Acting) -> ApplicationQuerySet:
        """Verified guardians of the child; the pupil and the home school's staff once it was registered (2.4)."""
        if acting.is_(Role.PARENT):
            return self.filter(student__in=Student.objects.own_of(acting))
        submitted = self.exclude(state=ApplicationState.DRAFT)
        if acting.is_(Role.PUPIL):
            return submitted.filter(student__in=Student.objects.own_of(acting))
        if acting.is_(*SCHOOL_STAFF, Role.CURATOR):
            return submitted.filter(home=acting.organisation_id)
        if acting.is_(Role.CLASS_TEACHER):
            return submitted.filter(home=acting.organisation_id, student__school_class__class_teacher=acting.duty)
        return self.none()


class Application(models.Model):
    """A parent's application to the home school for a course of another school, with alternatives (S0-3, T01).

    The queue counts from `registered_at`, which is that of the course applied for, never from the draft (3.3).
    """

    TRANSITIONS: ClassVar = APPLICATION_TRANSITIONS

    student = models.ForeignKey(Student, models.PROTECT, related_name="applications", verbose_name="обучающийся")
    guardian = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        related_name="applications",
        verbose_name="заявитель",
        help_text="Пусто, если у семьи нет учётной записи: тогда заявитель назван в заявлении на бумаге.",
    )
    method = models.CharField("как подано", max_length=10, choices=ApplicationMethod, default=ApplicationMethod.PORTAL)
    form_code = models.CharField("код бланка", max_length=19, null=True, unique=True)  # noqa: DJ001 -- unique once there
    entered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name="кто внёс с бумаги"
    )
    home = models.ForeignKey(Organisation, models.PROTECT, related_name="+", verbose_name="школа")
    year = models.PositiveSmallIntegerField("учебный год")
    waitlist_ok = models.BooleanField("согласие на лист ожидания", default=True)
    state = models.CharField("состояние", max_length=20, choices=ApplicationState, default=ApplicationState.DRAFT)
    created_at = models.DateTimeField("начато")
    registered_at = models.DateTimeField("зарегистрировано", null=True)
    document = models.OneToOneField(Document, models.PROTECT, null=True, related_name="+", verbose_name="документ")
    prepared = models.OneToOneField(
        Document, models.PROTECT, null=True, related_name="+", verbose_name="подготовлено к подписи"
    )
    sheet = models.OneToOneField(Document, models.PROTECT, null=True, related_name="+", verbose_name="лист подписания")
    reason = models.CharField("причина возврата или отказа", max_length=500, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name="кто рассмотрел"
    )
    decided_at = models.DateTimeField("рассмотрено", null=True)
    late_reason = models.CharField("почему принято после срока", max_length=500, blank=True)

    objects = ApplicationQuerySet.as_manager()

    class Meta:
        verbose_name = "заявление"
        verbose_name_plural = "заявления"
        ordering = ["registered_at", "pk"]
        constraints = [
            choices_check("state", ApplicationState, name="enrollment_application_state"),
            choices_check("method", ApplicationMethod, name="enrollment_application_method"),
            models.CheckConstraint(
                condition=Q(guardian__isnull=False) | Q(method=ApplicationMethod.PAPER, entered_by__isnull=False),
                name="enrollment_application_applicant",
            ),
            models.CheckConstraint(
                condition=Q(state__in=[ApplicationState.DRAFT, ApplicationState.WITHDRAWN])
                | Q(registered_at__isnull=False),
                name="enrollment_application_registered",
            ),
            models.UniqueConstraint(
                fields=["student", "guardian"],
                condition=Q(state=ApplicationState.DRAFT),
                name="enrollment_application_one_draft",
                violation_error_message="Черновик заявления для этого ребёнка уже есть.",
            ),
        ]
        indexes = [models.Index(fields=["home", "state", "registered_at"], name="application_queue")]

    def __str__(self) -> str:
        return f"Заявление: {self.student}"

    @property
    def on_paper(self) -> bool:
        return self.method == ApplicationMethod.PAPER

    @property
    def asker(self) -> PersonName:
        """Return who applies: the parent with an account, or the one named on paper."""
        return self.guardian or self.applicant


class PaperApplicant(PersonName):
    """The parent whom an application on paper names when the family has no account (the equal paper route)."""

    application = models.OneToOneField(Application, models.CASCADE, related_name="applicant", verbose_name="заявление")
    kinship = models.CharField("кем приходится", max_length=20, choices=Kinship)
    phone = models.CharField("телефон", max_length=30)
    basis_document = models.CharField("документ-основание", max_length=200)

    class Meta:
        verbose_name = "заявитель без учётной записи"
        verbose_name_plural = "заявители без учётных записей"
        constraints = [choices_check("kinship", Kinship, name="enrollment_paper_applicant_kinship")]


class ApplicationChoice(models.Model):
    """A course in the order of preference; 1 is the one applied for, the rest are alternatives.

    `registered_at` is when the course was first signed for: a course that stays in an application returned for
    correction keeps its place in the queue, one that is added takes its own. One signed for after the window of its
    course is `late`: it stands after all that were in time (3.3).
    """

    application = models.ForeignKey(Application, models.CASCADE, related_name="choices", verbose_name="заявление")
    course = models.ForeignKey(NetworkCourse, models.PROTECT, related_name="choices", verbose_name="курс")
    rank = models.PositiveSmallIntegerField("порядок предпочтения")
    registered_at = models.DateTimeField("впервые заявлен", null=True)
    late = models.BooleanField("заявлен после срока", default=False)

    class Meta:
        verbose_name = "выбор курса"
        verbose_name_plural = "выбор курсов"
        ordering = ["rank"]
        constraints = [
            models.UniqueConstraint(
                fields=["application", "course"],
                name="enrollment_choice_course_once",
                violation_error_message="Этот курс уже выбран.",
            ),
            models.UniqueConstraint(
                fields=["application", "rank"],
                name="enrollment_choice_rank_once",
                deferrable=models.Deferrable.DEFERRED,
            ),
            models.CheckConstraint(condition=Q(rank__gte=1), name="enrollment_choice_rank"),
        ]

    def __str__(self) -> str:
        return f"{self.rank}. {self.course}"


class FamilyCall(models.Model):
    """What a family without an account has to be told by the school; done when somebody has told it."""

    application = models.ForeignKey(Application, models.PROTECT, related_name="calls", verbose_name="заявление")
    text = models.CharField("что сообщить", max_length=300)
    created_at = models.DateTimeField("когда возникло")
    told_at = models.DateTimeField("когда сообщено", null=True)
    told_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name="кто сообщил"
    )

    class Meta:
        verbose_name = "сообщение семье без учётной записи"
        verbose_name_plural = "сообщения семьям без учётных записей"
        ordering = ["created_at", "pk"]

    def __str__(self) -> str:
        return self.text


class ApplicationConfirmation(models.Model):
    """What another representative said to one registered version of an application (3.3, L-17)."""

    application = models.ForeignKey(Application, models.PROTECT, related_name="confirmations", verbose_name="заявление")
    document = models.ForeignKey(Document, models.PROTECT, related_name="+", verbose_name="подписанный документ")
    guardian = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="представитель"
    )
    word = models.CharField("ответ", max_length=20, choices=GuardianWord)
    reason = models.CharField("причина возражения", max_length=500, blank=True)
    at = models.DateTimeField("когда")

    class Meta:
        verbose_name = "ответ второго представителя"
        verbose_name_plural = "ответы вторых представителей"
        ordering = ["at", "pk"]
        constraints = [
            choices_check("word", GuardianWord, name="enrollment_confirmation_word"),
            models.UniqueConstraint(
                fields=["document", "guardian"],
                name="enrollment_confirmation_once",
                violation_error_message="Вы уже ответили по этому заявлению.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.guardian}: {self.get_word_display()}"
