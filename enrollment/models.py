"""From a parent's application to a place in a group: applications, consents, lists, orders, enrolments."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import F, Q

from courses.models import NetworkCourse, StudyGroup
from enrollment.enums import (
    ALLOCATION_TRANSITIONS,
    APPLICATION_TRANSITIONS,
    CONTRACT_TRANSITIONS,
    ENROLMENT_TRANSITIONS,
    HOME_TRANSITIONS,
    LEAVE_TRANSITIONS,
    OFFER_TRANSITIONS,
    ORDER_TRANSITIONS,
    REQUEST_TRANSITIONS,
    SEAT_HOLDING,
    AllocationState,
    ApplicationMethod,
    ApplicationState,
    ContractState,
    Counts,
    EnrolmentState,
    ExitReason,
    ExitRecord,
    GuardianWord,
    HomeState,
    LeaveState,
    LineAct,
    LineDecision,
    OfferState,
    OrderState,
    RequestState,
    Review,
    SchoolOrderKind,
)
from network_portal.accounts.models import PersonName
from network_portal.common.models import choices_check, period_check
from network_portal.documents.models import Document
from schools.enums import Kinship, Role
from schools.models import (
    SCHOOL_STAFF,
    Agreement,
    Duty,
    GuardianLink,
    Membership,
    Network,
    Organisation,
    Student,
)

if TYPE_CHECKING:
    from datetime import date

    from schools.acting import Acting


class ApplicationQuerySet(models.QuerySet["Application"]):
    def visible_to(self, acting: Acting) -> ApplicationQuerySet:
        """Verified guardians of the child, and the home school's staff once it was registered (2.4)."""
        if acting.is_(Role.PARENT):
            return self.filter(student__guardian_links__in=GuardianLink.objects.valid_for(acting.user_id, acting.on))
        submitted = self.exclude(state=ApplicationState.DRAFT)
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


class FamilyDetails(models.Model):
    """Addresses and identity documents that consents need, asked once and kept encrypted (L-2, L-3).

    The home school and the parent read them in the full copy of a consent; no other school ever does.
    """

    student = models.ForeignKey(Student, models.PROTECT, related_name="family_details", verbose_name="обучающийся")
    guardian = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name="законный представитель"
    )
    application = models.OneToOneField(
        Application, models.PROTECT, null=True, related_name="details", verbose_name="заявление без учётной записи"
    )
    sealed = models.TextField("сведения в зашифрованном виде")
    kept_at = models.DateTimeField("сохранены")

    class Meta:
        verbose_name = "сведения для согласий"
        verbose_name_plural = "сведения для согласий"
        constraints = [
            models.UniqueConstraint(fields=["student", "guardian"], name="enrollment_family_details_once"),
            models.CheckConstraint(
                condition=Q(guardian__isnull=False) | Q(application__isnull=False),
                name="enrollment_family_details_whose",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.student}: {self.kept_at:%d.%m.%Y}"


class ConsentQuerySet(models.QuerySet["Consent"]):
    def in_force(self, on: date | None = None) -> ConsentQuerySet:
        """Consents that were given and not taken back; with a day, those whose term covers it."""
        given = self.filter(withdrawn_at=None, given_at__isnull=False)
        if on is None:
            return given
        return given.filter(Q(date_from=None) | Q(date_from__lte=on), Q(date_to=None) | Q(date_to__gte=on))

    def visible_to(self, acting: Acting) -> ConsentQuerySet:
        """A family sees and withdraws the consents for its child."""
        if acting.is_(Role.PARENT):
            return self.filter(student__guardian_links__in=GuardianLink.objects.valid_for(acting.user_id, acting.on))
        if acting.is_(*SCHOOL_STAFF):
            return self.filter(student__home_school=acting.organisation_id, given_at__isnull=False)
        return self.none()


class Consent(models.Model):
    """A guardian's consent to one operator for one purpose, apart from the application (L-2, T02).

    Until it is given it is a draft that belongs to an application; `agreed_at` says that the parent has ticked it.
    The paper names the parent's documents only by a digest: they are kept apart, encrypted (`FamilyDetails`).
    """

    student = models.ForeignKey(Student, models.PROTECT, related_name="consents", verbose_name="обучающийся")
    guardian = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name="законный представитель"
    )
    application = models.ForeignKey(
        Application, models.PROTECT, null=True, related_name="consents", verbose_name="к какому заявлению"
    )
    document = models.OneToOneField(Document, models.PROTECT, null=True, related_name="+", verbose_name="документ")
    operator = models.ForeignKey(Organisation, models.PROTECT, related_name="+", verbose_name="оператор")
    purpose = models.CharField("цель", max_length=300)
    text = models.TextField("текст согласия")
    agreed_at = models.DateTimeField("отмечено", null=True)
    given_at = models.DateTimeField("дано", null=True)
    date_from = models.DateField("действует с", null=True)
    date_to = models.DateField("действует по", null=True)
    evidence = models.JSONField("чем подтверждено", default=dict)
    withdrawn_at = models.DateTimeField("отозвано", null=True)

    objects = ConsentQuerySet.as_manager()

    class Meta:
        verbose_name = "согласие на обработку данных"
        verbose_name_plural = "согласия на обработку данных"
        ordering = ["-given_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["student", "operator", "purpose", "date_to"],
                condition=Q(withdrawn_at=None, given_at__isnull=False),
                name="enrollment_consent_once",
                nulls_distinct=False,
                violation_error_message="Такое согласие уже дано.",
            ),
            models.UniqueConstraint(
                fields=["application", "operator", "purpose"],
                condition=Q(given_at=None),
                name="enrollment_consent_one_draft",
            ),
            models.CheckConstraint(
                condition=Q(given_at__isnull=False) | Q(application__isnull=False, withdrawn_at=None),
                name="enrollment_consent_draft_of",
            ),
            period_check("date_from", "date_to", name="enrollment_consent_period"),
        ]

    def __str__(self) -> str:
        return f"{self.operator}: {self.purpose}"


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


class PupilWord(models.Model):
    """The own confirmation of a pupil of fourteen or older to a consent, registered from a paper (L-2)."""

    consent = models.OneToOneField(Consent, models.PROTECT, related_name="pupil_word", verbose_name="согласие")
    paper = models.CharField("документ", max_length=200)
    signed_on = models.DateField("подписан обучающимся")
    registered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="кто зарегистрировал"
    )
    registered_at = models.DateTimeField("когда зарегистрирован")

    class Meta:
        verbose_name = "подтверждение обучающегося"
        verbose_name_plural = "подтверждения обучающихся"

    def __str__(self) -> str:
        return self.paper


class SchoolRequestQuerySet(models.QuerySet["SchoolRequest"]):
    def visible_to(self, acting: Acting) -> SchoolRequestQuerySet:
        """The home school's staff, and the host's once it was sent."""
        if not acting.is_(*SCHOOL_STAFF, Role.CURATOR):
            return self.none()
        own = Q(home=acting.organisation_id)
        if acting.is_(Role.CURATOR):
            return self.filter(own)
        sent = Q(state__in=[RequestState.SENT, RequestState.ANSWERED, RequestState.CLOSED])
        return self.filter(own | Q(host=acting.organisation_id) & sent)


class SchoolRequest(models.Model):
    """The home school's list of pupils for a host school (S0-4, T03)."""

    TRANSITIONS: ClassVar = REQUEST_TRANSITIONS

    home = models.ForeignKey(Organisation, models.PROTECT, related_name="+", verbose_name="школа обучающихся")
    host = models.ForeignKey(Organisation, models.PROTECT, related_name="+", verbose_name="принимающая школа")
    agreement = models.ForeignKey(Agreement, models.PROTECT, related_name="requests", verbose_name="договор")
    year = models.PositiveSmallIntegerField("учебный год")
    state = models.CharField("состояние", max_length=20, choices=RequestState, default=RequestState.DRAFT)
    document = models.OneToOneField(Document, models.PROTECT, null=True, related_name="+", verbose_name="документ")
    created_at = models.DateTimeField("составлена")
    sent_at = models.DateTimeField("направлена", null=True)
    answer_due = models.DateField("ответить до", null=True)
    answered_at = models.DateTimeField("рассмотрена", null=True)

    objects = SchoolRequestQuerySet.as_manager()

    class Meta:
        verbose_name = "заявка школы"
        verbose_name_plural = "заявки школ"
        ordering = ["-created_at", "-pk"]
        constraints = [
            choices_check("state", RequestState, name="enrollment_request_state"),
            models.CheckConstraint(condition=~Q(home=F("host")), name="enrollment_request_two_schools"),
            models.UniqueConstraint(
                fields=["home", "host", "year"],
                condition=Q(state=RequestState.DRAFT),
                name="enrollment_request_one_draft",
                violation_error_message="Черновик заявки в эту школу уже есть.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.home} → {self.host}"


class SchoolRequestLine(models.Model):
    """One pupil for one course, and the host's answer to it (3.4)."""

    request = models.ForeignKey(SchoolRequest, models.CASCADE, related_name="lines", verbose_name="заявка")
    application = models.ForeignKey(Application, models.PROTECT, related_name="lines", verbose_name="заявление")
    course = models.ForeignKey(NetworkCourse, models.PROTECT, related_name="+", verbose_name="курс")
    special = models.BooleanField("нужны особые условия", default=False)
    decision = models.CharField("решение", max_length=20, choices=LineDecision, default=LineDecision.PENDING)
    reason = models.CharField("причина", max_length=500, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name="кто решил"
    )
    decided_at = models.DateTimeField("когда решено", null=True)

    class Meta:
        verbose_name = "строка заявки"
        verbose_name_plural = "строки заявки"
        ordering = ["application__student__sort_key", "pk"]
        constraints = [
            choices_check("decision", LineDecision, name="enrollment_line_decision"),
            models.UniqueConstraint(fields=["request", "application", "course"], name="enrollment_line_once"),
            models.CheckConstraint(
                condition=~Q(decision=LineDecision.REFUSED) | ~Q(reason=""),
                name="enrollment_line_refusal_reason",
                violation_error_message="Укажите причину отказа.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.application.student}: {self.course}"


class OrderQuerySet(models.QuerySet["Order"]):
    def visible_to(self, acting: Acting) -> OrderQuerySet:
        """The host's staff; the home school's staff once registered; whoever has to acquaint oneself with it."""
        if not acting.is_(*SCHOOL_STAFF):
            return self.filter(document__acquaintances__in=Acquaintance.objects.asked_of(acting))
        registered = Q(state=OrderState.REGISTERED)
        return self.filter(
            Q(request__host=acting.organisation_id) | Q(request__home=acting.organisation_id) & registered
        )


class Order(models.Model):
    """The host director's order that enrols the accepted pupils of a list in a group (S0-4p, T05)."""

    TRANSITIONS: ClassVar = ORDER_TRANSITIONS

    request = models.ForeignKey(SchoolRequest, models.PROTECT, related_name="orders", verbose_name="заявка")
    group = models.ForeignKey(StudyGroup, models.PROTECT, related_name="orders", verbose_name="группа")
    date_from = models.DateField("зачислить с")
    date_to = models.DateField("по")
    state = models.CharField("состояние", max_length=20, choices=OrderState, default=OrderState.DRAFT)
    document = models.OneToOneField(Document, models.PROTECT, related_name="+", verbose_name="документ")
    created_at = models.DateTimeField("составлен")

    objects = OrderQuerySet.as_manager()

    class Meta:
        verbose_name = "приказ о зачислении"
        verbose_name_plural = "приказы о зачислении"
        ordering = ["-created_at", "-pk"]
        constraints = [
            choices_check("state", OrderState, name="enrollment_order_state"),
            period_check("date_from", "date_to", name="enrollment_order_period"),
            models.UniqueConstraint(
                fields=["request", "group"],
                condition=Q(state=OrderState.DRAFT),
                name="enrollment_order_one_draft",
                violation_error_message="Проект приказа по этой заявке и группе уже есть.",
            ),
        ]

    def __str__(self) -> str:
        return f"Приказ о зачислении: {self.group}"


#: Names that the triggers of enrolments give to their refusals.
FITS_ITS_LINE = "enrollment_enrolment_fits"
SEALED_MONTH = "gradebook_month_sealed"


def fits_its_line() -> pgtrigger.Trigger:
    """Return the trigger that keeps a place together: pupil, home, course, group, line and order agree (I-1, 2.3).

    Everything that a school may see of other schools' pupils hangs on these rows.
    """
    return pgtrigger.Trigger(
        name="fits_its_line",
        when=pgtrigger.Before,
        operation=pgtrigger.Insert | pgtrigger.Update,
        func=f"""
        IF NOT EXISTS (
            SELECT FROM enrollment_schoolrequestline line
            JOIN enrollment_schoolrequest request ON request.id = line.request_id
            JOIN enrollment_application application ON application.id = line.application_id
            JOIN courses_studygroup study ON study.id = NEW.group_id
            JOIN schools_student pupil ON pupil.id = NEW.student_id
            LEFT JOIN enrollment_order paper ON paper.id = NEW.order_id
            WHERE line.id = NEW.line_id
                AND line.course_id = NEW.course_id AND study.course_id = NEW.course_id
                AND request.home_id = NEW.home_id AND application.student_id = NEW.student_id
                AND (TG_OP = 'UPDATE' OR pupil.home_school_id = NEW.home_id)
                AND (NEW.order_id IS NULL OR (paper.request_id = request.id AND paper.group_id = NEW.group_id))
        ) THEN
            RAISE EXCEPTION 'Обучающийся, школа, курс, группа и приказ не соответствуют строке заявки. '
                'Обновите страницу и проверьте, не изменились ли они.'
                USING ERRCODE = 'check_violation', CONSTRAINT = '{FITS_ITS_LINE}';
        END IF;
        RETURN NEW;
        """,
    )


def sealed_membership() -> pgtrigger.Trigger:
    """Return the trigger that keeps a sealed month's list of pupils and of the lessons they studied at (3.9).

    The tables of the transfers lie above this app; the database looks them up by name when the trigger runs.
    """

    def studied(row: str, first: str, last: str) -> str:
        return (
            f"COALESCE({row}.state IN ('enrolled', 'completed', 'left') AND {row}.date_from <= {last} "
            f"AND ({row}.date_to IS NULL OR {row}.date_to >= {first}), FALSE)"
        )

    def differs(first: str, last: str) -> str:
        return f"{studied('OLD', first, last)} <> {studied('NEW', first, last)}"

    return pgtrigger.Trigger(
        name="sealed_membership",
        when=pgtrigger.Before,
        operation=pgtrigger.Insert | pgtrigger.Update | pgtrigger.Delete,
        declare=[("paper", "RECORD")],
        func=f"""
        PERFORM FROM courses_studygroup WHERE id = COALESCE(NEW.group_id, OLD.group_id) FOR KEY SHARE;
        SELECT document.number, document.registered_on INTO paper
        FROM gradebook_monthlytransfer transfer
        JOIN documents_document document ON document.id = transfer.document_id
        CROSS JOIN LATERAL (
            SELECT make_date(transfer.year, transfer.month, 1) AS first,
                (make_date(transfer.year, transfer.month, 1) + interval '1 month - 1 day')::date AS last
        ) days
        WHERE transfer.group_id = COALESCE(NEW.group_id, OLD.group_id)
            AND transfer.home_id = COALESCE(NEW.home_id, OLD.home_id)
            AND (
                {differs("days.first", "days.last")}
                OR EXISTS (
                    SELECT FROM gradebook_lesson lesson
                    WHERE lesson.group_id = transfer.group_id AND lesson.date BETWEEN days.first AND days.last
                        AND {differs("lesson.date", "lesson.date")}
                )
            )
        LIMIT 1;
        IF FOUND THEN
            RAISE EXCEPTION 'Месяц закрыт ведомостью № % от %. Изменить состав обучающихся этого месяца нельзя.',
                paper.number, to_char(paper.registered_on, 'DD.MM.YYYY')
                USING ERRCODE = 'check_violation', CONSTRAINT = '{SEALED_MONTH}';
        END IF;
        RETURN COALESCE(NEW, OLD);
        """,
    )


class EnrolmentQuerySet(models.QuerySet["Enrolment"]):
    def visible_to(self, acting: Acting) -> EnrolmentQuerySet:
        """Both schools see the enrolment, a teacher the own groups, a family the own child (2.3 (1), (2))."""
        if acting.is_(Role.PARENT):
            return self.filter(student__guardian_links__in=GuardianLink.objects.valid_for(acting.user_id, acting.on))
        if acting.is_(*SCHOOL_STAFF):
            return self.filter(
                Q(home=acting.organisation_id) | Q(group__course__programme__host=acting.organisation_id)
            )
        if acting.is_(Role.CURATOR):
            return self.filter(home=acting.organisation_id)
        if acting.is_(Role.NETWORK_TEACHER):
            return self.filter(
                group__teacher__user=acting.user_id, group__course__programme__host=acting.organisation_id
            )
        if acting.is_(Role.CLASS_TEACHER):
            return self.filter(home=acting.organisation_id, student__school_class__class_teacher=acting.duty)
        return self.none()

    def holding_seats(self) -> EnrolmentQuerySet:
        """Enrolments that count against the group's capacity (I-3)."""
        return self.filter(state__in=SEAT_HOLDING)

    def studied_on(self, day: object) -> EnrolmentQuerySet:
        """Enrolments that make the pupil a member of the group on the date `day`."""
        return self.filter(
            Q(date_to__isnull=True) | Q(date_to__gte=day),
            state__in=[EnrolmentState.ENROLLED, EnrolmentState.COMPLETED, EnrolmentState.LEFT],
            date_from__lte=day,
        )


class Enrolment(models.Model):
    """A pupil's place in a group of the host; the pupil stays in the home school (S0-4p, I-1…I-4)."""

    TRANSITIONS: ClassVar = ENROLMENT_TRANSITIONS

    student = models.ForeignKey(Student, models.PROTECT, related_name="enrolments", verbose_name="обучающийся")
    home = models.ForeignKey(Organisation, models.PROTECT, related_name="+", verbose_name="школа обучающегося")
    group = models.ForeignKey(StudyGroup, models.PROTECT, related_name="enrolments", verbose_name="группа")
    course = models.ForeignKey(NetworkCourse, models.PROTECT, related_name="+", verbose_name="курс")
    line = models.OneToOneField(
        SchoolRequestLine, models.PROTECT, related_name="enrolment", verbose_name="строка заявки"
    )
    order = models.ForeignKey(
        Order, models.PROTECT, null=True, related_name="enrolments", verbose_name="приказ о зачислении"
    )
    date_from = models.DateField("с", null=True)
    date_to = models.DateField("по", null=True)
    state = models.CharField(
        "состояние в принимающей школе", max_length=20, choices=EnrolmentState, default=EnrolmentState.BOOKED
    )
    state_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name="кто изменил"
    )
    state_at = models.DateTimeField("когда изменено", null=True)
    home_state = models.CharField(
        "состояние в школе обучающегося", max_length=20, choices=HomeState, default=HomeState.PROPOSED
    )
    home_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name="кто изменил в школе"
    )
    home_at = models.DateTimeField("когда изменено в школе", null=True)
    exit_record = models.CharField("как учтено выбытие", max_length=20, choices=ExitRecord, blank=True)
    review = models.CharField("почему требует решения", max_length=20, choices=Review, blank=True)
    review_due = models.DateField("решить до", null=True)

    objects = EnrolmentQuerySet.as_manager()

    class Meta:
        verbose_name = "зачисление"
        verbose_name_plural = "зачисления"
        ordering = ["student__sort_key", "pk"]
        constraints = [
            choices_check("state", EnrolmentState, name="enrollment_enrolment_state"),
            choices_check("home_state", HomeState, name="enrollment_enrolment_home_state"),
            models.CheckConstraint(
                condition=Q(review="") | Q(review_due__isnull=False), name="enrollment_enrolment_review_has_term"
            ),
            models.UniqueConstraint(
                fields=["student", "course"],
                condition=Q(state__in=SEAT_HOLDING),
                name="enrollment_one_active_per_course",
                violation_error_message="Обучающийся уже занимает место на этом курсе.",
            ),
            models.CheckConstraint(
                condition=Q(state__in=[EnrolmentState.BOOKED, EnrolmentState.CANCELLED])
                | Q(order__isnull=False, date_from__isnull=False),
                name="enrollment_enrolled_by_order",
            ),
        ]
        triggers = [
            fits_its_line(),
            sealed_membership(),
            pgtrigger.ReadOnly(name="place_is_final", fields=["student", "home", "group", "course", "line"]),
        ]

    def __str__(self) -> str:
        return f"{self.student}: {self.group}"


class LeaveApplicationQuerySet(models.QuerySet["LeaveApplication"]):
    def visible_to(self, acting: Acting) -> LeaveApplicationQuerySet:
        """The child's guardians, and the home school's staff once it was submitted."""
        if acting.is_(Role.PARENT):
            links = GuardianLink.objects.valid_for(acting.user_id, acting.on)
            return self.filter(enrolment__student__guardian_links__in=links)
        if acting.is_(*SCHOOL_STAFF, Role.CURATOR):
            return self.filter(enrolment__home=acting.organisation_id).exclude(state=LeaveState.DRAFT)
        return self.none()


class LeaveApplication(models.Model):
    """A family's application that the pupil leave the group; only the home school executes it (S1, 3.3)."""

    TRANSITIONS: ClassVar = LEAVE_TRANSITIONS

    enrolment = models.ForeignKey(Enrolment, models.PROTECT, related_name="leaves", verbose_name="зачисление")
    guardian = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name="заявитель"
    )
    last_day = models.DateField("последний день занятий")
    reason = models.CharField("причина", max_length=300, blank=True)
    state = models.CharField("состояние", max_length=20, choices=LeaveState, default=LeaveState.DRAFT)
    document = models.OneToOneField(Document, models.PROTECT, null=True, related_name="+", verbose_name="документ")
    created_at = models.DateTimeField("начато")
    registered_at = models.DateTimeField("подано", null=True)

    objects = LeaveApplicationQuerySet.as_manager()

    class Meta:
        verbose_name = "заявление об отчислении из группы"
        verbose_name_plural = "заявления об отчислении из группы"
        ordering = ["-created_at", "-pk"]
        constraints = [
            choices_check("state", LeaveState, name="enrollment_leave_state"),
            models.UniqueConstraint(
                fields=["enrolment"],
                condition=Q(state__in=[LeaveState.DRAFT, LeaveState.REGISTERED]),
                name="enrollment_leave_one_open",
                violation_error_message="Такое заявление уже есть.",
            ),
            models.CheckConstraint(
                condition=~Q(state=LeaveState.REGISTERED) | Q(registered_at__isnull=False),
                name="enrollment_leave_registered",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.enrolment}: {self.get_state_display()}"


# --- orders beside that of enrolment, and the contract of three parties --------------------------------------------


class HomeSide:
    """The home school's state of an enrolment as the one door through which states change sees it."""

    TRANSITIONS: ClassVar = HOME_TRANSITIONS

    def __init__(self, enrolment: Enrolment) -> None:
        self.enrolment = enrolment

    @property
    def state(self) -> str:
        return self.enrolment.home_state

    @state.setter
    def state(self, value: str) -> None:
        self.enrolment.home_state = value

    def get_state_display(self) -> str:
        return str(HomeState(self.state).label)

    def save(self, *, update_fields: list[str]) -> None:
        others = update_fields[1:]
        for name in others:
            setattr(self.enrolment, name, vars(self)[name])
        self.enrolment.save(update_fields=["home_state", *others])


class CourseMapping(models.Model):
    """To which part of its own curriculum a home school counts a network course (lessons, addition 6)."""

    home = models.ForeignKey(Organisation, models.PROTECT, related_name="+", verbose_name="школа")
    course = models.ForeignKey(NetworkCourse, models.PROTECT, related_name="mappings", verbose_name="курс")
    part = models.CharField("предмет или часть учебного плана", max_length=200)
    hours = models.PositiveSmallIntegerField("часов по учебному плану")
    counts = models.CharField("как засчитывается", max_length=20, choices=Counts)
    set_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="кто сопоставил"
    )
    set_at = models.DateTimeField("когда")

    class Meta:
        verbose_name = "сопоставление курса с учебным планом"
        verbose_name_plural = "сопоставления курсов с учебным планом"
        ordering = ["course__programme__title", "pk"]
        constraints = [
            choices_check("counts", Counts, name="enrollment_mapping_counts"),
            models.UniqueConstraint(fields=["home", "course"], name="enrollment_mapping_once"),
            models.CheckConstraint(
                condition=Q(hours__gte=1),
                name="enrollment_mapping_hours",
                violation_error_message="Укажите число часов: не меньше одного.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.course}: {self.part}"


class SchoolOrderQuerySet(models.QuerySet["SchoolOrder"]):
    def visible_to(self, acting: Acting) -> SchoolOrderQuerySet:
        """The staff of the school that issues it, the other school's once registered, and the people named in it."""
        if not acting.is_(*SCHOOL_STAFF):
            return self.filter(document__acquaintances__in=Acquaintance.objects.asked_of(acting))
        registered = Q(state=OrderState.REGISTERED)
        party = Q(home=acting.organisation_id) | Q(host=acting.organisation_id)
        return self.filter(Q(school=acting.organisation_id) | party & registered)


class SchoolOrder(models.Model):
    """The home director's order T04, or an order of either school that changes an earlier one (3.5, S0-5, S1-4.8a).

    `amends` is the T04 of the chain; `amends_order` the host's order of enrolment. Neither is ever edited.
    """

    TRANSITIONS: ClassVar = ORDER_TRANSITIONS

    kind = models.CharField("вид", max_length=20, choices=SchoolOrderKind)
    school = models.ForeignKey(Organisation, models.PROTECT, related_name="+", verbose_name="чей приказ")
    home = models.ForeignKey(Organisation, models.PROTECT, related_name="+", verbose_name="школа обучающихся")
    host = models.ForeignKey(Organisation, models.PROTECT, related_name="+", verbose_name="принимающая школа")
    agreement = models.ForeignKey(Agreement, models.PROTECT, related_name="+", verbose_name="договор")
    year = models.PositiveSmallIntegerField("учебный год")
    amends = models.ForeignKey("self", models.PROTECT, null=True, related_name="changes", verbose_name="изменяет")
    amends_order = models.ForeignKey(
        Order, models.PROTECT, null=True, related_name="changes", verbose_name="изменяет приказ о зачислении"
    )
    date_from = models.DateField("с", null=True)
    date_to = models.DateField("по", null=True)
    responsible = models.ForeignKey(
        Duty, models.PROTECT, null=True, related_name="+", verbose_name="ответственный за сетевое взаимодействие"
    )
    curator = models.ForeignKey(Duty, models.PROTECT, null=True, related_name="+", verbose_name="учитель-куратор")
    escort = models.CharField("кто сопровождает в пути", max_length=200, blank=True)
    text = models.CharField("пояснение", max_length=500, blank=True)
    state = models.CharField("состояние", max_length=20, choices=OrderState, default=OrderState.DRAFT)
    document = models.OneToOneField(Document, models.PROTECT, related_name="+", verbose_name="документ")
    created_at = models.DateTimeField("составлен")

    objects = SchoolOrderQuerySet.as_manager()

    class Meta:
        verbose_name = "приказ школы"
        verbose_name_plural = "приказы школ"
        ordering = ["created_at", "pk"]
        constraints = [
            choices_check("kind", SchoolOrderKind, name="enrollment_school_order_kind"),
            choices_check("state", OrderState, name="enrollment_school_order_state"),
            period_check("date_from", "date_to", name="enrollment_school_order_period"),
            models.UniqueConstraint(
                fields=["home", "host", "year"],
                condition=Q(kind=SchoolOrderKind.ORGANISE) & ~Q(state=OrderState.CANCELLED),
                name="enrollment_school_order_one_main",
                violation_error_message="Приказ об организации обучения уже есть. Внесите в него изменения.",
            ),
            models.CheckConstraint(
                condition=Q(kind=SchoolOrderKind.ORGANISE, amends=None, amends_order=None)
                | Q(kind=SchoolOrderKind.HOME_CHANGE, amends__isnull=False, amends_order=None)
                | Q(kind=SchoolOrderKind.HOST_CHANGE, amends=None, amends_order__isnull=False),
                name="enrollment_school_order_amends",
            ),
        ]

    def __str__(self) -> str:
        return f"Приказ {self.get_kind_display()}"


class SchoolOrderLine(models.Model):
    """What an order does with one pupil; `last_day` and `reason` belong to an exit."""

    order = models.ForeignKey(SchoolOrder, models.CASCADE, related_name="lines", verbose_name="приказ")
    enrolment = models.ForeignKey(Enrolment, models.PROTECT, related_name="order_lines", verbose_name="зачисление")
    act = models.CharField("действие", max_length=20, choices=LineAct)
    reason = models.CharField("причина", max_length=20, choices=ExitReason, blank=True)
    words = models.CharField("пояснение", max_length=300, blank=True)
    last_day = models.DateField("последний день занятий", null=True)
    leave = models.ForeignKey(
        LeaveApplication, models.PROTECT, null=True, related_name="+", verbose_name="заявление семьи"
    )

    class Meta:
        verbose_name = "строка приказа"
        verbose_name_plural = "строки приказа"
        ordering = ["enrolment__student__sort_key", "pk"]
        constraints = [
            choices_check("act", LineAct, name="enrollment_school_order_line_act"),
            models.UniqueConstraint(fields=["order", "enrolment"], name="enrollment_school_order_line_once"),
            models.CheckConstraint(
                condition=~Q(act=LineAct.REMOVE) | Q(last_day__isnull=False) & ~Q(reason=""),
                name="enrollment_school_order_line_exit",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.enrolment}: {self.get_act_display()}"


class AcquaintanceQuerySet(models.QuerySet["Acquaintance"]):
    def asked_of(self, acting: Acting) -> AcquaintanceQuerySet:
        """What the acting person has to acquaint oneself with, or has already."""
        return self.filter(user=acting.user_id, organisation=acting.organisation_id)


class Acquaintance(models.Model):
    """One person named in a registered order reads it and says so (3.5 «доведён», T28)."""

    document = models.ForeignKey(Document, models.PROTECT, related_name="acquaintances", verbose_name="приказ")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="кто")
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="+", verbose_name="школа")
    capacity = models.CharField("кем назван", max_length=100)
    due = models.DateField("ознакомиться до")
    seen_at = models.DateTimeField("когда ознакомлен", null=True)

    objects = AcquaintanceQuerySet.as_manager()

    class Meta:
        verbose_name = "ознакомление"
        verbose_name_plural = "ознакомления"
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["document", "user", "organisation"], name="enrollment_acquaintance_once")
        ]

    def __str__(self) -> str:
        return f"{self.user}: {self.document}"


class ContractQuerySet(models.QuerySet["Contract"]):
    def visible_to(self, acting: Acting) -> ContractQuerySet:
        """The staff of both schools and the child's guardians."""
        if acting.is_(Role.PARENT):
            links = GuardianLink.objects.valid_for(acting.user_id, acting.on)
            return self.filter(line__application__student__guardian_links__in=links)
        if acting.is_(*SCHOOL_STAFF):
            return self.filter(
                Q(line__request__home=acting.organisation_id) | Q(line__request__host=acting.organisation_id)
            )
        return self.none()


class Contract(models.Model):
    """The contract of the host, the home school and the parent about one pupil's course (S3-(4), T07)."""

    TRANSITIONS: ClassVar = CONTRACT_TRANSITIONS

    line = models.ForeignKey(SchoolRequestLine, models.PROTECT, related_name="contracts", verbose_name="строка заявки")
    state = models.CharField("состояние", max_length=20, choices=ContractState, default=ContractState.SIGNING)
    document = models.OneToOneField(Document, models.PROTECT, related_name="+", verbose_name="документ")
    created_at = models.DateTimeField("составлен")

    objects = ContractQuerySet.as_manager()

    class Meta:
        verbose_name = "трёхсторонний договор"
        verbose_name_plural = "трёхсторонние договоры"
        ordering = ["created_at", "pk"]
        constraints = [
            choices_check("state", ContractState, name="enrollment_contract_state"),
            models.UniqueConstraint(
                fields=["line"],
                condition=~Q(state=ContractState.CANCELLED),
                name="enrollment_contract_once",
                violation_error_message="Договор по этой строке уже есть.",
            ),
        ]

    def __str__(self) -> str:
        return f"Трёхсторонний договор: {self.line.course}"


# --- forming groups -----------------------------------------------------------------------------------------------


class AllocationRunQuerySet(models.QuerySet["AllocationRun"]):
    def visible_to(self, acting: Acting) -> AllocationRunQuerySet:
        """Staff of the network's schools; who sits in the council sees numbers only, which its page keeps to."""
        if not acting.is_(*SCHOOL_STAFF, Role.COUNCIL_MEMBER, Role.COUNCIL_SECRETARY):
            return self.none()
        return self.filter(network__in=Membership.objects.filter(organisation=acting.organisation_id).values("network"))


class AllocationRun(models.Model):
    """How the groups of a network are formed in a school year: what went in, what came out, who approved it (3.7).

    `sha256` names one version of both: confirmations and approvals bind to it, a new computation drops them (I-5).
    """

    TRANSITIONS: ClassVar = ALLOCATION_TRANSITIONS

    network = models.ForeignKey(Network, models.PROTECT, related_name="allocations", verbose_name="сеть")
    year = models.PositiveSmallIntegerField("учебный год")
    state = models.CharField("состояние", max_length=20, choices=AllocationState, default=AllocationState.DRAFT)
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="+", verbose_name="кто составил")
    created_at = models.DateTimeField("составлено")
    computed_at = models.DateTimeField("пересчитано")
    base = models.ForeignKey("self", models.PROTECT, null=True, related_name="+", verbose_name="прежнее распределение")
    snapshot = models.JSONField("исходные данные")
    result = models.JSONField("итог")
    sha256 = models.CharField("версия", max_length=64)
    approved_at = models.DateTimeField("утверждено", null=True)
    basis = models.CharField("основание утверждения", max_length=200, blank=True)

    objects = AllocationRunQuerySet.as_manager()

    class Meta:
        verbose_name = "распределение по группам"
        verbose_name_plural = "распределения по группам"
        ordering = ["-created_at", "-pk"]
        constraints = [
            choices_check("state", AllocationState, name="enrollment_allocation_state"),
            models.UniqueConstraint(
                fields=["network", "year"],
                condition=Q(state=AllocationState.DRAFT),
                name="enrollment_allocation_one_draft",
                violation_error_message="Проект распределения уже есть.",
            ),
            models.UniqueConstraint(
                fields=["network", "year"],
                condition=Q(state=AllocationState.APPROVED),
                name="enrollment_allocation_one_approved",
            ),
            models.CheckConstraint(
                condition=Q(state__in=[AllocationState.DRAFT, AllocationState.CANCELLED])
                | Q(approved_at__isnull=False),
                name="enrollment_allocation_approved",
            ),
        ]
        triggers = [
            pgtrigger.Protect(
                name="approved_is_final",
                operation=pgtrigger.Update,
                condition=pgtrigger.Q(old__state__df="draft", new__sha256__df=pgtrigger.F("old__sha256")),
            )
        ]

    def __str__(self) -> str:
        return f"{self.network}, {self.year}/{self.year + 1}"


class AllocationPlaceQuerySet(models.QuerySet["AllocationPlace"]):
    def visible_to(self, acting: Acting) -> AllocationPlaceQuerySet:
        """A home sees its own pupils; a host those in its groups and those on lists sent to it; a family its child."""
        if acting.is_(Role.PARENT):
            return self.filter(
                run__state=AllocationState.APPROVED,
                application__student__guardian_links__in=GuardianLink.objects.valid_for(acting.user_id, acting.on),
            )
        if not acting.is_(*SCHOOL_STAFF):
            return self.none()
        listed = SchoolRequestLine.objects.filter(
            request__host=acting.organisation_id,
            request__state__in=[RequestState.SENT, RequestState.ANSWERED, RequestState.CLOSED],
        )
        return self.filter(
            Q(home=acting.organisation_id)
            | Q(group__course__programme__host=acting.organisation_id)
            | Q(application__in=listed.values("application"))
        )


class AllocationPlace(models.Model):
    """What a run gives to one application, and why not what it wanted more.

    `explanation` keeps for each wish that was not met `{"course", "text", "turn"}`: the words for the family and the
    place in the queue, 0 when it stands in none.
    """

    run = models.ForeignKey(AllocationRun, models.CASCADE, related_name="places", verbose_name="распределение")
    application = models.ForeignKey(Application, models.PROTECT, related_name="+", verbose_name="заявление")
    home = models.ForeignKey(Organisation, models.PROTECT, related_name="+", verbose_name="школа обучающегося")
    group = models.ForeignKey(StudyGroup, models.PROTECT, null=True, related_name="+", verbose_name="группа")
    before = models.ForeignKey(StudyGroup, models.PROTECT, null=True, related_name="+", verbose_name="прежняя группа")
    rank = models.PositiveSmallIntegerField("по счёту желание", null=True)
    fixed = models.BooleanField("закреплено вручную", default=False)
    explanation = models.JSONField("почему", default=list)

    objects = AllocationPlaceQuerySet.as_manager()

    class Meta:
        verbose_name = "место по распределению"
        verbose_name_plural = "места по распределению"
        ordering = ["application__student__sort_key", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["run", "application"], name="enrollment_allocation_place_once"),
        ]

    def __str__(self) -> str:
        return f"{self.application.student}: {self.group or 'без места'}"


class AllocationConfirmation(models.Model):
    """A host school agrees to one version of a run."""

    run = models.ForeignKey(AllocationRun, models.CASCADE, related_name="confirmations", verbose_name="распределение")
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="+", verbose_name="школа")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="кто подтвердил")
    at = models.DateTimeField("когда")
    sha256 = models.CharField("версия", max_length=64)

    class Meta:
        verbose_name = "подтверждение распределения"
        verbose_name_plural = "подтверждения распределений"
        ordering = ["at", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["run", "organisation", "sha256"],
                name="enrollment_allocation_confirmed_once",
                violation_error_message="Школа уже подтвердила это распределение.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.organisation}: {self.run}"


class FixedSeat(models.Model):
    """A place given by hand, with the reason; runs keep it until it is lifted."""

    application = models.ForeignKey(Application, models.PROTECT, related_name="+", verbose_name="заявление")
    group = models.ForeignKey(StudyGroup, models.PROTECT, related_name="+", verbose_name="группа")
    reason = models.CharField("причина", max_length=500)
    fixed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="кто закрепил"
    )
    fixed_at = models.DateTimeField("когда")
    lifted_at = models.DateTimeField("снято", null=True)

    class Meta:
        verbose_name = "закреплённое место"
        verbose_name_plural = "закреплённые места"
        ordering = ["fixed_at", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["application"],
                condition=Q(lifted_at=None),
                name="enrollment_fixed_seat_once",
                violation_error_message="За этим заявлением место уже закреплено.",
            ),
            models.CheckConstraint(
                condition=~Q(reason=""),
                name="enrollment_fixed_seat_reason",
                violation_error_message="Укажите причину.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.application.student}: {self.group}"


class SeatQuota(models.Model):
    """How many places the agreement sets for the home school: on one course, or on all courses of the host."""

    agreement = models.ForeignKey(Agreement, models.PROTECT, related_name="quotas", verbose_name="договор")
    year = models.PositiveSmallIntegerField("учебный год")
    course = models.ForeignKey(
        NetworkCourse, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="курс"
    )
    seats = models.PositiveSmallIntegerField("мест")

    class Meta:
        verbose_name = "квота школы"
        verbose_name_plural = "квоты школ"
        ordering = ["agreement", "course", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["agreement", "year", "course"],
                name="enrollment_quota_once",
                nulls_distinct=False,
                violation_error_message="Такая квота уже есть.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.agreement}: {self.seats}"


class SeatOfferQuerySet(models.QuerySet["SeatOffer"]):
    def visible_to(self, acting: Acting) -> SeatOfferQuerySet:
        """The family whom the place is offered; the host that offers it; the pupil's home school."""
        if acting.is_(Role.PARENT):
            return self.filter(
                line__application__student__guardian_links__in=GuardianLink.objects.valid_for(acting.user_id, acting.on)
            )
        if acting.is_(*SCHOOL_STAFF):
            return self.filter(
                Q(line__request__home=acting.organisation_id) | Q(line__request__host=acting.organisation_id)
            )
        return self.none()

    def open(self) -> SeatOfferQuerySet:
        """Offers that wait for the family; each of them holds a seat of its group."""
        return self.filter(state=OfferState.OFFERED)


class SeatOffer(models.Model):
    """A freed place offered to a family of the waiting list, or the reason for which its turn was passed over.

    An open offer holds its seat: it is counted in `StudyGroup.seats_taken`, so that nobody else can be put there.
    """

    TRANSITIONS: ClassVar = OFFER_TRANSITIONS

    line = models.ForeignKey(SchoolRequestLine, models.PROTECT, related_name="offers", verbose_name="строка заявки")
    group = models.ForeignKey(StudyGroup, models.PROTECT, related_name="offers", verbose_name="группа")
    state = models.CharField("состояние", max_length=20, choices=OfferState, default=OfferState.OFFERED)
    offered_at = models.DateTimeField("предложено")
    expires_at = models.DateTimeField("ответить до", null=True)
    answered_at = models.DateTimeField("ответ получен", null=True)
    reason = models.CharField("причина", max_length=500, blank=True)

    objects = SeatOfferQuerySet.as_manager()

    class Meta:
        verbose_name = "предложение места"
        verbose_name_plural = "предложения мест"
        ordering = ["offered_at", "pk"]
        constraints = [
            choices_check("state", OfferState, name="enrollment_offer_state"),
            models.UniqueConstraint(
                fields=["line"],
                condition=Q(state=OfferState.OFFERED),
                name="enrollment_offer_one_open",
                violation_error_message="Место уже предложено этой семье.",
            ),
            models.CheckConstraint(
                condition=~Q(state=OfferState.OFFERED) | Q(expires_at__isnull=False),
                name="enrollment_offer_has_term",
            ),
            models.CheckConstraint(
                condition=~Q(state=OfferState.SKIPPED) | ~Q(reason=""),
                name="enrollment_offer_skip_reason",
                violation_error_message="Укажите причину: её увидит семья.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.line}: {self.get_state_display()}"
