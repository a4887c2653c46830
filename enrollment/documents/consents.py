"""T02, a consent of one operator and purpose, T30, the sheet of signing, and the blank forms of the paper route."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.template.loader import render_to_string
from django.utils.html import escape

from enrollment.documents.applications import application_paper, asker_of
from enrollment.models import Application
from enrollment.selectors.applications import choices_of
from enrollment.selectors.details import KeptDetails
from network_portal.common.russian import Case, nbsp
from network_portal.documents import rendering
from network_portal.documents.kinds import content_of, field, paper, parse
from network_portal.documents.models import Document
from network_portal.documents.selectors import current_version
from schools.guardians import needs_own_word
from schools.models import Organisation

#: What is done with the data, and how (L-2).
ACTIONS = (
    "сбор, запись, систематизация, накопление, хранение, уточнение, извлечение, использование, предоставление, "
    "блокирование, удаление, уничтожение; с использованием средств автоматизации и без них"
)
WITHDRAWAL = "кнопкой в личном кабинете портала или письменным обращением к оператору"
CONSENT_TEXT_VERSION = 1


@paper(
    code="T02",
    title="Согласие на обработку персональных данных обучающегося",
    template="documents/t02.html",
    keep_years=3,
    signers={"guardian": "законный представитель"},
)
@dataclass(frozen=True, kw_only=True)
class ConsentPaper:
    """One representative's consent to one operator for one purpose, with the items of L-2.

    `details` stands for addresses and identity documents, which the home school keeps encrypted; `details_sha256` binds
    the signature to them.
    """

    guardian: str = field("Законный представитель")
    guardian_short: str = field("Представитель с инициалами")
    kinship: str = field("Кем приходится ребёнку")
    child_genitive: str = field("Обучающийся (в родительном падеже)")
    child_birth_date: date = field("Дата рождения")
    authority: str = field("Документ, подтверждающий полномочия")
    details: str = field("Адреса и документы, удостоверяющие личность")
    details_sha256: str = field("Контрольная сумма сведений")
    operator: str = field("Оператор")
    operator_address: str = field("Адрес оператора")
    purpose: str = field("Цель")
    data: str = field("Перечень сведений")
    actions: str = field("Действия")
    recipient: str = field("Кому предоставляются сведения")
    processor: str | None = field("Кто обрабатывает по поручению оператора")
    date_from: date = field("Действует с")
    date_to: date = field("Действует по")
    withdrawal: str = field("Как отозвать")
    pupil_decides: bool = field("Обучающемуся исполнилось 14 лет")
    text_version: int = field("Версия текста")


def consent_paper(
    application: Application, *, operator: Organisation, purpose: str, details: str, details_sha256: str, on: date
) -> ConsentPaper:
    """Build T02 for one operator and one purpose.

    Args:
        application: names the child, the representative and the courses.
        operator: the home school, or a host chosen.
        purpose: what for.
        details: what the paper says instead of addresses and identity documents.
        details_sha256: what binds the signature to them.
        on: the day from which the consent is in force.

    Raises:
        RuleError: the link with the child is not in force.
    """
    student, home = application.student, application.home
    asker = asker_of(application, on)
    if operator.pk == home.pk:
        hosts = {choice.course.host.pk: choice.course.host for choice in choices_of(application)}
        data = "фамилия, имя, отчество, дата рождения, класс, курс, отметки и посещаемость на занятиях курса"
        recipient = "; ".join(f"{host.full_name}, {host.address}" for host in hosts.values())
    else:
        data = "фамилия, имя, отчество, дата рождения, класс и школа, отметки и посещаемость на занятиях курса"
        recipient = f"{home.full_name}, {home.address}"
    return ConsentPaper(
        guardian=asker.person.full_name,
        guardian_short=asker.person.short_name,
        kinship=str(asker.kinship.label),
        child_genitive=student.in_case(Case.GENITIVE),
        child_birth_date=student.birth_date,
        authority=asker.basis,
        details=details,
        details_sha256=details_sha256,
        operator=operator.full_name,
        operator_address=operator.address,
        purpose=purpose,
        data=data,
        actions=ACTIONS,
        recipient=recipient,
        processor=None,
        date_from=on,
        date_to=consent_until(application),
        withdrawal=WITHDRAWAL,
        pupil_decides=needs_own_word(student.birth_date, on),
        text_version=CONSENT_TEXT_VERSION,
    )


def details_words(home: Organisation, details: KeptDetails) -> str:
    """Say on the registered paper where the addresses and documents are; the full copy prints them in its place."""
    return (
        "адреса и документы, удостоверяющие личность, хранятся в зашифрованном виде в "
        f"{home.in_case(Case.PREPOSITIONAL)} и напечатаны в экземпляре этой школы, контрольная сумма "
        f"{details.sha256[:16]}"
    )


def consent_until(application: Application) -> date:
    """Return the last day of the consents for an application: the end of its school year."""
    return date(application.year + 1, 8, 31)


def consent_full_pdf(document: Document, details: KeptDetails) -> bytes:
    """Return the full copy of a consent, with addresses and identity documents, for the family and the home school."""
    version = current_version(document)
    hidden = parse(version.content)["details"]
    html = rendering.page_of(document, version).replace(escape(nbsp(hidden)), escape(nbsp(details.words)))
    return rendering.render(html).content


#: Places that a family fills in by hand on a printed form.
BLANK = "адрес ____________________, паспорт серия ____ № ________, выдан ____________; документ ребёнка ____________"


def form_pdf(application: Application, needed: list[tuple[Organisation, str]], code: str, url: str, on: date) -> bytes:
    """Return the printed form: the application and its consents with the family's answers, to be signed by hand.

    Args:
        application: a draft with its code.
        needed: operators and purposes of the consents that are not in force.
        code: by it the school finds the draft.
        url: the address that the QR code holds.
        on: the day of printing.
    """
    consents = [
        consent_paper(application, operator=operator, purpose=purpose, details=BLANK, details_sha256="-", on=on)
        for operator, purpose in needed
    ]
    html = render_to_string(
        "documents/application_form.html",
        {
            "paper": parse(content_of(application_paper(application, on))),
            "consents": [parse(content_of(consent)) for consent in consents],
            "code": code,
            "qr": rendering.qr_code(url),
        },
    )
    return rendering.render(html).content


@dataclass(frozen=True, kw_only=True)
class SheetLine:
    title: str = field("Документ")
    addressee: str = field("Кому")
    sha256: str = field("Контрольная сумма")


@paper(
    code="T30",
    title="Лист подписания",
    template="documents/t30.html",
    signers={"guardian": "законный представитель"},
)
@dataclass(frozen=True, kw_only=True)
class SheetPaper:
    """Which papers a person signs by one act; each of them has its own signature under its own version (L-2, L-10)."""

    person: str = field("Кто подписывает")
    lines: tuple[SheetLine, ...] = field("Документы")
