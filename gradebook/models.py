"""The shared journal and the monthly transfers made from it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, ClassVar

import pghistory
import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import Q

from courses.models import StudyGroup
from enrollment.models import Enrolment
from gradebook.enums import (
    LESSON_TRANSITIONS,
    PUSH_TRANSITIONS,
    TRANSFER_TRANSITIONS,
    AttendanceCode,
    LessonState,
    MarkValue,
    PushState,
    TransferState,
    WorkType,
)
from network_portal.common.models import choices_check
from network_portal.documents.models import Document
from schools.enums import Role
from schools.models import SCHOOL_STAFF, Organisation

if TYPE_CHECKING:
    from schools.acting import Acting

#: Names that the triggers give to their refusals; `gradebook.services` tells people by them what is wrong.
SEALED_MONTH = "gradebook_month_sealed"
FOREIGN_ENROLMENT = "gradebook_enrolment_of_the_group"
#: What may still change in a sealed transfer, as an array of PostgreSQL.
CHANGEABLE = "{state,delivered_at,acknowledged_at,acknowledged_by_id}"

# A seal takes FOR UPDATE on the group's row, a write FOR KEY SHARE: the write is either inside the paper or refused.
_REFUSE_SEALED = f"""
    PERFORM FROM courses_studygroup WHERE id = place.group_id FOR KEY SHARE;
    SELECT document.number, document.registered_on INTO paper
    FROM gradebook_monthlytransfer transfer JOIN documents_document document ON document.id = transfer.document_id
    WHERE transfer.group_id = place.group_id AND transfer.home_id = COALESCE(place.home_id, transfer.home_id)
        AND transfer.year = EXTRACT(YEAR FROM place.date) AND transfer.month = EXTRACT(MONTH FROM place.date)
    LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'Месяц закрыт ведомостью № % от %. Изменить записи этого месяца нельзя.',
            paper.number, to_char(paper.registered_on, 'DD.MM.YYYY')
            USING ERRCODE = 'check_violation', CONSTRAINT = '{SEALED_MONTH}';
    END IF;
"""


def sealed_rows() -> pgtrigger.Trigger:
    """Return the trigger of marks and attendance: the pupil is of the lesson's group, the month is not sealed."""
    return pgtrigger.Trigger(
        name="sealed_month",
        when=pgtrigger.Before,
        operation=pgtrigger.Insert | pgtrigger.Update | pgtrigger.Delete,
        declare=[("place", "RECORD"), ("paper", "RECORD")],
        func=f"""
        FOR place IN
            SELECT lesson.group_id, lesson.date, enrolment.home_id, enrolment.group_id AS enrolled_in
            FROM gradebook_lesson lesson, enrollment_enrolment enrolment
            WHERE (lesson.id = OLD.lesson_id AND enrolment.id = OLD.enrolment_id)
                OR (lesson.id = NEW.lesson_id AND enrolment.id = NEW.enrolment_id)
        LOOP
            IF place.group_id <> place.enrolled_in THEN
                RAISE EXCEPTION 'Обучающийся не из этой группы.'
                    USING ERRCODE = 'check_violation', CONSTRAINT = '{FOREIGN_ENROLMENT}';
            END IF;
            {_REFUSE_SEALED}
        END LOOP;
        RETURN COALESCE(NEW, OLD);
        """,
    )


def sealed_lessons() -> pgtrigger.Trigger:
    """Return the trigger of lessons: a month sealed for any home school is closed."""
    return pgtrigger.Trigger(
        name="sealed_month",
        when=pgtrigger.Before,
        operation=pgtrigger.Insert | pgtrigger.Update | pgtrigger.Delete,
        declare=[("place", "RECORD"), ("paper", "RECORD")],
        func=f"""
        FOR place IN
            SELECT DISTINCT day.group_id, day.date, NULL::bigint AS home_id
            FROM (VALUES (OLD.group_id, OLD.date), (NEW.group_id, NEW.date)) AS day (group_id, date)
            WHERE day.group_id IS NOT NULL
        LOOP
            {_REFUSE_SEALED}
        END LOOP;
        RETURN COALESCE(NEW, OLD);
        """,
    )


def history(model_name: str) -> Callable[[type[models.Model]], type[models.Model]]:
    """Return the decorator that keeps every value of a row by triggers, bulk writes and raw SQL included (3.8).

    The events are named "insert", "update" and "delete"; `pgh_context` has the id of the person.
    """
    return pghistory.track(
        pghistory.InsertEvent(),
        pghistory.UpdateEvent(),
        pghistory.DeleteEvent(),
        model_name=model_name,
        context_field=pghistory.ContextJSONField(),
        context_id_field=None,  # type: ignore[arg-type]  # documented: no id beside a context in the row
        append_only=True,
    )


class Lesson(models.Model):
    """One lesson of a group, laid out from its weekly slots (3.8)."""

    TRANSITIONS: ClassVar = LESSON_TRANSITIONS

    group = models.ForeignKey(StudyGroup, models.PROTECT, related_name="lessons", verbose_name="группа")
    date = models.DateField("дата")
    starts = models.TimeField("начало")
    ends = models.TimeField("окончание")
    room = models.CharField("кабинет или ссылка", max_length=100)
    topic = models.CharField("тема", max_length=300, blank=True)
    homework = models.CharField("домашнее задание", max_length=500, blank=True)
    work_type = models.CharField("вид работы", max_length=20, choices=WorkType, default=WorkType.ANSWER)
    state = models.CharField("состояние", max_length=20, choices=LessonState, default=LessonState.PLANNED)
    cancel_reason = models.CharField("причина отмены", max_length=300, blank=True)
    attendance_confirmed_at = models.DateTimeField("посещаемость отмечена", null=True)

    class Meta:
        verbose_name = "занятие"
        verbose_name_plural = "занятия"
        ordering = ["date", "starts"]
        constraints = [
            choices_check("state", LessonState, name="gradebook_lesson_state"),
            choices_check("work_type", WorkType, name="gradebook_lesson_work_type"),
            models.UniqueConstraint(fields=["group", "date", "starts"], name="gradebook_lesson_once"),
            models.CheckConstraint(
                condition=~Q(state=LessonState.CANCELLED) | ~Q(cancel_reason=""),
                name="gradebook_lesson_cancel_reason",
                violation_error_message="Укажите причину отмены.",
            ),
        ]
        triggers = [sealed_lessons(), pgtrigger.ReadOnly(name="group_is_final", fields=["group"])]

    def __str__(self) -> str:
        return f"{self.group}, {self.date:%d.%m.%Y}"


@history("MarkEvent")
class Mark(models.Model):
    """A mark of a pupil for the work of a lesson."""

    lesson = models.ForeignKey(Lesson, models.PROTECT, related_name="marks", verbose_name="занятие")
    enrolment = models.ForeignKey(Enrolment, models.PROTECT, related_name="marks", verbose_name="обучающийся")
    value = models.PositiveSmallIntegerField("отметка", choices=MarkValue)

    class Meta:
        verbose_name = "отметка"
        verbose_name_plural = "отметки"
        constraints = [
            models.UniqueConstraint(fields=["lesson", "enrolment"], name="gradebook_mark_once"),
            models.CheckConstraint(
                condition=Q(value__in=MarkValue.values),
                name="gradebook_mark_value",
                violation_error_message="Отметка: от 2 до 5.",
            ),
        ]
        triggers = [sealed_rows()]

    def __str__(self) -> str:
        return str(self.value)


@history("AttendanceEvent")
class Attendance(models.Model):
    """Why a pupil was not at a lesson, or was late; no row means present once the lesson's roll call is confirmed."""

    lesson = models.ForeignKey(Lesson, models.PROTECT, related_name="attendance", verbose_name="занятие")
    enrolment = models.ForeignKey(Enrolment, models.PROTECT, related_name="attendance", verbose_name="обучающийся")
    code = models.CharField("посещаемость", max_length=20, choices=AttendanceCode)

    class Meta:
        verbose_name = "посещаемость"
        verbose_name_plural = "посещаемость"
        constraints = [
            models.UniqueConstraint(fields=["lesson", "enrolment"], name="gradebook_attendance_once"),
            choices_check("code", AttendanceCode, name="gradebook_attendance_code"),
        ]
        triggers = [sealed_rows()]

    def __str__(self) -> str:
        return str(self.get_code_display())


class MonthlyTransferQuerySet(models.QuerySet["MonthlyTransfer"]):
    def visible_to(self, acting: Acting) -> MonthlyTransferQuerySet:
        """The host's staff and the teacher; the home's staff, curator and class teacher once it came (2.4)."""
        own = Q(host=acting.organisation_id)
        received = Q(home=acting.organisation_id) & ~Q(state=TransferState.SEALED)
        if acting.is_(*SCHOOL_STAFF):
            return self.filter(own | received)
        if acting.is_(Role.CURATOR):
            return self.filter(received)
        if acting.is_(Role.CLASS_TEACHER):
            own_class = Enrolment.objects.visible_to(acting)
            return self.filter(received, group__in=own_class.values("group"))
        if acting.is_(Role.NETWORK_TEACHER):
            return self.filter(own, group__teacher__user=acting.user_id)
        return self.none()


class MonthlyTransfer(models.Model):
    """What the host recorded of one home school's pupils in one group in one month, sealed (S1-4.9, 4.11, T16).

    `payload` is the canonical JSON that `sha256` is of; the rows of the month are locked by triggers from the seal on.
    """

    TRANSITIONS: ClassVar = TRANSFER_TRANSITIONS

    host = models.ForeignKey(Organisation, models.PROTECT, related_name="+", verbose_name="принимающая школа")
    home = models.ForeignKey(Organisation, models.PROTECT, related_name="+", verbose_name="школа обучающихся")
    group = models.ForeignKey(StudyGroup, models.PROTECT, related_name="transfers", verbose_name="группа")
    year = models.PositiveSmallIntegerField("год")
    month = models.PositiveSmallIntegerField("месяц")
    state = models.CharField("состояние", max_length=20, choices=TransferState, default=TransferState.SEALED)
    payload = models.TextField("содержание")
    sha256 = models.CharField("контрольная сумма", max_length=64)
    document = models.OneToOneField(Document, models.PROTECT, related_name="+", verbose_name="документ")
    sealed_at = models.DateTimeField("запечатана")
    sealed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name="кто запечатал"
    )
    delivered_at = models.DateTimeField("доставлена", null=True)
    acknowledged_at = models.DateTimeField("подтверждена", null=True)
    acknowledged_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name="кто подтвердил"
    )

    objects = MonthlyTransferQuerySet.as_manager()

    class Meta:
        verbose_name = "ведомость передачи"
        verbose_name_plural = "ведомости передачи"
        ordering = ["-year", "-month", "group", "home"]
        constraints = [
            choices_check("state", TransferState, name="gradebook_transfer_state"),
            models.UniqueConstraint(
                fields=["group", "home", "year", "month"],
                name="gradebook_transfer_once",
                violation_error_message="Ведомость за этот месяц уже запечатана.",
            ),
            models.CheckConstraint(condition=Q(month__gte=1, month__lte=12), name="gradebook_transfer_month"),
        ]
        triggers = [
            pgtrigger.Protect(
                name="content_is_final",
                operation=pgtrigger.Update,
                condition=pgtrigger.Condition(
                    f"to_jsonb(OLD) - '{CHANGEABLE}'::text[] IS DISTINCT FROM to_jsonb(NEW) - '{CHANGEABLE}'::text[]"
                ),
            ),
            pgtrigger.Protect(name="is_kept", operation=pgtrigger.Delete),
        ]

    def __str__(self) -> str:
        return f"{self.host} → {self.home}, {self.month:02}.{self.year}"


class PushEndpoint(models.Model):
    """Where a home school's own system takes transfers by signed HTTP push (Standard Webhooks)."""

    organisation = models.OneToOneField(
        Organisation, models.CASCADE, related_name="push_endpoint", verbose_name="школа"
    )
    url = models.URLField("адрес", max_length=500)
    secret = models.TextField("ключ подписи, зашифрованный")

    class Meta:
        verbose_name = "адрес внешней системы"
        verbose_name_plural = "адреса внешних систем"

    def __str__(self) -> str:
        return self.url


class TransferPush(models.Model):
    """One transfer on its way to the home school's own system."""

    TRANSITIONS: ClassVar = PUSH_TRANSITIONS

    transfer = models.OneToOneField(MonthlyTransfer, models.PROTECT, related_name="push", verbose_name="ведомость")
    state = models.CharField("состояние", max_length=20, choices=PushState, default=PushState.WAITING)
    reason = models.CharField("причина остановки", max_length=500, blank=True)
    delivered_at = models.DateTimeField("доставлена", null=True)

    class Meta:
        verbose_name = "отправка во внешнюю систему"
        verbose_name_plural = "отправки во внешние системы"
        constraints = [choices_check("state", PushState, name="gradebook_push_state")]

    def __str__(self) -> str:
        return str(self.get_state_display())
