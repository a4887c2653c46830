"""Pupils and who acts for them."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from network_portal.accounts.models import PersonName
from network_portal.common.dates import years_before
from network_portal.common.models import choices_check, period_check
from schools.enums import ACCOUNT_TRANSITIONS, LINK_TRANSITIONS, AccountState, GuardianRule, Kinship, LinkState, Role
from schools.models.classes import SchoolClass
from schools.models.duties import SCHOOL_STAFF
from schools.models.organisations import Organisation

if TYPE_CHECKING:
    from schools.acting import Acting

#: From this age on a person acts alone.
ADULT = 18
#: Who reads what is about a child as the family: parents, and the pupil.
FAMILY_READERS = (Role.PARENT, Role.PUPIL)


class StudentQuerySet(models.QuerySet["Student"]):
    def present(self) -> StudentQuerySet:
        """Pupils who have not left the school."""
        return self.filter(left_on=None)

    def own_of(self, acting: Acting) -> StudentQuerySet:
        """The children whom a parent represents; for a pupil, the pupil alone."""
        if acting.is_(Role.PARENT):
            return self.filter(guardian_links__in=GuardianLink.objects.valid_for(acting.user_id, acting.on))
        if acting.is_(Role.PUPIL):
            return self.filter(accounts__in=PupilAccount.objects.in_force(acting.on).filter(user=acting.user_id))
        return self.none()

    def visible_to(self, acting: Acting) -> StudentQuerySet:
        """Pupils whom the acting person may see by name as the home school or the family (2.3 (1)).

        What a host school sees of other schools' pupils hangs on their enrolments, not on this gate.
        """
        if acting.is_(*FAMILY_READERS):
            return self.own_of(acting)
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

        The rights end on the eighteenth birthday itself, unless the adult pupil lets the parent read (2.3 (5)).
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
    of_age = Q(student__birth_date__lte=years_before(on, ADULT))
    return Q(begun, lasts, ~of_age | ~Q(adult_grant=""), state=LinkState.VERIFIED)


class GuardianLink(models.Model):
    """A parent's claim to represent a child; gives rights only after the home school verified it.

    The parent types the child's data; a member of staff compares them with the document shown and picks the pupil.
    Nothing tells the parent whether the school has such a pupil before that. After the child's eighteenth birthday it
    lets the parent read what `adult_grant`, the pupil's own paper, allows; it lets the parent decide nothing.
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
    adult_grant = models.CharField("письменное разрешение совершеннолетнего обучающегося", max_length=200, blank=True)

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


class PupilAccountQuerySet(models.QuerySet["PupilAccount"]):
    def at_school(self, on: date) -> PupilAccountQuerySet:
        """Accounts and offers of pupils who are on the day `on` in the school that gave them."""
        stays = Q(student__left_on=None) | Q(student__left_on__gte=on)
        return self.filter(stays, student__home_school=F("organisation"))

    def in_force(self, on: date) -> PupilAccountQuerySet:
        """Accounts that give rights on the day `on`: taken, and the pupil is in the school that gave it."""
        return self.at_school(on).filter(state=AccountState.TAKEN)

    def standing(self) -> PupilAccountQuerySet:
        """Accounts that are offered or taken."""
        return self.exclude(state=AccountState.ENDED)

    def visible_to(self, acting: Acting) -> PupilAccountQuerySet:
        """What the own school gave to the pupils whom the acting person sees there."""
        if acting.is_(*FAMILY_READERS):
            return self.none()
        return self.filter(student__in=Student.objects.visible_to(acting), organisation=acting.organisation_id)


class PupilAccount(models.Model):
    """A pupil's own account: the home school names the address, its owner takes it and reads what is about oneself.

    Who takes it says the date of birth: a letter that went astray shows nobody a child. The rights end with the pupil's
    last day in the school.
    """

    TRANSITIONS: ClassVar = ACCOUNT_TRANSITIONS

    student = models.ForeignKey(Student, models.PROTECT, related_name="accounts", verbose_name="обучающийся")
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="+", verbose_name="школа")
    email = models.EmailField("электронная почта")
    state = models.CharField("состояние", max_length=20, choices=AccountState, default=AccountState.OFFERED)
    offered_at = models.DateTimeField("предложена")
    offered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="кто предложил"
    )
    misses = models.PositiveSmallIntegerField("названа другая дата рождения, раз", default=0)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="pupil_accounts", verbose_name="чья"
    )
    taken_at = models.DateTimeField("принята", null=True)
    ended_at = models.DateTimeField("прекращена", null=True)
    reason = models.CharField("причина прекращения", max_length=300, blank=True)

    objects = PupilAccountQuerySet.as_manager()

    class Meta:
        verbose_name = "учётная запись обучающегося"
        verbose_name_plural = "учётные записи обучающихся"
        ordering = ["-offered_at", "-pk"]
        indexes = [
            models.Index(fields=["email"], condition=Q(state=AccountState.OFFERED), name="schools_account_offered_to")
        ]
        constraints = [
            choices_check("state", AccountState, name="schools_account_state"),
            models.CheckConstraint(
                condition=~Q(state=AccountState.TAKEN) | Q(user__isnull=False, taken_at__isnull=False),
                name="schools_account_taken_by",
            ),
            models.UniqueConstraint(
                fields=["student"],
                condition=~Q(state=AccountState.ENDED),
                name="schools_account_once",
                violation_error_message="У этого обучающегося уже есть учётная запись или приглашение.",
            ),
            models.UniqueConstraint(
                fields=["user"],
                condition=Q(state=AccountState.TAKEN),
                name="schools_account_of_one_pupil",
                violation_error_message="Этот человек уже входит на портал как другой обучающийся.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.email}: {self.get_state_display()}"
