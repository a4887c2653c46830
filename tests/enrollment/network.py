"""A small network in which the flow of enrolment can be walked: home, host, a stranger, and their people."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from courses.models import NetworkCourse, StudyGroup
from enrollment import services
from enrollment.enums import Counts, LineDecision
from enrollment.models import (
    Application,
    Consent,
    Enrolment,
    LeaveApplication,
    SchoolOrder,
    SchoolRequest,
    SchoolRequestLine,
)
from enrollment.selectors.consents import consents_needed, paper_to_sign
from enrollment.selectors.details import Details
from enrollment.selectors.guardians import words_missing
from enrollment.services.guardians import pupil_word_register
from network_portal.documents.models import Document
from network_portal.documents.proofs import Proof
from network_portal.documents.selectors import current_version
from schools.acting import Acting
from schools.enums import DutyKind
from schools.models import Agreement, Duty, Network, Organisation, Student
from tests.factories.accounts import PASSWORD
from tests.factories.courses import NetworkCourseFactory, StudyGroupFactory, TimetableSlotFactory
from tests.factories.documents import proof_of
from tests.factories.enrollment import LeaveApplicationFactory
from tests.factories.schools import (
    AgreementFactory,
    DutyFactory,
    GuardianLinkFactory,
    MembershipFactory,
    NetworkFactory,
    OrganisationFactory,
    SchoolClassFactory,
    StudentFactory,
    acting_as,
)

AT = datetime(2026, 8, 24, 13, 45, tzinfo=UTC)
ON = AT.date()

#: An application and the parent who makes it.
Applied = tuple[Application, Acting]

#: A line with a place that needs the contract of three parties, and the parent.
DueContract = tuple[SchoolRequestLine, Acting]


@dataclass
class School:
    """A school with one person for each duty that the flow needs."""

    organisation: Organisation
    director: Acting
    deputy: Acting
    coordinator: Acting
    curator: Acting

    @classmethod
    def create(cls, network: Network, **fields: Any) -> School:
        organisation = OrganisationFactory(**fields)
        MembershipFactory(network=network, organisation=organisation)
        people = {
            kind.value: acting_as(DutyFactory(organisation=organisation, kind=kind))
            for kind in (DutyKind.DIRECTOR, DutyKind.DEPUTY, DutyKind.COORDINATOR, DutyKind.CURATOR)
        }
        return cls(organisation, **people)


@dataclass
class World:
    network: Network
    home: School
    host: School
    stranger: School
    agreement: Agreement
    course: NetworkCourse
    group: StudyGroup

    @classmethod
    def create(cls) -> World:
        network = NetworkFactory()
        home = School.create(network, short_name="МАОУ СОШ № 7", full_name="МАОУ средняя школа № 7")
        host = School.create(network, short_name="МАОУ гимназия № 40", full_name="МАОУ гимназия № 40 города Заречного")
        stranger = School.create(network, short_name="МАОУ лицей № 12", full_name="МАОУ лицей № 12 города Заречного")
        agreement = AgreementFactory(network=network, home=home.organisation, host=host.organisation)
        course = NetworkCourseFactory(
            network=network, programme__host=host.organisation, programme__title="Физика вокруг нас", min_size=1
        )
        group = StudyGroupFactory(course=course, name="Ф-1", capacity=2)
        TimetableSlotFactory(group=group)
        return cls(network, home, host, stranger, agreement, course, group)

    def child(self, school: School | None = None, **fields: Any) -> tuple[Student, Acting]:
        """Return a pupil and the verified parent."""
        organisation = (school or self.home).organisation
        fields.setdefault("school_class", SchoolClassFactory(organisation=organisation, grade=10))
        link = GuardianLinkFactory(student=StudentFactory(home_school=organisation, **fields))
        return link.student, acting_as(link.user)

    def course_of_host(self, **fields: Any) -> NetworkCourse:
        return NetworkCourseFactory(network=self.network, programme__host=self.host.organisation, min_size=1, **fields)

    # --- steps of the flow ----------------------------------------------------------------------------------------

    def drafted(self, *courses: NetworkCourse, child: tuple[Student, Acting] | None = None, at: datetime = AT) -> Any:
        student, parent = child or self.child()
        application = services.application_start(actor=parent, student=student, at=at)
        for course in courses or (self.course,):
            services.application_choose(actor=parent, application=application, course_id=course.pk, at=at)
        application.refresh_from_db()
        return application, parent

    def prepared(self, *courses: NetworkCourse, child: tuple[Student, Acting] | None = None, at: datetime = AT) -> Any:
        return self.prepare(*self.drafted(*courses, child=child, at=at), at=at)

    def prepare(self, application: Application, parent: Acting, *, at: datetime = AT) -> Any:
        """Keep the details, make the papers, tick every consent."""
        services.family_details_keep(actor=parent, application=application, details=DETAILS, at=at)
        application = services.application_prepare(actor=parent, application=application, at=at)
        tick(application, parent, at=at)
        application.refresh_from_db()
        return application, parent

    def word(self, application: Application, at: datetime = AT) -> None:
        """Register what a pupil of fourteen or older says to the consents."""
        register_word(application, self.home.deputy, at=at)

    def submitted(
        self, *courses: NetworkCourse, child: tuple[Student, Acting] | None = None, at: datetime = AT
    ) -> tuple[Application, Acting]:
        application, parent = self.prepared(*courses, child=child, at=at)
        return submit(application, parent, at=at), parent

    def due_contract(self) -> DueContract:
        """Return an accepted line of a list in a network that needs the contract, and the parent."""
        self.network.tripartite = True
        self.network.save(update_fields=["tripartite"])
        application, parent = self.accepted()
        line = self.sent(application).lines.get()
        self.accept_line(line)
        line.refresh_from_db()
        return line, parent

    def accepted(
        self, *courses: NetworkCourse, child: tuple[Student, Acting] | None = None
    ) -> tuple[Application, Acting]:
        application, parent = self.submitted(*courses, child=child)
        return services.application_accept(actor=self.home.deputy, application=application, at=AT), parent

    def request(self, *applications: Application) -> SchoolRequest:
        """Return a draft list with `applications`."""
        request = services.request_create(actor=self.home.deputy, host=self.host.organisation, year=2026, on=ON, at=AT)
        ids = [application.pk for application in applications]
        return services.request_add(actor=self.home.deputy, request=request, application_ids=ids, at=AT)

    def mapped(self, *courses: NetworkCourse, home: School | None = None) -> None:
        """Map courses to the curriculum of a home school, without which no list is sent."""
        for course in courses:
            services.mapping_set(
                actor=(home or self.home).deputy,
                course=course,
                part="Физика",
                hours=34,
                counts=Counts.ELECTIVE,
                at=AT,
            )

    def sign_list(self, request: SchoolRequest) -> SchoolRequest:
        return services.request_sign(
            actor=self.home.director,
            request=request,
            version_sha256=current_version(request.document).sha256,
            proof=proof_of(self.home.director.user, request.document, at=AT),
            at=AT,
        )

    def sent(self, *applications: Application) -> SchoolRequest:
        request = services.request_submit(actor=self.home.deputy, request=self.request(*applications), at=AT)
        self.mapped(*{line.course for line in request.lines.select_related("course__programme")})
        request = self.sign_list(request)
        return services.request_send(actor=self.home.deputy, request=request, at=AT)

    def accept_line(self, line: SchoolRequestLine, group: StudyGroup | None = None) -> Enrolment:
        return services.line_accept(
            actor=self.host.deputy, line=line, group=group or self.group, seen=LineDecision(line.decision), at=AT
        )

    def order(self, request: SchoolRequest, group: StudyGroup | None = None) -> Any:
        group = group or self.group
        return services.order_create(
            actor=self.host.deputy,
            request=request,
            group=group,
            date_from=group.course.date_from,
            date_to=group.course.date_to,
            at=AT,
        )

    def sign_order(self, order: Any) -> Any:
        return services.order_sign(
            actor=self.host.director,
            order=order,
            version_sha256=current_version(order.document).sha256,
            proof=proof_of(self.host.director.user, order.document, at=AT),
            at=AT,
        )

    def enrolled(self, *applications: Application) -> list[Enrolment]:
        """Return the enrolments of a list that the host has answered and enrolled by its order."""
        request = self.sent(*(applications or (self.accepted()[0],)))
        enrolments = [self.accept_line(line) for line in request.lines.order_by("application_id")]
        self.sign_order(self.order(request))
        for enrolment in enrolments:
            enrolment.refresh_from_db()
        return enrolments

    def main_order(self) -> SchoolOrder:
        """Return the drafted T04 of the home school."""
        return services.organise_order_create(
            actor=self.home.deputy,
            host=self.host.organisation,
            year=2026,
            responsible=duty_of(self.home.deputy),
            curator=duty_of(self.home.curator),
            date_from=self.course.date_from,
            date_to=self.course.date_to,
            at=AT,
        )

    def sign_school_order(self, order: SchoolOrder, *, at: datetime = AT) -> SchoolOrder:
        school = self.home if order.school == self.home.organisation else self.host
        return services.school_order_sign(
            actor=school.director,
            order=order,
            version_sha256=current_version(order.document).sha256,
            proof=proof_of(school.director.user, order.document, at=at),
            at=at,
        )

    def wish(self, enrolment: Enrolment, parent: Acting, last_day: date) -> LeaveApplication:
        """Return a family's registered application to leave the group."""
        return LeaveApplicationFactory(enrolment=enrolment, guardian=parent.user, last_day=last_day)


def duty_of(acting: Acting) -> Duty:
    assert acting.duty is not None
    return acting.duty


#: Invented: there are no such documents.
DETAILS = Details(
    address="г. Заречный, ул. Садовая, д. 3, кв. 14",
    document="паспорт",
    number="0000 654321",
    issued_on=date(2016, 4, 12),
    issuer="отделением по г. Заречному",
    child_document="свидетельство о рождении",
    child_number="I-АА № 123456",
    child_issued_on=date(2010, 6, 1),
    child_issuer="отделом ЗАГС г. Заречного",
)


def tick(
    application: Application, parent: Acting, *schools: Organisation, at: datetime = AT, alone: bool = False
) -> Document | None:
    """Tick the consents to `schools`, to all that are needed without them; return the paper to sign."""
    needed = consents_needed(application, at.date())
    ids = [school.pk for school in schools] or [need.operator.pk for need in needed]
    services.consents_mark(actor=parent, application=application, operator_ids=ids, at=at)
    return services.sheet_prepare(actor=parent, application=application, with_application=not alone, at=at)


def give_consents(application: Application, parent: Acting, *schools: Organisation, at: datetime = AT) -> list[Consent]:
    """Sign consents apart from the application, each by its own paper."""
    services.family_details_keep(actor=parent, application=application, details=DETAILS, at=at)
    services.consents_prepare(actor=parent, application=application, at=at)
    paper = tick(application, parent, *schools, at=at, alone=True)
    application.refresh_from_db()
    assert paper is not None
    return services.consent_give(
        actor=parent,
        application=application,
        version_sha256=current_version(paper).sha256,
        proof=proof_of(parent.user, paper, at=at),
        at=at,
    )


def submit(application: Application, parent: Acting, *, at: datetime = AT, password: str = PASSWORD) -> Application:
    """Sign what is prepared: the application, or the sheet that lists it with the ticked consents."""
    application.refresh_from_db()
    paper = paper_to_sign(application, at.date(), with_application=True)
    application = services.application_submit(
        actor=parent,
        application=application,
        version_sha256=current_version(paper).sha256 if paper else "",
        proof=proof_of(parent.user, paper, at=at, password=password) if paper else Proof(password),
        at=at,
    )
    register_word(application, parent, at=at)
    return application


def register_word(application: Application, by: Acting, *, at: datetime = AT) -> None:
    if words_missing(application.student):
        pupil_word_register(actor=by, application=application, paper="на бумаге", signed_on=at.date(), at=at)
