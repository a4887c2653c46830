"""Networks, schools, people's duties, classes, pupils, their guardians, and agreements between schools."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from network_portal.accounts.models import PersonName
from network_portal.common import russian
from network_portal.common.dates import years_before
from network_portal.common.models import choices_check, in_force, period_check
from network_portal.documents.models import Document
from schools.enums import (
    AGREEMENT_TRANSITIONS,
    AMENDMENT_TRANSITIONS,
    IMPORT_TRANSITIONS,
    LINK_TRANSITIONS,
    OFFER_TRANSITIONS,
    AgreementState,
    AllocationApproval,
    AmendmentState,
    BasisKind,
    DutyKind,
    FundingMode,
    GuardianRule,
    ImportState,
    Kinship,
    Level,
    LinkState,
    NetworkModel,
    OfferState,
    OrganisationKind,
    Outcome,
    ResourceKind,
    Role,
    Side,
    TaughtKind,
)

if TYPE_CHECKING:
    from schools.acting import Acting

#: From this age on a person acts alone.
ADULT = 18
#: Duties that see every pupil and every paper of the school they were appointed in (requirements 2.3).
SCHOOL_STAFF = (Role.DIRECTOR, Role.DEPUTY, Role.RESPONSIBLE, Role.COORDINATOR)


class Organisation(models.Model):
    """A school, or an authority; each is an operator of personal data of its own (L-1)."""

    kind = models.CharField("вид", max_length=20, choices=OrganisationKind, default=OrganisationKind.SCHOOL)
    full_name = models.CharField("полное наименование", max_length=300)
    short_name = models.CharField("краткое наименование", max_length=100, unique=True)
    city = models.CharField("населённый пункт", max_length=100)
    address = models.CharField("адрес", max_length=300)
    inn = models.CharField("ИНН", max_length=12, blank=True)
    ogrn = models.CharField("ОГРН", max_length=13, blank=True)
    license_no = models.CharField("лицензия", max_length=100, blank=True)
    phone = models.CharField("телефон", max_length=30, blank=True)
    email = models.EmailField("электронная почта", blank=True)
    bank_details = models.TextField("банковские реквизиты", blank=True)
    full_name_genitive = models.CharField(
        "полное наименование в родительном падеже (кого? чего?)", max_length=300, blank=True
    )
    full_name_dative = models.CharField(
        "полное наименование в дательном падеже (кому? чему?)", max_length=300, blank=True
    )
    full_name_accusative = models.CharField(
        "полное наименование в винительном падеже (кого? что?)", max_length=300, blank=True
    )
    full_name_instrumental = models.CharField(
        "полное наименование в творительном падеже (кем? чем?)", max_length=300, blank=True
    )
    full_name_prepositional = models.CharField(
        "полное наименование в предложном падеже (в ком? в чём?)", max_length=300, blank=True
    )
    short_name_genitive = models.CharField(
        "краткое наименование в родительном падеже (кого? чего?)", max_length=100, blank=True
    )
    short_name_dative = models.CharField(
        "краткое наименование в дательном падеже (кому? чему?)", max_length=100, blank=True
    )
    short_name_accusative = models.CharField(
        "краткое наименование в винительном падеже (кого? что?)", max_length=100, blank=True
    )
    short_name_instrumental = models.CharField(
        "краткое наименование в творительном падеже (кем? чем?)", max_length=100, blank=True
    )
    short_name_prepositional = models.CharField(
        "краткое наименование в предложном падеже (в ком? в чём?)", max_length=100, blank=True
    )

    #: What was written by hand where the portal would decline a name wrongly (5.1).
    CASE_FIELDS = tuple(f"{name}_{case.name.lower()}" for name in ("full_name", "short_name") for case in russian.Case)

    class Meta:
        verbose_name = "организация"
        verbose_name_plural = "организации"
        ordering = ["short_name"]
        constraints = [choices_check("kind", OrganisationKind, name="schools_organisation_kind")]

    def __str__(self) -> str:
        return self.short_name

    def in_case(self, case: russian.Case, *, full: bool = False) -> str:
        """Return the short name, or the full one, in `case`: as written by hand, else as declined (5.1)."""
        name = "full_name" if full else "short_name"
        by_hand: str = getattr(self, f"{name}_{case.name.lower()}")
        return by_hand or russian.phrase_in_case(getattr(self, name), case)


class Network(models.Model):
    """Schools that teach each other's pupils, and the rules they agreed on."""

    name = models.CharField("название", max_length=200, unique=True)
    model = models.CharField("модель", max_length=20, choices=NetworkModel, default=NetworkModel.PARITY)
    time_zone = models.CharField("часовой пояс", max_length=50, default="Europe/Moscow")
    auto_transfer = models.BooleanField(
        "передавать ведомости без участия человека",
        default=False,
        help_text="Ведомость прошедшего месяца запечатывается и направляется в день, указанный ниже.",
    )
    transfer_day = models.PositiveSmallIntegerField("день месяца для передачи ведомостей", default=3)
    answer_days = models.PositiveSmallIntegerField("рабочих дней на ответ по заявке школы", default=3)
    allocation_approval = models.CharField(
        "кто утверждает распределение по группам",
        max_length=20,
        choices=AllocationApproval,
        default=AllocationApproval.HOSTS,
    )
    offer_hours = models.PositiveSmallIntegerField("часов на ответ семьи о предложенном месте", default=48)
    application_days = models.PositiveSmallIntegerField("рабочих дней на рассмотрение заявления школой", default=5)
    tripartite = models.BooleanField(
        "нужен трёхсторонний договор с семьёй",
        default=False,
        help_text="Без подписей принимающей школы, школы обучающегося и родителя зачислить нельзя.",
    )

    class Meta:
        verbose_name = "сеть"
        verbose_name_plural = "сети"
        ordering = ["name"]
        constraints = [
            choices_check("model", NetworkModel, name="schools_network_model"),
            choices_check("allocation_approval", AllocationApproval, name="schools_network_allocation_approval"),
            models.CheckConstraint(
                condition=Q(offer_hours__gte=1),
                name="schools_network_offer_hours",
                violation_error_message="На ответ семьи нужен хотя бы час.",
            ),
            models.CheckConstraint(
                condition=Q(transfer_day__gte=1, transfer_day__lte=28),
                name="schools_network_transfer_day",
                violation_error_message="День месяца: от 1 до 28.",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class LoadLimit(models.Model):
    """The most lessons a week for one grade in one network; a grade without a row has the usual limit (6.8)."""

    network = models.ForeignKey(Network, models.CASCADE, related_name="load_limits", verbose_name="сеть")
    grade = models.PositiveSmallIntegerField("параллель")
    five_days = models.PositiveSmallIntegerField("часов при пятидневной неделе")
    six_days = models.PositiveSmallIntegerField("часов при шестидневной неделе")
    extracurricular = models.PositiveSmallIntegerField("часов внеурочной деятельности", default=10)

    class Meta:
        verbose_name = "предел недельной нагрузки"
        verbose_name_plural = "пределы недельной нагрузки"
        ordering = ["network", "grade"]
        constraints = [
            models.UniqueConstraint(
                fields=["network", "grade"],
                name="schools_load_limit_once",
                violation_error_message="Предел для этой параллели уже есть.",
            ),
            models.CheckConstraint(
                condition=Q(grade__gte=1, grade__lte=11),
                name="schools_load_limit_grade",
                violation_error_message="Параллель: от 1 до 11.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.network}, {self.grade} класс"


class Route(models.Model):
    """How many minutes the way between two schools takes, either way; no row means that nobody has said yet (6.8)."""

    first = models.ForeignKey(Organisation, models.PROTECT, related_name="+", verbose_name="школа")
    second = models.ForeignKey(Organisation, models.PROTECT, related_name="+", verbose_name="другая школа")
    minutes = models.PositiveSmallIntegerField("минут в пути")

    class Meta:
        verbose_name = "дорога между школами"
        verbose_name_plural = "дороги между школами"
        ordering = ["first", "second"]
        constraints = [
            # One row for both ways: the school with the smaller number stands first.
            models.CheckConstraint(condition=Q(first__lt=F("second")), name="schools_route_order"),
            models.UniqueConstraint(fields=["first", "second"], name="schools_route_once"),
            models.CheckConstraint(
                condition=Q(minutes__lte=240),
                name="schools_route_minutes",
                violation_error_message="Дорога между школами: не больше 240 минут.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.first} – {self.second}: {self.minutes}"


class Membership(models.Model):
    """A school in a network, from–to; all members have equal rights (S1-1.2)."""

    network = models.ForeignKey(Network, models.PROTECT, related_name="memberships", verbose_name="сеть")
    organisation = models.ForeignKey(
        Organisation, models.PROTECT, related_name="memberships", verbose_name="организация"
    )
    date_from = models.DateField("с")
    date_to = models.DateField("по", null=True, blank=True)

    class Meta:
        verbose_name = "участник сети"
        verbose_name_plural = "участники сети"
        ordering = ["network", "organisation"]
        constraints = [
            models.UniqueConstraint(fields=["network", "organisation", "date_from"], name="schools_membership_once"),
            period_check("date_from", "date_to", name="schools_membership_period"),
        ]

    def __str__(self) -> str:
        return f"{self.organisation} – {self.network}"


class DutyQuerySet(models.QuerySet["Duty"]):
    def in_force(self, on: date) -> DutyQuerySet:
        """Duties that give rights on the day `on` (2.3 (6): expiry removes access the same day)."""
        return self.filter(in_force(on))


class Duty(models.Model):
    """Who may act for an organisation, as what, by which order, from–to (glossary: Assignment)."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="duties", verbose_name="кто")
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="duties", verbose_name="организация")
    kind = models.CharField("полномочие", max_length=20, choices=DutyKind)
    order = models.CharField("приказ", max_length=100, help_text="Номер и дата приказа о назначении.")
    date_from = models.DateField("с")
    date_to = models.DateField("по", null=True, blank=True)

    objects = DutyQuerySet.as_manager()

    class Meta:
        verbose_name = "полномочие"
        verbose_name_plural = "полномочия"
        ordering = ["organisation", "kind", "pk"]
        constraints = [
            choices_check("kind", DutyKind, name="schools_duty_kind"),
            # The day before the first one ends a duty that was given by mistake and never comes into force.
            models.CheckConstraint(
                condition=Q(date_to__isnull=True) | Q(date_to__gte=F("date_from") - timedelta(days=1)),
                name="schools_duty_period",
                violation_error_message="Дата окончания раньше даты начала.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}, {self.organisation}"


class SigningBasis(models.Model):
    """By what a person signs agreements for the school: the charter, or a power of attorney with its days.

    A director without a row signs by the charter; a deputy signs only by a power of attorney.
    """

    duty = models.ForeignKey(Duty, models.PROTECT, related_name="bases", verbose_name="кто подписывает")
    kind = models.CharField("основание", max_length=10, choices=BasisKind)
    number = models.CharField("номер", max_length=50, blank=True)
    issued_on = models.DateField("дата")
    valid_until = models.DateField("действует по", null=True)
    ended_on = models.DateField("отменено с", null=True)

    class Meta:
        verbose_name = "основание подписи"
        verbose_name_plural = "основания подписи"
        ordering = ["duty", "-issued_on", "-pk"]
        constraints = [
            choices_check("kind", BasisKind, name="schools_basis_kind"),
            period_check("issued_on", "valid_until", name="schools_basis_period"),
            models.CheckConstraint(
                condition=Q(kind=BasisKind.CHARTER) | Q(valid_until__isnull=False) & ~Q(number=""),
                name="schools_basis_power_has_number_and_term",
                violation_error_message="У доверенности есть номер и срок.",
            ),
        ]

    def __str__(self) -> str:
        if self.kind == BasisKind.CHARTER:
            return "на основании устава"
        return (
            f"по доверенности №\u00a0{self.number} от {self.issued_on:%d.%m.%Y}, "
            f"действительной по {self.valid_until:%d.%m.%Y}"
        )


class DutyOffer(models.Model):
    """A duty that the director offers to an address; whether anyone has an account there is told to nobody."""

    TRANSITIONS: ClassVar = OFFER_TRANSITIONS

    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="+", verbose_name="организация")
    email = models.EmailField("электронная почта")
    kind = models.CharField("полномочие", max_length=20, choices=DutyKind)
    order = models.CharField("приказ", max_length=100)
    date_from = models.DateField("с")
    date_to = models.DateField("по", null=True, blank=True)
    state = models.CharField("состояние", max_length=20, choices=OfferState, default=OfferState.OFFERED)
    offered_at = models.DateTimeField("предложено")

    class Meta:
        verbose_name = "предложенное полномочие"
        verbose_name_plural = "предложенные полномочия"
        ordering = ["-offered_at", "-pk"]
        constraints = [
            choices_check("kind", DutyKind, name="schools_offer_kind"),
            choices_check("state", OfferState, name="schools_offer_state"),
            period_check("date_from", "date_to", name="schools_offer_period"),
            models.UniqueConstraint(
                fields=["organisation", "email", "kind"],
                condition=Q(state=OfferState.OFFERED),
                name="schools_offer_once",
                violation_error_message="Это полномочие по этому адресу уже предложено.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}, {self.organisation}"


class SchoolClassQuerySet(models.QuerySet["SchoolClass"]):
    def visible_to(self, acting: Acting) -> SchoolClassQuerySet:
        """The classes of the own school; a class teacher sees the own class."""
        if acting.is_(*SCHOOL_STAFF, Role.CURATOR):
            return self.filter(organisation=acting.organisation_id)
        if acting.is_(Role.CLASS_TEACHER):
            return self.filter(organisation=acting.organisation_id, class_teacher=acting.duty)
        return self.none()


class SchoolClass(models.Model):
    """A class of one school in one school year."""

    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="classes", verbose_name="школа")
    year = models.PositiveSmallIntegerField("учебный год", help_text="Первый календарный год: 2026 для 2026/2027.")
    grade = models.PositiveSmallIntegerField("параллель")
    letter = models.CharField("литера", max_length=15)
    class_teacher = models.ForeignKey(
        Duty, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name="классный руководитель"
    )

    objects = SchoolClassQuerySet.as_manager()

    class Meta:
        verbose_name = "класс"
        verbose_name_plural = "классы"
        ordering = ["grade", "letter"]
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "year", "grade", "letter"],
                name="schools_class_once",
                violation_error_message="Такой класс в этом учебном году уже есть.",
            ),
            models.CheckConstraint(
                condition=Q(grade__gte=1, grade__lte=11),
                name="schools_class_grade",
                violation_error_message="Параллель: от 1 до 11.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.grade}\N{NO-BREAK SPACE}«{self.letter}»"


class ClassDay(models.Model):
    """When a class has lessons on a weekday: from the first lesson to the last, and how many they are."""

    school_class = models.ForeignKey(SchoolClass, models.CASCADE, related_name="days", verbose_name="класс")
    weekday = models.PositiveSmallIntegerField("день недели")
    starts = models.TimeField("первый урок начинается")
    ends = models.TimeField("последний урок заканчивается")
    lessons = models.PositiveSmallIntegerField("уроков")

    class Meta:
        verbose_name = "учебный день класса"
        verbose_name_plural = "учебные дни классов"
        ordering = ["weekday"]
        constraints = [
            models.UniqueConstraint(fields=["school_class", "weekday"], name="schools_class_day_once"),
            models.CheckConstraint(condition=Q(weekday__gte=1, weekday__lte=6), name="schools_class_day_weekday"),
            models.CheckConstraint(
                condition=Q(ends__gt=F("starts")),
                name="schools_class_day_times",
                violation_error_message="Уроки должны заканчиваться позже, чем начинаются.",
            ),
            models.CheckConstraint(
                condition=Q(lessons__gte=1, lessons__lte=12),
                name="schools_class_day_lessons",
                violation_error_message="Уроков в день: от 1 до 12.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.school_class}, {self.weekday}: {self.starts:%H:%M}–{self.ends:%H:%M}"


class StudentQuerySet(models.QuerySet["Student"]):
    def present(self) -> StudentQuerySet:
        """Pupils who have not left the school."""
        return self.filter(left_on=None)

    def visible_to(self, acting: Acting) -> StudentQuerySet:
        """Pupils whom the acting person may see by name as the home school or the family (2.3 (1)).

        What a host school sees of other schools' pupils hangs on their enrolments, not on this gate.
        """
        if acting.is_(Role.PARENT):
            return self.filter(guardian_links__in=GuardianLink.objects.valid_for(acting.user_id, acting.on))
        if acting.is_(*SCHOOL_STAFF, Role.CURATOR):
            return self.filter(home_school=acting.organisation_id)
        if acting.is_(Role.CLASS_TEACHER):
            return self.filter(home_school=acting.organisation_id, school_class__class_teacher=acting.duty)
        return self.none()


class Student(PersonName):
    """A pupil; belongs to exactly one home school, which no enrolment changes (I-1)."""

    birth_date = models.DateField("дата рождения")
    home_school = models.ForeignKey(
        Organisation, models.PROTECT, related_name="students", verbose_name="школа, где числится"
    )
    school_class = models.ForeignKey(SchoolClass, models.PROTECT, related_name="students", verbose_name="класс")
    left_on = models.DateField("выбыл", null=True, blank=True, help_text="Последний день в школе.")
    left_reason = models.CharField("основание выбытия", max_length=300, blank=True)

    objects = StudentQuerySet.as_manager()

    class Meta:
        verbose_name = "обучающийся"
        verbose_name_plural = "обучающиеся"
        ordering = ["sort_key", "pk"]


class FormerPlace(models.Model):
    """Where a pupil was before: school and class up to a day; the present place stands with the pupil (I-1)."""

    student = models.ForeignKey(Student, models.PROTECT, related_name="former_places", verbose_name="обучающийся")
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="+", verbose_name="школа")
    school_class = models.ForeignKey(SchoolClass, models.PROTECT, related_name="+", verbose_name="класс")
    until = models.DateField("по")
    basis = models.CharField("основание", max_length=300)

    class Meta:
        verbose_name = "прежний класс обучающегося"
        verbose_name_plural = "прежние классы обучающихся"
        ordering = ["-until", "-pk"]

    def __str__(self) -> str:
        return f"{self.school_class}, {self.organisation}"


class ExpectedGuardian(models.Model):
    """A parent as the school's own list names one; gives no rights, it is shown to who checks a claim."""

    student = models.ForeignKey(Student, models.PROTECT, related_name="expected_guardians", verbose_name="обучающийся")
    name = models.CharField("фамилия, имя, отчество", max_length=300)
    name_key = models.CharField(max_length=320, editable=False)
    email = models.EmailField("электронная почта", blank=True)
    phone = models.CharField("телефон", max_length=30, blank=True)

    class Meta:
        verbose_name = "родитель по данным школы"
        verbose_name_plural = "родители по данным школы"
        ordering = ["name_key", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["student", "name_key"],
                name="schools_expected_guardian_once",
                violation_error_message="Этот родитель уже записан.",
            )
        ]

    def __str__(self) -> str:
        return self.name


class GuardianPolicy(models.Model):
    """Whose word decisions about one child need; a child without a row has the rule «one is enough»."""

    student = models.OneToOneField(Student, models.PROTECT, related_name="guardian_policy", verbose_name="обучающийся")
    rule = models.CharField("порядок", max_length=20, choices=GuardianRule, default=GuardianRule.ONE)
    days = models.PositiveSmallIntegerField("дней на возражение", default=3)
    basis = models.CharField("основание", max_length=300, blank=True)

    class Meta:
        verbose_name = "порядок согласия представителей"
        verbose_name_plural = "порядок согласия представителей"
        constraints = [
            choices_check("rule", GuardianRule, name="schools_guardian_policy_rule"),
            models.CheckConstraint(
                condition=Q(days__gte=1, days__lte=30),
                name="schools_guardian_policy_days",
                violation_error_message="Срок для возражения: от 1 до 30 дней.",
            ),
        ]

    def __str__(self) -> str:
        return self.get_rule_display()


class GuardianLinkQuerySet(models.QuerySet["GuardianLink"]):
    def valid(self, on: date) -> GuardianLinkQuerySet:
        """Links that give rights on the day `on`: verified, within their days, and the child is not of age yet.

        The rights end on the eighteenth birthday itself (2.3 (5)).
        """
        return self.filter(_valid_link(on))

    def valid_for(self, user_id: int, on: date) -> GuardianLinkQuerySet:
        """Links by which the person sees a child on the day `on`."""
        return self.valid(on).filter(user=user_id)

    def no_longer_valid_for(self, user_id: int, on: date) -> GuardianLinkQuerySet:
        """Links that a school verified for the person and that give no rights on the day `on`."""
        return self.filter(user=user_id).exclude(student=None).exclude(_valid_link(on))

    def with_validity(self, on: date) -> GuardianLinkQuerySet:
        """Add `is_valid`: whether a link gives rights on the day `on`."""
        return self.annotate(is_valid=models.ExpressionWrapper(_valid_link(on), models.BooleanField()))

    def valid_or_waiting(self, on: date) -> GuardianLinkQuerySet:
        """Links that make a person act as a parent: also those that a school has not checked yet."""
        return self.filter(_valid_link(on) | Q(state=LinkState.REQUESTED))

    def visible_to(self, acting: Acting) -> GuardianLinkQuerySet:
        """The person's own links; for the home school those that were addressed to it."""
        if acting.is_(Role.DIRECTOR, Role.DEPUTY, Role.RESPONSIBLE):
            return self.filter(organisation=acting.organisation_id)
        return self.filter(user=acting.user_id)


def _valid_link(on: date) -> Q:
    begun = Q(valid_from=None) | Q(valid_from__lte=on)
    lasts = Q(valid_to=None) | Q(valid_to__gte=on)
    return Q(begun, lasts, state=LinkState.VERIFIED, student__birth_date__gt=years_before(on, ADULT))


class GuardianLink(models.Model):
    """A parent's claim to represent a child; gives rights only after the home school verified it.

    The parent types the child's data; a member of staff compares them with the document shown and picks the pupil.
    Nothing tells the parent whether the school has such a pupil before that.
    """

    TRANSITIONS: ClassVar = LINK_TRANSITIONS

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="guardian_links", verbose_name="родитель"
    )
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="+", verbose_name="школа ребёнка")
    kinship = models.CharField("кем приходится", max_length=20, choices=Kinship)
    child_name = models.CharField("фамилия, имя, отчество ребёнка", max_length=300)
    child_birth_date = models.DateField("дата рождения ребёнка")
    child_class = models.CharField("класс", max_length=20)
    state = models.CharField("состояние", max_length=20, choices=LinkState, default=LinkState.REQUESTED)
    requested_at = models.DateTimeField("запрошена")
    student = models.ForeignKey(
        Student, models.PROTECT, null=True, related_name="guardian_links", verbose_name="обучающийся"
    )
    basis_document = models.CharField("документ-основание", max_length=200, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name="кто проверил"
    )
    decided_at = models.DateTimeField("когда проверена", null=True)
    valid_from = models.DateField("действует с", null=True, blank=True)
    valid_to = models.DateField("действует по", null=True, blank=True)
    reason = models.CharField("причина отказа или прекращения", max_length=300, blank=True)
    end_document = models.CharField("документ о прекращении", max_length=200, blank=True)

    objects = GuardianLinkQuerySet.as_manager()

    class Meta:
        verbose_name = "связь родителя с ребёнком"
        verbose_name_plural = "связи родителей с детьми"
        ordering = ["-requested_at", "-pk"]
        constraints = [
            choices_check("state", LinkState, name="schools_link_state"),
            choices_check("kinship", Kinship, name="schools_link_kinship"),
            models.CheckConstraint(
                condition=Q(student__isnull=True, state__in=[LinkState.REQUESTED, LinkState.REFUSED])
                | Q(student__isnull=False, state__in=[LinkState.VERIFIED, LinkState.ENDED]),
                name="schools_link_verified_has_student",
            ),
            period_check("valid_from", "valid_to", name="schools_link_period"),
            models.UniqueConstraint(
                fields=["user", "student"],
                condition=Q(state=LinkState.VERIFIED),
                name="schools_link_once",
                violation_error_message="Эта связь уже подтверждена.",
            ),
            models.UniqueConstraint(
                fields=["user", "organisation", "child_name", "child_birth_date"],
                condition=Q(state=LinkState.REQUESTED),
                name="schools_link_waits_once",
                violation_error_message="Такой запрос уже ждёт проверки в школе.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kinship_display()}: {self.child_name}"


class PupilImportQuerySet(models.QuerySet["PupilImport"]):
    def visible_to(self, acting: Acting) -> PupilImportQuerySet:
        """The files of the own school, for those who keep its list of pupils."""
        if not acting.is_(Role.DEPUTY, Role.RESPONSIBLE):
            return self.none()
        return self.filter(organisation=acting.organisation_id)


class PupilImport(models.Model):
    """A file with classes, pupils and parents: read by the worker, looked at by a person, then saved as it was seen.

    Of the file only the columns that the portal needs are kept, and after the end only the rejected rows (L-3).
    """

    TRANSITIONS: ClassVar = IMPORT_TRANSITIONS

    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="+", verbose_name="школа")
    year = models.PositiveSmallIntegerField("учебный год")
    file_name = models.CharField("файл", max_length=100)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="кто загрузил"
    )
    created_at = models.DateTimeField("загружен")
    state = models.CharField("состояние", max_length=20, choices=ImportState, default=ImportState.READING)
    content = models.BinaryField("содержимое до чтения", null=True)
    columns = models.JSONField("столбцы", default=dict)
    rows = models.JSONField("строки файла", default=list)
    plan = models.JSONField("что изменится", default=dict)
    stamp = models.CharField("отпечаток данных школы", max_length=32, blank=True)
    digest = models.CharField("отпечаток предпросмотра", max_length=64, blank=True)
    chosen = models.JSONField("отмеченные строки", default=list)
    counts = models.JSONField("итоги", default=dict)
    rounds = models.PositiveSmallIntegerField("сколько раз читали", default=0)
    rows_read = models.PositiveIntegerField("строк прочитано", default=0)
    reason = models.CharField("почему не принят", max_length=500, blank=True)
    finished_at = models.DateTimeField("завершён", null=True)

    objects = PupilImportQuerySet.as_manager()

    class Meta:
        verbose_name = "загрузка обучающихся"
        verbose_name_plural = "загрузки обучающихся"
        ordering = ["-created_at", "-pk"]
        constraints = [choices_check("state", ImportState, name="schools_import_state")]

    def __str__(self) -> str:
        return self.file_name


class AgreementQuerySet(models.QuerySet["Agreement"]):
    def in_force(self, on: date) -> AgreementQuerySet:
        """Agreements signed by both directors whose term covers the day `on` (3.2)."""
        return self.filter(in_force(on), state=AgreementState.SIGNED)

    def teaching(self, *, home: int, host: int, year: int | None = None) -> AgreementQuerySet:
        """Agreements by which `host` teaches pupils of `home`, in the school year `year` where one is given."""
        conditions = AgreementCondition.objects.filter(home=home, host=host)
        if year is not None:
            conditions = conditions.covering(year)
        return self.filter(pk__in=conditions.values("agreement"))

    def visible_to(self, acting: Acting) -> AgreementQuerySet:
        """Both parties' staff see the agreement; a draft is alone the school's that prepares it until it is sent."""
        if not acting.is_(*SCHOOL_STAFF, Role.CURATOR):
            return self.none()
        return self.filter(
            Q(home=acting.organisation_id) | Q(host=acting.organisation_id) & ~Q(state=AgreementState.DRAFT)
        )


class Agreement(models.Model):
    """The cooperation agreement of two schools (S0-5b, S1-2.1, T06).

    `home` is the school that prepares it, the base organisation of the paper; who teaches whose pupils what stands in
    the conditions. `document` is the signed paper in the register of `home`, `host_copy` its copy in the register of
    `host`, `protocol` the protocol of disagreements, `publication` the redacted paper for everyone.
    """

    TRANSITIONS: ClassVar = AGREEMENT_TRANSITIONS

    network = models.ForeignKey(Network, models.PROTECT, related_name="agreements", verbose_name="сеть")
    home = models.ForeignKey(
        Organisation, models.PROTECT, related_name="agreements_as_home", verbose_name="базовая организация"
    )
    host = models.ForeignKey(
        Organisation, models.PROTECT, related_name="agreements_as_host", verbose_name="организация-участник"
    )
    safety = models.TextField(
        "охрана жизни и здоровья", blank=True, help_text="Кто сопровождает детей и отвечает за них в пути."
    )
    issued_documents = models.TextField(
        "выдаваемые документы", blank=True, help_text="Какие документы, кто и когда выдаёт."
    )
    funding_mode = models.CharField("финансовое обеспечение", max_length=10, choices=FundingMode, blank=True)
    funding_norm = models.TextField("расчёт возмещения", blank=True, help_text="Норматив и порядок его применения.")
    funding_due = models.CharField("срок возмещения", max_length=200, blank=True)
    funding_order = models.TextField("порядок возмещения", blank=True)
    journal_readers = models.JSONField("кто читает журнал", default=list, blank=True)
    scale = models.CharField("шкала отметок", max_length=200, blank=True)
    weights = models.TextField("веса работ", blank=True, help_text="Документ, которым они установлены, или сами веса.")
    correction_days = models.PositiveSmallIntegerField("дней на исправление отметки", null=True, blank=True)
    personal_data = models.TextField(
        "какие сведения передаются", blank=True, help_text="Каждая школа – самостоятельный оператор."
    )
    incident_hours = models.PositiveSmallIntegerField("часов на уведомление об инциденте", null=True, blank=True)
    home_contacts = models.TextField("контакты базовой организации", blank=True)
    host_contacts = models.TextField("контакты организации-участника", blank=True)
    date_from = models.DateField("действует с")
    date_to = models.DateField("действует по")
    state = models.CharField("состояние", max_length=20, choices=AgreementState, default=AgreementState.DRAFT)
    stopped_on = models.DateField("приостановлен или прекращён", null=True)
    remarks = models.TextField("с какими замечаниями возвращён", blank=True)
    document = models.OneToOneField(Document, models.PROTECT, null=True, related_name="+", verbose_name="документ")
    host_copy = models.OneToOneField(
        Document, models.PROTECT, null=True, related_name="+", verbose_name="экземпляр организации-участника"
    )
    protocol = models.OneToOneField(
        Document, models.PROTECT, null=True, related_name="+", verbose_name="протокол разногласий"
    )
    publication = models.OneToOneField(
        Document, models.PROTECT, null=True, related_name="+", verbose_name="размещённая редакция"
    )

    objects = AgreementQuerySet.as_manager()

    class Meta:
        verbose_name = "договор"
        verbose_name_plural = "договоры"
        ordering = ["-date_from", "-pk"]
        constraints = [
            choices_check("state", AgreementState, name="schools_agreement_state"),
            models.CheckConstraint(
                condition=Q(funding_mode__in=["", *FundingMode.values]),
                name="schools_agreement_funding",
                violation_error_message="Недопустимое значение.",
            ),
            period_check("date_from", "date_to", name="schools_agreement_period"),
            models.CheckConstraint(
                condition=~Q(home=F("host")),
                name="schools_agreement_two_schools",
                violation_error_message="Договор заключают две разные школы.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.home} – {self.host}"


class AgreementConditionQuerySet(models.QuerySet["AgreementCondition"]):
    def covering(self, year: int) -> AgreementConditionQuerySet:
        """Conditions of the school year; a year not named by an old agreement does not bound it."""
        return self.filter(
            Q(year_from=None) | Q(year_from__lte=year),
            Q(year_to=None) | Q(year_to__gte=year),
        )


class AgreementCondition(models.Model):
    """One direction of an agreement: `host` teaches pupils of `home` a programme or a part of it.

    What is empty is not settled yet; only a draft, and an agreement older than this table, may leave it so.
    """

    agreement = models.ForeignKey(Agreement, models.CASCADE, related_name="conditions", verbose_name="договор")
    home = models.ForeignKey(Organisation, models.PROTECT, related_name="+", verbose_name="кто направляет")
    host = models.ForeignKey(Organisation, models.PROTECT, related_name="+", verbose_name="кто обучает")
    programme = models.TextField("программа или часть программы")
    subject = models.CharField("учебный предмет", max_length=100, blank=True)
    kind = models.CharField("вид", max_length=20, choices=TaughtKind, blank=True)
    level = models.CharField("уровень", max_length=20, choices=Level, blank=True)
    orientation = models.CharField("направленность", max_length=100, blank=True)
    part = models.TextField("что преподаёт обучающая сторона", blank=True)
    hours = models.PositiveSmallIntegerField("часов", null=True, blank=True)
    grade_from = models.PositiveSmallIntegerField("с класса", null=True, blank=True)
    grade_to = models.PositiveSmallIntegerField("по класс", null=True, blank=True)
    seats = models.PositiveSmallIntegerField("мест в год", null=True, blank=True)
    year_from = models.PositiveSmallIntegerField("с учебного года", null=True, blank=True)
    year_to = models.PositiveSmallIntegerField("по учебный год", null=True, blank=True)

    objects = AgreementConditionQuerySet.as_manager()

    class Meta:
        verbose_name = "условие договора"
        verbose_name_plural = "условия договоров"
        ordering = ["agreement", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=["", *TaughtKind.values], level__in=["", *Level.values]),
                name="schools_condition_choices",
                violation_error_message="Недопустимое значение.",
            ),
            models.CheckConstraint(
                condition=~Q(home=F("host")),
                name="schools_condition_two_schools",
                violation_error_message="Школа не направляет учеников к себе самой.",
            ),
            period_check("year_from", "year_to", name="schools_condition_years"),
            period_check("grade_from", "grade_to", name="schools_condition_grades"),
        ]
        indexes = [models.Index(fields=["home", "host"], name="schools_condition_pair")]

    def __str__(self) -> str:
        return f"{self.home} – {self.host}: {self.programme}"


class AgreementResource(models.Model):
    """What one party gives to the common work, and how much of it."""

    agreement = models.ForeignKey(Agreement, models.CASCADE, related_name="resources", verbose_name="договор")
    party = models.CharField("сторона", max_length=10, choices=Side)
    kind = models.CharField("вид ресурса", max_length=20, choices=ResourceKind)
    what = models.TextField("ресурс")
    amount = models.DecimalField("объём", max_digits=9, decimal_places=2, null=True, blank=True)
    unit = models.CharField("единица", max_length=50, blank=True)

    class Meta:
        verbose_name = "ресурс по договору"
        verbose_name_plural = "ресурсы по договорам"
        ordering = ["agreement", "pk"]
        constraints = [
            choices_check("party", Side, name="schools_resource_party"),
            choices_check("kind", ResourceKind, name="schools_resource_kind"),
        ]

    def __str__(self) -> str:
        return self.what


class AgreementDuty(models.Model):
    """What one party does, until when, and since when it is done (S4-5.8)."""

    agreement = models.ForeignKey(Agreement, models.CASCADE, related_name="duties", verbose_name="договор")
    party = models.CharField("сторона", max_length=10, choices=Side)
    what = models.TextField("обязанность")
    due = models.DateField("срок", null=True, blank=True)
    done_on = models.DateField("исполнена", null=True)
    done_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name="кто отметил"
    )

    class Meta:
        verbose_name = "обязанность по договору"
        verbose_name_plural = "обязанности по договорам"
        ordering = ["agreement", "pk"]
        constraints = [
            choices_check("party", Side, name="schools_agreement_duty_party"),
            models.CheckConstraint(
                condition=Q(done_on=None, done_by=None) | Q(done_on__isnull=False, done_by__isnull=False),
                name="schools_agreement_duty_done",
                violation_error_message="У исполненной обязанности есть и день, и тот, кто её отметил.",
            ),
        ]

    def __str__(self) -> str:
        return self.what


class AgreementAppendix(models.Model):
    """A text added to an agreement; one with personal data is never published (L-9)."""

    agreement = models.ForeignKey(Agreement, models.CASCADE, related_name="appendices", verbose_name="договор")
    title = models.CharField("приложение", max_length=200)
    text = models.TextField("содержание")
    personal = models.BooleanField("содержит персональные данные", default=False)

    class Meta:
        verbose_name = "приложение к договору"
        verbose_name_plural = "приложения к договорам"
        ordering = ["agreement", "pk"]

    def __str__(self) -> str:
        return self.title


class Disagreement(models.Model):
    """A line of the protocol of disagreements: clause, both wordings, how it was settled (T28)."""

    agreement = models.ForeignKey(Agreement, models.CASCADE, related_name="disagreements", verbose_name="договор")
    clause = models.CharField("пункт", max_length=100)
    home_wording = models.TextField("редакция базовой организации")
    host_wording = models.TextField("редакция организации-участника")
    outcome = models.CharField("итог", max_length=10, choices=Outcome, blank=True)
    agreed_wording = models.TextField("согласованная редакция", blank=True)

    class Meta:
        verbose_name = "строка протокола разногласий"
        verbose_name_plural = "протоколы разногласий"
        ordering = ["agreement", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(outcome__in=["", *Outcome.values]),
                name="schools_disagreement_outcome",
                violation_error_message="Недопустимое значение.",
            ),
            models.UniqueConstraint(
                fields=["agreement", "clause"],
                name="schools_disagreement_once",
                violation_error_message="Этот пункт уже внесён в протокол.",
            ),
        ]

    def __str__(self) -> str:
        return self.clause


class Amendment(models.Model):
    """A supplementary agreement: the terms as they will be, and the papers that list only what changes."""

    TRANSITIONS: ClassVar = AMENDMENT_TRANSITIONS

    agreement = models.ForeignKey(Agreement, models.PROTECT, related_name="amendments", verbose_name="договор")
    prepared_by = models.ForeignKey(Organisation, models.PROTECT, related_name="+", verbose_name="кто подготовил")
    terms = models.JSONField("условия после изменения")
    reason = models.TextField("почему изменяется")
    state = models.CharField("состояние", max_length=20, choices=AmendmentState, default=AmendmentState.DRAFT)
    remarks = models.TextField("с какими замечаниями возвращено", blank=True)
    document = models.OneToOneField(Document, models.PROTECT, null=True, related_name="+", verbose_name="документ")
    host_copy = models.OneToOneField(
        Document, models.PROTECT, null=True, related_name="+", verbose_name="экземпляр организации-участника"
    )

    class Meta:
        verbose_name = "дополнительное соглашение"
        verbose_name_plural = "дополнительные соглашения"
        ordering = ["agreement", "pk"]
        constraints = [
            choices_check("state", AmendmentState, name="schools_amendment_state"),
            models.UniqueConstraint(
                fields=["agreement"],
                condition=Q(state__in=[AmendmentState.DRAFT, AmendmentState.SIGNING]),
                name="schools_amendment_one_open",
                violation_error_message="Другое дополнительное соглашение ещё не подписано: сначала завершите его.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.agreement}: дополнительное соглашение"
