"""Certificates of learning: what they say, who signs, the issue book, duplicates and annulled ones (S0-8p, T20)."""

from __future__ import annotations

import io
from dataclasses import dataclass
from datetime import UTC, date, datetime

import pytest
import time_machine
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.urls import reverse
from openpyxl import load_workbook
from pytest_django import DjangoAssertNumQueries

from enrollment.models import Enrolment
from gradebook.access.certificates import certificates_for
from gradebook.enums import AttendanceCode, CertificateResult, CertificateState, Receipt
from gradebook.models import StudyCertificate, TermMark
from gradebook.selectors.certificates import certificate_rows, certificate_tasks, result_of, result_words
from gradebook.services import certificates as services
from network_portal.common.errors import RuleError, StaleError
from network_portal.documents.enums import DocumentState
from network_portal.documents.kinds import parse
from network_portal.documents.selectors import checked_paper, current_version
from network_portal.notices.selectors import notices_of
from schools.acting import Acting
from schools.enums import DutyKind, Role
from schools.models import GuardianLink
from tests.factories.accounts import PASSWORD
from tests.factories.documents import CODE, proof_of
from tests.factories.gradebook import AttendanceFactory, Scene, scene
from tests.factories.schools import GuardianLinkFactory, PupilAccountFactory, sign_in
from tests.shared import shared

pytestmark = pytest.mark.django_db
#: The day after the course, 3 June 2027, noon in Moscow.
AT = datetime(2027, 6, 3, 9, 0, tzinfo=UTC)
ON = AT.date()


@dataclass
class Ended:
    """A course that is over: a pupil who mastered it, one without a final mark, one who left, one not attested."""

    place: Scene
    director: Acting
    deputy: Acting
    curator: Acting
    parent: Acting

    def rows(self) -> dict[int, object]:
        return {row.enrolment.pk: row for row in certificate_rows(self.place.group, today=ON)}

    def prepare(self, *only: Enrolment, at: datetime = AT) -> list[StudyCertificate]:
        return services.certificates_prepare(
            actor=self.deputy, group=self.place.group, only=[one.pk for one in only] or None, at=at
        )

    def sign(self, certificate: StudyCertificate, *, at: datetime = AT) -> StudyCertificate:
        proof = proof_of(self.director.user, certificate.document, at=at)
        version = current_version(certificate.document).sha256
        return services.certificate_sign(
            actor=self.director, certificate=certificate, version_sha256=version, proof=proof, at=at
        )

    def issued(self, enrolment: Enrolment) -> StudyCertificate:
        (certificate,) = self.prepare(enrolment)
        return self.sign(certificate)


def give(enrolment: Enrolment, teacher: Acting, **marks: int) -> None:
    for term, value in marks.items():
        TermMark.objects.create(
            enrolment=enrolment, term=term, value=value, reason="по работам", given_by=teacher.user, given_at=AT
        )


@shared
def ended() -> Ended:
    place = scene(own=3, others=1, lessons=3)
    mastered, unmarked, left = place.own
    for enrolment in (mastered, unmarked, place.others[0]):
        Enrolment.objects.filter(pk=enrolment.pk).update(state="completed", home_state="completed")
    Enrolment.objects.filter(pk=left.pk).update(
        state="left", home_state="withdrawn", exit_record="left", date_to=date(2026, 11, 3)
    )
    give(mastered, place.teacher, h1=4, h2=5, year=5)
    give(left, place.teacher, h1=3)
    give(place.others[0], place.teacher, h1=0, year=0)
    AttendanceFactory(lesson=place.lessons[0], enrolment=mastered, code=AttendanceCode.ILL)
    parent = GuardianLink.objects.filter(student=mastered.student).first() or GuardianLinkFactory(
        student=mastered.student
    )
    return Ended(
        place=place,
        director=place.staff(place.host, DutyKind.DIRECTOR),
        deputy=place.staff(place.host, DutyKind.DEPUTY),
        curator=place.staff(place.home, DutyKind.CURATOR),
        parent=Acting(parent.user, Role.PARENT, on=ON),
    )


@pytest.mark.parametrize(
    ("finals", "parts", "left", "result"),
    [
        ((5,), (4, 5), False, CertificateResult.MASTERED),
        ((11,), (), False, CertificateResult.MASTERED),
        ((5,), (5,), True, CertificateResult.PART),
        ((2,), (3, 2), False, CertificateResult.PART),
        ((), (4,), True, CertificateResult.PART),
        ((0,), (0,), False, CertificateResult.ATTENDED),
        ((10,), (), False, CertificateResult.ATTENDED),
        ((), (), True, CertificateResult.ATTENDED),
    ],
)
def test_result_follows_from_the_marks(
    finals: tuple[int, ...], parts: tuple[int, ...], left: bool, result: CertificateResult
) -> None:
    assert result_of(finals, parts, left=left) == result


def test_who_leaves_by_an_order_with_a_day_ahead_studies_until_that_day(ended: Ended) -> None:
    left, days = ended.place.own[2], (date(2026, 11, 2), date(2026, 11, 3))
    rows = [certificate_rows(ended.place.group, today=day, only=[left.pk])[0] for day in days]
    assert [row.over for row in rows] == [False, True]


def test_certificates_of_a_group_are_prepared_signed_and_received(ended: Ended) -> None:
    """One action prepares everybody who is ready; numbers follow one another in the register of the host (I-7)."""
    place, deputy, director = ended.place, ended.deputy, ended.director
    mastered, unmarked, left = place.own
    (task,) = certificate_tasks(deputy, ON)
    assert task.title == "Подготовить 3 справки об обучении"  # who left in November is not asked for any more
    rows = ended.rows()
    assert [(row.ready, row.result.value) for row in rows.values()] == [
        (True, "attended"), (True, "mastered"), (False, "attended"), (True, "part"),
    ]  # fmt: skip
    assert [one.text for one in rows[unmarked.pk].blockers] == ["нет итоговой отметки за год"]
    with pytest.raises(RuleError, match="нет итоговой отметки за год"):
        ended.prepare(unmarked)
    prepared = {one.enrolment_id: one for one in ended.prepare()}
    assert set(prepared) == {mastered.pk, left.pk, place.others[0].pk}
    with pytest.raises(RuleError, match="Готовить некому"):
        ended.prepare()
    assert certificates_for(ended.curator).count() == certificates_for(ended.parent).count() == 0
    (waiting,) = certificate_tasks(director, ON)
    assert waiting.title == "Подписать 3 справки об обучении"

    # the marks change after the preparation: the director does not sign what is no longer so
    stale = prepared[left.pk]
    TermMark.objects.filter(enrolment=left).update(value=4)
    with pytest.raises(StaleError, match="изменились после подготовки"):
        ended.sign(stale)
    services.certificate_return(actor=director, certificate=stale, reason="Проверьте отметку", at=AT)
    assert [one.title for one in certificate_tasks(deputy, ON)][-1].startswith("Исправить справку")
    (again,) = ended.prepare(left)
    numbers = [ended.sign(one).document.number for one in (prepared[mastered.pk], again)]
    assert numbers == [1, 2]

    certificate = StudyCertificate.objects.get(enrolment=mastered)
    paper = parse(current_version(certificate.document).content)
    assert [(line["title"], line["hours"], line["mark"]) for line in paper["lines"]] == [
        ("Физика, I полугодие", 3, "4\N{NO-BREAK SPACE}(хорошо)"),
        ("Физика, II полугодие", 0, "5\N{NO-BREAK SPACE}(отлично)"),
    ]
    assert (paper["attended"], paper["hours"], paper["result"]) == (2, 3, "mastered")
    assert (paper["first"], paper["last"]) == ("2026-09-01", "2027-05-31")
    part = parse(current_version(again.document).content)
    assert (part["last"], part["hours"], part["mark"]) == ("2026-11-03", 2, "не выставлялась")

    # home and family see it once it is registered; the receipt is written down once
    assert list(certificates_for(ended.parent)) == [certificate]
    assert {one.pk for one in certificates_for(ended.curator)} == {certificate.pk, again.pk}
    pupil = Acting(PupilAccountFactory(student=mastered.student).user, Role.PUPIL, on=ON)
    assert list(certificates_for(pupil)) == [certificate]
    assert "Прочитайте её и подтвердите получение" in notices_of(ended.parent.user).latest("pk").text
    assert [one.title for one in certificate_tasks(pupil, ON)] == [
        "Прочитать справку об обучении и подтвердить получение"
    ]
    services.certificate_receive(actor=ended.parent, certificate=certificate, at=AT)
    with pytest.raises(StaleError):
        services.certificate_receive(actor=pupil, certificate=certificate, at=AT)
    with pytest.raises(RuleError, match="не раньше даты справки"):
        services.certificate_hand_out(
            actor=deputy, certificate=again, on=date(2027, 6, 2), received_by="Седьмов", at=AT
        )
    services.certificate_hand_out(actor=deputy, certificate=again, on=ON, received_by=" Седьмов В. ", at=AT)
    certificate.refresh_from_db()
    again.refresh_from_db()
    assert (certificate.receipt, again.receipt, again.received_by) == (Receipt.ACCOUNT, Receipt.BOOK, "Седьмов В.")


def test_lost_certificate_gets_a_duplicate_and_a_wrong_one_another(ended: Ended) -> None:
    mastered = ended.place.own[0]
    first = ended.issued(mastered)
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE gradebook_studycertificate SET result = 'part' WHERE id = %s", [first.pk])
    duplicate = services.certificate_duplicate(actor=ended.deputy, certificate=first, at=AT)
    with pytest.raises(RuleError, match="уже подготовлена"):
        services.certificate_duplicate(actor=ended.deputy, certificate=first, at=AT)
    services.certificate_return(actor=ended.director, certificate=duplicate, reason="Не то имя", at=AT)
    duplicate = services.certificate_duplicate(actor=ended.deputy, certificate=duplicate, at=AT)
    TermMark.objects.filter(enrolment=mastered).update(value=3)  # says what the lost one said, whatever came later
    duplicate = ended.sign(duplicate)
    first.refresh_from_db()
    first.document.refresh_from_db()
    words = parse(current_version(duplicate.document).content)
    assert (words["mark"], words["duplicate"], words["replaces"]) == (
        "5\N{NO-BREAK SPACE}(отлично)", True, "№\N{NO-BREAK SPACE}1 от 03.06.2027",
    )  # fmt: skip
    assert (first.state, first.document.state) == (CertificateState.REPLACED, DocumentState.REPLACED)
    with pytest.raises(StaleError):
        services.certificate_annul(actor=ended.deputy, certificate=first, reason="Ошибка", at=AT)

    services.certificate_annul(actor=ended.deputy, certificate=duplicate, reason="Отметка другая", at=AT)
    checked = checked_paper(duplicate.document.check_code, ON)
    assert checked is not None
    assert "аннулирован" in checked.verdict
    another = ended.issued(mastered)
    words = parse(current_version(another.document).content)
    assert (another.document.number, another.replaces, words["mark"], words["replaces"]) == (
        3, duplicate, "3\N{NO-BREAK SPACE}(удовлетворительно)", "№\N{NO-BREAK SPACE}2 от 03.06.2027",
    )  # fmt: skip


def test_pages_of_certificates(ended: Ended, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    place, client = ended.place, Client()
    group = reverse("certificate_group", args=[place.group.pk])
    with time_machine.travel(AT, tick=False):
        sign_in(client, ended.deputy)
        certificate_rows(place.group, today=ON)  # the group keeps its policy
        for pupils in ([place.own[0].pk], [one.pk for one in place.own]):
            with django_assert_num_queries(8):
                assert len(certificate_rows(place.group, today=ON, only=pupils)) == len(pupils)
        assert client.get(group).context["ready"] == 3
        prepare = reverse("certificate_prepare", args=[place.group.pk])
        assert client.post(prepare, {"enrolment": place.own[0].pk}).status_code == 302
        certificate = StudyCertificate.objects.get()
        page = reverse("certificate", args=[certificate.pk])
        sign = reverse("certificate_sign", args=[certificate.pk])
        assert (client.get(page).status_code, client.get(sign).status_code) == (200, 403)
        assert sign_in(client, ended.parent).get(page).status_code == 404

        sign_in(client, ended.director)
        version = client.get(sign).context["version"]
        proof_of(ended.director.user, certificate.document, at=AT)
        back = reverse("certificate_return", args=[certificate.pk])
        assert client.post(back, {"reason": ""}).status_code == 422
        answer = client.post(sign, {"version_sha256": version, "password": PASSWORD, "code": CODE})
        assert answer.headers["Location"] == page

        other = place.staff(place.other, DutyKind.CURATOR)
        for who, status in ((ended.curator, 200), (ended.parent, 200), (other, 404)):
            assert sign_in(client, who).get(page).status_code == status
            assert client.get(reverse("certificate_pdf", args=[certificate.pk])).status_code == status
        assert (
            sign_in(client, ended.parent).post(reverse("certificate_receive", args=[certificate.pk])).status_code == 302
        )
        assert len(client.get(reverse("certificate_list")).context["rows"]) == 1
        book = sign_in(client, ended.deputy).get(reverse("certificate_book"))
        assert [one.document.number for one, _ in book.context["rows"]] == [1]
        assert "отметка в личном кабинете" in book.text
        table = client.get(f"{reverse('certificate_book_xlsx')}?year=2027")
        sheet = load_workbook(io.BytesIO(table.content)).active
        (heads, line) = sheet.iter_rows(min_row=2, values_only=True)
        cells = (one.date() if isinstance(one, datetime) else one for one in line)
        assert dict(zip(heads, cells, strict=True)) == {
            "№": 1,
            "Дата": ON,
            "Кому выдана": place.own[0].student.full_name,
            "Школа обучающегося": place.home.short_name,
            "Программа": place.group.course.programme.title,
            "Результат": result_words(certificate.result, place.own[0].student.gender),
            "Состояние": CertificateState.ISSUED.label,
            "Дубликат": None,
            "Дата получения": ON,
            "Кто получил": f"{ended.parent.user.full_name} (родитель)",
            "Как получена": Receipt.ACCOUNT.label,
        }
        assert str(place.host) in sheet["A1"].value
        hand = reverse("certificate_hand_out", args=[certificate.pk])
        assert client.post(hand, {"on": ON.isoformat(), "received_by": "Седьмов"}).status_code == 409
        annul = reverse("certificate_annul", args=[certificate.pk])
        assert client.post(annul, {"reason": "Ошибка в имени"}).headers["Location"] == group
