"""A pupil's own account: offered by the home school, taken by who owns the address, ended with the school (2.3)."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from django.core import mail
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from network_portal.audit.models import AuditEntry
from network_portal.common.errors import RuleError, StaleError
from network_portal.notices.models import Notice
from network_portal.outbox.models import OutboxEvent
from schools.access import own_account_offers_for, students_for
from schools.acting import acting_choices
from schools.enums import AccountState, DutyKind, Role, Verb
from schools.handlers import invite
from schools.models import PupilAccount
from schools.pupils import student_card
from schools.selectors import tasks_for
from schools.services import account_end, account_offer, account_take
from schools.services.accounts import account_invite_stopped
from schools.services.pupils import student_leave, student_return
from tests.factories.accounts import UserFactory
from tests.factories.schools import (
    DutyFactory,
    GuardianLinkFactory,
    PupilAccountFactory,
    SchoolClassFactory,
    StudentFactory,
    acting_as,
    sign_in,
)
from tests.schools.conftest import World

AT = datetime(2026, 8, 25, 9, 0, tzinfo=UTC)


def verbs_of(account: PupilAccount) -> list[str]:
    entries = AuditEntry.objects.filter(target_type="schools.pupilaccount", target_id=account.pk)
    return list(entries.order_by("pk").values_list("verb", flat=True))


def test_pupil_takes_the_account_by_the_date_of_birth_and_sees_oneself_alone(client: Client, world: World) -> None:
    teacher = DutyFactory(organisation=world.home, kind=DutyKind.CLASS_TEACHER)
    own_class = SchoolClassFactory(organisation=world.home, class_teacher=teacher)
    student = StudentFactory(home_school=world.home, school_class=own_class)
    classmate = StudentFactory(home_school=world.home, school_class=own_class)
    user = UserFactory()
    sign_in(client, teacher)
    offer = reverse("pupil_account_offer", args=[student.pk])
    assert client.post(offer, {"email": f" {user.email.upper()} "}).status_code == 302
    account = PupilAccount.objects.get()
    assert (account.email, account.state, account.user) == (user.email, AccountState.OFFERED, None)
    again = client.post(offer, {"email": "other@school.example"})
    assert (again.status_code, list(again.context["invite"].errors)) == (422, ["__all__"])
    invite(OutboxEvent.objects.get(topic="pupils.invite"))
    (letter,) = mail.outbox
    take = reverse("pupil_account_take", args=[account.pk])
    assert (letter.to, take in letter.body, student.last_name in letter.body) == ([user.email], True, False)
    account_invite_stopped(account_id=account.pk, at=AT)
    (told,) = Notice.objects.filter(user=teacher.user)
    assert (told.text.partition(":")[0], told.url) == (
        "Письмо с приглашением обучающегося не ушло",
        reverse("student", args=[student.pk]),
    )

    sign_in(client, UserFactory(), Role.NOBODY)
    assert client.get(take).status_code == 404
    sign_in(client, user, Role.NOBODY)
    (task,) = tasks_for(acting_as(user, Role.NOBODY), AT.date())
    assert (task.url, student.last_name in client.get(take).text) == (take, False)
    assert client.post(take, {"birth_date": "2001-01-01"}).status_code == 422
    assert client.post(take, {"birth_date": student.birth_date.isoformat()}).status_code == 302
    (acting,) = acting_choices(user, AT.date())
    assert (acting.role, acting.zone, list(students_for(acting))) == (Role.PUPIL, "Europe/Moscow", [student])
    assert client.session["acting"] == "pupil"
    assert [client.get(reverse("student", args=[one.pk])).status_code for one in (student, classmate)] == [403, 403]
    assert client.get(reverse("child_list")).status_code == 403
    card = student_card(student, acting_as(world.home_deputy))
    assert (card.account, card.may_invite) == (account, True)

    # who may end it, and that it ends at once
    end = reverse("pupil_account_end", args=[account.pk])
    assert sign_in(client, world.stranger_deputy).post(end).status_code == 404
    assert sign_in(client, world.home_director).post(end).status_code == 403
    assert sign_in(client, teacher).post(end).status_code == 302
    assert [choice.role for choice in acting_choices(user, AT.date())] == [Role.NOBODY]
    with pytest.raises(StaleError):
        account_end(actor=acting_as(teacher), account=account, at=AT)


def test_account_ends_with_the_last_day_in_the_school_and_comes_back_with_the_pupil(world: World) -> None:
    account = PupilAccountFactory(student__home_school=world.home)
    acting, deputy = acting_as(account.user, Role.PUPIL), acting_as(world.home_deputy)
    student = student_leave(actor=deputy, student=account.student, on=date(2026, 8, 24), basis="№ 5", at=AT)
    seen = [PupilAccount.objects.in_force(date(2026, 8, day)).filter(user=acting.user).exists() for day in (24, 25)]
    assert seen == [True, False]
    with pytest.raises(RuleError, match="выбыл"):
        account_offer(actor=deputy, student=student, email="a@school.example", at=AT)
    student = student_return(actor=deputy, student=student, at=AT)
    assert list(students_for(acting)) == [student]
    student.home_school = world.host
    student.save(update_fields=["home_school"])
    assert list(students_for(acting)) == []
    # the new school's offer takes the place of what the former school gave
    offered = account_offer(actor=acting_as(world.host_deputy), student=student, email=account.user.email, at=AT)
    account_take(actor=acting, account=offered, birth_date=student.birth_date, at=AT)
    account.refresh_from_db()
    assert (account.state, list(students_for(acting))) == (AccountState.ENDED, [student])
    assert verbs_of(account) == [Verb.ACCOUNT_ENDED]
    # an offer to who has left since is none
    leaver = StudentFactory(home_school=world.home)
    offered = account_offer(actor=deputy, student=leaver, email=account.user.email, at=AT)
    assert list(own_account_offers_for(acting)) == [offered]
    leaver.left_on = acting.on - timedelta(days=1)
    leaver.save(update_fields=["left_on"])
    assert list(own_account_offers_for(acting)) == []


def test_no_grown_up_and_no_stranger_takes_it(world: World) -> None:
    """Not a guardian, not who offers it, not who guesses the date, not the owner of another pupil's account."""
    student = StudentFactory(home_school=world.home)
    deputy, parent = acting_as(world.home_deputy), acting_as(GuardianLinkFactory(student=student).user)
    for address in (parent.user.email, deputy.user.email):
        with pytest.raises(RuleError, match="адрес другого взрослого"):
            account_offer(actor=deputy, student=student, email=address, at=AT)
    offered = account_offer(actor=deputy, student=student, email="a@school.example", at=AT)
    with pytest.raises(RuleError, match="представитель этого обучающегося"):
        account_take(actor=parent, account=offered, birth_date=student.birth_date, at=AT)
    twin = PupilAccountFactory(student__home_school=world.home)
    with pytest.raises(RuleError, match="другой обучающийся"):
        account_take(actor=acting_as(twin.user, Role.PUPIL), account=offered, birth_date=student.birth_date, at=AT)
    with pytest.raises(IntegrityError), transaction.atomic():
        PupilAccountFactory(student__home_school=world.home, user=twin.user)
    for _ in range(5):
        offered = account_take(actor=acting_as(UserFactory()), account=offered, birth_date=date(2001, 1, 1), at=AT)
    assert (offered.state, offered.misses) == (AccountState.ENDED, 5)
    assert verbs_of(offered)[-2:] == [Verb.ACCOUNT_MISSED, Verb.ACCOUNT_ENDED]
    with pytest.raises(StaleError):
        account_take(actor=acting_as(UserFactory()), account=offered, birth_date=student.birth_date, at=AT)


def test_choices_of_a_person_cost_the_same_whoever_it_is(
    world: World, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    account = PupilAccountFactory(student__home_school=world.home)
    GuardianLinkFactory(user=account.user)
    with django_assert_num_queries(2):
        assert [choice.role for choice in acting_choices(account.user, AT.date())] == [Role.PARENT, Role.PUPIL]
    DutyFactory(user=account.user)
    with django_assert_num_queries(1):
        roles = [choice.role for choice in acting_choices(account.user, AT.date())]
    assert roles == [Role.DEPUTY, Role.PARENT, Role.PUPIL]
