"""Schools and authorities, their networks, the ways between them."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from network_portal.common import russian
from network_portal.common.models import choices_check, period_check
from schools.enums import AllocationApproval, NetworkModel, OrganisationKind


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
