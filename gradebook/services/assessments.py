"""The tests that a home school plans for its classes (6.7)."""

from __future__ import annotations

from datetime import date, datetime

from django.db import transaction

from gradebook.enums import Verb
from gradebook.models import SchoolTest
from network_portal.common.cleaning import clean
from schools.acting import Acting
from schools.models import SchoolClass
from schools.services.trail import note


@transaction.atomic
def school_test_add(*, actor: Acting, school_class: SchoolClass, day: date, subject: str, at: datetime) -> SchoolTest:
    """Enter a whole-class test of a class of the own school.

    Raises:
        RuleError: it is there already.
    """
    test = SchoolTest(school_class=school_class, date=day, subject=subject.strip())
    clean(test)
    test.save()
    note(Verb.SCHOOL_TEST_ADDED, actor, test, at)
    return test


@transaction.atomic
def school_test_remove(*, actor: Acting, test: SchoolTest, at: datetime) -> None:
    """Take a test out of the own school's plan."""
    note(Verb.SCHOOL_TEST_REMOVED, actor, test, at)
    SchoolTest.objects.filter(pk=test.pk).delete()
