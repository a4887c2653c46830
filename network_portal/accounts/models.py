"""People who sign in, and the parts of a Russian personal name."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.db import models
from django.utils import timezone

from network_portal.accounts.enums import Gender
from network_portal.common import russian
from network_portal.common.models import choices_check
from network_portal.common.russian import Case


class PersonName(models.Model):
    """Surname, given name and patronymic, with the sort key that puts Ё after Е on every database (I-11).

    The portal declines names by itself; `name_*` hold what was written by hand where that would be wrong (5.1).
    """

    #: For forms of those who may write the cases by hand.
    CASE_FIELDS = ("name_genitive", "name_dative", "name_accusative")

    last_name = models.CharField("фамилия", max_length=100)
    first_name = models.CharField("имя", max_length=100)
    patronymic = models.CharField("отчество", max_length=100, blank=True)
    gender = models.CharField(
        "пол",
        max_length=1,
        choices=Gender,
        blank=True,
        help_text="Можно не выбирать, если он ясен из отчества или имени.",
    )
    sort_key = models.CharField(max_length=1000, editable=False)
    name_genitive = models.CharField("ФИО в родительном падеже (кого?)", max_length=320, blank=True)
    name_dative = models.CharField("ФИО в дательном падеже (кому?)", max_length=320, blank=True)
    name_accusative = models.CharField("ФИО в винительном падеже (кого?)", max_length=320, blank=True)

    class Meta:
        abstract = True

    def save(self, **kwargs: Any) -> None:
        """Save the row with its sort key, and with its gender where the name tells it and nobody stated it."""
        self.sort_key = russian.sort_key(self.full_name)
        self.gender = self.gender or russian.guess_gender(self.first_name, self.patronymic) or ""
        if (names := kwargs.get("update_fields")) is not None:
            kwargs["update_fields"] = {*names, "sort_key", "gender"}
        super().save(**kwargs)

    def __str__(self) -> str:
        return self.full_name

    @property
    def full_name(self) -> str:
        """«Петров Иван Алексеевич»."""
        return russian.fio(self.last_name, self.first_name, self.patronymic)

    @property
    def short_name(self) -> str:
        """«Петров И. А.»."""
        return russian.fio_short(self.last_name, self.first_name, self.patronymic)

    def in_case(self, case: Case, *, short: bool = False) -> str:
        """Return the whole name, or surname and initials, in `case`: as written by hand, else as declined (5.1)."""
        return russian.in_case(self, case, short=short)

    def forget_cases(self, changed: Iterable[str]) -> list[str]:
        """Empty the cases written by hand for a former name, unless they were written anew with the name.

        Args:
            changed: the names of the fields that are being changed.

        Returns:
            The names of the fields emptied; the caller saves them.
        """
        names = set(changed)
        if not names & {"last_name", "first_name", "patronymic"}:
            return []
        old = [name for name in self.CASE_FIELDS if name not in names and getattr(self, name)]
        for name in old:
            setattr(self, name, "")
        return old

    def by_gender(self, male: str, female: str) -> str:
        """Return the words for the person's gender: «зачислен», «зачислена», «зачислен(а)» while it is unknown."""
        return russian.by_gender(self.gender, male, female)


class UserManager(BaseUserManager["User"]):
    def create_user(self, email: str, password: str | None = None, **fields: Any) -> User:
        user = self.model(email=self.normalize_email(email).lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str, **fields: Any) -> User:
        return self.create_user(email, password, is_staff=True, is_superuser=True, **fields)


class User(PersonName, AbstractBaseUser, PermissionsMixin):
    """A person with an account. Rights come from duties and verified children, never from the account itself."""

    email = models.EmailField("электронная почта", unique=True)
    phone = models.CharField("телефон", max_length=30, blank=True)
    is_staff = models.BooleanField("технический администратор", default=False)
    is_active = models.BooleanField("действует", default=True)
    date_joined = models.DateTimeField("создана", default=timezone.now, editable=False)

    objects: ClassVar[UserManager] = UserManager()

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS = ["last_name", "first_name"]

    class Meta:
        verbose_name = "учётная запись"
        verbose_name_plural = "учётные записи"
        ordering = ["sort_key", "pk"]
        constraints = [choices_check("gender", Gender, name="accounts_user_gender", blank=True)]

    def __str__(self) -> str:
        return self.full_name
