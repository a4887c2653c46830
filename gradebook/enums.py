"""Choices and states of lessons, marks, attendance and monthly transfers."""

from __future__ import annotations

from django.db import models

from courses.enums import Scale, WorkType


class LessonState(models.TextChoices):
    """3.8."""

    PLANNED = "planned", "запланировано"
    HELD = "held", "проведено"
    CANCELLED = "cancelled", "отменено"


LESSON_TRANSITIONS = {
    LessonState.PLANNED: frozenset({LessonState.HELD, LessonState.CANCELLED}),
    LessonState.HELD: frozenset({LessonState.CANCELLED}),
    LessonState.CANCELLED: frozenset({LessonState.PLANNED}),
}


#: How a kind of work is shown in the head of a column of the grid.
WORK_LETTERS = {
    WorkType.ANSWER: "О",
    WorkType.HOMEWORK: "Д",
    WorkType.INDEPENDENT: "С",
    WorkType.PRACTICAL: "П",
    WorkType.TEST: "К",
    WorkType.PROJECT: "Пр",
}


#: How many works with marks of their own a lesson may have.
MOST_WORKS = 4


class MarkValue(models.IntegerChoices):
    """6.1: the two of a pass/fail course never enter a mean; «н/а» is not a mark of a lesson."""

    TWO = 2, "неудовлетворительно"
    THREE = 3, "удовлетворительно"
    FOUR = 4, "хорошо"
    FIVE = 5, "отлично"
    FAIL = 10, "незачёт"
    PASS = 11, "зачёт"


#: What may be given on each scale.
SCALE_VALUES = {
    Scale.FIVE: (MarkValue.TWO, MarkValue.THREE, MarkValue.FOUR, MarkValue.FIVE),
    Scale.PASS_FAIL: (MarkValue.PASS, MarkValue.FAIL),
}


class Term(models.TextChoices):
    """What a final mark is given for; which of them a group has is said by its policy (6.5)."""

    Q1 = "q1", "I четверть"
    Q2 = "q2", "II четверть"
    Q3 = "q3", "III четверть"
    Q4 = "q4", "IV четверть"
    H1 = "h1", "I полугодие"
    H2 = "h2", "II полугодие"
    YEAR = "year", "год"


class TermValue(models.IntegerChoices):
    """A final mark: as the marks of lessons, and «н/а», which is not a two (6.1, 6.6)."""

    NA = 0, "не аттестован"
    TWO = 2, "неудовлетворительно"
    THREE = 3, "удовлетворительно"
    FOUR = 4, "хорошо"
    FIVE = 5, "отлично"
    FAIL = 10, "незачёт"
    PASS = 11, "зачёт"


#: How a mark is written where not by its number.
MARK_TEXTS = {TermValue.NA.value: "н/а", MarkValue.FAIL.value: "нзч", MarkValue.PASS.value: "зач"}


class AttendanceCode(models.TextChoices):
    """6.2: a separate record, never a mark; no record and a confirmed lesson mean present."""

    ABSENT = "absent", "отсутствовал, причина не указана"
    ILL = "ill", "болезнь"
    EXCUSED = "excused", "уважительная причина"
    UNEXCUSED = "unexcused", "без уважительной причины"
    LATE = "late", "опоздание"
    EXEMPT = "exempt", "освобождён от заданий, присутствовал"
    REMOTE = "remote", "присутствовал дистанционно"


ATTENDANCE_LETTERS = {
    AttendanceCode.ABSENT: "Н",
    AttendanceCode.ILL: "Б",
    AttendanceCode.EXCUSED: "УП",
    AttendanceCode.UNEXCUSED: "НП",
    AttendanceCode.LATE: "ОП",
    AttendanceCode.EXEMPT: "ОСВ",
    AttendanceCode.REMOTE: "ДОТ",
}


#: Codes that count as an absence; who was late, exempt or there from afar was present.
ABSENCES = (AttendanceCode.ABSENT, AttendanceCode.ILL, AttendanceCode.EXCUSED, AttendanceCode.UNEXCUSED)


LATEST_MINUTES = 90
LONGEST_COMMENT = 200


class AbsenceReason(models.TextChoices):
    """Why a family says in advance that a child will be away."""

    ILLNESS = "illness", "болезнь"
    FAMILY = "family", "семейные обстоятельства"
    EVENT = "event", "соревнования, олимпиада, мероприятие"
    OTHER = "other", "другая причина"


#: What a home school may make of an absence whose reason nobody knew (6.2), in how many working days.
REFINED = (AttendanceCode.ILL, AttendanceCode.EXCUSED, AttendanceCode.UNEXCUSED)
REFINE_DAYS = 5


class TransferState(models.TextChoices):
    """3.9: from the seal to the answer of the home school; each version of a transfer goes this way by itself."""

    SEALED = "sealed", "запечатана, отправляется"
    DELIVERED = "delivered", "доставлена"
    DISPUTED = "disputed", "оспорена"
    REVIEWED = "reviewed", "возражения отклонены"
    ACKNOWLEDGED = "acknowledged", "получение подтверждено"
    CORRECTED = "corrected", "исправлена новой ведомостью"


TRANSFER_TRANSITIONS = {
    TransferState.SEALED: frozenset({TransferState.DELIVERED}),
    TransferState.DELIVERED: frozenset({TransferState.ACKNOWLEDGED, TransferState.DISPUTED, TransferState.CORRECTED}),
    TransferState.DISPUTED: frozenset({TransferState.REVIEWED, TransferState.CORRECTED}),
    TransferState.REVIEWED: frozenset({TransferState.ACKNOWLEDGED, TransferState.DISPUTED, TransferState.CORRECTED}),
    TransferState.ACKNOWLEDGED: frozenset({TransferState.CORRECTED}),
    TransferState.CORRECTED: frozenset(),
}

#: Transfers that still wait for the home school's word.
AWAITED = (TransferState.DELIVERED, TransferState.REVIEWED)


class DisputeState(models.TextChoices):
    """3.9: an objection to one line of a transfer."""

    OPEN = "open", "ждёт ответа"
    ACCEPTED = "accepted", "исправляется"
    CORRECTED = "corrected", "исправлено"
    REJECTED = "rejected", "отклонено"


DISPUTE_TRANSITIONS = {
    DisputeState.OPEN: frozenset({DisputeState.ACCEPTED, DisputeState.REJECTED}),
    DisputeState.ACCEPTED: frozenset({DisputeState.CORRECTED, DisputeState.OPEN}),
    DisputeState.CORRECTED: frozenset(),
    DisputeState.REJECTED: frozenset(),
}


class CorrectionState(models.TextChoices):
    """3.8: cells of a sealed month that are to be written once more."""

    REQUESTED = "requested", "ждёт решения"
    REFUSED = "refused", "отклонён"
    APPROVED = "approved", "записи открыты"
    DONE = "done", "исправлено ведомостью"
    CLOSED = "closed", "закрыт без изменений"


CORRECTION_TRANSITIONS = {
    CorrectionState.REQUESTED: frozenset({CorrectionState.APPROVED, CorrectionState.REFUSED}),
    CorrectionState.APPROVED: frozenset({CorrectionState.DONE, CorrectionState.CLOSED}),
    CorrectionState.REFUSED: frozenset(),
    CorrectionState.DONE: frozenset(),
    CorrectionState.CLOSED: frozenset(),
}


class PushState(models.TextChoices):
    WAITING = "waiting", "ожидает отправки"
    DELIVERED = "delivered", "доставлена"
    PARKED = "parked", "отправка остановлена"


PUSH_TRANSITIONS = {
    PushState.WAITING: frozenset({PushState.DELIVERED, PushState.PARKED}),
    PushState.PARKED: frozenset({PushState.WAITING}),
    PushState.DELIVERED: frozenset(),
}


class IntakeState(models.TextChoices):
    """What became of a package that another portal sent."""

    TAKEN = "taken", "принята"
    PARTIAL = "partial", "принята частично"
    REFUSED = "refused", "не принята"


INTAKE_TRANSITIONS = {
    IntakeState.TAKEN: frozenset(),
    IntakeState.PARTIAL: frozenset({IntakeState.TAKEN}),
    IntakeState.REFUSED: frozenset(),
}


class ReplyKind(models.TextChoices):
    """What a home school answers to a package of another portal; the value is the type of the message."""

    ACKNOWLEDGED = "transfer.acknowledged", "получение подтверждено"
    DISPUTED = "transfer.disputed", "оспорены строки"


class IntakeLineState(models.TextChoices):
    TAKEN = "taken", "принята"
    QUARANTINED = "quarantined", "в карантине"


INTAKE_LINE_TRANSITIONS = {
    IntakeLineState.TAKEN: frozenset(),
    IntakeLineState.QUARANTINED: frozenset({IntakeLineState.TAKEN}),
}


class CardState(models.TextChoices):
    """3.10: a report card from its calculation to the register of the home school; the last signature hands it over."""

    DRAFT = "draft", "черновик"
    COMPUTED = "computed", "рассчитан, подписывается"
    SENT = "sent", "подписан и передан"
    RECEIVED = "received", "получен"
    CARRIED = "carried", "перенесён в сводную ведомость"
    VERIFIED = "verified", "сверен"
    ANNULLED = "annulled", "аннулирован"


CARD_TRANSITIONS = {
    CardState.DRAFT: frozenset({CardState.COMPUTED}),
    CardState.COMPUTED: frozenset({CardState.DRAFT, CardState.SENT}),
    CardState.SENT: frozenset({CardState.RECEIVED, CardState.ANNULLED}),
    CardState.RECEIVED: frozenset({CardState.CARRIED, CardState.ANNULLED}),
    CardState.CARRIED: frozenset({CardState.VERIFIED, CardState.ANNULLED}),
    CardState.VERIFIED: frozenset({CardState.ANNULLED}),
    CardState.ANNULLED: frozenset(),
}

#: Cards that are not signed by all three yet: nobody outside the host sees them.
CARD_OPEN = (CardState.DRAFT, CardState.COMPUTED)
#: Cards whose marks count; those of the home school's register come from the last three.
CARD_IN_EFFECT = (CardState.SENT, CardState.RECEIVED, CardState.CARRIED, CardState.VERIFIED)
CARD_TAKEN = (CardState.RECEIVED, CardState.CARRIED, CardState.VERIFIED)


class CertificateState(models.TextChoices):
    """A certificate of learning from the host's deputy to the issue book; the director's signature registers it."""

    PREPARED = "prepared", "на подписи у директора"
    RETURNED = "returned", "возвращена без подписи"
    ISSUED = "issued", "зарегистрирована"
    REPLACED = "replaced", "взамен выдан дубликат"
    ANNULLED = "annulled", "аннулирована"


CERTIFICATE_TRANSITIONS = {
    CertificateState.PREPARED: frozenset({CertificateState.RETURNED, CertificateState.ISSUED}),
    CertificateState.RETURNED: frozenset({CertificateState.PREPARED}),
    CertificateState.ISSUED: frozenset({CertificateState.REPLACED, CertificateState.ANNULLED}),
    CertificateState.REPLACED: frozenset(),
    CertificateState.ANNULLED: frozenset(),
}

#: Certificates that nobody outside the host sees.
CERTIFICATE_OPEN = (CertificateState.PREPARED, CertificateState.RETURNED)


class CertificateResult(models.TextChoices):
    """What the certificate says of the study (T20)."""

    MASTERED = "mastered", "освоил программу"
    PART = "part", "освоил часть программы"
    ATTENDED = "attended", "обучался без завершения"


class Receipt(models.TextChoices):
    """How the issue book shows that the certificate was received."""

    BOOK = "book", "подпись в книге выдачи"
    ACCOUNT = "account", "отметка в личном кабинете"


class Verb(models.TextChoices):
    LESSONS_PLANNED = "lessons.planned", "Занятия разложены по расписанию"
    LESSON_FILLED = "lesson.filled", "Занятие заполнено"
    LESSON_CANCELLED = "lesson.cancelled", "Занятие отменено"
    LESSON_RESTORED = "lesson.restored", "Занятие возвращено в план"
    LESSON_ADDED = "lesson.added", "Добавлено занятие"
    LESSON_MOVED = "lesson.moved", "Занятие перенесено"
    LESSON_SUBSTITUTED = "lesson.substituted", "Учитель занятия заменён"
    LESSON_REMOTE = "lesson.remote", "Занятие проводится дистанционно"
    LESSON_ON_SITE = "lesson.on_site", "Занятие проводится очно"
    HOMEWORK_FILE_ADDED = "homework.file_added", "К домашнему заданию приложен файл"
    HOMEWORK_FILE_REMOVED = "homework.file_removed", "Файл домашнего задания убран"
    ESCORT_SET = "escort.set", "Назначен сопровождающий"
    ATTENDANCE_REFINED = "attendance.refined", "Причина отсутствия уточнена"
    ABSENCE_TOLD = "absence.told", "Семья сообщила об отсутствии"
    ABSENCE_WITHDRAWN = "absence.withdrawn", "Сообщение об отсутствии отозвано"
    MESSAGE_SENT = "message.sent", "Отправлено сообщение о группе"
    ATTENDANCE_CONFIRMED = "lesson.attendance_confirmed", "Посещаемость отмечена"
    MARK_SET = "mark.set", "Отметка выставлена"
    MARK_CHANGED = "mark.changed", "Отметка исправлена"
    MARK_REMOVED = "mark.removed", "Отметка удалена"
    SCHOOL_TEST_ADDED = "school_test.added", "Проверочная работа класса внесена в график"
    SCHOOL_TEST_REMOVED = "school_test.removed", "Проверочная работа класса снята с графика"
    TERM_MARK_SET = "term_mark.set", "Отметка за период выставлена"
    TERM_MARK_CHANGED = "term_mark.changed", "Отметка за период исправлена"
    ATTENDANCE_SET = "attendance.set", "Посещаемость обучающегося отмечена"
    ATTENDANCE_REMOVED = "attendance.removed", "Отметка об отсутствии удалена"
    COMMENT_SET = "comment.set", "Комментарий в журнале записан"
    COMMENT_REMOVED = "comment.removed", "Комментарий в журнале удалён"
    TRANSFER_SEALED = "transfer.sealed", "Ведомость запечатана"
    TRANSFER_DELIVERED = "transfer.delivered", "Ведомость доставлена"
    TRANSFER_ACKNOWLEDGED = "transfer.acknowledged", "Получение ведомости подтверждено"
    TRANSFER_CORRECTED = "transfer.corrected", "Ведомость исправлена новой"
    TRANSFER_ACKNOWLEDGED_THERE = "transfer.acknowledged_there", "Получение подтверждено порталом школы обучающихся"
    DISPUTE_RAISED = "dispute.raised", "Строка ведомости оспорена"
    DISPUTE_RAISED_THERE = "dispute.raised_there", "Строка ведомости оспорена порталом школы обучающихся"
    DISPUTE_ANSWER_STOPPED = "dispute.answer_stopped", "Ответ на возражение не принят порталом школы обучающихся"
    DISPUTE_ACCEPTED = "dispute.accepted", "Возражение принято: запись исправляется"
    DISPUTE_REJECTED = "dispute.rejected", "Возражение отклонено"
    CORRECTION_REQUESTED = "correction.requested", "Запрошено исправление запечатанной записи"
    CORRECTION_APPROVED = "correction.approved", "Запечатанные записи открыты для исправления"
    CORRECTION_REFUSED = "correction.refused", "Исправление запечатанной записи отклонено"
    CORRECTION_CLOSED = "correction.closed", "Исправление закрыто без изменений"
    PUSH_DELIVERED = "push.delivered", "Ведомость принята внешней системой"
    PUSH_PARKED = "push.parked", "Отправка ведомости во внешнюю систему остановлена"
    PUSH_RETRIED = "push.retried", "Отправка ведомости во внешнюю систему возобновлена"
    ENDPOINT_SET = "endpoint.set", "Адрес внешней системы указан"
    ENDPOINT_ROTATED = "endpoint.rotated", "Ключ подписи внешней системы заменён"
    MAIL_SET = "transfer.mail_set", "Почта для ведомостей указана"
    MAIL_REMOVED = "transfer.mail_removed", "Почта для ведомостей удалена"
    API_KEY_ISSUED = "api_key.issued", "Ключ доступа внешней системы выдан"
    API_KEY_REVOKED = "api_key.revoked", "Ключ доступа внешней системы отозван"
    INTAKE_TAKEN = "intake.taken", "Ведомость принята от другого портала"
    INTAKE_REFUSED = "intake.refused", "Ведомость другого портала не принята"
    INTAKE_ACKNOWLEDGED = "intake.acknowledged", "Получение ведомости другого портала подтверждено"
    INTAKE_DISPUTED = "intake.disputed", "Строки ведомости другого портала оспорены"
    INTAKE_ANSWERED = "intake.answered", "Портал принимающей школы отклонил возражение"
    REPLY_DELIVERED = "reply.delivered", "Ответ на ведомость принят порталом принимающей школы"
    REPLY_PARKED = "reply.parked", "Ответ на ведомость не принят порталом принимающей школы"
    REPLY_RETRIED = "reply.retried", "Ответ на ведомость отправлен ещё раз"
    INTAKE_MATCHED = "intake.matched", "Строка ведомости сопоставлена с обучающимся"
    ENDPOINT_REMOVED = "endpoint.removed", "Адрес внешней системы удалён"
    CARD_COMPUTED = "card.computed", "Табель рассчитан"
    CARD_SIGNED = "card.signed", "Табель подписан"
    CARD_RETURNED = "card.returned", "Табель возвращён без подписи"
    CARD_SENT = "card.sent", "Табель зарегистрирован и передан"
    CARD_RECEIVED = "card.received", "Табель получен"
    CARD_VERIFIED = "card.verified", "Сводная ведомость сверена с табелем"
    CARD_ANNULLED = "card.annulled", "Табель аннулирован"
    REGISTER_CARRIED = "register.carried", "Отметки табеля перенесены в сводную ведомость"
    REGISTER_CLEARED = "register.cleared", "Отметка аннулированного табеля убрана из сводной ведомости"
    CERTIFICATE_PREPARED = "certificate.prepared", "Справка об обучении подготовлена"
    CERTIFICATE_RETURNED = "certificate.returned", "Справка об обучении возвращена без подписи"
    CERTIFICATE_ISSUED = "certificate.issued", "Справка об обучении подписана и зарегистрирована"
    CERTIFICATE_HANDED = "certificate.handed", "Справка об обучении выдана на руки"
    CERTIFICATE_RECEIVED = "certificate.received", "Получение справки об обучении подтверждено"
    CERTIFICATE_ANNULLED = "certificate.annulled", "Справка об обучении аннулирована"
    REGISTER_DECIDED = "register.decided", "Решение педагогического совета внесено в сводную ведомость"
