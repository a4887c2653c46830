"""Networks, schools, duties, classes, pupils, guardians and agreements; valid on any day a test may run."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import factory
from django.test import Client
from factory.django import DjangoModelFactory

from network_portal.accounts.models import User
from schools.acting import SESSION_KEY, Acting
from schools.enums import (
    AccountState,
    AgreementState,
    DutyKind,
    FundingMode,
    Kinship,
    Level,
    LinkState,
    ResourceKind,
    Role,
    Side,
    TaughtKind,
)
from schools.models import (
    Agreement,
    AgreementCondition,
    Duty,
    GuardianLink,
    Membership,
    Network,
    Organisation,
    PupilAccount,
    SchoolClass,
    Student,
)
from schools.terms import AgreementTerms, ConditionTerms, DutyTerms, ResourceTerms
from tests.factories.accounts import PersonNameFactory, UserFactory

LONG_AGO = date(2020, 9, 1)
FAR_AHEAD = date(2099, 8, 31)
#: Without Щ, Ю and Я: a test gives these to a class that must be another one.
LETTERS = "АБВГДЕЖЗИКЛМНОПРСТУФХЦЧШЭ"
#: Nobody with an account has such a name, so that a page can be searched for a pupil.
PUPILS = ("Агеев", "Бычков", "Виноградов", "Горшков", "Данилов", "Ершов", "Ильин", "Копылов", "Лаптев", "Мухин")


def acting_as(who: User | Duty, role: Role = Role.PARENT) -> Acting:
    """Return the context of a duty, or of a person without one in the role `role`."""
    if isinstance(who, Duty):
        return Acting(who.user, Role(who.kind), who)
    return Acting(who, role)


def sign_in(client: Client, who: User | Duty | Acting, role: Role = Role.PARENT) -> Client:
    """Sign `client` in, acting as `who`."""
    acting = who if isinstance(who, Acting) else acting_as(who, role)
    client.force_login(acting.user)
    session = client.session
    session[SESSION_KEY] = acting.key
    session.save()
    return client


class OrganisationFactory(DjangoModelFactory):
    class Meta:
        model = Organisation

    full_name = factory.Sequence(lambda n: f"Муниципальная школа № {n + 1001} города Заречного")
    short_name = factory.Sequence(lambda n: f"МАОУ СОШ № {n + 1001}")
    city = "г. Заречный"
    address = factory.Sequence(lambda n: f"г. Заречный, ул. Школьная, д. {n + 1}")
    inn = factory.Sequence(lambda n: f"66{n:08d}")
    ogrn = factory.Sequence(lambda n: f"10266{n:08d}")
    license_no = factory.Sequence(lambda n: f"№ Л035-{n:05d} от 01.02.2020")
    phone = "+7 343 000-00-00"
    email = factory.Sequence(lambda n: f"school{n}@school.example")


class NetworkFactory(DjangoModelFactory):
    class Meta:
        model = Network

    name = factory.Sequence(lambda n: f"Сеть школ № {n + 1}")


class MembershipFactory(DjangoModelFactory):
    class Meta:
        model = Membership

    network = factory.SubFactory(NetworkFactory)
    organisation = factory.SubFactory(OrganisationFactory)
    date_from = LONG_AGO


class DutyFactory(DjangoModelFactory):
    class Meta:
        model = Duty

    user = factory.SubFactory(UserFactory)
    organisation = factory.SubFactory(OrganisationFactory)
    kind = DutyKind.DEPUTY
    order = "№ 15 от 28.08.2020"
    date_from = LONG_AGO


class SchoolClassFactory(DjangoModelFactory):
    class Meta:
        model = SchoolClass

    organisation = factory.SubFactory(OrganisationFactory)
    year = 2026
    grade = 10
    letter = factory.Sequence(lambda n: LETTERS[n % len(LETTERS)])


class StudentFactory(PersonNameFactory):
    """A pupil; the class belongs to the home school."""

    class Meta:
        model = Student

    last_name = factory.Sequence(lambda n: PUPILS[n % len(PUPILS)])
    birth_date = factory.Sequence(lambda n: date(2010, 1 + n % 12, 1 + n % 28))
    home_school = factory.SubFactory(OrganisationFactory)
    school_class = factory.SubFactory(SchoolClassFactory, organisation=factory.SelfAttribute("..home_school"))


class GuardianLinkFactory(DjangoModelFactory):
    """A link verified by the pupil's home school."""

    class Meta:
        model = GuardianLink

    user = factory.SubFactory(UserFactory)
    student = factory.SubFactory(StudentFactory)
    organisation = factory.SelfAttribute("student.home_school")
    kinship = Kinship.FATHER
    child_name = factory.SelfAttribute("student.full_name")
    child_birth_date = factory.SelfAttribute("student.birth_date")
    child_class = factory.LazyAttribute(lambda link: str(link.student.school_class))
    state = LinkState.VERIFIED
    requested_at = datetime(2026, 8, 20, 9, 0, tzinfo=UTC)
    basis_document = "свидетельство о рождении"
    decided_by = factory.SubFactory(UserFactory)
    decided_at = datetime(2026, 8, 21, 9, 0, tzinfo=UTC)


class PupilAccountFactory(DjangoModelFactory):
    """An account that the pupil has taken."""

    class Meta:
        model = PupilAccount

    user = factory.SubFactory(UserFactory)
    student = factory.SubFactory(StudentFactory)
    organisation = factory.SelfAttribute("student.home_school")
    email = factory.SelfAttribute("user.email")
    state = AccountState.TAKEN
    offered_at = datetime(2026, 8, 20, 9, 0, tzinfo=UTC)
    offered_by = factory.SubFactory(UserFactory)
    taken_at = datetime(2026, 8, 21, 9, 0, tzinfo=UTC)


class GuardianClaimFactory(DjangoModelFactory):
    """A claim that waits for the school's check."""

    class Meta:
        model = GuardianLink

    user = factory.SubFactory(UserFactory)
    organisation = factory.SubFactory(OrganisationFactory)
    kinship = Kinship.MOTHER
    child_name = "Петров Иван Алексеевич"
    child_birth_date = date(2010, 5, 17)
    child_class = "10 А"
    requested_at = datetime(2026, 8, 20, 9, 0, tzinfo=UTC)


class AgreementFactory(DjangoModelFactory):
    """A signed agreement in force on any day by which `host` teaches pupils of `home`; its papers are left out.

    `conditions=False` leaves it without a condition.
    """

    class Meta:
        model = Agreement
        skip_postgeneration_save = True

    network = factory.SubFactory(NetworkFactory)
    home = factory.SubFactory(OrganisationFactory)
    host = factory.SubFactory(OrganisationFactory)
    safety = "Детей сопровождает учитель-куратор школы обучающихся."
    issued_documents = "Справку об обучении выдаёт принимающая школа по окончании курса."
    funding_mode = FundingMode.OWN
    journal_readers = ["responsible", "curator"]
    scale = "пятибалльная"
    weights = "Положение об оценивании"
    correction_days = 5
    personal_data = "Фамилия, имя, класс, отметки."
    incident_hours = 24
    date_from = LONG_AGO
    date_to = FAR_AHEAD
    state = AgreementState.SIGNED

    @factory.post_generation
    def conditions(self, create: bool, extracted: bool | None, **_: Any) -> None:
        if create and extracted is not False:
            AgreementConditionFactory(agreement=self, home=self.home, host=self.host)


class AgreementConditionFactory(DjangoModelFactory):
    """One direction for every school year, with no number of seats."""

    class Meta:
        model = AgreementCondition

    agreement = factory.SubFactory(AgreementFactory, conditions=False)
    home = factory.SelfAttribute("agreement.home")
    host = factory.SelfAttribute("agreement.host")
    programme = "Курсы по каталогу сети"
    kind = TaughtKind.LESSON
    level = Level.SECONDARY
    orientation = "естественно-научная"
    part = "Вся программа"
    hours = 68
    grade_from = 9
    grade_to = 11


#: Complete terms of an agreement as a form sends them.
TERMS = AgreementTerms(
    date_from=date(2026, 9, 1),
    date_to=date(2027, 8, 31),
    conditions=(
        ConditionTerms(
            programme="Физика вокруг нас",
            teaches=Side.HOST,
            kind=TaughtKind.EXTRACURRICULAR,
            level=Level.BASIC,
            orientation="естественно-научная",
            part="Механика и оптика",
            hours=34,
            grade_from=9,
            grade_to=11,
            seats=12,
            year_from=2026,
            year_to=2026,
        ),
    ),
    resources=(
        ResourceTerms(
            what="Лаборатория физики", kind=ResourceKind.MATERIAL, party=Side.HOST, amount=Decimal(34), unit="часов"
        ),
    ),
    duties=(
        DutyTerms(what="Вести занятия и журнал", party=Side.HOST),
        DutyTerms(what="Назначить куратора", party=Side.HOME, due=date(2026, 9, 10)),
    ),
    safety="Детей сопровождает учитель-куратор.",
    issued_documents="Справка об обучении.",
    funding_mode=FundingMode.OWN,
    journal_readers=(Role.RESPONSIBLE, Role.CURATOR),
    scale="пятибалльная",
    weights="Положение об оценивании",
    correction_days=5,
    personal_data="Фамилия, имя, класс, отметки и посещаемость.",
    incident_hours=24,
)


def terms_data(terms: AgreementTerms = TERMS) -> dict[str, Any]:
    """Return `terms` as the page of an agreement sends them."""
    data: dict[str, Any] = {}
    for name, value in vars(terms).items():
        rows = isinstance(value, tuple) and all(hasattr(row, "__dataclass_fields__") for row in value)
        if rows:
            data |= {f"{name}-TOTAL_FORMS": len(value), f"{name}-INITIAL_FORMS": 0}
            for place, row in enumerate(value):
                data |= {f"{name}-{place}-{key}": cell for key, cell in vars(row).items() if cell not in (None, False)}
        elif value is not None:
            data[name] = list(value) if isinstance(value, tuple) else value
    return data
