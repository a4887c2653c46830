"""A pupil who is of age acts alone and on paper; the parent reads when the pupil lets it (2.3 (5), L-2).

The same clerk's acts serve families without an account: nothing that a parent does on the portal is closed to them.
"""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from enrollment import services
from enrollment.enums import ApplicationState, LeaveState, LineDecision, OfferState
from enrollment.models import Application, Consent, LeaveApplication
from enrollment.selectors.conditions import evidence_for
from network_portal.common.errors import RuleError
from network_portal.documents.kinds import parse
from network_portal.documents.rendering import page_of
from network_portal.documents.selectors import current_version
from schools.enums import Kinship
from schools.guardians import decision_needed
from schools.models import GuardianLink, Student
from schools.services import link_end, link_grant
from tests.enrollment.network import AT, ON, World
from tests.enrollment.test_paper import NAMED, SCAN
from tests.factories.enrollment import ConsentFactory, SchoolRequestFactory, SchoolRequestLineFactory
from tests.factories.schools import sign_in

pytestmark = pytest.mark.django_db

BORN = date(2008, 5, 1)
OWN = NAMED.__class__("как угодно", "как угодно", "", Kinship.SELF, "+7 900 000-00-01", "паспорт предъявлен")


def adult_applies(world: World, student: Student) -> Application:
    """The clerk enters and registers what an adult pupil wrote by hand."""
    application = services.application_enter(
        actor=world.home.deputy, student=student, named=OWN, courses=[world.course.pk], waitlist_ok=True, at=AT
    )
    return services.application_register_paper(
        actor=world.home.deputy,
        application=application,
        operator_ids=[world.home.organisation.pk, world.host.organisation.pk],
        scan=SCAN,
        signed_on=ON,
        received_at=AT,
        at=AT + timedelta(hours=1),
    )


def test_adult_applies_consents_leaves_and_withdraws_on_paper(world: World) -> None:
    student = world.child(birth_date=BORN)[0]
    with pytest.raises(RuleError, match="заявление подаёт он сам"):
        services.application_enter(
            actor=world.home.deputy, student=student, named=NAMED, courses=[world.course.pk], waitlist_ok=True, at=AT
        )
    with pytest.raises(RuleError, match="подаёт законный представитель"):
        adult_applies(world, world.child()[0])
    application = adult_applies(world, student)
    assert application.asker.full_name == student.full_name
    content = parse(current_version(application.document).content)
    assert (content["child_called"], content["kinship"]) == ("меня,", "совершеннолетний обучающийся")
    pairs = {(student.pk, school.organisation.pk) for school in (world.home, world.host)}
    assert evidence_for([application], ON).consents == pairs  # no word of a minor is asked
    application = services.application_accept(actor=world.home.deputy, application=application, at=AT)
    request = world.sent(application)
    enrolment = world.accept_line(request.lines.get())
    world.sign_order(world.order(request))

    said = page_of(application.document, current_version(application.document))
    assert ("Понимаю, что остаюсь" in said, "ребёнок остаётся" in said) == (True, False)
    consent = Consent.objects.filter(student=student).latest("pk")
    said = page_of(consent.document, current_version(consent.document))
    assert ("обо мне" in said, "законный представитель" in said) == (True, False)

    clerk = sign_in(Client(), world.home.deputy)
    page = clerk.get(reverse("application", args=[application.pk])).content.decode()
    address = reverse("leave_create", args=[enrolment.pk])
    assert (address in page, sign_in(Client(), world.host.deputy).get(address).status_code) == (True, 403)
    asked = {"last_day": enrolment.course.date_to.isoformat(), "signed_on": timezone.localdate().isoformat()}
    assert clerk.post(address, asked).status_code == 422
    answer = clerk.post(address, asked | {"scan": SimpleUploadedFile("скан.png", SCAN.content)})
    leave = LeaveApplication.objects.get()
    signature = current_version(leave.document).signatures.get()
    assert answer.url == reverse("leave", args=[leave.pk])
    assert (leave.state, leave.document.number, signature.signer_name) == (LeaveState.REGISTERED, 1, student.full_name)
    assert clerk.post(address, asked | {"scan": SimpleUploadedFile("скан.png", SCAN.content)}).status_code == 409
    assert clerk.post(reverse("leave_withdraw", args=[leave.pk])).status_code == 302
    leave.refresh_from_db()
    assert leave.state == LeaveState.WITHDRAWN
    assert clerk.post(reverse("consent_withdraw", args=[consent.pk])).status_code == 302


def test_parent_of_an_adult_reads_by_the_pupil_s_paper_and_decides_nothing(world: World) -> None:
    student, parent = world.child(birth_date=BORN)
    application = adult_applies(world, student)
    link = GuardianLink.objects.get(user=parent.user)
    client, clerk = sign_in(Client(), parent), sign_in(Client(), world.home.deputy)
    page = reverse("application", args=[application.pk])
    assert client.get(page).status_code == 404
    assert "разрешение вносит школа" in client.get(reverse("child_list")).content.decode()
    assert "Внести разрешение" in clerk.get(reverse("guardian_claim", args=[link.pk])).content.decode()
    grant = reverse("guardian_link_grant", args=[link.pk])
    assert clerk.post(grant, {"document": ""}).status_code == 422
    assert clerk.post(grant, {"document": "заявление обучающегося от 01.08.2026"}).status_code == 302
    assert clerk.post(grant, {"document": "ещё одно"}).status_code == 409
    read = client.get(page).content.decode()
    assert ("заявления и согласия он подаёт сам" in read, "Отозвать заявление" in read) == (True, False)
    assert client.post(reverse("application_withdraw", args=[application.pk])).status_code == 403
    for consent in Consent.objects.filter(student=student):
        assert client.post(reverse("consent_withdraw", args=[consent.pk])).status_code == 403
    created = client.get(reverse("application_create"))
    assert created.context["children"].count() == 0
    assert decision_needed(student, ON).guardians == ()
    link_end(actor=world.home.deputy, link=link, document="заявление обучающегося", reason="Так решил он", at=AT)
    assert client.get(page).status_code in (403, 404)


def test_grant_is_for_adults_only(world: World) -> None:
    parent = world.child()[1]
    with pytest.raises(RuleError, match="ещё нет 18 лет"):
        link_grant(
            actor=world.home.deputy, link=GuardianLink.objects.get(user=parent.user), document="заявление", at=AT
        )


def test_clerk_enters_the_answer_and_the_wish_of_a_family_without_an_account(world: World) -> None:
    application = services.application_enter(
        actor=world.home.deputy, student=world.child()[0], named=NAMED, courses=[world.course.pk], waitlist_ok=True,
        at=AT,
    )  # fmt: skip
    Application.objects.filter(pk=application.pk).update(state=ApplicationState.WAITLISTED, registered_at=AT)
    SchoolRequestLineFactory(
        request=SchoolRequestFactory(agreement=world.agreement, sent=True), application=application,
        course=world.course, decision=LineDecision.WAITLISTED,
    )  # fmt: skip
    for operator in (world.home.organisation, world.host.organisation):
        ConsentFactory(student=application.student, operator=operator)
    [offer] = services.offers_make(actor=world.host.deputy, course=world.course, at=timezone.now())
    decline = reverse("offer_decline", args=[offer.pk])
    assert sign_in(Client(), world.host.deputy).post(decline).status_code == 403
    clerk = sign_in(Client(), world.home.deputy)
    page = clerk.get(reverse("application", args=[application.pk])).content.decode()
    assert ("Ответ семьи вы вносите" in page, decline in page) == (True, True)
    assert clerk.post(decline).status_code == 302
    offer.refresh_from_db()
    assert offer.state == OfferState.DECLINED
