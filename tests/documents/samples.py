"""One complete paper of every kind, with content that never changes: its text is kept in `golden/`.

Who adds a kind of paper adds a sample here, makes its text with
`UPDATE_GOLDEN=1 pytest tests/documents/test_templates.py`, reads the text and looks at the pages.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, time
from decimal import Decimal
from typing import Any

from council.documents import AgendaBallot, Attendee, Ballot, ExtractPaper, Minutes, NamedVote, Question, Said
from enrollment.documents import (
    ApplicationPaper,
    ChangePaperExit,
    ConsentPaper,
    ContractPaper,
    HomeChangePaper,
    HostChangePaper,
    LeavePaper,
    OrderPaper,
    OrderPaperLine,
    OrganisePaper,
    RequestPaper,
    RequestPaperLine,
    SchoolOrderCourse,
    SchoolOrderPupil,
    SheetPaper,
)
from enrollment.documents import SheetLine as PaperToSign
from gradebook.card_papers import CardLine, CardPaper, RegisterLine, RegisterPaper, RegisterSheet, RegisterSubject
from gradebook.certificate_paper import CertificatePaper, ResultLine
from gradebook.documents import TransferSheet
from gradebook.journal_paper import (
    JournalCorrection,
    JournalDay,
    JournalLesson,
    JournalLine,
    JournalPaper,
    JournalSheet,
    JournalTotal,
)
from network_portal.documents.papers import ESignAgreement
from schools.documents import (
    AmendmentLine,
    DisagreementProtocol,
    NetworkAgreement,
    Party,
    ProtocolLine,
    Source,
    SupplementaryAgreement,
    published_agreement,
)
from schools.terms import AgreementTerms, AppendixTerms, ConditionTerms, DutyTerms, ResourceTerms


@dataclass(frozen=True)
class Sample:
    """A paper and the places for signatures: key and who signs there."""

    paper: Any
    signers: tuple[tuple[str, str], ...] = ()


HOME = Party(
    full_name="Муниципальное автономное общеобразовательное учреждение «Средняя школа № 7» г. Перми",
    short_name="МАОУ СОШ № 7",
    license_no="№ 2183 от 14.05.2015",
    director="Белых Ольги Львовны",
    acts="действующей",
    address="614000, г. Пермь, ул. Мира, д. 7",
    inn="5902000070",
    ogrn="1025900000070",
    bank_details="Казначейский счёт 03234643577010005600\nОтделение Пермь Банка России",
    phone="+7 342 200-00-07",
    email="school7@schools.example",
)
HOST = Party(
    full_name="Муниципальное автономное общеобразовательное учреждение «Гимназия № 40» г. Перми",
    short_name="МАОУ гимназия № 40",
    license_no="№ 3340 от 02.09.2016",
    director="Ёлкина Петра Ильича",
    acts="действующего",
    address="614068, г. Пермь, ул. Лесная, д. 40",
    inn="5902000400",
    ogrn="1025900000400",
    bank_details=None,
    phone=None,
    email="gymnasium40@schools.example",
)

T01 = ApplicationPaper(
    home="МАОУ СОШ № 7",
    director="Белых О. Л.",
    guardian_genitive="Жукова Ивана Олеговича",
    guardian_gender="m",
    kinship="отец",
    phone="+7 912 000-00-01",
    email="zhukov@family.example",
    child_called="моей дочери",
    child_genitive="Жуковой Марии Ивановны",
    child_gender="f",
    birth_date=date(2010, 3, 14),
    class_name="10 «А»",
    year="2026/2027",
    course="Физика вокруг нас",
    hours=34,
    host="МАОУ гимназии № 40",
    form="очно",
    alternatives=(
        "«Химия и экология» (МАОУ гимназия № 40, очно)",
        "«Основы программирования на языке Python» (МАОУ лицей № 12, дистанционно)",
    ),
    waitlist=True,
    late=(),
)

T02 = ConsentPaper(
    guardian="Жуков Иван Олегович",
    guardian_short="Жуков И. О.",
    kinship="отец",
    child_genitive="Жуковой Марии Ивановны",
    child_birth_date=date(2010, 3, 14),
    authority="свидетельство о рождении",
    details="хранятся у МАОУ СОШ № 7 в зашифрованном виде",
    details_sha256="ab" * 32,
    operator="Муниципальная автономная школа № 7 города Заречного",
    operator_address="г. Заречный, ул. Школьная, д. 7",
    purpose="обучение по курсу «Физика вокруг нас» в сетевой форме",
    data="фамилия, имя, отчество, класс, школа",
    actions="сбор, запись, хранение, использование, удаление",
    recipient="МАОУ гимназия № 40, г. Заречный, ул. Садовая, д. 40",
    processor=None,
    date_from=date(2026, 9, 1),
    date_to=date(2027, 8, 31),
    withdrawal="письменным обращением к оператору или в личном кабинете портала",
    pupil_decides=True,
    text_version=1,
)

T29 = LeavePaper(
    home="МАОУ СОШ № 7",
    director="Белых Ольге Львовне",
    guardian_genitive="Жукова Ивана Олеговича",
    kinship="отец",
    phone="+7 912 000-00-01",
    child_accusative="Жукову Марию Ивановну",
    child_gender="f",
    class_name="10 «А»",
    course="Физика вокруг нас",
    group="Ф-1",
    host="МАОУ гимназии № 40",
    last_day=date(2026, 10, 30),
    reason="переезд",
)

T30 = SheetPaper(
    person="Жуков Иван Олегович",
    lines=(
        PaperToSign(title="Заявление об обучении в сетевой форме", addressee="МАОУ СОШ № 7", sha256="cd" * 32),
        PaperToSign(
            title="Согласие на обработку персональных данных обучающегося",
            addressee="МАОУ гимназия № 40",
            sha256="ef" * 32,
        ),
    ),
)

T03 = RequestPaper(
    host="МАОУ гимназии № 40",
    host_director="Ёлкину П. И.",
    home="МАОУ СОШ № 7",
    year="2026/2027",
    agreement_number="3",
    agreement_date=date(2026, 8, 26),
    lines=(
        RequestPaperLine(
            name="Ёжикова Анна-Мария Константиновна",
            birth_date=date(2010, 5, 1),
            class_name="10 «А»",
            course="Физика вокруг нас",
            form="очно",
            place=1,
            application="№ 12 от 28.08.2026",
            special="да",
        ),
        RequestPaperLine(
            name="Жукова Мария Ивановна",
            birth_date=date(2010, 3, 14),
            class_name="10 «А»",
            course="Основы программирования на языке Python",
            form="дистанционно",
            place=2,
            application="№ 13 от 29.08.2026",
            special="нет",
        ),
    ),
    totals=("«Основы программирования на языке Python»: 1", "«Физика вокруг нас»: 1"),
    total="2 обучающихся",
    responsible="Новикова Инна Сергеевна",
    responsible_phone="+7 342 200-00-17",
    curator="Седых Олег Петрович",
    curator_phone=None,
    answer_days=3,
)

T05 = OrderPaper(
    course="Физика вокруг нас",
    home="МАОУ СОШ № 7",
    request_number="5",
    request_date=date(2026, 8, 31),
    group="Физика-10-1",
    capacity=15,
    date_from=date(2026, 9, 7),
    date_to=date(2027, 5, 31),
    lines=(
        OrderPaperLine(name="Ёжикова Анна-Мария Константиновна", class_name="10 «А»", home="МАОУ СОШ № 7", form="очно"),
        OrderPaperLine(name="Жукова Мария Ивановна", class_name="10 «А»", home="МАОУ СОШ № 7", form="очно"),
    ),
    waitlist=("Петрова Илью Андреевича",),
    teacher="Орлову К. Д.",
    readers=("Седых О. П.", "Новиковой И. С."),
    notifier="Тихой Е. В.",
    director="П. И. Ёлкин",
)

PUPIL = SchoolOrderPupil(
    name="Ёжикова Анна-Мария Константиновна", class_name="10 «А»", course="Физика вокруг нас", group="Физика-10-1"
)

T04 = OrganisePaper(
    agreement_number="3",
    agreement_date=date(2026, 8, 26),
    host="МАОУ гимназией № 40",
    year="2026/2027",
    date_from=date(2026, 9, 7),
    date_to=date(2027, 5, 31),
    courses=(
        SchoolOrderCourse(
            title="Физика вокруг нас",
            hours=34,
            form="очно, в принимающей школе",
            group="Физика-10-1",
            part="Курсы по выбору",
            part_hours=34,
            counts="курс по выбору",
        ),
    ),
    responsible="Новикову Инну Сергеевну",
    responsible_gender="f",
    curator="Седых Олега Петровича",
    curator_gender="m",
    escort="Седых Олега Петровича",
    class_teachers=("Белкиной Т. В.", "Юрову Д. К."),
    lines=(PUPIL,),
)

T04A = HomeChangePaper(
    number="7",
    day=date(2026, 9, 4),
    subject="Об организации обучения учащихся с помощью сетевого взаимодействия",
    ground="заявление семьи",
    date_from=None,
    date_to=None,
    responsible=None,
    curator="Белкину Тамару Викторовну",
    escort=None,
    added=(PUPIL,),
    exits=(
        ChangePaperExit(
            name="Жукова Мария Ивановна",
            class_name="10 «А»",
            course="Физика вокруг нас",
            last_day=date(2026, 10, 30),
            reason="заявление семьи",
        ),
    ),
)

T05A = HostChangePaper(
    number="118",
    day=date(2026, 9, 2),
    subject="О зачислении на обучение по курсу «Физика вокруг нас»",
    ground="пропуски занятий без уважительной причины",
    home="МАОУ СОШ № 7",
    date_from=None,
    date_to=date(2027, 5, 21),
    responsible=None,
    curator=None,
    escort=None,
    added=(),
    exits=(
        ChangePaperExit(
            name="Жукова Мария Ивановна",
            class_name="10 «А»",
            course="Физика вокруг нас",
            last_day=date(2026, 10, 30),
            reason="пропуски занятий без уважительной причины; с 1 по 30 октября",
        ),
    ),
)

T07 = ContractPaper(
    base=HOST.full_name,
    base_director="Ёлкина Петра Ильича",
    home=HOME.full_name,
    home_director="Белых Ольги Львовны",
    guardian="Жуков Иван Олегович",
    child="Жуковой Марии Ивановны",
    class_name="10 «А»",
    course="Основы программирования на языке Python",
    hours=34,
    form="дистанционно",
    date_from=date(2026, 9, 7),
    date_to=date(2027, 5, 31),
    coordinator="Новикова Инна Сергеевна",
    notice_days=10,
    base_address=HOST.address,
    home_address=HOME.address,
)

TERMS = AgreementTerms(
    date_from=date(2026, 9, 1),
    date_to=date(2027, 5, 31),
    conditions=(
        ConditionTerms(
            programme="Физика вокруг нас",
            teaches="Организация-участник",
            subject="Физика",
            kind="урочная",
            level="среднее общее образование",
            orientation="естественно-научная",
            part="механика и оптика",
            hours=34,
            grade_from=10,
            grade_to=11,
            seats=12,
            year_from=2026,
            year_to=2026,
        ),
    ),
    resources=(
        ResourceTerms(
            what="Кабинет физики с оборудованием",
            kind="материально-технические",
            party="Организация-участник",
            amount=Decimal(34),
            unit="часов",
        ),
    ),
    duties=(
        DutyTerms(what="Обеспечить учителя и вести журнал", party="Организация-участник"),
        DutyTerms(what="Назначить учителя-куратора", party="Базовая организация", due=date(2026, 9, 10)),
    ),
    appendices=(AppendixTerms(title="Расписание звонков", text="Первый урок начинается в 15:30."),),
    safety="детей до места занятий сопровождает работник Базовой организации.",
    issued_documents="справка об обучении по курсу с итоговой отметкой.",
    funding_mode="каждая сторона за счёт своих средств",
    journal_readers=("ответственный за сетевое взаимодействие", "учитель-куратор"),
    scale="пятибалльная",
    weights="положение об оценивании",
    correction_days=5,
    personal_data="фамилия, имя, отчество, класс, отметки и посещаемость.",
    incident_hours=24,
)
SIGNED = ("Белых Ольга Львовна, директор МАОУ СОШ № 7, 01.09.2026, простая электронная подпись",)
SIGNED_PAPER = Source(
    title="Договор о сетевой форме", number=3, date=date(2026, 9, 1), sha256="ced6cb5fd9219c08" * 4, signed=SIGNED
)
T06 = NetworkAgreement(
    city="г. Пермь",
    home=HOME,
    host=HOST,
    terms=TERMS,
    fingerprint="5a1c77d0e9b2f364" * 4,
    date_from=TERMS.date_from,
    date_to=TERMS.date_to,
    protocol=replace(SIGNED_PAPER, number=1, signed=()),
)
T06P = published_agreement(T06, SIGNED_PAPER)
T06A = SupplementaryAgreement(
    city="г. Пермь",
    agreement=SIGNED_PAPER,
    home=HOME,
    host=HOST,
    reason="Желающих больше, чем мест.",
    lines=(AmendmentLine(what="Что преподаётся, «Физика вокруг нас»: Мест в год", before="12", after="20"),),
    before="5a1c77d0e9b2f364" * 4,
    after="0f3d88c1a7e6b529" * 4,
    replaced=("Ёлкин Пётр Ильич, директор МАОУ гимназии № 40",),
)
T28 = DisagreementProtocol(
    home=HOME.full_name,
    host=HOST.full_name,
    city="г. Пермь",
    lines=(
        ProtocolLine(
            clause="2.4",
            home="Отметка исправляется в течение 5 дней.",
            host="Отметка исправляется в течение 10 дней.",
            outcome="в согласованной редакции",
            agreed="Отметка исправляется в течение 7 дней.",
        ),
    ),
)

T13 = JournalPaper(
    host="МАОУ гимназия № 40",
    home=None,
    group="Физика-10-1",
    course="Физика вокруг нас",
    teacher="Сетевая Н. К.",
    year="2026/2027",
    period="ноябрь 2026 г. (01.11.2026–30.11.2026)",
    planned=2,
    held=2,
    sheets=(
        JournalSheet(
            days=(JournalDay(date="05.11", works="О"), JournalDay(date="12.11", works="К/О")),
            lines=(
                JournalLine(
                    name="Ёжикова А. К.", school="МАОУ СОШ № 7", school_class="10 «А»", cells=("Н", "5/4 ОП10")
                ),
                JournalLine(
                    name="Жуков И. И.", school="МАОУ лицей № 12", school_class="10 «Б»", cells=("не обуч.", "")
                ),
            ),
        ),
    ),
    totals=(
        JournalTotal(name="Ёжикова А. К.", school_class="10 «А»", mean="4,75", absences=1, mark="5"),
        JournalTotal(name="Жуков И. И.", school_class="10 «Б»", mean="–", absences=0, mark=""),
    ),
    lessons=(
        JournalLesson(
            date="05.11.2026",
            no=1,
            topic="Сила трения",
            homework="§ 12",
            change="перенесено с 03.11.2026: карантин",
            filled="Сетевая Н. К., 05.11.2026 16:20",
        ),
        JournalLesson(
            date="12.11.2026",
            no=2,
            topic="Работа и мощность",
            homework="",
            change="",
            filled="Сетевая Н. К., 12.11.2026 16:05",
        ),
    ),
    corrections=(
        JournalCorrection(
            at="13.11.2026 10:15",
            name="Ёжикова А. К.",
            date="12.11.2026",
            before="4",
            after="5",
            who="Сетевая Н. К.",
            reason="ошибка при вводе",
        ),
    ),
)

T14 = CardPaper(
    home_genitive="МАОУ СОШ № 7",
    group="Физика-10-1",
    programme="Физика вокруг нас",
    teacher="Белова О. И.",
    year="2026/2027",
    period="год",
    days="01.09.2026–31.05.2027",
    planned=68,
    held=66,
    transfers="№ 3 за сентябрь 2026 г., № 12-К1 за октябрь 2026 г.",
    terms=("I полугодие", "II полугодие"),
    lines=(
        CardLine(
            name="Ёжикова Анна-Мария Константиновна",
            school_class="10 «А»",
            mean="4,75",
            terms=("5", "5"),
            mark="5",
            word="отлично",
            missed=3,
            ill=2,
            excused=1,
            unexcused=0,
            note="",
        ),
        CardLine(
            name="Жукова Мария Ивановна",
            school_class="10 «А»",
            mean="–",
            terms=("–", "н/а"),
            mark="н/а",
            word="не аттестована",
            missed=20,
            ill=12,
            excused=0,
            unexcused=4,
            note="пропущено 20 из 34, отметок 2 из 5; обучается с 11.01.2027",
        ),
    ),
    pupils=2,
    passing="50 %",
    quality="50 %",
    replaces="табель № 7 от 28.05.2027, причина: перепутаны отметки двух обучающихся",
)

T15 = RegisterPaper(
    school_class="11 «А»",
    year="2027/2028",
    sheets=(
        RegisterSheet(
            subjects=(
                RegisterSubject(
                    title="Физика (сет.)",
                    terms=(
                        "10 кл. I полуг.",
                        "10 кл. II полуг.",
                        "10 кл. год",
                        "I полуг.",
                        "II полуг.",
                        "атт.",
                        "год",
                        "итог",
                    ),
                ),
                RegisterSubject(title="Химия (сет.)", terms=("I полуг.", "II полуг.", "атт.", "год", "итог")),
            ),
            lines=(
                RegisterLine(
                    name="Ёжикова Анна-Мария Константиновна",
                    marks=("4", "4", "4", "3", "4", "–", "4", "4", "5", "5", "–", "5", "–"),
                    decision="допущена к государственной итоговой аттестации",
                ),
                RegisterLine(name="Жукова Мария Ивановна", marks=("н/а", *("–",) * 12), decision=""),
            ),
        ),
    ),
    sources=(
        "Физика, I полугодие: табель МАОУ гимназия № 40 № 5 от 28.12.2027; перенёс классный руководитель "
        "Тихая Е. В., 29.12.2027; сверено: Новикова И. С., 30.12.2027.",
    ),
    differences=("Жукова М. И., Химия, I полугодие: отметка табеля № 6 не перенесена",),
)

T16 = TransferSheet(
    package={
        "format": "monthly-transfer-2",
        "host": {"id": 40, "short_name": "МАОУ гимназия № 40", "ogrn": "1025900000040"},
        "home": {"id": 7, "short_name": "МАОУ СОШ № 7", "ogrn": "1025900000007"},
        "group": {"id": 1, "name": "Физика-10-1"},
        "course": {"id": 1, "title": "Физика вокруг нас", "subject": "Физика"},
        "period": {"year": 2026, "month": 11, "from": "2026-11-01", "to": "2026-11-30"},
        "lessons": {
            "planned": 4,
            "held": [
                {"id": no, "date": f"2026-11-{day:02}", "topic": "Тема", "homework": "", "works": []}
                for no, day in enumerate((5, 12, 19, 26), 1)
            ],
            "cancelled": [],
        },
        "no_lessons_reason": None,
        "sealed_at": "2026-11-30T15:00:00+00:00",
        "correction": {
            "version": 1,
            "number": 11,
            "date": "2026-11-28",
            "sha256": "5b21cb5fd9219c08" * 4,
            "basis": "Перепутаны работы двух обучающихся",
            "changes": [
                {
                    "enrolment": 1,
                    "name": "Ёжикова Анна-Мария Константиновна",
                    "date": "2026-11-12",
                    "before": "4",
                    "after": "5",
                }
            ],
        },
        "lines": [
            {
                "enrolment": 1,
                "student": 1,
                "last_name": "Ёжикова",
                "first_name": "Анна-Мария",
                "patronymic": "Константиновна",
                "class": "10 «А»",
                "from": "2026-09-01",
                "to": None,
                "lessons": 4,
                "marks": [
                    {"lesson": 2, "date": "2026-11-12", "value": 5, "work": 1, "work_type": "test", "weight": "3"},
                    {"lesson": 4, "date": "2026-11-26", "value": 4, "work": 1, "work_type": "answer", "weight": "1"},
                ],
                "mean": "4.75",
                "attendance": [{"lesson": 1, "date": "2026-11-05", "code": "ill", "minutes": None}],
                "absences": {"absent": 0, "ill": 1, "excused": 0, "unexcused": 0},
                "late": 0,
            },
            {
                "enrolment": 2,
                "student": 2,
                "last_name": "Жукова",
                "first_name": "Мария",
                "patronymic": "Ивановна",
                "class": "10 «А»",
                "from": "2026-09-01",
                "to": None,
                "lessons": 4,
                "marks": [],
                "mean": None,
                "attendance": [],
                "absences": {"absent": 1, "ill": 0, "excused": 0, "unexcused": 1},
                "late": 2,
            },
        ],
    },
    sealed_by="координатор МАОУ гимназии № 40, Тихая Е. В.",
    sha256="ced6cb5fd9219c08" * 4,
)

T18 = Minutes(
    network="Школы Перми",
    kind="очередное",
    date=date(2026, 11, 20),
    place="МАОУ гимназия № 40, кабинет 12",
    start=time(15, 0),
    end=time(16, 40),
    presiding="Ёлкин П. И.",
    presiding_capacity="председатель",
    secretary="Тихая Е. В.",
    total=5,
    present=(
        Attendee(name="Белых О. Л.", organisation="МАОУ СОШ № 7", capacity="член совета", stays=None),
        Attendee(name="Ёлкин П. И.", organisation="МАОУ гимназия № 40", capacity="председатель", stays=None),
        Attendee(name="Орлов К. Д.", organisation="МАОУ лицей № 12", capacity="член совета", stays="с 15:20"),
    ),
    absent=(
        Attendee(
            name="Седых О. П.", organisation="МАОУ СОШ № 9", capacity="член совета", stays=None, reason="командировка"
        ),
    ),
    invited="Рогов М. Д., методист",
    convened=date(2026, 11, 13),
    short_notice=None,
    quorum_needed=3,
    quorum_present=3,
    questions=(
        Question(
            no=1,
            title="О составе сетевых групп на второе полугодие",
            speaker="Тихая Е. В.",
            rule="простое большинство",
            about=("Группа ФЗ-1, курс «Физика»: вторник, 15:00–15:45",),
            evidence=None,
            opinions=(Said(name="МАОУ СОШ № 7", text="поддерживаем"),),
            heard="в группы подано 48 заявлений, мест 45",
            discussed="Орлов К. Д. – о доставке обучающихся",
            proposal="Утвердить составы групп.",
            ballot=Ballot(
                at=time(15, 40),
                present=3,
                votes_for=2,
                against=0,
                abstained=1,
                not_voted=0,
                requirement="более половины присутствующих – не менее 2",
                formula="кворум 2 × 3 > 5; решение 2 × 2 > 3",
                named=(
                    NamedVote(name="Белых О. Л.", choice="за"),
                    NamedVote(name="Ёлкин П. И.", choice="за"),
                    NamedVote(name="Орлов К. Д.", choice="воздержался"),
                ),
                adopted=True,
            ),
            decision="Утвердить составы сетевых групп на второе полугодие.",
            executor="Тихая Е. В.",
            due=date(2026, 12, 25),
            dissents=(Said(name="Орлов К. Д.", text="группу по физике следует разделить"),),
        ),
        Question(
            no=2,
            title="Об олимпиаде",
            speaker="Орлов К. Д.",
            rule="простое большинство",
            about=(),
            evidence=None,
            opinions=(),
            heard=None,
            discussed=None,
            proposal="Провести олимпиаду в марте.",
            ballot=None,
            decision=None,
            executor=None,
            due=None,
            dissents=(),
        ),
    ),
    agenda=(AgendaBallot(at=time(15, 5), present=3, votes_for=2, against=0, abstained=1, not_voted=0, adopted=True),),
    remarks=(Said(name="Белых О. Л.", text="время голосования 15:40", answer="исправлено"),),
    materials=("Список групп",),
)

T19 = ExtractPaper(
    network="Школы Перми",
    minutes_no=3,
    minutes_date=date(2026, 11, 24),
    meeting_date=date(2026, 11, 20),
    addressee="МАОУ СОШ № 9",
    total=5,
    present=3,
    question_no=1,
    title="О составе сетевых групп на второе полугодие",
    decision="Утвердить составы сетевых групп на второе полугодие.",
    votes_for=2,
    against=0,
    abstained=1,
    not_voted=0,
    executor="Тихая Е. В.",
    due=date(2026, 12, 25),
)

T20 = CertificatePaper(
    licence="№ Л035-01212-59/00000040 от 01.02.2020",
    student_dative="Жукову Ивану Олеговичу",
    birth_date=date(2010, 5, 17),
    gender="m",
    home_genitive="МАОУ СОШ № 7",
    first=date(2026, 9, 7),
    last=date(2027, 5, 31),
    result="mastered",
    programme="Физика вокруг нас",
    hours_total=68,
    hours=66,
    agreement_number="14",
    agreement_date=date(2026, 8, 25),
    lines=(
        ResultLine(title="Физика, I полугодие", hours=32, mark="4 (хорошо)"),
        ResultLine(title="Физика, II полугодие", hours=34, mark="5 (отлично)"),
    ),
    mark="5 (отлично)",
    attended=61,
    duplicate=False,
    replaces="№ 3 от 01.06.2027",
)

T24 = ESignAgreement(
    school="МАОУ СОШ № 7",
    city="Пермь",
    person="Жуков Иван Олегович",
    person_short="Жуков И. О.",
    login="zhukov@family.example",
    identity_document="паспорт 0000 000000, выдан 01.02.2015",
    checked_by="Новикова И. С.",
    checked_on=date(2026, 9, 1),
    portal="https://portal.example",
    papers=("заявления и согласия законных представителей", "ознакомление с документами"),
)

GUARDIAN = (("guardian", "заявитель (отец)"),)
HOME_DIRECTOR = ("home_director", "директор МАОУ СОШ № 7")
HOST_DIRECTOR = ("host_director", "директор МАОУ гимназии № 40")

SAMPLES: dict[str, Sample] = {
    "T01": Sample(T01, GUARDIAN),
    "T02": Sample(T02, GUARDIAN),
    "T03": Sample(T03, (HOME_DIRECTOR,)),
    "T04": Sample(T04, (HOME_DIRECTOR,)),
    "T04A": Sample(T04A, (HOME_DIRECTOR,)),
    "T05": Sample(T05, (HOST_DIRECTOR,)),
    "T05A": Sample(T05A, (HOST_DIRECTOR,)),
    "T06": Sample(T06, (HOME_DIRECTOR, HOST_DIRECTOR)),
    "T06A": Sample(T06A, (HOME_DIRECTOR, HOST_DIRECTOR)),
    "T06P": Sample(T06P),
    "T07": Sample(
        T07,
        (
            ("base_director", "директор МАОУ гимназии № 40"),
            ("home_director", "директор МАОУ СОШ № 7"),
            ("guardian", "законный представитель"),
        ),
    ),
    "T13": Sample(T13),
    "T14": Sample(
        T14,
        (
            ("teacher", "учитель"),
            ("deputy", "заместитель директора МАОУ гимназии № 40"),
            ("director", "директор МАОУ гимназии № 40"),
        ),
    ),
    "T15": Sample(T15),
    "T16": Sample(T16),
    "T18": Sample(
        T18,
        (
            ("presiding", "председатель координационного совета"),
            ("secretary", "ответственный секретарь координационного совета"),
        ),
    ),
    "T19": Sample(T19, (("secretary", "секретарь координационного совета"),)),
    "T28": Sample(T28, (HOME_DIRECTOR, HOST_DIRECTOR)),
    "T29": Sample(T29, GUARDIAN),
    "T30": Sample(T30, GUARDIAN),
    "T20": Sample(T20, (("director", "директор МАОУ гимназии № 40"),)),
    "T24": Sample(T24, (("school", "директор МАОУ СОШ № 7"), ("person", "подписант"))),
}
