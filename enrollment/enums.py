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
    LEFT = "left", "выбыл по заявлению"
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
