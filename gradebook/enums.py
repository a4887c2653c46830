"""Choices and states of lessons, marks, attendance and monthly transfers."""

from __future__ import annotations

from django.db import models


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


class WorkType(models.TextChoices):
    """What the marks of a lesson are given for; the weight of each is in `WORK_WEIGHTS` (6.3)."""

    ANSWER = "answer", "ответ"
    HOMEWORK = "homework", "домашняя работа"
    INDEPENDENT = "independent", "самостоятельная работа"
    TEST = "test", "контрольная работа"


#: How a kind of work is shown in the head of a column of the grid.
WORK_LETTERS = {WorkType.ANSWER: "О", WorkType.HOMEWORK: "Д", WorkType.INDEPENDENT: "С", WorkType.TEST: "К"}

WORK_WEIGHTS = {WorkType.ANSWER: 1, WorkType.HOMEWORK: 1, WorkType.INDEPENDENT: 2, WorkType.TEST: 3}


class MarkValue(models.IntegerChoices):
    """6.1."""

    TWO = 2, "неудовлетворительно"
    THREE = 3, "удовлетворительно"
    FOUR = 4, "хорошо"
    FIVE = 5, "отлично"


class AttendanceCode(models.TextChoices):
    """6.2: a separate record, never a mark; no record and a confirmed lesson mean present."""

    ABSENT = "absent", "отсутствовал, причина не указана"
    ILL = "ill", "болезнь"
    EXCUSED = "excused", "уважительная причина"
    UNEXCUSED = "unexcused", "без уважительной причины"
    LATE = "late", "опоздание"


ATTENDANCE_LETTERS = {
    AttendanceCode.ABSENT: "Н",
    AttendanceCode.ILL: "Б",
    AttendanceCode.EXCUSED: "УП",
    AttendanceCode.UNEXCUSED: "НП",
    AttendanceCode.LATE: "ОП",
}


#: Codes that count as an absence; a late pupil was present.
ABSENCES = (AttendanceCode.ABSENT, AttendanceCode.ILL, AttendanceCode.EXCUSED, AttendanceCode.UNEXCUSED)


class TransferState(models.TextChoices):
    """3.9: the part from the seal to the receipt."""

    SEALED = "sealed", "запечатана, отправляется"
    DELIVERED = "delivered", "доставлена"
    ACKNOWLEDGED = "acknowledged", "получение подтверждено"


TRANSFER_TRANSITIONS = {
    TransferState.SEALED: frozenset({TransferState.DELIVERED}),
    TransferState.DELIVERED: frozenset({TransferState.ACKNOWLEDGED}),
    TransferState.ACKNOWLEDGED: frozenset(),
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


class Verb(models.TextChoices):
    LESSONS_PLANNED = "lessons.planned", "Занятия разложены по расписанию"
    LESSON_FILLED = "lesson.filled", "Занятие заполнено"
    LESSON_CANCELLED = "lesson.cancelled", "Занятие отменено"
    LESSON_RESTORED = "lesson.restored", "Занятие возвращено в план"
    ATTENDANCE_CONFIRMED = "lesson.attendance_confirmed", "Посещаемость отмечена"
    MARK_SET = "mark.set", "Отметка выставлена"
    MARK_CHANGED = "mark.changed", "Отметка исправлена"
    MARK_REMOVED = "mark.removed", "Отметка удалена"
    ATTENDANCE_SET = "attendance.set", "Посещаемость обучающегося отмечена"
    ATTENDANCE_REMOVED = "attendance.removed", "Отметка об отсутствии удалена"
    TRANSFER_SEALED = "transfer.sealed", "Ведомость запечатана"
    TRANSFER_DELIVERED = "transfer.delivered", "Ведомость доставлена"
    TRANSFER_ACKNOWLEDGED = "transfer.acknowledged", "Получение ведомости подтверждено"
    PUSH_DELIVERED = "push.delivered", "Ведомость принята внешней системой"
    PUSH_PARKED = "push.parked", "Отправка ведомости во внешнюю систему остановлена"
    PUSH_RETRIED = "push.retried", "Отправка ведомости во внешнюю систему возобновлена"
    ENDPOINT_SET = "endpoint.set", "Адрес внешней системы указан"
    ENDPOINT_ROTATED = "endpoint.rotated", "Ключ подписи внешней системы заменён"
    ENDPOINT_REMOVED = "endpoint.removed", "Адрес внешней системы удалён"
