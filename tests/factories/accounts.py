"""People with accounts."""

from __future__ import annotations

import factory
from factory.django import DjangoModelFactory, Password

from network_portal.accounts.enums import Gender
from network_portal.accounts.models import User

PASSWORD = "парохода дым над рекой"

MEN = (
    ("Абрамов", "Алексей", "Игоревич"),
    ("Белов", "Борис", "Олегович"),
    ("Власов", "Виктор", "Павлович"),
    ("Громов", "Глеб", "Романович"),
    ("Дроздов", "Денис", "Сергеевич"),
    ("Елисеев", "Егор", "Тимурович"),
    ("Ёлкин", "Фёдор", "Ильич"),
    ("Жуков", "Захар", "Юрьевич"),
    ("Зайцев", "Илья", "Андреевич"),
    ("Козлов", "Кирилл", "Борисович"),
)


class PersonNameFactory(DjangoModelFactory):
    """Names in a fixed order; all men, so that the cases are known."""

    class Meta:
        abstract = True

    last_name = factory.Sequence(lambda n: MEN[n % len(MEN)][0])
    first_name = factory.Sequence(lambda n: MEN[n % len(MEN)][1])
    patronymic = factory.Sequence(lambda n: MEN[n % len(MEN)][2])
    gender = Gender.MALE


class UserFactory(PersonNameFactory):
    """A person who can sign in with `PASSWORD` and has no rights."""

    class Meta:
        model = User

    email = factory.Sequence(lambda n: f"person{n}@school.example")
    phone = "+7 900 000-00-00"
    password = Password(PASSWORD)
