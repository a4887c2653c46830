"""Whose word an application still needs beside the applicant's, and which consents lack the pupil's own (L-2, L-17)."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.conf import settings
from django.db.models import Exists, OuterRef, QuerySet
from django.urls import reverse

from enrollment.access import applications_for, pupil_acting
from enrollment.enums import ApplicationState, GuardianWord
from enrollment.models import Application, ApplicationConfirmation, Consent
from network_portal.accounts.models import User
from network_portal.common.dates import local_day, ru_day
from network_portal.notices.selectors import Task
from schools.acting import Acting
from schools.enums import GuardianRule, Role
from schools.guardians import decision_needed, needs_own_word
from schools.models import Student


@dataclass(frozen=True)
class Confirmations:
    """How the representatives' words on a registered application stand.

    Attributes:
        rule: the school's rule for the child.
        reason: why the application may not be accepted yet; empty when it may.
        waiting: who has not answered and may.
        given: what was answered.
        until: the last day of an objection, where the rule gives one.
    """

    rule: GuardianRule
    reason: str
    waiting: tuple[User, ...]
    given: tuple[ApplicationConfirmation, ...]
    until: date | None

    @property
    def holds(self) -> bool:
        return not self.reason


def confirmations_of(application: Application, at: datetime) -> Confirmations:
    """Return how the words of the representatives stand at the moment `at`; only those count who represent then."""
    on = local_day(at, settings.TIME_ZONE)
    needed = decision_needed(application.student, on)
    given = tuple(ApplicationConfirmation.objects.filter(document=application.document_id).select_related("guardian"))
    answered = {word.guardian_id for word in given}
    waiting = tuple(one for one in needed.others(application.guardian_id) if one.pk not in answered)
    until = None
    if needed.rule == GuardianRule.ONE or application.document is None:
        return Confirmations(needed.rule, "", (), given, None)
    agreed = {word.guardian_id for word in given if word.word == GuardianWord.CONFIRMED}
    if needed.rule == GuardianRule.BOTH:
        reason = _both(waiting, needed.others(application.guardian_id), agreed)
    else:
        until = (application.document.registered_on or on) + timedelta(days=needed.days)
        late = on > until
        waiting = () if late else waiting
        reason = f"Второй представитель может возразить до {ru_day(until)} включительно." if waiting else ""
    return Confirmations(needed.rule, reason, waiting, given, until)


def _both(waiting: tuple[User, ...], others: tuple[User, ...], agreed: set[int]) -> str:
    if not others:
        return "Нужно согласие обоих представителей, а подтверждён школой только один: проверьте второго или порядок."
    if waiting:
        names = ", ".join(one.short_name for one in waiting)
        return f"Нужно согласие обоих представителей. Ещё не ответили: {names}."
    return "" if agreed else "Второй представитель не согласился."


def may_answer(application: Application, acting: Acting, at: datetime) -> bool:
    """Tell whether the acting parent is asked for a word on the application."""
    if not acting.is_(Role.PARENT) or application.state != ApplicationState.REGISTERED:
        return False
    return acting.user_id in {one.pk for one in confirmations_of(application, at).waiting}


def consents_without_word(students: Iterable[Student]) -> QuerySet[Consent]:
    """Return the consents in force for pupils that lack the pupil's own confirmation, whatever the pupil's age."""
    return (
        Consent.objects.in_force()
        .filter(student__in=[student.pk for student in students], pupil_word=None)
        .select_related("student", "operator", "document")
        .order_by("operator__short_name")
    )


def lacks_word(consent: Consent) -> bool:
    """Tell whether a consent without the pupil's word needs one: the pupil was fourteen when it was given."""
    given = consent.given_at
    return given is not None and needs_own_word(consent.student.birth_date, local_day(given, settings.TIME_ZONE))


def words_missing(student: Student) -> list[Consent]:
    """Return the consents for a pupil that wait for the pupil's own confirmation."""
    return [consent for consent in consents_without_word([student]) if lacks_word(consent)]


def sha256_of(consent: Consent) -> str:
    """Return the hash of the version that the family signed; empty for a consent older than its paper."""
    return str(consent.evidence.get("sha256", ""))


def digest_of(consents: Iterable[Consent]) -> str:
    """Return what binds a pupil's word to the consents that were shown."""
    rows = sorted(f"{consent.pk}:{sha256_of(consent)}" for consent in consents)
    return hashlib.sha256("\n".join(rows).encode()).hexdigest()


def tasks_for(acting: Acting, today: date) -> list[Task]:
    """Return the applications on which the acting parent's word is asked, and the consents that lack the pupil's."""
    if acting.is_(Role.PARENT):
        return [*_to_answer(acting, today)]
    if acting.is_(Role.DEPUTY, Role.RESPONSIBLE):
        return [*_words_to_register(acting)]
    if acting.is_(Role.PUPIL):
        return [*_own_word(acting)]
    return []


def _own_word(acting: Acting) -> list[Task]:
    missing = words_missing(pupil_acting(acting))
    schools = ", ".join(consent.operator.short_name for consent in missing)
    return (
        [Task("Подтвердить согласие на обработку данных", schools, reverse("own_word"), "Прочитать")] if missing else []
    )


def _to_answer(acting: Acting, today: date) -> list[Task]:
    answered = ApplicationConfirmation.objects.filter(document=OuterRef("document"), guardian=acting.user_id)
    others = (
        applications_for(acting)
        .filter(state=ApplicationState.REGISTERED)
        .exclude(guardian=acting.user_id)
        .exclude(student__guardian_policy=None)
        .exclude(student__guardian_policy__rule=GuardianRule.ONE)
        .exclude(Exists(answered))
        .select_related("student__guardian_policy", "document")
    )
    tasks = []
    for application in others:
        policy = application.student.guardian_policy
        due = None
        if policy.rule == GuardianRule.OBJECTION and application.document and application.document.registered_on:
            due = application.document.registered_on + timedelta(days=policy.days)
            if today > due:
                continue
        tasks.append(
            Task(
                title="Ответить на заявление второго родителя",
                about=application.student.short_name,
                url=reverse("application_guardians", args=[application.pk]),
                action="Прочитать и ответить",
                due=due,
            )
        )
    return tasks


def _words_to_register(acting: Acting) -> list[Task]:
    waiting = applications_for(acting).filter(state__in=[ApplicationState.REGISTERED, ApplicationState.ACCEPTED])
    by_student = {application.student_id: application for application in waiting}
    students = {
        consent.student_id
        for consent in consents_without_word([one.student for one in by_student.values()])
        if lacks_word(consent)
    }
    return [
        Task(
            title="Зарегистрировать подтверждение обучающегося",
            about=f"{application.student.short_name}, {application.student.school_class}: исполнилось 14 лет",
            url=reverse("application_guardians", args=[application.pk]),
            action="Зарегистрировать",
        )
        for student_id, application in by_student.items()
        if student_id in students
    ]
