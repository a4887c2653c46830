"""The words of the other representative and of a pupil of fourteen or older (L-2, L-17, rule 11)."""

from __future__ import annotations

from datetime import date, datetime

from django.conf import settings
from django.db import transaction
from django.urls import reverse

from enrollment.enums import ApplicationState, GuardianWord, Verb
from enrollment.models import Application, ApplicationConfirmation, Consent, PupilWord
from enrollment.selectors.guardians import confirmations_of, digest_of, may_answer, sha256_of, words_missing
from enrollment.services._shared import checked, lock_application, tell_family, tell_managers
from network_portal.audit.services import record
from network_portal.common.dates import local_day
from network_portal.common.errors import RuleError, StaleError
from network_portal.common.states import move
from network_portal.notices.services import notify
from schools.acting import Acting
from schools.models import Student
from schools.services.trail import note

#: What stands in place of a paper when the pupil has confirmed with the own account.
OWN_ACCOUNT = "личный кабинет обучающегося на портале"


def guardian_confirmations(*, application: Application, at: datetime) -> None:
    """Refuse to accept an application while the word of a representative is missing.

    Args:
        application: locked by the caller.
        at: the moment; only who represents the child then counts.

    Raises:
        RuleError: the school's rule for this child is not fulfilled yet, in words.
    """
    stands = confirmations_of(application, at)
    if not stands.holds:
        raise RuleError(f"Принять заявление пока нельзя. {stands.reason}")


def guardians_asked(*, application: Application, at: datetime) -> None:
    """Tell the representatives whose word an application that was just registered needs."""
    stands = confirmations_of(application, at)
    url = reverse("application_guardians", args=[application.pk])
    notify(stands.waiting, "Подано заявление о вашем ребёнке. Прочитайте его и ответьте, согласны ли вы", url, at=at)


@transaction.atomic
def confirmation_give(*, actor: Acting, application: Application, at: datetime) -> ApplicationConfirmation:
    """Agree to an application that another representative has signed.

    Args:
        actor: a verified representative of the child.
        application: a registered one.
        at: the moment.

    Raises:
        StaleError: the actor is not asked, has answered, or the application has been decided on.
    """
    application = _lock_asked(actor, application, at)
    word = _answer(actor, application, GuardianWord.CONFIRMED, "", at)
    record(Verb.APPLICATION_CONFIRMED, actor=actor.user, organisation=None, target=application, at=at)
    _tell_school(application, "Второй представитель согласился с заявлением", at)
    return word


@transaction.atomic
def confirmation_object(
    *, actor: Acting, application: Application, reason: str, at: datetime
) -> ApplicationConfirmation:
    """Object to an application; it goes back to the applicant with the reason.

    Args:
        actor: a verified representative of the child.
        application: a registered one.
        reason: what the applicant and the school read.
        at: the moment.

    Raises:
        RuleError: on the field "reason" when there is none.
        StaleError: the actor is not asked, has answered, the days to object are over, or it has been decided on.
    """
    if not reason.strip():
        raise RuleError("Укажите, против чего вы возражаете: это прочитают второй родитель и школа.", field="reason")
    application = _lock_asked(actor, application, at)
    word = _answer(actor, application, GuardianWord.OBJECTED, reason.strip(), at)
    move(
        application,
        ApplicationState.RETURNED,
        reason=f"Возражение второго представителя: {reason.strip()}"[:500],
        decided_by=actor.user,
        decided_at=at,
    )
    record(Verb.APPLICATION_OBJECTED, actor=actor.user, organisation=None, target=application, at=at)
    tell_family(application, "Заявление возвращено: второй представитель возразил, причина на его странице", at=at)
    _tell_school(application, "Второй представитель возразил против заявления, оно возвращено", at)
    return word


@transaction.atomic
def pupil_word_register(
    *, actor: Acting, application: Application, paper: str, signed_on: date, at: datetime
) -> list[PupilWord]:
    """Register the pupil's own confirmation to all consents that lack it, from the paper the pupil signed (L-2).

    Args:
        actor: the home school's staff.
        application: names the pupil.
        paper: what the pupil signed.
        signed_on: the day on the paper.
        at: the moment.

    Raises:
        RuleError: no paper is named, or its day has not come yet.
        StaleError: no consent lacks the confirmation.
    """
    application = lock_application(application)
    if not paper.strip():
        raise RuleError("Укажите документ, который подписал обучающийся.", field="paper")
    if signed_on > local_day(at, actor.zone):
        raise RuleError("Этот день ещё не наступил.", field="signed_on")
    missing = words_missing(_lock_pupil(application.student))
    if not missing:
        raise StaleError("Подтверждение уже зарегистрировано, или согласий ещё нет. Обновите страницу.")
    return [_word(actor, consent, paper=paper.strip(), signed_on=signed_on, at=at) for consent in missing]


@transaction.atomic
def pupil_word_give(*, actor: Acting, student: Student, seen: str, at: datetime, ip: str = "") -> list[PupilWord]:
    """Confirm, with the pupil's own account, all consents that lack the pupil's word (L-2).

    Args:
        actor: the pupil.
        student: the pupil's own row.
        seen: what `digest_of` told of the consents that the page showed.
        at: the moment.
        ip: where the request came from, kept as evidence.

    Raises:
        StaleError: nothing lacks the confirmation any more, or other consents do than the page showed.
    """
    missing = words_missing(_lock_pupil(student))
    if not missing or digest_of(missing) != seen:
        raise StaleError("Согласия изменились после того, как вы открыли страницу. Прочитайте их ещё раз.")
    signed_on = local_day(at, actor.zone)
    words = []
    for consent in missing:
        evidence = {"method": "own account", "login": actor.user.email, "ip": ip, "sha256": sha256_of(consent)}
        words.append(_word(actor, consent, paper=OWN_ACCOUNT, signed_on=signed_on, at=at, evidence=evidence))
    text = "Обучающийся подтвердил согласие на обработку данных в личном кабинете"
    tell_managers(student.home_school, text, reverse("application_list"), on=signed_on, at=at)
    return words


# --- parts --------------------------------------------------------------------------------------------------------


def _lock_pupil(student: Student) -> Student:
    """Let the paper and the pupil's own click pass one by one."""
    return Student.objects.select_for_update(no_key=True, of=("self",)).get(pk=student.pk)


def _word(
    actor: Acting,
    consent: Consent,
    *,
    paper: str,
    signed_on: date,
    at: datetime,
    evidence: dict[str, str] | None = None,
) -> PupilWord:
    word = checked(
        PupilWord(
            consent=consent,
            paper=paper,
            signed_on=signed_on,
            registered_by=actor.user,
            registered_at=at,
            evidence=evidence or {},
        )
    )
    word.save()
    note(Verb.PUPIL_WORD, actor, consent, at)
    return word


def _lock_asked(actor: Acting, application: Application, at: datetime) -> Application:
    application = lock_application(application)
    if not may_answer(application, actor, at):
        raise StaleError(
            "Ваш ответ по этому заявлению уже не нужен: вы ответили, срок прошёл, школа решила или ваши права "
            "представителя прекращены. Обновите страницу."
        )
    return application


def _answer(
    actor: Acting, application: Application, word: GuardianWord, reason: str, at: datetime
) -> ApplicationConfirmation:
    assert application.document is not None
    given = checked(
        ApplicationConfirmation(
            application=application,
            document=application.document,
            guardian=actor.user,
            word=word,
            reason=reason,
            at=at,
        )
    )
    given.save()
    return given


def _tell_school(application: Application, text: str, at: datetime) -> None:
    on = local_day(at, settings.TIME_ZONE)
    tell_managers(application.home, text, reverse("application", args=[application.pk]), on=on, at=at)
