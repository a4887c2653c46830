"""Two schools, two directors, and the template of the paper that exists for tests alone."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import pytest
from django.conf import settings as portal_settings

from network_portal.accounts.models import User
from schools.models import Organisation
from tests.factories.accounts import PASSWORD


@pytest.fixture(autouse=True)
def test_templates(settings: Any) -> None:
    templates = deepcopy(settings.TEMPLATES)
    templates[0]["DIRS"] = [*templates[0]["DIRS"], portal_settings.BASE_DIR / "tests" / "templates"]
    settings.TEMPLATES = templates
    settings.PUBLIC_URL = "https://portal.example"


def organisation(place: int) -> Organisation:
    return Organisation.objects.create(
        full_name=f"Муниципальное автономное общеобразовательное учреждение «Средняя школа № {place}»",
        short_name=f"МАОУ СОШ № {place}",
        city="Пермь",
        address=f"г. Пермь, ул. Мира, д. {place}",
    )


@pytest.fixture
def school(db: None) -> Organisation:
    return organisation(7)


@pytest.fixture
def other_school(db: None) -> Organisation:
    return organisation(40)


@pytest.fixture
def director(db: None) -> User:
    return User.objects.create_user(
        "director7@school.example",
        PASSWORD,
        last_name="Белых",
        first_name="Ольга",
        patronymic="Львовна",
        gender="f",
    )


@pytest.fixture
def other_director(db: None) -> User:
    return User.objects.create_user(
        "director40@school.example",
        PASSWORD,
        last_name="Ёлкин",
        first_name="Пётр",
        patronymic="Ильич",
        gender="m",
    )
