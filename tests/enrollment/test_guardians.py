"""Two representatives of one child, and the word of a pupil of fourteen or older (L-2, L-17, rule 11)."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.test import Client
from django.urls import reverse

from enrollment import services
from enrollment.enums import ApplicationState, GuardianWord
from enrollment.models import Application, Consent, PupilWord
from enrollment.selectors.conditions import enrolment_conditions, evidence_for, failed
from enrollment.selectors.guardians import confirmations_of, tasks_for, words_missing
from enrollment.services.guardians import confirmation_give, confirmation_object, pupil_word_register
from network_portal.common.errors import RuleError, StaleError
from network_portal.notices.selectors import notices_of
from schools.acting import Acting
from schools.enums import GuardianRule, LinkState, Role
from schools.models import GuardianLink, Student
from schools.services.guardians import guardian_policy_set
from tests.enrollment.network import AT, Applied, World, submit
from tests.enrollment.test_races import at_once
from tests.factories.documents import may_sign
from tests.factories.schools import GuardianLinkFactory, PupilAccountFactory, acting_as, sign_in

pytestmark = pytest.mark.django_db
#: What the parents have to themselves.
FAMILY_ONLY = ("application_guardians", "application_courses")


def family(world: World, rule: GuardianRule, days: int = 3) -> tuple[Application, Acting, Acting]:
    """Return an application that one parent has submitted, that parent and the other one."""
    student, first = world.child()
    second = acting_as(GuardianLinkFactory(student=student).user)
    guardian_policy_set(
        actor=world.home.deputy, student=student, rule=rule, days=days, basis="Заявление родителей", at=AT
    )
    application, _ = world.submitted(child=(student, first))
    return application, first, second


def accept(world: World, application: Application, days: int = 0) -> Application:
    at = AT + timedelta(days=days)
    return services.application_accept(actor=world.home.deputy, application=application, at=at)


def test_one_parent_is_enough_where_no_rule_was_set(world: World) -> None:
    student, first = world.child()
    second = acting_as(GuardianLinkFactory(student=student).user)
    application, _ = world.submitted(child=(student, first))
    with pytest.raises(StaleError):
        confirmation_give(actor=second, application=application, at=AT)
    assert accept(world, application).state == ApplicationState.ACCEPTED


def test_pupil_who_has_left_the_school_gets_no_application(world: World) -> None:
    student, parent = world.child()
    Student.objects.filter(pk=student.pk).update(left_on=date(2026, 8, 20))
    with pytest.raises(RuleError, match=r"больше не учится: последний день 20\.08\.2026"):
        services.application_start(actor=parent, student=student, at=AT)
    assert not Application.objects.exists()


def test_both_must_agree_before_the_school_accepts(world: World) -> None:
    application, _, second = family(world, GuardianRule.BOTH)
    with pytest.raises(RuleError, match=f"Ещё не ответили: {second.user.short_name}"):
        accept(world, application)
    assert [task.title for task in tasks_for(second, AT.date())] == ["Ответить на заявление второго родителя"]
    assert "Прочитайте его и ответьте" in notices_of(second.user).latest("pk").text
    confirmation_give(actor=second, application=application, at=AT)
    assert tasks_for(second, AT.date()) == []
    with pytest.raises(StaleError):
        confirmation_give(actor=second, application=application, at=AT)
    assert accept(world, application).state == ApplicationState.ACCEPTED


def test_both_with_one_verified_parent_says_what_is_missing(world: World) -> None:
    application, _, second = family(world, GuardianRule.BOTH)
    GuardianLink.objects.filter(user=second.user).update(state=LinkState.ENDED)
    with pytest.raises(RuleError, match="подтверждён школой только один"):
        accept(world, application)
    with pytest.raises(StaleError, match="права представителя прекращены"):
        confirmation_give(actor=second, application=application, at=AT)


def test_objection_returns_the_application_with_the_reason(world: World) -> None:
    application, first, second = family(world, GuardianRule.OBJECTION)
    with pytest.raises(RuleError, match=r"может возразить до 27\.08\.2026"):
        accept(world, application)
    with pytest.raises(RuleError) as refusal:
        confirmation_object(actor=second, application=application, reason=" ", at=AT)
    assert refusal.value.field == "reason"
    confirmation_object(actor=second, application=application, reason="Далеко ездить", at=AT)
    application.refresh_from_db()
    assert (application.state, application.reason) == (
        ApplicationState.RETURNED, "Возражение второго представителя: Далеко ездить",
    )  # fmt: skip
    assert "второй представитель возразил" in notices_of(first.user).latest("pk").text


def test_days_to_object_run_out_and_the_school_may_accept(world: World) -> None:
    application, _, second = family(world, GuardianRule.OBJECTION, days=2)
    with pytest.raises(RuleError):
        accept(world, application, days=2)
    with pytest.raises(StaleError):
        confirmation_object(actor=second, application=application, reason="Поздно", at=AT + timedelta(days=3))
    assert accept(world, application, days=3).state == ApplicationState.ACCEPTED


def test_second_may_agree_before_the_days_run_out(world: World) -> None:
    application, _, second = family(world, GuardianRule.OBJECTION)
    confirmation_give(actor=second, application=application, at=AT)
    stands = confirmations_of(application, AT)
    assert ([one.word for one in stands.given], stands.holds) == ([GuardianWord.CONFIRMED], True)
    assert accept(world, application).state == ApplicationState.ACCEPTED


def test_decision_is_told_only_to_who_represents_the_child_that_day(world: World) -> None:
    application, first, second = family(world, GuardianRule.ONE)
    GuardianLink.objects.filter(user=second.user).update(valid_to=AT.date() - timedelta(days=1))
    before = notices_of(second.user).count()
    accept(world, application)
    assert notices_of(first.user).latest("pk").text.startswith("Школа приняла заявление")
    assert notices_of(second.user).count() == before


@pytest.mark.django_db(transaction=True)
def test_two_parents_apply_at_once_for_one_child_and_course(world: World) -> None:
    student, first = world.child()
    second = acting_as(GuardianLinkFactory(student=student).user)
    may_sign(second.user, world.home.organisation)
    applications = [world.prepared(child=(student, parent))[0] for parent in (first, second)]
    acts = [
        lambda application=application, parent=parent: submit(application, parent)
        for application, parent in zip(applications, (first, second), strict=True)
    ]
    ends = at_once(acts)
    assert ends.count("done") == 1
    assert [end for end in ends if "На этот курс уже подано заявление" in end] != []
    assert Application.objects.filter(state=ApplicationState.REGISTERED).count() == 1


# --- the pupil's own word -------------------------------------------------------------------------------------------


def reasons(world: World, application: Application) -> str:
    evidence = evidence_for([application], AT.date())
    conditions = enrolment_conditions(application=application, course=world.course, evidence=evidence)
    return failed(conditions)


def test_consent_of_a_pupil_of_fourteen_needs_the_own_word(world: World) -> None:
    application, _ = world.accepted(child=world.child(birth_date=date(2012, 8, 24)))
    PupilWord.objects.all().delete()
    application.refresh_from_db()
    assert "не подтвердил сам обучающийся, которому исполнилось 14 лет" in reasons(world, application)
    assert [task.title for task in tasks_for(world.home.deputy, AT.date())] == [
        "Зарегистрировать подтверждение обучающегося"
    ]
    words = pupil_word_register(
        actor=world.home.deputy, application=application, paper="На бумаге", signed_on=AT.date(), at=AT
    )
    assert (len(words), words_missing(application.student), reasons(world, application)) == (2, [], "")
    with pytest.raises(StaleError):
        pupil_word_register(
            actor=world.home.deputy, application=application, paper="На бумаге", signed_on=AT.date(), at=AT
        )


def test_consent_of_a_younger_pupil_needs_no_other_word(world: World) -> None:
    application, _ = world.accepted(child=world.child(birth_date=date(2012, 8, 25)))
    assert (Consent.objects.count(), PupilWord.objects.count(), reasons(world, application)) == (2, 0, "")


def test_word_is_registered_by_the_office_on_the_page_of_the_family(
    client: Client, world: World, accepted: Applied
) -> None:
    application, parent = accepted
    PupilWord.objects.all().delete()
    url = reverse("application_pupil_word", args=[application.pk])
    data = {"paper": "Подтверждение на бумаге", "signed_on": "2026-08-24"}
    assert sign_in(client, parent).post(url, data).status_code == 403
    page = reverse("application_guardians", args=[application.pk])
    assert "подписывают на бумаге в школе" in client.get(page).text
    assert sign_in(client, world.home.deputy).post(url, data).status_code == 302
    assert PupilWord.objects.count() == 2


def test_pupil_gives_the_own_word_with_the_own_account(client: Client, world: World, accepted: Applied) -> None:
    """Bound to what was shown; the paper way of the clerk stays, and whoever comes second is told (L-2)."""
    application, parent = accepted
    PupilWord.objects.all().delete()
    url, page = reverse("own_word"), reverse("application", args=[application.pk])
    assert sign_in(client, parent).get(url).status_code == 403
    pupil = acting_as(PupilAccountFactory(student=application.student).user, Role.PUPIL)
    (task,) = tasks_for(pupil, AT.date())
    assert (task.title, task.url) == ("Подтвердить согласие на обработку данных", url)
    assert "отозвать" not in sign_in(client, pupil).get(page).text
    assert [client.get(reverse(name, args=[application.pk])).status_code for name in FAMILY_ONLY] == [403, 403]
    shown = client.get(url)
    assert {consent.operator_id for consent in shown.context["missing"]} == {
        world.host.organisation.pk,
        world.home.organisation.pk,
    }
    assert client.post(url, {"seen": "0" * 64}).status_code == 409
    assert client.post(url, {"seen": shown.context["seen"]}).status_code == 302
    assert (words_missing(application.student), tasks_for(pupil, AT.date()), reasons(world, application)) == (
        [],
        [],
        "",
    )
    for word in PupilWord.objects.select_related("consent"):
        assert word.evidence["sha256"] == word.consent.evidence["sha256"] != ""
        assert (word.registered_by, word.evidence["login"]) == (pupil.user, pupil.user.email)
    with pytest.raises(StaleError):
        pupil_word_register(
            actor=world.home.deputy, application=application, paper="На бумаге", signed_on=AT.date(), at=AT
        )


def test_second_parent_answers_on_the_page(client: Client, world: World) -> None:
    application, _, second = family(world, GuardianRule.BOTH)
    sign_in(client, second)
    page = reverse("application_guardians", args=[application.pk])
    assert "Я согласен с заявлением" in client.get(page).text
    refused = client.post(reverse("application_object", args=[application.pk]), {"reason": ""})
    assert (refused.status_code, list(refused.context["objection"].errors)) == (422, ["reason"])
    assert client.post(reverse("application_confirm", args=[application.pk])).status_code == 302
    assert "Согласия представителей достаточно" in client.get(page).text
    assert sign_in(client, world.stranger.deputy).get(page).status_code == 404
