"""A parent claims a child; the home school compares the claim with a document and verifies or refuses it."""

from __future__ import annotations

from datetime import date, datetime

from django.db import transaction
from django.urls import reverse

from network_portal.accounts.models import User
from network_portal.audit.services import record
from network_portal.common.cleaning import clean
from network_portal.common.dates import local_day
from network_portal.common.errors import RuleError, StaleError
from network_portal.common.states import move
from network_portal.notices.services import notify
from schools.acting import Acting
from schools.enums import DutyKind, Kinship, LinkState, Verb
from schools.guardians import of_age
from schools.models import GuardianLink, Organisation, Student
from schools.selectors import staff_of
from schools.services.trail import note

#: How many claims of one person may wait at a time: more is no family but a guess at names.
MOST_CLAIMS = 5
CHECKERS = (DutyKind.DEPUTY, DutyKind.RESPONSIBLE)


@transaction.atomic
def link_request(
    *,
    actor: Acting,
    organisation: Organisation,
    kinship: Kinship,
    child_name: str,
    child_birth_date: date,
    child_class: str,
    at: datetime,
) -> GuardianLink:
    """Ask a school to verify that the actor is a child's parent.

    Nothing here looks for the pupil: the answer must not tell whether the school has one (2.3 (4)).

    Args:
        actor: the parent, in whatever context.
        organisation: the school that the child is enrolled in, as the parent says.
        kinship: who the parent is to the child.
        child_name: surname, name, patronymic as typed.
        child_birth_date: as typed.
        child_class: as typed.
        at: the moment.

    Raises:
        RuleError: the same claim waits already, or too many do.
    """
    User.objects.select_for_update(no_key=True).get(pk=actor.user_id)  # two clicks are one claim
    name = " ".join(child_name.split())
    if GuardianLink.objects.filter(
        user=actor.user_id,
        organisation=organisation,
        child_name__iexact=name,
        child_birth_date=child_birth_date,
        state=LinkState.REQUESTED,
    ).exists():
        raise RuleError(
            "Такой запрос вы уже отправили, школа его проверяет. Повторять не нужно: ответ придёт в уведомлениях."
        )
    if GuardianLink.objects.filter(user=actor.user_id, state=LinkState.REQUESTED).count() >= MOST_CLAIMS:
        raise RuleError(
            f"Проверки уже ждут {MOST_CLAIMS} ваших запросов. Дождитесь ответа школы, потом отправьте следующий."
        )
    link = GuardianLink(
        user=actor.user,
        organisation=organisation,
        kinship=kinship,
        child_name=name,
        child_birth_date=child_birth_date,
        child_class=child_class.strip(),
        requested_at=at,
    )
    clean(link, exclude=["student", "decided_by", "decided_at"])
    link.save()
    record(Verb.LINK_REQUESTED, actor=actor.user, organisation=organisation, target=link, at=at)
    notify(
        staff_of(organisation, *CHECKERS, on=local_day(at, actor.zone)),
        "Родитель просит подтвердить связь с ребёнком",
        reverse("guardian_claim", args=[link.pk]),
        at=at,
    )
    return link


@transaction.atomic
def link_verify(
    *,
    actor: Acting,
    link: GuardianLink,
    student: Student,
    basis_document: str,
    valid_to: date | None = None,
    adult_grant: str = "",
    at: datetime,
) -> GuardianLink:
    """Confirm that the person represents the pupil; from now on the parent sees the child.

    The rights end by themselves after `valid_to`, and on the child's eighteenth birthday; an adult pupil lets the
    parent read by a paper of the pupil's own.

    Args:
        actor: the office of the school the claim is addressed to.
        link: a claim that waits.
        student: the pupil whom the actor picked from the school's own.
        basis_document: the document that was shown.
        valid_to: the last day of rights that the document gives for a time.
        adult_grant: the paper by which a pupil who is of age lets the parent read.
        at: the moment.

    Raises:
        StaleError: the claim is decided already.
        RuleError: no document is named; the pupil is of another school, or of age and has granted nothing; this person
            is linked to the pupil already; the document has expired.
    """
    link = _lock(link)
    if not basis_document.strip():
        raise RuleError("Укажите документ, который показал родитель.", field="basis_document")
    if not student.home_school_id == link.organisation_id == actor.organisation_id:
        raise RuleError("Этот обучающийся числится в другой школе.", field="student")
    on = local_day(at, actor.zone)
    adult_grant = adult_grant.strip()
    if of_age(student, on) and not adult_grant:
        raise RuleError(
            "Обучающемуся исполнилось 18 лет: читать свои данные родителю разрешает он сам. Укажите его письменное "
            "разрешение или отклоните запрос.",
            field="adult_grant",
        )
    if valid_to is not None and valid_to < on:
        raise RuleError("Срок по этому документу уже истёк.", field="valid_to")
    Student.objects.select_for_update(no_key=True, of=("self",)).get(pk=student.pk)
    if GuardianLink.objects.filter(user=link.user, student=student, state=LinkState.VERIFIED).exists():
        raise RuleError(
            "Связь этого родителя с этим обучающимся уже подтверждена. Отклоните повторный запрос.", field="student"
        )
    move(
        link,
        LinkState.VERIFIED,
        student=student,
        basis_document=basis_document.strip(),
        valid_from=on,
        valid_to=valid_to,
        adult_grant=adult_grant if of_age(student, on) else "",
        decided_by=actor.user,
        decided_at=at,
    )
    note(Verb.LINK_VERIFIED, actor, link, at, student=student.pk)
    _tell_parent(link, f"Школа подтвердила, что вы законный представитель: {link.child_name}", at)
    return link


@transaction.atomic
def link_refuse(*, actor: Acting, link: GuardianLink, reason: str, at: datetime) -> GuardianLink:
    """Refuse a claim with a reason that the parent reads.

    Raises:
        StaleError: the claim is decided already.
        RuleError: there is no reason.
    """
    link = _lock(link)
    move(link, LinkState.REFUSED, reason=_reason(reason), decided_by=actor.user, decided_at=at)
    note(Verb.LINK_REFUSED, actor, link, at)
    _tell_parent(link, f"Школа отклонила запрос: {link.child_name}. Причина указана в разделе «Мои дети»", at)
    return link


@transaction.atomic
def link_grant(*, actor: Acting, link: GuardianLink, document: str, at: datetime) -> GuardianLink:
    """Register the paper by which a pupil who is of age lets the parent go on reading (2.3 (5)).

    The parent decides nothing any more; the pupil takes the permission back by another paper, see `link_end`.

    Args:
        actor: the office of the home school.
        link: a verified link that ended with the pupil's eighteenth birthday.
        document: what the pupil signed, with its date.
        at: the moment.

    Raises:
        StaleError: the link is not verified, or the permission is registered already.
        RuleError: no document is named; the pupil is not of age.
    """
    link = _lock(link)
    if not document.strip():
        raise RuleError("Укажите документ, который подписал обучающийся.", field="document")
    if link.state != LinkState.VERIFIED or link.student is None or link.adult_grant:
        raise StaleError("Связь прекращена, или разрешение уже внесено. Обновите страницу.")
    if not of_age(link.student, local_day(at, actor.zone)):
        raise RuleError("Обучающемуся ещё нет 18 лет: разрешение не нужно.", field="document")
    link.adult_grant = document.strip()
    clean(link)
    link.save(update_fields=["adult_grant"])
    note(Verb.LINK_GRANTED, actor, link, at, document=link.adult_grant)
    _tell_parent(link, f"Обучающийся разрешил вам читать его данные на портале: {link.child_name}", at)
    return link


@transaction.atomic
def link_end(*, actor: Acting, link: GuardianLink, document: str, reason: str, at: datetime) -> GuardianLink:
    """End a verified link by a court's or another paper; the parent stops seeing the child at once (L-17).

    Args:
        actor: the office of the school that verified the link.
        link: a verified link.
        document: kind, number, date and issuer of the paper; the parent is not shown it.
        reason: what the parent reads.
        at: the moment.

    Raises:
        StaleError: the link is not verified, or ended already.
        RuleError: there is no document or no reason.
    """
    link = _lock(link)
    if not document.strip():
        raise RuleError("Укажите документ, на основании которого прекращается связь.", field="document")
    move(link, LinkState.ENDED, reason=_reason(reason), end_document=document.strip())
    note(Verb.LINK_ENDED, actor, link, at, reason=link.reason, document=link.end_document)
    _tell_parent(link, f"Школа прекратила связь с ребёнком: {link.child_name}", at)
    return link


def _lock(link: GuardianLink) -> GuardianLink:
    return GuardianLink.objects.select_for_update(of=("self",)).select_related("user", "student").get(pk=link.pk)


def _reason(reason: str) -> str:
    if not reason.strip():
        raise RuleError("Укажите причину: её прочитает родитель.", field="reason")
    return reason.strip()


def _tell_parent(link: GuardianLink, text: str, at: datetime) -> None:
    notify([link.user], text, reverse("child_list"), at=at)
