"""The factories make rows that the models themselves accept."""

from __future__ import annotations

import pytest
from factory.django import DjangoModelFactory

from schools.acting import acting_choices
from tests.factories import courses, schools
from tests.factories.accounts import UserFactory

FACTORIES = [
    UserFactory,
    *(
        factory
        for module in (schools, courses)
        for factory in vars(module).values()
        if isinstance(factory, type) and issubclass(factory, DjangoModelFactory) and not factory._meta.abstract
    ),
]


#: What a row gets only later in its life.
NOT_YET = (
    *("document", "password", "student", "decided_by", "decided_at", "date_to", "opened_on"),
    *("stopped_on", "host_copy", "protocol", "publication", "ended_at"),
)


@pytest.mark.django_db
@pytest.mark.parametrize("factory", sorted(set(FACTORIES), key=lambda f: f.__name__), ids=lambda f: f.__name__)
def test_factory_makes_three_valid_rows(factory: type[DjangoModelFactory]) -> None:
    for row in factory.create_batch(3):
        row.full_clean(exclude=NOT_YET)


@pytest.mark.django_db
def test_acting_as_a_duty_is_one_of_the_choices() -> None:
    duty = schools.DutyFactory()
    assert acting_choices(duty.user, duty.date_from) == [schools.acting_as(duty)]
