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


ATTENDANCE_LETTERS = {
    AttendanceCode.ABSENT: "Н",
    AttendanceCode.ILL: "Б",
    AttendanceCode.EXCUSED: "УП",
    AttendanceCode.UNEXCUSED: "НП",
    AttendanceCode.LATE: "ОП",
}


#: Codes that count as an absence; a late pupil was present.
ABSENCES = (AttendanceCode.ABSENT, AttendanceCode.ILL, AttendanceCode.EXCUSED, AttendanceCode.UNEXCUSED)


LATEST_MINUTES = 90


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
    TERM_MARK_SET = "term_mark.set", "Отметка за период выставлена"
    TERM_MARK_CHANGED = "term_mark.changed", "Отметка за период исправлена"
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
