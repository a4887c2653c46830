"""A pupil's study in a group as each school keeps it, and the family's wish to leave."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import Q

from courses.models import NetworkCourse, StudyGroup
from enrollment.enums import (
    ENROLMENT_TRANSITIONS,
    HOME_TRANSITIONS,
    LEAVE_TRANSITIONS,
    SEAT_HOLDING,
    EnrolmentState,
    ExitRecord,
    HomeState,
    LeaveState,
    Review,
)
from enrollment.models.orders import Order
from enrollment.models.requests import SchoolRequestLine
from network_portal.common.models import choices_check
from network_portal.documents.models import Document
from schools.enums import Role
from schools.models import FAMILY_READERS, SCHOOL_STAFF, Organisation, Student

if TYPE_CHECKING:
    from schools.acting import Acting

#: Names that the triggers of enrolments give to their refusals.
FITS_ITS_LINE = "enrollment_enrolment_fits"
SEALED_MONTH = "gradebook_month_sealed"


def fits_its_line() -> pgtrigger.Trigger:
    """Return the trigger that keeps a place together: pupil, home, course, group, line and order agree (I-1, 2.3).

    Everything that a school may see of other schools' pupils hangs on these rows.
    """
    return pgtrigger.Trigger(
        name="fits_its_line",
        when=pgtrigger.Before,
        operation=pgtrigger.Insert | pgtrigger.Update,
        func=f"""
        IF NOT EXISTS (
            SELECT FROM enrollment_schoolrequestline line
            JOIN enrollment_schoolrequest request ON request.id = line.request_id
            JOIN enrollment_application application ON application.id = line.application_id
            JOIN courses_studygroup study ON study.id = NEW.group_id
            JOIN schools_student pupil ON pupil.id = NEW.student_id
            LEFT JOIN enrollment_order paper ON paper.id = NEW.order_id
            WHERE line.id = NEW.line_id
                AND line.course_id = NEW.course_id AND study.course_id = NEW.course_id
                AND request.home_id = NEW.home_id AND application.student_id = NEW.student_id
                AND (TG_OP = 'UPDATE' OR pupil.home_school_id = NEW.home_id)
                AND (NEW.order_id IS NULL OR (paper.request_id = request.id AND paper.group_id = NEW.group_id))
        ) THEN
            RAISE EXCEPTION 'Обучающийся, школа, курс, группа и приказ не соответствуют строке заявки. '
                'Обновите страницу и проверьте, не изменились ли они.'
                USING ERRCODE = 'check_violation', CONSTRAINT = '{FITS_ITS_LINE}';
        END IF;
        RETURN NEW;
        """,
    )


def sealed_membership() -> pgtrigger.Trigger:
    """Return the trigger that keeps a sealed month's list of pupils and of the lessons they studied at (3.9).

    The tables of the transfers lie above this app; the database looks them up by name when the trigger runs.
    """

    def studied(row: str, first: str, last: str) -> str:
        return (
            f"COALESCE({row}.state IN ('enrolled', 'completed', 'left') AND {row}.date_from <= {last} "
            f"AND ({row}.date_to IS NULL OR {row}.date_to >= {first}), FALSE)"
        )

    def differs(first: str, last: str) -> str:
        return f"{studied('OLD', first, last)} <> {studied('NEW', first, last)}"

    return pgtrigger.Trigger(
        name="sealed_membership",
        when=pgtrigger.Before,
        operation=pgtrigger.Insert | pgtrigger.Update | pgtrigger.Delete,
        declare=[("paper", "RECORD")],
        func=f"""
        PERFORM FROM courses_studygroup WHERE id = COALESCE(NEW.group_id, OLD.group_id) FOR KEY SHARE;
        SELECT document.number, document.registered_on INTO paper
        FROM gradebook_monthlytransfer transfer
        JOIN documents_document document ON document.id = transfer.document_id
        CROSS JOIN LATERAL (
            SELECT make_date(transfer.year, transfer.month, 1) AS first,
                (make_date(transfer.year, transfer.month, 1) + interval '1 month - 1 day')::date AS last
        ) days
        WHERE transfer.group_id = COALESCE(NEW.group_id, OLD.group_id)
            AND transfer.home_id = COALESCE(NEW.home_id, OLD.home_id)
            AND (
                {differs("days.first", "days.last")}
                OR EXISTS (
                    SELECT FROM gradebook_lesson lesson
                    WHERE lesson.group_id = transfer.group_id AND lesson.date BETWEEN days.first AND days.last
                        AND {differs("lesson.date", "lesson.date")}
                )
            )
        LIMIT 1;
        IF FOUND THEN
            RAISE EXCEPTION 'Месяц закрыт ведомостью № % от %. Изменить состав обучающихся этого месяца нельзя.',
                paper.number, to_char(paper.registered_on, 'DD.MM.YYYY')
                USING ERRCODE = 'check_violation', CONSTRAINT = '{SEALED_MONTH}';
        END IF;
        RETURN COALESCE(NEW, OLD);
        """,
    )


class EnrolmentQuerySet(models.QuerySet["Enrolment"]):
    def visible_to(self, acting: Acting) -> EnrolmentQuerySet:
        """Both schools see the enrolment, a teacher the own groups, a family the own child (2.3 (1), (2))."""
        if acting.is_(*FAMILY_READERS):
            return self.filter(student__in=Student.objects.own_of(acting))
        if acting.is_(*SCHOOL_STAFF):
            return self.filter(
                Q(home=acting.organisation_id) | Q(group__course__programme__host=acting.organisation_id)
            )
        if acting.is_(Role.CURATOR):
            return self.filter(home=acting.organisation_id)
        if acting.is_(Role.NETWORK_TEACHER):
            return self.filter(
                group__teacher__user=acting.user_id, group__course__programme__host=acting.organisation_id
            )
        if acting.is_(Role.CLASS_TEACHER):
            return self.filter(home=acting.organisation_id, student__school_class__class_teacher=acting.duty)
        return self.none()

    def holding_seats(self) -> EnrolmentQuerySet:
        """Enrolments that count against the group's capacity (I-3)."""
        return self.filter(state__in=SEAT_HOLDING)

    def studied_on(self, day: object) -> EnrolmentQuerySet:
        """Enrolments that make the pupil a member of the group on the date `day`."""
        return self.filter(
            Q(date_to__isnull=True) | Q(date_to__gte=day),
            state__in=[EnrolmentState.ENROLLED, EnrolmentState.COMPLETED, EnrolmentState.LEFT],
            date_from__lte=day,
        )


class Enrolment(models.Model):
    """A pupil's place in a group of the host; the pupil stays in the home school (S0-4p, I-1…I-4)."""

    TRANSITIONS: ClassVar = ENROLMENT_TRANSITIONS

    student = models.ForeignKey(Student, models.PROTECT, related_name="enrolments", verbose_name="обучающийся")
    home = models.ForeignKey(Organisation, models.PROTECT, related_name="+", verbose_name="школа обучающегося")
    group = models.ForeignKey(StudyGroup, models.PROTECT, related_name="enrolments", verbose_name="группа")
    course = models.ForeignKey(NetworkCourse, models.PROTECT, related_name="+", verbose_name="курс")
    line = models.OneToOneField(
        SchoolRequestLine, models.PROTECT, related_name="enrolment", verbose_name="строка заявки"
    )
    order = models.ForeignKey(
        Order, models.PROTECT, null=True, related_name="enrolments", verbose_name="приказ о зачислении"
    )
    date_from = models.DateField("с", null=True)
    date_to = models.DateField("по", null=True)
    state = models.CharField(
        "состояние в принимающей школе", max_length=20, choices=EnrolmentState, default=EnrolmentState.BOOKED
    )
    state_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name="кто изменил"
    )
    state_at = models.DateTimeField("когда изменено", null=True)
    home_state = models.CharField(
        "состояние в школе обучающегося", max_length=20, choices=HomeState, default=HomeState.PROPOSED
    )
    home_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name="кто изменил в школе"
    )
    home_at = models.DateTimeField("когда изменено в школе", null=True)
    exit_record = models.CharField("как учтено выбытие", max_length=20, choices=ExitRecord, blank=True)
    review = models.CharField("почему требует решения", max_length=20, choices=Review, blank=True)
    review_due = models.DateField("решить до", null=True)

    objects = EnrolmentQuerySet.as_manager()

    class Meta:
        verbose_name = "зачисление"
        verbose_name_plural = "зачисления"
        ordering = ["student__sort_key", "pk"]
        constraints = [
            choices_check("state", EnrolmentState, name="enrollment_enrolment_state"),
            choices_check("home_state", HomeState, name="enrollment_enrolment_home_state"),
            models.CheckConstraint(
                condition=Q(review="") | Q(review_due__isnull=False), name="enrollment_enrolment_review_has_term"
            ),
            models.UniqueConstraint(
                fields=["student", "course"],
                condition=Q(state__in=SEAT_HOLDING),
                name="enrollment_one_active_per_course",
                violation_error_message="Обучающийся уже занимает место на этом курсе.",
            ),
            models.CheckConstraint(
                condition=Q(state__in=[EnrolmentState.BOOKED, EnrolmentState.CANCELLED])
                | Q(order__isnull=False, date_from__isnull=False),
                name="enrollment_enrolled_by_order",
            ),
        ]
        triggers = [
            fits_its_line(),
            sealed_membership(),
            pgtrigger.ReadOnly(name="place_is_final", fields=["student", "home", "group", "course", "line"]),
        ]

    def __str__(self) -> str:
        return f"{self.student}: {self.group}"


class LeaveApplicationQuerySet(models.QuerySet["LeaveApplication"]):
    def visible_to(self, acting: Acting) -> LeaveApplicationQuerySet:
        """The child's guardians; the pupil and the home school's staff once it was submitted."""
        if acting.is_(Role.PARENT):
            return self.filter(enrolment__student__in=Student.objects.own_of(acting))
        submitted = self.exclude(state=LeaveState.DRAFT)
        if acting.is_(Role.PUPIL):
            return submitted.filter(enrolment__student__in=Student.objects.own_of(acting))
        if acting.is_(*SCHOOL_STAFF, Role.CURATOR):
            return submitted.filter(enrolment__home=acting.organisation_id)
        return self.none()


class LeaveApplication(models.Model):
    """A family's application that the pupil leave the group; only the home school executes it (S1, 3.3)."""

    TRANSITIONS: ClassVar = LEAVE_TRANSITIONS

    enrolment = models.ForeignKey(Enrolment, models.PROTECT, related_name="leaves", verbose_name="зачисление")
    guardian = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name="заявитель"
    )
    last_day = models.DateField("последний день занятий")
    reason = models.CharField("причина", max_length=300, blank=True)
    state = models.CharField("состояние", max_length=20, choices=LeaveState, default=LeaveState.DRAFT)
    document = models.OneToOneField(Document, models.PROTECT, null=True, related_name="+", verbose_name="документ")
    created_at = models.DateTimeField("начато")
    registered_at = models.DateTimeField("подано", null=True)

    objects = LeaveApplicationQuerySet.as_manager()

    class Meta:
        verbose_name = "заявление об отчислении из группы"
        verbose_name_plural = "заявления об отчислении из группы"
        ordering = ["-created_at", "-pk"]
        constraints = [
            choices_check("state", LeaveState, name="enrollment_leave_state"),
            models.UniqueConstraint(
                fields=["enrolment"],
                condition=Q(state__in=[LeaveState.DRAFT, LeaveState.REGISTERED]),
                name="enrollment_leave_one_open",
                violation_error_message="Такое заявление уже есть.",
            ),
            models.CheckConstraint(
                condition=~Q(state=LeaveState.REGISTERED) | Q(registered_at__isnull=False),
                name="enrollment_leave_registered",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.enrolment}: {self.get_state_display()}"


class HomeSide:
    """The home school's state of an enrolment as the one door through which states change sees it."""

    TRANSITIONS: ClassVar = HOME_TRANSITIONS

    def __init__(self, enrolment: Enrolment) -> None:
        self.enrolment = enrolment

    @property
    def state(self) -> str:
        return self.enrolment.home_state

    @state.setter
    def state(self, value: str) -> None:
        self.enrolment.home_state = value

    def get_state_display(self) -> str:
        return str(HomeState(self.state).label)

    def save(self, *, update_fields: list[str]) -> None:
        others = update_fields[1:]
        for name in others:
            setattr(self.enrolment, name, vars(self)[name])
        self.enrolment.save(update_fields=["home_state", *others])
