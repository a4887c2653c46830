"""A pupil's own account: the home school names an address, whoever owns it takes the account (2.4, OBU)."""

from __future__ import annotations

from datetime import date, datetime

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import transaction
from django.template.loader import render_to_string
from django.urls import reverse

from network_portal.accounts.models import User
from network_portal.audit.services import record
from network_portal.common.cleaning import clean
from network_portal.common.errors import RuleError
from network_portal.common.states import move
from network_portal.notices.services import notify
from network_portal.outbox.services import emit
from schools.acting import Acting
from schools.enums import AccountState, LinkState, Verb
from schools.models import GuardianLink, PupilAccount, Student
from schools.services.trail import note

#: After so many wrong dates of birth the address is not the pupil's.
MOST_MISSES = 5
MOVED_ON = "Обучающийся перешёл в другую школу"


@transaction.atomic
def account_offer(*, actor: Acting, student: Student, email: str, at: datetime) -> PupilAccount:
    """Offer a pupil of the actor's school an account at the pupil's own address; a letter goes there.

    What the school sees is the same whether there is an account at the address or not.

    Args:
        actor: who keeps the list of pupils, or the class teacher.
        student: a pupil of the school.
        email: the pupil's own address.
        at: the moment.

    Raises:
        RuleError: the pupil has left, or has an account or an offer; the address is a guardian's or the actor's own.
    """
    student = Student.objects.select_for_update(no_key=True, of=("self",)).get(pk=student.pk)
    address = email.strip().lower()
    if student.left_on is not None:
        raise RuleError("Обучающийся выбыл из школы: учётную запись даёт школа, где он учится.")
    if address == actor.user.email.lower() or address in _guardians_of(student):
        raise RuleError(
            "Это адрес другого взрослого. Нужен адрес самого обучающегося: под ним он читает дневник и подтверждает "
            "согласие.",
            field="email",
        )
    standing = PupilAccount.objects.standing().select_for_update().filter(student=student)
    for earlier in standing.exclude(organisation=student.home_school_id):
        _end(actor, earlier, MOVED_ON, at)
    account = PupilAccount(
        student=student, organisation_id=student.home_school_id, email=address, offered_at=at, offered_by=actor.user
    )
    clean(account, exclude=["user", "taken_at", "ended_at"])
    account.save()
    note(Verb.ACCOUNT_OFFERED, actor, account, at)
    owner = User.objects.filter(email=address, is_active=True)
    url = reverse("pupil_account_take", args=[account.pk])
    notify(owner, f"{account.organisation} приглашает вас на портал как обучающегося", url, at=at)
    emit(topic="pupils.invite", key=f"account:{account.pk}:invite", payload={"account_id": account.pk}, at=at)
    return account


def account_invite(*, account_id: int) -> None:
    """Send the letter of an offer; it names the school and nobody else. Nothing goes when the offer is gone."""
    account = PupilAccount.objects.select_related("organisation").get(pk=account_id)
    if account.state != AccountState.OFFERED:
        return
    text = render_to_string(
        "schools/email/pupil_account.txt",
        {
            "account": account,
            "url": settings.PUBLIC_URL.rstrip("/") + reverse("pupil_account_take", args=[account.pk]),
        },
    )
    EmailMessage("Приглашение на портал", text, to=[account.email]).send()


def account_invite_stopped(*, account_id: int, at: datetime) -> None:
    """Tell who offered an account that the letter did not go."""
    account = PupilAccount.objects.select_related("offered_by", "student").get(pk=account_id)
    text = "Письмо с приглашением обучающегося не ушло: проверьте адрес, отзовите приглашение и отправьте новое"
    notify([account.offered_by], text, reverse("student", args=[account.student_id]), at=at)


@transaction.atomic
def account_take(*, actor: Acting, account: PupilAccount, birth_date: date, at: datetime) -> PupilAccount:
    """Take an account that was offered to the actor's own address.

    Args:
        actor: the owner of the address, in whatever context.
        account: the offer.
        birth_date: the own one, as typed: a letter that went astray must not open a child's data to a stranger.
        at: the moment.

    Returns:
        The account; still offered, or ended by too many misses, when the date is not the pupil's.

    Raises:
        StaleError: the offer is taken or withdrawn.
        RuleError: the actor represents this pupil, or has an account of another pupil.
    """
    User.objects.select_for_update(no_key=True).get(pk=actor.user_id)  # one person is one pupil
    account = _lock(account)
    if GuardianLink.objects.filter(user=actor.user, student=account.student, state=LinkState.VERIFIED).exists():
        raise RuleError(
            "Вы представитель этого обучающегося. Его учётная запись должна быть на его собственном адресе: "
            "попросите школу исправить адрес."
        )
    if account.state == AccountState.OFFERED and account.student.birth_date != birth_date:
        return _missed(actor, account, at)
    for earlier in PupilAccount.objects.select_for_update().filter(user=actor.user, state=AccountState.TAKEN):
        if PupilAccount.objects.in_force(actor.on).filter(pk=earlier.pk).exists():
            raise RuleError("Под этим адресом на портал уже входит другой обучающийся. Скажите об этом в школе.")
        _end(actor, earlier, MOVED_ON, at)
    move(account, AccountState.TAKEN, user=actor.user, taken_at=at)
    record(Verb.ACCOUNT_TAKEN, actor=actor.user, organisation=account.organisation, target=account, at=at)
    return account


@transaction.atomic
def account_end(*, actor: Acting, account: PupilAccount, at: datetime) -> PupilAccount:
    """End an account or take an offer back; the pupil sees nothing from now on.

    Raises:
        StaleError: it has ended already.
    """
    account = _lock(account)
    taken = account.state == AccountState.TAKEN
    _end(actor, account, "Прекращена школой" if taken else "Приглашение отозвано", at)
    if account.user is not None:
        notify([account.user], "Школа прекратила вашу учётную запись обучающегося", reverse("home"), at=at)
    return account


def _missed(actor: Acting, account: PupilAccount, at: datetime) -> PupilAccount:
    account.misses += 1
    account.save(update_fields=["misses"])
    record(Verb.ACCOUNT_MISSED, actor=actor.user, organisation=account.organisation, target=account, at=at)
    if account.misses >= MOST_MISSES:
        _end(actor, account, "Несколько раз названа другая дата рождения", at)
    return account


def _end(actor: Acting, account: PupilAccount, reason: str, at: datetime) -> None:
    move(account, AccountState.ENDED, ended_at=at, reason=reason)
    record(Verb.ACCOUNT_ENDED, actor=actor.user, organisation=account.organisation, target=account, at=at)


def _lock(account: PupilAccount) -> PupilAccount:
    locked = PupilAccount.objects.select_for_update(of=("self",)).select_related("organisation", "student", "user")
    return locked.get(pk=account.pk)


def _guardians_of(student: Student) -> set[str]:
    links = GuardianLink.objects.filter(student=student, state=LinkState.VERIFIED)
    return set(links.values_list("user__email", flat=True))
