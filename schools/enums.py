"""Choices and states of networks, schools, people's duties and agreements."""

from __future__ import annotations

from django.db import models


class NetworkModel(models.TextChoices):
    PARITY = "parity", "паритетная кооперация"
    BASE_PARTNER = "base_partner", "базовая организация и партнёр"


class AllocationApproval(models.TextChoices):
    """Who approves how the groups of the network are formed (3.7)."""

    HOSTS = "hosts", "каждая принимающая школа"
    COUNCIL = "council", "координационный совет"
    DEPARTMENT = "department", "управление образования"


class OrganisationKind(models.TextChoices):
    SCHOOL = "school", "школа"
    AUTHORITY = "authority", "орган управления образованием"


class DutyKind(models.TextChoices):
    """What a person is appointed to do for an organisation (requirements 2.1 `Assignment`, 2.3)."""

    DIRECTOR = "director", "директор"
    DEPUTY = "deputy", "заместитель директора"
    RESPONSIBLE = "responsible", "ответственный за сетевое взаимодействие"
    CURATOR = "curator", "учитель-куратор"
    COORDINATOR = "coordinator", "координатор"
    NETWORK_TEACHER = "network_teacher", "сетевой учитель"
    CLASS_TEACHER = "class_teacher", "классный руководитель"
    COUNCIL_MEMBER = "council_member", "член координационного совета"
    COUNCIL_SECRETARY = "council_secretary", "секретарь координационного совета"


class BasisKind(models.TextChoices):
    """By what a person signs for a school."""

    CHARTER = "charter", "устав"
    POWER = "power", "доверенность"


class OfferState(models.TextChoices):
    """A duty offered to an address; it is given only when the owner of the address takes it."""

    OFFERED = "offered", "ждёт согласия сотрудника"
    TAKEN = "taken", "принято"
    WITHDRAWN = "withdrawn", "отозвано"


OFFER_TRANSITIONS = {
    OfferState.OFFERED: frozenset({OfferState.TAKEN, OfferState.WITHDRAWN}),
    OfferState.TAKEN: frozenset(),
    OfferState.WITHDRAWN: frozenset(),
}


class Role(models.TextChoices):
    """Whom a signed-in person acts as: a duty, or one of the contexts that need none."""

    DIRECTOR = DutyKind.DIRECTOR.value, DutyKind.DIRECTOR.label
    DEPUTY = DutyKind.DEPUTY.value, DutyKind.DEPUTY.label
    RESPONSIBLE = DutyKind.RESPONSIBLE.value, DutyKind.RESPONSIBLE.label
    CURATOR = DutyKind.CURATOR.value, DutyKind.CURATOR.label
    COORDINATOR = DutyKind.COORDINATOR.value, DutyKind.COORDINATOR.label
    NETWORK_TEACHER = DutyKind.NETWORK_TEACHER.value, DutyKind.NETWORK_TEACHER.label
    CLASS_TEACHER = DutyKind.CLASS_TEACHER.value, DutyKind.CLASS_TEACHER.label
    COUNCIL_MEMBER = DutyKind.COUNCIL_MEMBER.value, DutyKind.COUNCIL_MEMBER.label
    COUNCIL_SECRETARY = DutyKind.COUNCIL_SECRETARY.value, DutyKind.COUNCIL_SECRETARY.label
    PARENT = "parent", "родитель"
    PUPIL = "pupil", "обучающийся"
    ADMIN = "admin", "технический администратор"
    NOBODY = "nobody", "без полномочий"


class LinkState(models.TextChoices):
    REQUESTED = "requested", "на проверке в школе"
    VERIFIED = "verified", "подтверждена школой"
    REFUSED = "refused", "отклонена школой"
    ENDED = "ended", "прекращена"


LINK_TRANSITIONS = {
    LinkState.REQUESTED: frozenset({LinkState.VERIFIED, LinkState.REFUSED}),
    LinkState.VERIFIED: frozenset({LinkState.ENDED}),
    LinkState.REFUSED: frozenset(),
    LinkState.ENDED: frozenset(),
}


class AccountState(models.TextChoices):
    """A pupil's own account: offered to an address, taken by its owner, taken back or ended by the school."""

    OFFERED = "offered", "ждёт обучающегося"
    TAKEN = "taken", "действует"
    ENDED = "ended", "прекращена"


ACCOUNT_TRANSITIONS = {
    AccountState.OFFERED: frozenset({AccountState.TAKEN, AccountState.ENDED}),
    AccountState.TAKEN: frozenset({AccountState.ENDED}),
    AccountState.ENDED: frozenset(),
}


class Kinship(models.TextChoices):
    MOTHER = "mother", "мать"
    FATHER = "father", "отец"
    GUARDIAN = "guardian", "опекун (попечитель)"
    SELF = "self", "совершеннолетний обучающийся"


class GuardianRule(models.TextChoices):
    """Whose word a decision about one child needs."""

    ONE = "one", "достаточно одного представителя"
    BOTH = "both", "нужно согласие обоих представителей"
    OBJECTION = "objection", "второй представитель может возразить в срок"


class ImportState(models.TextChoices):
    """A file with pupils on its way: nothing is saved before a person has seen what would be."""

    READING = "reading", "читается"
    READY = "ready", "ждёт подтверждения"
    REFUSED = "refused", "не принят"
    SAVING = "saving", "сохраняется"
    STALE = "stale", "устарел"
    SAVED = "saved", "сохранён"
    CANCELLED = "cancelled", "отменён"


IMPORT_TRANSITIONS = {
    ImportState.READING: frozenset({ImportState.READY, ImportState.REFUSED, ImportState.CANCELLED}),
    ImportState.READY: frozenset({ImportState.READING, ImportState.SAVING, ImportState.CANCELLED}),
    ImportState.REFUSED: frozenset(),
    ImportState.SAVING: frozenset({ImportState.SAVED, ImportState.STALE, ImportState.REFUSED}),
    ImportState.STALE: frozenset({ImportState.READING, ImportState.CANCELLED}),
    ImportState.SAVED: frozenset(),
    ImportState.CANCELLED: frozenset(),
}


class AgreementState(models.TextChoices):
    """3.2; that one party has signed, that it is published, that its term is over follow from its papers and days."""

    DRAFT = "draft", "проект"
    REVIEW = "review", "на согласовании"
    DISPUTED = "disputed", "протокол разногласий"
    SIGNING = "signing", "на подписании"
    SIGNED = "signed", "подписан"
    SUSPENDED = "suspended", "приостановлен"
    ENDED = "ended", "прекращён"


AGREEMENT_TRANSITIONS = {
    AgreementState.DRAFT: frozenset({AgreementState.REVIEW}),
    AgreementState.REVIEW: frozenset({AgreementState.SIGNING, AgreementState.DISPUTED, AgreementState.DRAFT}),
    AgreementState.DISPUTED: frozenset({AgreementState.SIGNING, AgreementState.DRAFT}),
    AgreementState.SIGNING: frozenset({AgreementState.SIGNED, AgreementState.DRAFT}),
    AgreementState.SIGNED: frozenset({AgreementState.SUSPENDED, AgreementState.ENDED}),
    AgreementState.SUSPENDED: frozenset({AgreementState.SIGNED, AgreementState.ENDED}),
    AgreementState.ENDED: frozenset(),
}


class AmendmentState(models.TextChoices):
    """A supplementary agreement: prepared, signed by both directors, or given up."""

    DRAFT = "draft", "проект"
    SIGNING = "signing", "на подписании"
    SIGNED = "signed", "подписано"
    DROPPED = "dropped", "отозвано"


AMENDMENT_TRANSITIONS = {
    AmendmentState.DRAFT: frozenset({AmendmentState.SIGNING, AmendmentState.DROPPED}),
    AmendmentState.SIGNING: frozenset({AmendmentState.SIGNED, AmendmentState.DRAFT}),
    AmendmentState.SIGNED: frozenset(),
    AmendmentState.DROPPED: frozenset(),
}


class Side(models.TextChoices):
    """The parties of an agreement as its paper names them (L-8)."""

    HOME = "home", "Базовая организация"
    HOST = "host", "Организация-участник"


class TaughtKind(models.TextChoices):
    """The kind of what is taught (S1-1.3)."""

    LESSON = "lesson", "урочная"
    EXTRACURRICULAR = "extracurricular", "внеурочная"
    CAREER = "career", "профориентационная"
    ADDITIONAL = "additional", "дополнительная общеразвивающая"


class Level(models.TextChoices):
    PRIMARY = "primary", "начальное общее образование"
    BASIC = "basic", "основное общее образование"
    SECONDARY = "secondary", "среднее общее образование"
    GENERAL = "general", "основное и среднее общее образование"
    ADDITIONAL = "additional", "дополнительное образование"


class ResourceKind(models.TextChoices):
    """The four kinds of resources (art. 15 of 273-ФЗ)."""

    STAFF = "staff", "кадровые"
    INFORMATION = "information", "информационные"
    METHOD = "method", "учебно-методические"
    MATERIAL = "material", "материально-технические"


class FundingMode(models.TextChoices):
    FREE = "free", "безвозмездно"
    OWN = "own", "каждая сторона за счёт своих средств"
    NORM = "norm", "возмещение по нормативу"


class Outcome(models.TextChoices):
    """How a clause of the protocol of disagreements was settled (T28)."""

    HOME = "home", "в редакции Базовой организации"
    HOST = "host", "в редакции Организации-участника"
    AGREED = "agreed", "в согласованной редакции"


class Verb(models.TextChoices):
    DUTY_OFFERED = "duty.offered", "Полномочие предложено по адресу"
    DUTY_OFFER_WITHDRAWN = "duty.offer_withdrawn", "Предложение полномочия отозвано"
    DUTY_APPOINTED = "duty.appointed", "Полномочие назначено"
    DUTY_ENDED = "duty.ended", "Полномочие прекращено"
    MEMBERSHIP_BEGUN = "membership.begun", "Школа принята в сеть решением совета"
    MEMBERSHIP_ENDED = "membership.ended", "Школа вышла из сети решением совета"
    BASIS_ENTERED = "basis.entered", "Внесено основание подписи"
    BASIS_ENDED = "basis.ended", "Основание подписи прекращено"
    LINK_REQUESTED = "link.requested", "Связь с ребёнком запрошена"
    LINK_VERIFIED = "link.verified", "Связь с ребёнком подтверждена"
    LINK_REFUSED = "link.refused", "Связь с ребёнком отклонена"
    LINK_ENDED = "link.ended", "Связь с ребёнком прекращена"
    LINK_GRANTED = "link.granted", "Совершеннолетний обучающийся разрешил родителю читать его данные"
    ACCOUNT_OFFERED = "account.offered", "Обучающемуся предложена учётная запись"
    ACCOUNT_TAKEN = "account.taken", "Обучающийся принял учётную запись"
    ACCOUNT_MISSED = "account.missed", "Учётную запись обучающегося пытались принять с другой датой рождения"
    ACCOUNT_ENDED = "account.ended", "Учётная запись обучающегося прекращена"
    GUARDIAN_RULE_SET = "guardian.rule_set", "Порядок согласия представителей изменён"
    EXPECTED_ADDED = "guardian.expected_added", "Родитель записан в данных школы"
    EXPECTED_REMOVED = "guardian.expected_removed", "Родитель убран из данных школы"
    CLASS_ADDED = "class.added", "Класс добавлен"
    CLASS_WEEK_SET = "class.week_set", "Учебная неделя класса изменена"
    ROUTE_SET = "route.set", "Время в пути между школами изменено"
    STUDENT_ADDED = "student.added", "Обучающийся добавлен"
    STUDENT_NAMED = "student.named", "Сведения об обучающемся исправлены"
    STUDENT_MOVED = "student.moved", "Обучающийся переведён в другой класс"
    STUDENT_LEFT = "student.left", "Обучающийся отмечен выбывшим"
    STUDENT_RETURNED = "student.returned", "Обучающийся вернулся в школу"
    IMPORT_RECEIVED = "import.received", "Файл с обучающимися загружен"
    IMPORT_CONFIRMED = "import.confirmed", "Сохранение файла с обучающимися подтверждено"
    IMPORT_SAVED = "import.saved", "Обучающиеся из файла сохранены"
    IMPORT_CANCELLED = "import.cancelled", "Загрузка файла с обучающимися отменена"
    AGREEMENT_DRAFTED = "agreement.drafted", "Проект договора составлен"
    AGREEMENT_CHANGED = "agreement.changed", "Проект договора изменён"
    AGREEMENT_SENT = "agreement.sent", "Договор направлен на согласование"
    AGREEMENT_AGREED = "agreement.agreed", "Договор согласован и передан на подпись"
    AGREEMENT_RETURNED = "agreement.returned", "Договор возвращён без согласования"
    AGREEMENT_DISPUTED = "agreement.disputed", "Пункт внесён в протокол разногласий"
    AGREEMENT_SETTLED = "agreement.settled", "Пункт протокола разногласий урегулирован"
    AGREEMENT_PROTOCOL = "agreement.protocol", "Протокол разногласий закрыт и передан на подпись"
    AGREEMENT_PROTOCOL_SIGNED = "agreement.protocol_signed", "Протокол разногласий подписан"
    AGREEMENT_SIGNED_BY_ONE = "agreement.signed_by_one", "Договор подписан одной стороной"
    AGREEMENT_SIGNED = "agreement.signed", "Договор подписан и зарегистрирован"
    AGREEMENT_REFUSED = "agreement.refused", "Договор возвращён с замечаниями"
    AGREEMENT_SUSPENDED = "agreement.suspended", "Договор приостановлен"
    AGREEMENT_RESUMED = "agreement.resumed", "Действие договора возобновлено"
    AGREEMENT_ENDED = "agreement.ended", "Договор прекращён"
    AGREEMENT_PUBLISHED = "agreement.published", "Договор размещён на странице для всех"
    AGREEMENT_CONTACTS = "agreement.contacts", "Контакты по договору изменены"
    AGREEMENT_DUTY_DONE = "agreement.duty_done", "Обязанность по договору отмечена исполненной"
    AMENDMENT_DRAFTED = "amendment.drafted", "Проект дополнительного соглашения составлен"
    AMENDMENT_CHANGED = "amendment.changed", "Проект дополнительного соглашения изменён"
    AMENDMENT_SENT = "amendment.sent", "Дополнительное соглашение передано на подпись"
    AMENDMENT_SIGNED_BY_ONE = "amendment.signed_by_one", "Дополнительное соглашение подписано одной стороной"
    AMENDMENT_SIGNED = "amendment.signed", "Дополнительное соглашение подписано и зарегистрировано"
    AMENDMENT_REFUSED = "amendment.refused", "Дополнительное соглашение возвращено с замечаниями"
    AMENDMENT_DROPPED = "amendment.dropped", "Проект дополнительного соглашения отозван"
