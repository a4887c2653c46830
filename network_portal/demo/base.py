"""The part of the demonstration that needs no services: schools, calendars, people, classes, families."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from itertools import cycle
from zoneinfo import ZoneInfo

from allauth.account.models import EmailAddress
from django.conf import settings
from django.contrib.auth.hashers import make_password

from council.enums import Capacity
from council.models import Council, CouncilMember
from courses.models import AcademicYear, Holiday
from network_portal.accounts.enums import Gender
from network_portal.accounts.models import User
from network_portal.common import russian
from network_portal.common.dates import month_range, school_year
from network_portal.demo import people
from network_portal.demo.accounts import DOMAIN, PASSWORD
from network_portal.documents.models import Document
from network_portal.documents.proofs import Proof, new_code
from network_portal.documents.selectors import current_version
from network_portal.documents.services import (
    IdentityDocument,
    signing_agreement_prepare,
    signing_agreement_register,
    signing_code_keep,
)
from network_portal.documents.uploads import Upload
from schools.acting import Acting
from schools.enums import AccountState, DutyKind, Kinship, LinkState, Role
from schools.models import (
    Duty,
    GuardianLink,
    Membership,
    Network,
    Organisation,
    PupilAccount,
    SchoolClass,
    Student,
)

ZONE = ZoneInfo("Europe/Moscow")
#: Pupils of each school by class: grade, letter, how many.
CLASSES = {
    "7": ((10, "А", 16), (9, "Б", 8)),
    "40": ((10, "А", 10), (11, "А", 8)),
    "12": ((10, "А", 12), (9, "А", 6)),
}
#: How many families of each school have come to it with a passport: those who apply, and some more.
SIGNING_FAMILIES = {"7": 20, "12": 4}


def moment(day: date, hour: int, minute: int = 0) -> datetime:
    """Return the moment of a clock time in the network's time zone."""
    return datetime.combine(day, time(hour, minute), ZONE)


def proof(signer: Acting, document: Document, at: datetime) -> Proof:
    """Return what the signer types; the letter with the code has just come."""
    code = new_code()
    version = current_version(document).sha256
    signing_code_keep(user=signer.user, version_sha256=version, code=code, at=at)
    return Proof(PASSWORD, code)


@dataclass(frozen=True)
class Season:
    """The days that the demonstration hangs on, derived from the day it is loaded.

    The month to seal is the last whole month of lessons: in summer and in September that is May.
    """

    today: date

    @property
    def sealed_month(self) -> tuple[int, int]:
        """Year and month of the transfer that waits for its seal."""
        last = self.today.replace(day=1) - timedelta(days=1)
        return (last.year, 5) if last.month in (6, 7, 8) else (last.year, last.month)

    @property
    def transfer_day(self) -> int:
        """Until which day of a month the transfers of the month before are due: five days are left, if there are."""
        return min(28, self.today.day + 5)

    @property
    def year(self) -> int:
        """The school year of the group whose journal is kept."""
        return school_year(date(*self.sealed_month, 1))

    @property
    def since(self) -> date:
        """From when everyone is in office: before the first paper of the story."""
        return self.lessons_from - timedelta(days=75)

    @property
    def lessons_from(self) -> date:
        return month_range(*self.sealed_month)[0]

    @property
    def lessons_to(self) -> date:
        return date(self.year + 1, 5, 31)

    @property
    def new_courses_from(self) -> date:
        """The first day of the courses that take applications now."""
        return self.today + timedelta(days=28)


@dataclass
class Cast:
    """Everyone and everything the rest of the demonstration refers to."""

    season: Season
    network: Network
    schools: dict[str, Organisation] = field(default_factory=dict)
    users: dict[str, User] = field(default_factory=dict)
    duties: dict[tuple[str, DutyKind], Duty] = field(default_factory=dict)
    students: dict[str, list[Student]] = field(default_factory=dict)
    parents: dict[int, User] = field(default_factory=dict)

    def acting(self, login: str, kind: DutyKind) -> Acting:
        """Return the context of an employee in one of the duties."""
        return Acting(self.users[login], Role(kind), self.duties[login, kind])

    def parent_of(self, student: Student) -> Acting:
        return Acting(self.parents[student.pk], Role.PARENT)


def build_base(today: date) -> Cast:
    """Create the schools, their calendars and all people; no papers yet."""
    season = Season(today)
    since = season.since
    network = Network.objects.create(name="Сеть школ Северогорска", transfer_day=season.transfer_day)
    cast = Cast(season, network)
    password = make_password(PASSWORD)
    for school in people.SCHOOLS:
        cast.schools[school.key] = _school(network, school, since, season)
    for person in people.STAFF:
        _employee(cast, person, password, since)
    admin = _user("admin", "Администратов Олег Игоревич", Gender.MALE, password)
    admin.is_staff = admin.is_superuser = True
    admin.save(update_fields=["is_staff", "is_superuser"])
    _families(cast, password, since)
    _pupil(cast, cast.students["7"][0], password, since)
    _council(cast)
    _signing_agreements(cast, since)
    return cast


IDENTITY = IdentityDocument(
    kind="паспорт гражданина Российской Федерации", number="0000 000000", issued="сведения вымышлены"
)
#: A blank page of one point: the demonstration has no paper to scan.
SIGNED_SHEET = Upload(
    "соглашение.png",
    "image/png",
    bytes.fromhex(
        "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de0000000c49444154789c63f8ffff3f0005fe02fe"
        "0def46b80000000049454e44ae426082"
    ),
)


def _signing_agreements(cast: Cast, since: date) -> None:
    """All staff and the first families have come to the school once with a passport (T24); the others have yet to."""
    clerks = {key: cast.users[f"deputy{key}"] for key in cast.schools}
    keys = {school.pk: key for key, school in cast.schools.items()}
    people = {login: keys[duty.organisation_id] for (login, _), duty in cast.duties.items()}
    families = {
        cast.parents[pupil.pk]: key for key, count in SIGNING_FAMILIES.items() for pupil in cast.students[key][:count]
    }
    for user, key in {**{cast.users[login]: key for login, key in people.items()}, **families}.items():
        checked_by = cast.users[f"director{key}"] if user == clerks[key] else clerks[key]
        prepared = signing_agreement_prepare(
            actor=checked_by,
            capacity=f"уполномоченный сотрудник {cast.schools[key].in_case(russian.Case.GENITIVE)}",
            organisation=cast.schools[key],
            user=user,
            identity=IDENTITY,
            portal=settings.PUBLIC_URL,
            on=since,
            at=moment(since, 10),
        )
        signing_agreement_register(
            actor=checked_by, agreement=prepared, scan=SIGNED_SHEET, on=since, at=moment(since, 11)
        )


def _school(network: Network, school: people.School, since: date, season: Season) -> Organisation:
    organisation = Organisation.objects.create(
        full_name=russian.nbsp(school.full_name),
        short_name=russian.nbsp(school.short_name),
        city=people.CITY,
        address=school.address,
        inn=school.inn,
        ogrn=school.ogrn,
        license_no=school.license_no,
        phone=f"+7 343 000-00-{int(school.key):02}",
        email=f"school{school.key}@{DOMAIN}",
    )
    Membership.objects.create(network=network, organisation=organisation, date_from=since)
    for year in {season.year, school_year(season.new_courses_from)}:
        _calendar(organisation, year)
    return organisation


def _calendar(organisation: Organisation, year: int) -> None:
    """The usual school year: 1 September to 26 May with autumn, winter and spring holidays (requirements 4)."""
    calendar = AcademicYear.objects.create(
        organisation=organisation, year=year, date_from=date(year, 9, 1), date_to=date(year + 1, 5, 31)
    )
    for title, first, last in holidays(year):
        Holiday.objects.create(academic_year=calendar, title=title, date_from=first, date_to=last)


def holidays(year: int) -> tuple[tuple[str, date, date], ...]:
    """Return title, first and last day of the holidays of a school year."""
    return (
        ("Осенние каникулы", date(year, 10, 25), date(year, 11, 2)),
        ("Зимние каникулы", date(year, 12, 31), date(year + 1, 1, 11)),
        ("Весенние каникулы", date(year + 1, 3, 28), date(year + 1, 4, 5)),
    )


def _user(login: str, name: str, gender: str, password: str) -> User:
    last_name, first_name, patronymic = name.split(" ")
    user = User(
        email=f"{login}@{DOMAIN}",
        password=password,
        last_name=last_name,
        first_name=first_name,
        patronymic=patronymic,
        gender=gender,
        phone="+7 900 000-00-00",
    )
    user.save()
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    return user


def _employee(cast: Cast, person: people.Person, password: str, since: date) -> None:
    user = cast.users[person.login] = _user(person.login, person.name, person.gender, password)
    for kind in person.duties:
        cast.duties[person.login, kind] = Duty.objects.create(
            user=user,
            organisation=cast.schools[person.school],
            kind=kind,
            order=f"№\u00a0{10 + len(cast.duties)}-к от {since:%d.%m.%Y}",
            date_from=since,
        )


def _families(cast: Cast, password: str, since: date) -> None:
    """Sixty pupils, each with one parent whose link the school has verified."""
    families = iter(people.FAMILIES)
    boys, girls, mothers = cycle(people.BOYS), cycle(people.GIRLS), cycle(people.MOTHERS)
    grandfathers = cycle(people.GRANDFATHERS)
    for key, classes in CLASSES.items():
        school = cast.schools[key]
        cast.students[key] = []
        for grade, letter, size in classes:
            school_class = SchoolClass.objects.create(
                organisation=school,
                year=cast.season.year,
                grade=grade,
                letter=letter,
                class_teacher=cast.duties.get((f"class{key}", DutyKind.CLASS_TEACHER)) if grade == 10 else None,
            )
            for place in range(size):
                man, woman, father = next(families)
                son = place % 2 == 0
                patronymic = people.PATRONYMICS[father][0 if son else 1]
                student = Student(
                    last_name=man if son else woman,
                    first_name=next(boys if son else girls),
                    patronymic=patronymic,
                    gender=Gender.MALE if son else Gender.FEMALE,
                    birth_date=date(cast.season.year - grade - 6, 1 + place % 12, 1 + (place * 5) % 28),
                    home_school=school,
                    school_class=school_class,
                )
                student.save()
                cast.students[key].append(student)
                _parent(cast, student, woman, next(mothers), next(grandfathers), password, since)


def _parent(
    cast: Cast, student: Student, surname: str, name: str, grandfather: str, password: str, since: date
) -> None:
    login = f"parent{len(cast.parents) + 1}"
    parent = _user(login, f"{surname} {name} {people.PATRONYMICS[grandfather][1]}", Gender.FEMALE, password)
    cast.users[login] = cast.parents[student.pk] = parent
    GuardianLink.objects.create(
        user=parent,
        organisation=student.home_school,
        kinship=Kinship.MOTHER,
        child_name=student.full_name,
        child_birth_date=student.birth_date,
        child_class=str(student.school_class),
        state=LinkState.VERIFIED,
        requested_at=moment(since, 9),
        student=student,
        basis_document="свидетельство о рождении, предъявлено лично",
        decided_by=cast.users[f"deputy{_key(cast, student)}"],
        decided_at=moment(since, 12),
    )


def _pupil(cast: Cast, student: Student, password: str, since: date) -> None:
    """The first pupil of school No. 7 has taken the own account."""
    pupil = _user("pupil1", student.full_name, student.gender, password)
    cast.users["pupil1"] = pupil
    PupilAccount.objects.create(
        student=student,
        organisation=student.home_school,
        email=pupil.email,
        state=AccountState.TAKEN,
        offered_at=moment(since, 9),
        offered_by=cast.users["class7"],
        user=pupil,
        taken_at=moment(since, 15),
    )


def _key(cast: Cast, student: Student) -> str:
    return next(key for key, school in cast.schools.items() if school.pk == student.home_school_id)


def _council(cast: Cast) -> None:
    """Ten members with a vote and a secretary who is none of them; no chair until the first meeting elects one."""
    council = Council.objects.create(network=cast.network, keeper=cast.schools["40"])
    for person in people.STAFF:
        if person.seat:
            CouncilMember.objects.create(
                council=council,
                duty=cast.duties[person.login, DutyKind.COUNCIL_MEMBER],
                capacity=person.seat,
            )
    CouncilMember.objects.create(
        council=council,
        duty=cast.duties["secretary", DutyKind.COUNCIL_SECRETARY],
        capacity=Capacity.CLASS_TEACHER,
        voting=False,
    )
