import pytest

from tests.factories.courses import StudyGroupFactory
from tests.factories.enrollment import EnrolmentFactory, SchoolRequestLineFactory

pytestmark = pytest.mark.django_db


def test_enrolment_is_consistent() -> None:
    group = StudyGroupFactory()
    first, second = EnrolmentFactory.create_batch(2, group=group)
    assert group.seats_taken == 2
    for enrolment in (first, second):
        assert enrolment.course == enrolment.line.course == group.course
        assert enrolment.home == enrolment.line.request.home == enrolment.line.application.home
        assert enrolment.line.application.student == enrolment.student
        assert enrolment.order.request == enrolment.line.request
        assert enrolment.line.request.agreement.host == group.course.programme.host
        assert enrolment.line.application.choices.get().course == group.course


def test_enrolments_may_share_an_order() -> None:
    first = EnrolmentFactory()
    second = EnrolmentFactory(group=first.group, order=first.order, student__home_school=first.home)
    assert second.line.request == first.line.request


def test_line_is_consistent() -> None:
    line = SchoolRequestLineFactory()
    assert line.application.home == line.request.home
    assert line.course.programme.host == line.request.host
