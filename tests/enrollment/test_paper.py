"""The equal paper route: the same states, terms and rights as on the portal (3.3, Beyond 6)."""

from __future__ import annotations

import io
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from PIL import Image

from enrollment import services
from enrollment.enums import ApplicationMethod, ApplicationState, EnrolmentState
from enrollment.models import Application, Consent, FamilyCall
from enrollment.selectors.waiting import tasks_for
from enrollment.services.paper import NamedOnPaper
from network_portal.common.errors import RuleError, StaleError
from network_portal.documents.models import Signature
from network_portal.documents.services import file_content
from network_portal.documents.uploads import Upload
from network_portal.notices.models import Notice
from schools.enums import Kinship
from tests.enrollment.network import AT, ON, Applied, World, register_word, submit, tick
from tests.factories.schools import sign_in

pytestmark = pytest.mark.django_db


def png() -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (20, 20), "white").save(file, "PNG")
    return file.getvalue()


SCAN = Upload("scan.png", "image/png", png())
NAMED = NamedOnPaper("Ёлкина", "Анна", "Петровна", Kinship.MOTHER, "+7 900 000-00-00", "свидетельство о рождении № 5")


def entered(world: World) -> Application:
    """An application that a family without an account wrote by hand."""
    student, _ = world.child()
    return services.application_enter(
        actor=world.home.deputy, student=student, named=NAMED, courses=[world.course.pk], waitlist_ok=True, at=AT
    )


def registered(world: World, application: Application, *, received_at: object = AT) -> Application:
    application = services.application_register_paper(
        actor=world.home.deputy,
        application=application,
        operator_ids=[world.home.organisation.pk, world.host.organisation.pk],
        scan=SCAN,
        signed_on=ON,
        received_at=received_at,
        at=AT + timedelta(hours=1),
    )
    register_word(application, world.home.deputy)
    return application


def test_scan_with_the_family_s_passports_is_encrypted_sealed_and_read_by_the_home_school_only(world: World) -> None:
    """The blank form asks for documents of identity: L-3; a scan once kept is never changed or deleted (I-6, I-9)."""
    application = registered(world, entered(world))
    signatures = Signature.objects.filter(kind="hand").select_related("file", "version__document")
    papers = {one.version.document.kind: one.file for one in signatures if one.file}
    assert set(papers) == {"T01", "T02"}
    for kept in papers.values():
        assert (kept.sealed, SCAN.content in bytes(kept.content), file_content(kept)) == (True, False, SCAN.content)
        for sql in (
            "UPDATE documents_keptfile SET name = 'x' WHERE id = %s",
            "DELETE FROM documents_keptfile WHERE id = %s",
        ):
            with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(sql, [kept.pk])
    address = reverse("paper_file", args=[application.prepared_id or application.document_id, papers["T01"].pk])
    answers = {
        who: sign_in(Client(), duty).get(address)
        for who, duty in (("home", world.home.deputy.duty), ("host", world.host.deputy.duty))
    }
    assert (answers["home"].content, answers["host"].status_code) == (SCAN.content, 404)


def by_method(world: World, method: str) -> Application:
    if method == ApplicationMethod.PORTAL:
        return world.submitted()[0]
    return registered(world, entered(world))


@pytest.mark.parametrize("method", ApplicationMethod.values)
def test_the_way_to_a_place_is_the_same(world: World, method: str) -> None:
    application = by_method(world, method)
    assert (application.state, application.document.number, application.registered_at) == (
        ApplicationState.REGISTERED, 1, AT,
    )  # fmt: skip
    application = services.application_accept(actor=world.home.deputy, application=application, at=AT)
    request = world.sent(application)
    enrolment = world.accept_line(request.lines.get())
    world.sign_order(world.order(request))
    enrolment.refresh_from_db()
    application.refresh_from_db()
    assert (enrolment.state, application.state) == (EnrolmentState.ENROLLED, ApplicationState.PLACED)


@pytest.mark.parametrize("method", ApplicationMethod.values)
@pytest.mark.parametrize("end", ["returned", "refused", "withdrawn"])
def test_every_other_end_is_the_same(world: World, method: str, end: str) -> None:
    application = by_method(world, method)
    deputy = {"actor": world.home.deputy, "application": application, "at": AT}
    if end == "returned":
        services.application_return(**deputy, reason="Уточните класс")
    elif end == "refused":
        services.application_refuse(**deputy, reason="Класс не подходит")
    else:
        services.application_withdraw(**deputy)
    application.refresh_from_db()
    assert application.state == end
    with pytest.raises(StaleError):
        services.application_accept(**deputy)


def test_family_without_an_account_is_called_by_the_school(world: World) -> None:
    application = registered(world, entered(world))
    services.application_accept(actor=world.home.deputy, application=application, at=AT)
    call = FamilyCall.objects.get()
    assert [task.title for task in tasks_for(world.home.deputy, ON) if task.title == "Сообщить семье"] == [
        "Сообщить семье"
    ]
    page = sign_in(Client(), world.home.deputy).get(reverse("application", args=[application.pk])).content.decode()
    assert "+7 900 000-00-00" in page
    services.family_told(actor=world.home.coordinator, call=call, at=AT)
    with pytest.raises(StaleError, match="уже сообщили"):
        services.family_told(actor=world.home.deputy, call=call, at=AT)
    assert not [task for task in tasks_for(world.home.deputy, ON) if task.title == "Сообщить семье"]


def test_draft_of_the_portal_is_brought_on_paper(world: World, drafted: Applied) -> None:
    application, parent = drafted
    services.application_form_print(actor=parent, application=application, at=AT)
    application.refresh_from_db()
    deputy = sign_in(Client(), world.home.deputy)
    assert deputy.get(reverse("paper_find"), {"code": application.form_code.lower()}).url == reverse(
        "paper_register", args=[application.form_code]
    )
    for stranger in (world.host.deputy, world.stranger.deputy):
        assert (
            sign_in(Client(), stranger).get(reverse("paper_register", args=[application.form_code])).status_code == 404
        )
    application = registered(world, application)
    signature = Signature.objects.get(version__document=application.document)
    assert (signature.kind, signature.signer, signature.registered_by) == ("hand", parent.user, world.home.deputy.user)
    assert (application.method, application.entered_by) == (ApplicationMethod.PAPER, world.home.deputy.user)
    services.application_accept(actor=world.home.deputy, application=application, at=AT)
    assert not FamilyCall.objects.exists()
    assert Notice.objects.filter(user=parent.user, text__startswith="Школа приняла").exists()


def test_clerk_registers_by_the_page(world: World, drafted: Applied) -> None:
    application, parent = drafted
    services.application_form_print(actor=parent, application=application, at=AT)
    application.refresh_from_db()
    address = reverse("paper_register", args=[application.form_code])
    deputy = sign_in(Client(), world.home.deputy)
    now = timezone.localtime()
    data = {
        "child_ok": "on", "courses_ok": "on", "signature_ok": "on", "signed_on": f"{now:%Y-%m-%d}",
        "received_at": f"{now:%Y-%m-%dT%H:%M}",
        "operators": [world.home.organisation.pk, world.host.organisation.pk],
    }  # fmt: skip
    bad = {**data, "file": SimpleUploadedFile("scan.png", b"MZ not a picture")}
    assert deputy.post(address, bad).status_code == 422
    unchecked = {**data, "file": SimpleUploadedFile("scan.png", png())}
    del unchecked["courses_ok"]
    assert deputy.post(address, unchecked).status_code == 422
    assert deputy.post(address, {**data, "file": SimpleUploadedFile("scan.png", png())}).status_code == 302
    application.refresh_from_db()
    assert application.state == ApplicationState.REGISTERED
    assert Consent.objects.in_force().filter(student=application.student).count() == 2


def test_the_moment_of_receipt_is_not_written_into_the_past_or_the_future(world: World) -> None:
    application = entered(world)
    for moment in (AT + timedelta(hours=2), AT - timedelta(days=8)):
        with pytest.raises(RuleError) as refusal:
            registered(world, application, received_at=moment)
        assert refusal.value.field == "received_at"


def test_paper_received_in_time_is_in_time_though_entered_later(world: World) -> None:
    world.course.applications_until = AT + timedelta(minutes=1)
    world.course.save(update_fields=["applications_until"])
    in_time = registered(world, entered(world))
    assert not in_time.choices.get().late
    late = registered(world, entered(world), received_at=AT + timedelta(minutes=1))
    assert late.choices.get().late


def test_without_a_consent_on_paper_it_is_named(world: World) -> None:
    with pytest.raises(RuleError, match="Нет согласия на обработку данных: МАОУ гимназия № 40"):
        services.application_register_paper(
            actor=world.home.deputy,
            application=entered(world),
            operator_ids=[world.home.organisation.pk],
            scan=SCAN,
            signed_on=ON,
            received_at=AT,
            at=AT,
        )


def test_submitted_on_the_portal_meanwhile_the_paper_is_told(world: World, prepared: Applied) -> None:
    application, parent = prepared
    tick(application, parent)
    services.application_form_print(actor=parent, application=application, at=AT)
    submit(application, parent)
    with pytest.raises(StaleError, match="Это заявление уже подано"):
        registered(world, application)
