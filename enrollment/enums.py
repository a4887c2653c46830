"""States of applications, lists, orders and enrolments, each with the table of its legal transitions."""

from __future__ import annotations

from django.db import models


class ApplicationState(models.TextChoices):
    """3.3 Parent application."""

    DRAFT = "draft", "черновик"
    REGISTERED = "registered", "подано"
    RETURNED = "returned", "возвращено на исправление"
    ACCEPTED = "accepted", "принято школой"
    REFUSED = "refused", "отказано"
    LISTED = "listed", "включено в заявку школы"
    PLACED = "placed", "зачислен"
    WAITLISTED = "waitlisted", "лист ожидания"
    NOT_PLACED = "not_placed", "не зачислен"
    WITHDRAWN = "withdrawn", "отозвано"


APPLICATION_TRANSITIONS = {
    ApplicationState.DRAFT: frozenset({ApplicationState.REGISTERED, ApplicationState.WITHDRAWN}),
    ApplicationState.REGISTERED: frozenset(
        {
            ApplicationState.ACCEPTED,
            ApplicationState.RETURNED,
            ApplicationState.REFUSED,
            ApplicationState.WITHDRAWN,
        }
    ),
    ApplicationState.RETURNED: frozenset({ApplicationState.REGISTERED, ApplicationState.WITHDRAWN}),
    ApplicationState.ACCEPTED: frozenset(
        {ApplicationState.LISTED, ApplicationState.RETURNED, ApplicationState.WITHDRAWN}
    ),
    ApplicationState.REFUSED: frozenset(),
    ApplicationState.LISTED: frozenset(
        {
            ApplicationState.PLACED,
            ApplicationState.WAITLISTED,
            ApplicationState.NOT_PLACED,
            ApplicationState.ACCEPTED,
            ApplicationState.WITHDRAWN,
        }
    ),
    ApplicationState.WAITLISTED: frozenset(
        {
            ApplicationState.PLACED,
            ApplicationState.NOT_PLACED,
            ApplicationState.WITHDRAWN,
            ApplicationState.LISTED,  # for another course, while the waiting goes on
        }
    ),
    ApplicationState.PLACED: frozenset(),
    ApplicationState.NOT_PLACED: frozenset({ApplicationState.LISTED, ApplicationState.WITHDRAWN}),
    ApplicationState.WITHDRAWN: frozenset(),
}


class ApplicationMethod(models.TextChoices):
    """How an application was made; the states, terms and rights are the same (the equal paper route)."""

    PORTAL = "portal", "на портале"
    PAPER = "paper", "на бумаге"


class LeaveState(models.TextChoices):
    """A family's application that the pupil leave the group; the home school executes it."""

    DRAFT = "draft", "черновик"
    REGISTERED = "registered", "подано"
    EXECUTED = "executed", "исполнено"
    WITHDRAWN = "withdrawn", "отозвано"


LEAVE_TRANSITIONS = {
    LeaveState.DRAFT: frozenset({LeaveState.REGISTERED, LeaveState.WITHDRAWN}),
    LeaveState.REGISTERED: frozenset({LeaveState.EXECUTED, LeaveState.WITHDRAWN}),
    LeaveState.EXECUTED: frozenset(),
    LeaveState.WITHDRAWN: frozenset(),
}


class GuardianWord(models.TextChoices):
    """What another representative says to an application that one has signed."""

    CONFIRMED = "confirmed", "согласен"
    OBJECTED = "objected", "возражает"


class RequestState(models.TextChoices):
    """3.4 The home school's list."""

    DRAFT = "draft", "черновик"
    SIGNING = "signing", "на подписи у директора"
    SIGNED = "signed", "подписана директором"
    SENT = "sent", "направлена"
    ANSWERED = "answered", "рассмотрена"
    CLOSED = "closed", "закрыта приказом"


REQUEST_TRANSITIONS = {
    RequestState.DRAFT: frozenset({RequestState.SIGNING}),
    RequestState.SIGNING: frozenset({RequestState.SIGNED, RequestState.DRAFT}),
    RequestState.SIGNED: frozenset({RequestState.SENT}),
    RequestState.SENT: frozenset({RequestState.ANSWERED}),
    RequestState.ANSWERED: frozenset({RequestState.CLOSED}),
    RequestState.CLOSED: frozenset(),
}


class LineDecision(models.TextChoices):
    """The host's answer to one line (3.4)."""

    PENDING = "pending", "ждёт решения"
    ACCEPTED = "accepted", "принят"
    WAITLISTED = "waitlisted", "лист ожидания"
    REFUSED = "refused", "отклонён"
    WITHDRAWN = "withdrawn", "отозвано семьёй"


#: What an answer may be changed to; a booked place may be taken back until an order enrols the pupil.
DECISION_CHANGES = {
    LineDecision.PENDING: frozenset(
        {LineDecision.ACCEPTED, LineDecision.WAITLISTED, LineDecision.REFUSED, LineDecision.WITHDRAWN}
    ),
    LineDecision.ACCEPTED: frozenset({LineDecision.REFUSED, LineDecision.WITHDRAWN}),
    LineDecision.WAITLISTED: frozenset({LineDecision.ACCEPTED, LineDecision.REFUSED, LineDecision.WITHDRAWN}),
    LineDecision.REFUSED: frozenset(),
    LineDecision.WITHDRAWN: frozenset(),
}


class OrderState(models.TextChoices):
    """3.5."""

    DRAFT = "draft", "проект"
    REGISTERED = "registered", "зарегистрирован"
    CANCELLED = "cancelled", "проект отменён"


ORDER_TRANSITIONS = {
    OrderState.DRAFT: frozenset({OrderState.REGISTERED, OrderState.CANCELLED}),
    OrderState.REGISTERED: frozenset(),
    OrderState.CANCELLED: frozenset(),
}


class EnrolmentState(models.TextChoices):
    """3.6."""

    BOOKED = "booked", "место забронировано"
    ENROLLED = "enrolled", "зачислен"
    COMPLETED = "completed", "завершил обучение"
    LEFT = "left", "выбыл"
    CANCELLED = "cancelled", "бронь снята"


ENROLMENT_TRANSITIONS = {
    EnrolmentState.BOOKED: frozenset({EnrolmentState.ENROLLED, EnrolmentState.CANCELLED}),
    EnrolmentState.ENROLLED: frozenset({EnrolmentState.COMPLETED, EnrolmentState.LEFT}),
    EnrolmentState.COMPLETED: frozenset(),
    EnrolmentState.LEFT: frozenset(),
    EnrolmentState.CANCELLED: frozenset(),
}

#: An enrolment in one of these holds a seat of the group (I-3).
SEAT_HOLDING = (EnrolmentState.BOOKED, EnrolmentState.ENROLLED, EnrolmentState.COMPLETED)


class HomeState(models.TextChoices):
    """The home school's side of an enrolment; `EnrolmentState` is the host's."""

    PROPOSED = "proposed", "предложен заявкой школы"
    DIRECTED = "directed", "направлен приказом школы"
    COMPLETED = "completed", "завершение учтено"
    WITHDRAWN = "withdrawn", "отозван приказом школы"
    RELEASED = "released", "отчисление принимающей школой учтено"
    CANCELLED = "cancelled", "заявка снята"


HOME_TRANSITIONS = {
    HomeState.PROPOSED: frozenset(
        {
            HomeState.DIRECTED,
            HomeState.COMPLETED,
            HomeState.WITHDRAWN,
            HomeState.RELEASED,
            HomeState.CANCELLED,
        }
    ),
    HomeState.DIRECTED: frozenset({HomeState.COMPLETED, HomeState.WITHDRAWN, HomeState.RELEASED}),
    HomeState.COMPLETED: frozenset(),
    HomeState.WITHDRAWN: frozenset(),
    HomeState.RELEASED: frozenset(),
    HomeState.CANCELLED: frozenset(),
}


class Outcome(models.TextChoices):
    """What the states of both schools come to: the one word that everybody reads."""

    WAITS_HOST = "waits_host", "место забронировано, ждём приказ принимающей школы"
    WAITS_HOME = "waits_home", "зачислен, ждём приказ своей школы"
    STUDIES = "studies", "обучается"
    UNSOLVED = "unsolved", "требует решения"
    COMPLETED = "completed", "завершил обучение"
    NOT_STUDIED = "not_studied", "не обучался"
    LEFT = "left", "выбыл"
    EXCLUDED = "excluded", "отчислен принимающей школой"
    CANCELLED = "cancelled", "бронь снята"


class ExitRecord(models.TextChoices):
    """How an exit is kept, by the last day on which one may leave without a record of study."""

    NONE = "", "не выбывал"
    NOT_STUDIED = "not_studied", "не обучался"
    LEFT = "left", "выбыл"


class Review(models.TextChoices):
    """Why an enrolment waits for a decision of the home school."""

    NONE = "", "решение не требуется"
    CONSENT = "consent", "отозвано согласие на обработку данных"
    MOVED = "moved", "обучающийся сменил школу"
    AGREEMENT = "agreement", "договор школ прекращён или истёк"


class SchoolOrderKind(models.TextChoices):
    """Orders beside that of enrolment; a registered order is changed by another one only (3.5)."""

    ORGANISE = "organise", "об организации обучения"
    HOME_CHANGE = "home_change", "о внесении изменений"
    HOST_CHANGE = "host_change", "о внесении изменений в приказ о зачислении"


class LineAct(models.TextChoices):
    """What an order does with one pupil."""

    ADD = "add", "включить в список"
    REMOVE = "remove", "исключить из списка"
    CORRECT = "correct", "уточнить сведения"


class ExitReason(models.TextChoices):
    """Why a pupil leaves a group: the first ones are the home school's, the others the host's (lessons 8)."""

    WISH = "wish", "заявление семьи"
    MOVED = "moved", "обучающийся сменил школу"
    CONSENT = "consent", "отозвано согласие на обработку данных"
    AGREEMENT = "agreement", "договор школ прекращён или истёк"
    ABSENCE = "absence", "пропуски занятий без уважительной причины"
    RULES = "rules", "нарушение правил внутреннего распорядка"
    SAFETY = "safety", "нарушение требований безопасности"
    CLOSED = "closed", "группа закрыта"
    OTHER = "other", "иная причина"


HOME_REASONS = (ExitReason.WISH, ExitReason.MOVED, ExitReason.CONSENT, ExitReason.AGREEMENT)
HOST_REASONS = (ExitReason.ABSENCE, ExitReason.RULES, ExitReason.SAFETY, ExitReason.CLOSED, ExitReason.OTHER)


class Counts(models.TextChoices):
    """How the result of a course counts in the home school's own curriculum (lessons, addition 6)."""

    REPLACES = "replaces", "заменяет часть учебного плана"
    ADDS = "adds", "дополняет часть учебного плана"
    ELECTIVE = "elective", "курс по выбору"


class ContractState(models.TextChoices):
    """The three-party contract: in force with its third signature (S3-(4))."""

    SIGNING = "signing", "на подписании"
    IN_FORCE = "in_force", "действует"
    CANCELLED = "cancelled", "не заключён"


CONTRACT_TRANSITIONS = {
    ContractState.SIGNING: frozenset({ContractState.IN_FORCE, ContractState.CANCELLED}),
    ContractState.IN_FORCE: frozenset(),
    ContractState.CANCELLED: frozenset(),
}


class AllocationState(models.TextChoices):
    """A run of forming groups: a draft may be computed again, an approved one is answered by, never edited (I-5)."""

    DRAFT = "draft", "проект"
    APPROVED = "approved", "утверждено"
    REPLACED = "replaced", "заменено новым"
    CANCELLED = "cancelled", "отменено"


ALLOCATION_TRANSITIONS = {
    AllocationState.DRAFT: frozenset({AllocationState.APPROVED, AllocationState.CANCELLED}),
    AllocationState.APPROVED: frozenset({AllocationState.REPLACED}),
    AllocationState.REPLACED: frozenset(),
    AllocationState.CANCELLED: frozenset(),
}


class OfferState(models.TextChoices):
    """A freed place and the first of the waiting list."""

    OFFERED = "offered", "предложено"
    ACCEPTED = "accepted", "принято семьёй"
    DECLINED = "declined", "семья отказалась"
    EXPIRED = "expired", "срок ответа истёк"
    SKIPPED = "skipped", "пропущено с причиной"
    RECALLED = "recalled", "снято"


OFFER_TRANSITIONS = {
    OfferState.OFFERED: frozenset({OfferState.ACCEPTED, OfferState.DECLINED, OfferState.EXPIRED, OfferState.RECALLED}),
    OfferState.ACCEPTED: frozenset(),
    OfferState.DECLINED: frozenset(),
    OfferState.EXPIRED: frozenset(),
    OfferState.SKIPPED: frozenset(),
    OfferState.RECALLED: frozenset(),
}


class Mismatch(models.TextChoices):
    """How lists, applications, consents and orders of two schools may disagree about a pupil (the board of lists)."""

    LISTED = "listed", "в списке, но не зачислен"
    NO_APPLICATION = "no_application", "зачислен без заявления"
    LEFT_HOME = "left_home", "выбыл из школы, но числится в группе"
    NAME = "name", "расходятся имя или класс"
    GROUP = "group", "в приказе другая группа"
    CONSENT = "consent", "нет согласия на обработку данных"
    NOT_IN_ORDER = "not_in_order", "нет в приказе школы"


class Verb(models.TextChoices):
    APPLICATION_DRAFTED = "application.drafted", "Черновик заявления изменён"
    APPLICATION_PREPARED = "application.prepared", "Заявление подготовлено к подписи"
    APPLICATION_SUBMITTED = "application.submitted", "Заявление подано"
    APPLICATION_ACCEPTED = "application.accepted", "Заявление принято школой"
    APPLICATION_RETURNED = "application.returned", "Заявление возвращено на исправление"
    APPLICATION_REFUSED = "application.refused", "В приёме заявления отказано"
    APPLICATION_CONFIRMED = "application.confirmed", "Второй представитель согласился с заявлением"
    APPLICATION_OBJECTED = "application.objected", "Второй представитель возразил против заявления"
    PUPIL_WORD = "consent.pupil_word", "Зарегистрировано подтверждение обучающегося к согласию"
    APPLICATION_WITHDRAWN = "application.withdrawn", "Заявление отозвано"
    APPLICATION_FORM_PRINTED = "application.form_printed", "Бланк заявления подготовлен для печати"
    APPLICATION_ENTERED = "application.entered", "Заявление на бумаге внесено"
    FAMILY_TOLD = "application.family_told", "Семье сообщено"
    FAMILY_DETAILS_KEPT = "family.details_kept", "Сведения для согласий сохранены"
    LEAVE_DRAFTED = "leave.drafted", "Заявление об отчислении из группы подготовлено"
    LEAVE_SUBMITTED = "leave.submitted", "Заявление об отчислении из группы подано"
    LEAVE_WITHDRAWN = "leave.withdrawn", "Заявление об отчислении из группы отозвано"
    CONSENT_READ = "consent.read", "Полный экземпляр согласия открыт"
    CONSENT_GIVEN = "consent.given", "Согласие на обработку данных дано"
    CONSENT_WITHDRAWN = "consent.withdrawn", "Согласие на обработку данных отозвано"
    REQUEST_COMPOSED = "request.composed", "Заявка школы составлена"
    REQUEST_CHANGED = "request.changed", "Состав заявки изменён"
    REQUEST_SUBMITTED = "request.submitted", "Заявка передана на подпись директору"
    REQUEST_RETURNED = "request.returned", "Заявка возвращена директором"
    REQUEST_SIGNED = "request.signed", "Заявка подписана директором"
    REQUEST_SENT = "request.sent", "Заявка направлена в принимающую школу"
    REQUEST_ANSWERED = "request.answered", "Заявка рассмотрена принимающей школой"
    LINE_ACCEPTED = "line.accepted", "Место в группе забронировано"
    LINE_WAITLISTED = "line.waitlisted", "Обучающийся включён в лист ожидания"
    LINE_REFUSED = "line.refused", "По строке заявки отказано"
    ORDER_DRAFTED = "order.drafted", "Проект приказа о зачислении составлен"
    LINE_WITHDRAWN = "line.withdrawn", "Строка заявки снята: заявление отозвано"
    ORDER_REVISED = "order.revised", "Состав проекта приказа изменён"
    ORDER_CANCELLED = "order.cancelled", "Проект приказа отменён"
    ORDER_REGISTERED = "order.registered", "Приказ о зачислении подписан и зарегистрирован"
    STUDENT_ENROLLED = "enrolment.enrolled", "Обучающийся зачислен в группу"
    ALLOCATION_STARTED = "allocation.started", "Проект распределения составлен"
    ALLOCATION_COMPUTED = "allocation.computed", "Проект распределения пересчитан"
    ALLOCATION_CONFIRMED = "allocation.confirmed", "Распределение подтверждено школой"
    ALLOCATION_APPROVED = "allocation.approved", "Распределение утверждено"
    ALLOCATION_CANCELLED = "allocation.cancelled", "Проект распределения отменён"
    ALLOCATION_ANSWERED = "allocation.answered", "Заявки отвечены по распределению"
    SEAT_FIXED = "seat.fixed", "Место закреплено вручную"
    SEAT_RELEASED = "seat.released", "Закрепление места снято"
    QUOTA_SET = "quota.set", "Квота школы на места изменена"
    OFFER_MADE = "offer.made", "Освободившееся место предложено семье"
    OFFER_ACCEPTED = "offer.accepted", "Семья приняла предложенное место"
    OFFER_DECLINED = "offer.declined", "Семья отказалась от предложенного места"
    OFFER_EXPIRED = "offer.expired", "Срок ответа на предложенное место истёк"
    OFFER_RECALLED = "offer.recalled", "Предложение места снято"
    OFFER_SKIPPED = "offer.skipped", "Очередь пропущена с причиной"
    COURSE_MAPPED = "mapping.set", "Курс сопоставлен с учебным планом школы"
    ENROLMENT_COMPLETED = "enrolment.completed", "Обучающийся завершил обучение в группе"
    ENROLMENT_LEFT = "enrolment.left", "Обучающийся выбыл из группы"
    REVIEW_STARTED = "enrolment.review_started", "Зачисление требует решения школы"
    REVIEW_ENDED = "enrolment.review_ended", "Вопрос о зачислении решён"
    GROUP_DATES_SET = "group.dates_set", "Сроки группы изменены"
    SCHOOL_ORDER_DRAFTED = "school_order.drafted", "Проект приказа составлен"
    SCHOOL_ORDER_CANCELLED = "school_order.cancelled", "Проект приказа возвращён и отменён"
    SCHOOL_ORDER_REGISTERED = "school_order.registered", "Приказ подписан и зарегистрирован"
    ACQUAINTED = "order.acquainted", "С приказом ознакомлены"
    CONTRACT_DRAFTED = "contract.drafted", "Проект трёхстороннего договора составлен"
    CONTRACT_SIGNED = "contract.signed", "Трёхсторонний договор подписан одной из сторон"
    CONTRACT_IN_FORCE = "contract.in_force", "Трёхсторонний договор заключён"
    CONTRACT_CANCELLED = "contract.cancelled", "Трёхсторонний договор не заключён"
