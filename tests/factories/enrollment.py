"""Applications, consents, lists, orders and enrolments, each consistent with what it rests on."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import factory
from factory.django import DjangoModelFactory

from enrollment.enums import ApplicationState, EnrolmentState, LeaveState, LineDecision, OrderState, RequestState
from enrollment.models import (
    Application,
    ApplicationChoice,
    Consent,
    Enrolment,
    LeaveApplication,
    Order,
    PupilWord,
    SchoolRequest,
    SchoolRequestLine,
)
from tests.factories.accounts import UserFactory
from tests.factories.courses import NetworkCourseFactory, StudyGroupFactory
from tests.factories.documents import draft
from tests.factories.schools import AgreementFactory, GuardianLinkFactory, StudentFactory

STARTED_AT = datetime(2026, 8, 20, 9, 0, tzinfo=UTC)
REGISTERED_AT = datetime(2026, 8, 24, 13, 45, tzinfo=UTC)
SENT_AT = datetime(2026, 8, 28, 9, 0, tzinfo=UTC)
ORDERED_AT = datetime(2026, 8, 31, 9, 0, tzinfo=UTC)


class ApplicationFactory(DjangoModelFactory):
    """An application of a verified guardian; `courses=[…]` chooses in that order, `state` is REGISTERED."""

    class Meta:
        model = Application
        skip_postgeneration_save = True

    student = factory.SubFactory(StudentFactory)
    guardian = factory.LazyAttribute(lambda application: GuardianLinkFactory(student=application.student).user)
    home = factory.SelfAttribute("student.home_school")
    year = 2026
    state = ApplicationState.REGISTERED
    created_at = STARTED_AT
    registered_at = factory.Maybe(
        factory.LazyAttribute(lambda application: application.state == ApplicationState.DRAFT), None, REGISTERED_AT
    )

    @factory.post_generation
    def courses(application: Application, create: bool, extracted: list[Any] | None, **_: Any) -> None:
        for rank, course in enumerate(extracted or [], start=1):
            ApplicationChoice.objects.create(
                application=application, course=course, rank=rank, registered_at=application.registered_at
            )


class ConsentFactory(DjangoModelFactory):
    """A consent in force, to the home school unless `operator` says otherwise."""

    class Meta:
        model = Consent
        skip_postgeneration_save = True

    student = factory.SubFactory(StudentFactory)
    guardian = factory.SubFactory(UserFactory)
    operator = factory.SelfAttribute("student.home_school")
    purpose = "Организация обучения в сетевой форме, учёт посещаемости и успеваемости"
    text = "Даю согласие на обработку сведений о ребёнке."
    given_at = REGISTERED_AT

    @factory.post_generation
    def word(consent: Consent, create: bool, extracted: bool | None, **_: Any) -> None:
        """Add the pupil's own confirmation; `word=False` leaves it out."""
        if extracted is not False:
            PupilWord.objects.create(
                consent=consent,
                paper="подтверждение на бумаге",
                signed_on=REGISTERED_AT.date(),
                registered_by=consent.guardian,
                registered_at=REGISTERED_AT,
            )


class SchoolRequestFactory(DjangoModelFactory):
    """A list in the state DRAFT under an agreement in force; `sent=True` has been sent to the host."""

    class Meta:
        model = SchoolRequest

    class Params:
        sent = factory.Trait(state=RequestState.SENT, sent_at=SENT_AT, answer_due=date(2026, 9, 2))

    agreement = factory.SubFactory(AgreementFactory)
    home = factory.SelfAttribute("agreement.home")
    host = factory.SelfAttribute("agreement.host")
    year = 2026
    created_at = SENT_AT


class SchoolRequestLineFactory(DjangoModelFactory):
    """A line with an application of the list's home school for a course of its host."""

    class Meta:
        model = SchoolRequestLine

    request = factory.SubFactory(SchoolRequestFactory)
    course = factory.SubFactory(
        NetworkCourseFactory,
        programme__host=factory.SelfAttribute("...request.host"),
        network=factory.SelfAttribute("..request.agreement.network"),
    )
    application = factory.SubFactory(
        ApplicationFactory,
        student__home_school=factory.SelfAttribute("...request.home"),
        state=ApplicationState.LISTED,
    )
    decision = LineDecision.PENDING

    @classmethod
    def _create(cls, model_class: type[SchoolRequestLine], *args: Any, **kwargs: Any) -> SchoolRequestLine:
        line = super()._create(model_class, *args, **kwargs)
        choices = line.application.choices
        if not choices.filter(course=line.course).exists():
            choices.create(course=line.course, rank=choices.count() + 1, registered_at=line.application.registered_at)
        return line


class OrderFactory(DjangoModelFactory):
    """A registered order for a group of the list's host; its paper is only a stand-in that has no number."""

    class Meta:
        model = Order

    request = factory.SubFactory(SchoolRequestFactory, sent=True, state=RequestState.CLOSED)
    group = factory.SubFactory(
        StudyGroupFactory,
        course__programme__host=factory.SelfAttribute("....request.host"),
        course__network=factory.SelfAttribute("...request.agreement.network"),
    )
    date_from = date(2026, 9, 1)
    date_to = date(2027, 5, 31)
    state = OrderState.REGISTERED
    document = factory.LazyAttribute(lambda order: draft(order.request.host))
    created_at = ORDERED_AT


class EnrolmentFactory(DjangoModelFactory):
    """A pupil enrolled in `group` by a registered order; list, line, application and agreement fit together.

    Give `group`, `student`, or both; `order` when several pupils share one.
    """

    class Meta:
        model = Enrolment

    group = factory.SubFactory(StudyGroupFactory)
    student = factory.SubFactory(StudentFactory)
    home = factory.SelfAttribute("student.home_school")
    course = factory.SelfAttribute("group.course")
    order = factory.LazyAttribute(
        lambda enrolment: OrderFactory(
            group=enrolment.group,
            request__agreement__home=enrolment.student.home_school,
            request__agreement__host=enrolment.group.course.programme.host,
            request__agreement__network=enrolment.group.course.network,
        )
    )
    line = factory.LazyAttribute(
        lambda enrolment: SchoolRequestLineFactory(
            request=enrolment.order.request,
            course=enrolment.course,
            application__student=enrolment.student,
            application__state=ApplicationState.PLACED,
            decision=LineDecision.ACCEPTED,
        )
    )
    date_from = factory.SelfAttribute("order.date_from")
    date_to = factory.SelfAttribute("order.date_to")
    state = EnrolmentState.ENROLLED

    @classmethod
    def _create(cls, model_class: type[Enrolment], *args: Any, **kwargs: Any) -> Enrolment:
        enrolment = super()._create(model_class, *args, **kwargs)
        group = enrolment.group
        group.seats_taken += 1
        group.save(update_fields=["seats_taken"])
        return enrolment


class LeaveApplicationFactory(DjangoModelFactory):
    """A family's application to leave a group, submitted."""

    class Meta:
        model = LeaveApplication

    enrolment = factory.SubFactory(EnrolmentFactory)
    last_day = date(2026, 10, 30)
    state = LeaveState.REGISTERED
    created_at = ORDERED_AT
    registered_at = ORDERED_AT
