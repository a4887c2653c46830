"""The equal paper route: a form with the family's answers, a scan, the moment of receipt (3.3).

From the registration on, an application on paper has the states, terms and rights of one that was signed on the portal.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.db import transaction

from courses.models import NetworkCourse
from enrollment.documents import consent_paper, consent_until
from enrollment.enums import ApplicationMethod, Verb
from enrollment.models import Application, ApplicationChoice, Consent, FamilyCall, PaperApplicant
from enrollment.selectors.applications import MOST_CHOICES
from enrollment.selectors.consents import consents_needed
from enrollment.services._shared import checked, lock_application
from enrollment.services.applications import lock_editable, lock_student
from enrollment.services.consents import SLOT, consents_register
from enrollment.services.submissions import legal_day_of, register, write_paper
from network_portal.audit.services import record
from network_portal.common.dates import local_day
from network_portal.common.errors import RuleError, StaleError
from network_portal.documents.kinds import content_sha256
from network_portal.documents.models import Document, new_check_code
from network_portal.documents.proofs import SignedElsewhere
from network_portal.documents.selectors import current_version
from network_portal.documents.services import SignerSlot, document_draft, document_sign
from network_portal.documents.uploads import Upload
from schools.acting import Acting
from schools.enums import Kinship
from schools.guardians import of_age
from schools.models import Student
from schools.services.trail import note

#: How far back the moment of receipt may lie: the queue counts from it, so nobody writes it into the past.
LATEST_ENTRY = timedelta(days=7)


@dataclass(frozen=True)
class NamedOnPaper:
    """The parent whom an application on paper names."""

    last_name: str
    first_name: str
    patronymic: str
    kinship: Kinship
    phone: str
    basis_document: str


@transaction.atomic
def application_form_print(*, actor: Acting, application: Application, at: datetime) -> Application:
    """Give a draft the code by which the school finds it; the printed form carries it as a QR code.

    Raises:
        RuleError: no course is chosen.
        StaleError: the application has been submitted.
    """
    application = lock_editable(application)
    if not application.choices.exists():
        raise RuleError("Выберите хотя бы один курс.")
    if application.form_code is None:
        application.form_code = new_check_code()
        application.save(update_fields=["form_code"])
    record(Verb.APPLICATION_FORM_PRINTED, actor=actor.user, organisation=None, target=application, at=at)
    return application


@transaction.atomic
def application_enter(
    *,
    actor: Acting,
    student: Student,
    named: NamedOnPaper,
    courses: Sequence[int],
    waitlist_ok: bool,
    at: datetime,
) -> Application:
    """Write down an application on paper for a family that has no account; it is registered by the next act.

    Args:
        actor: the clerk of the home school.
        student: a pupil of the school.
        named: the parent whom the paper names.
        courses: the courses in the order of the paper.
        waitlist_ok: what the paper says of the waiting list.
        at: the moment.

    Raises:
        RuleError: no course, one named twice, too many of them, courses of different years; another one applies for a
            pupil who is of age, on the field "kinship".
    """
    alone = of_age(student, local_day(at, actor.zone))
    if alone != (named.kinship == Kinship.SELF):
        raise RuleError(
            "Обучающемуся исполнилось 18 лет: заявление подаёт он сам."
            if alone
            else "Обучающемуся нет 18 лет: заявление подаёт законный представитель.",
            field="kinship",
        )
    if alone:
        named = replace(
            named, last_name=student.last_name, first_name=student.first_name, patronymic=student.patronymic
        )
    chosen = [NetworkCourse.objects.get(pk=pk) for pk in courses]
    if not chosen:
        raise RuleError("Выберите хотя бы один курс.", field="course_1")
    if len(set(courses)) != len(chosen):
        raise RuleError("Один и тот же курс указан дважды.")
    if len(chosen) > MOST_CHOICES:
        raise RuleError(f"В заявлении может быть не больше {MOST_CHOICES} курсов.")
    if len({course.year for course in chosen}) > 1:
        raise RuleError("Курсы разных учебных лет указывают в разных заявлениях.")
    lock_student(student.pk)
    application = checked(
        Application(
            student=student,
            guardian=None,
            method=ApplicationMethod.PAPER,
            form_code=new_check_code(),
            entered_by=actor.user,
            home=student.home_school,
            year=chosen[0].year,
            waitlist_ok=waitlist_ok,
            created_at=at,
        )
    )
    application.save()
    checked(PaperApplicant(application=application, **vars(named))).save()
    for rank, course in enumerate(chosen, start=1):
        checked(ApplicationChoice(application=application, course=course, rank=rank)).save()
    note(Verb.APPLICATION_ENTERED, actor, application, at)
    return application


@transaction.atomic
def application_register_paper(
    *,
    actor: Acting,
    application: Application,
    operator_ids: Iterable[int],
    scan: Upload,
    signed_on: date,
    received_at: datetime,
    at: datetime,
) -> Application:
    """Register the scan of a signed form: number, queue and lateness count from the moment of receipt (3.3).

    Args:
        actor: the clerk, who compared the paper with what the portal holds.
        application: a draft of the family, or one written down from paper.
        operator_ids: the schools to which the signed consents on paper are.
        scan: the signed papers, looked at.
        signed_on: the date beside the signature.
        received_at: when the school received the paper.
        at: the moment of registering.

    Raises:
        RuleError: a consent is missing, something stands against a course, the moment of receipt lies ahead or too far
            back, on its field.
        StaleError: it was submitted meanwhile.
    """
    application = lock_editable(application)
    lock_student(application.student_id)
    if received_at > at:
        raise RuleError("Момент получения ещё не наступил.", field="received_at")
    if received_at < at - LATEST_ENTRY:
        raise RuleError(
            f"Бумагу регистрируют не позже чем через {LATEST_ENTRY.days} дней после получения.", field="received_at"
        )
    on = legal_day_of(application, received_at)
    if signed_on > on:
        raise RuleError("Дата подписи позже дня получения.", field="signed_on")
    if application.method != ApplicationMethod.PAPER:
        application.method, application.entered_by = ApplicationMethod.PAPER, actor.user
        application.save(update_fields=["method", "entered_by"])
    # The paper came into being on the day of its signature: no version of it may be younger.
    written_at = datetime.combine(signed_on, time.min, ZoneInfo(actor.zone))
    write_paper(application, actor=actor, judged_at=received_at, written_at=written_at)
    consents = _consents(application, actor, set(operator_ids), scan, on, written_at)
    assert application.prepared is not None
    for paper in [application.prepared, *(consent.document for consent in consents)]:
        assert paper is not None
        _sign(paper, actor, application, scan, signed_on, at)
    consents_register(actor=actor, consents=consents, on=on, at=at, method="paper")
    note(Verb.APPLICATION_ENTERED, actor, application, at)
    register(application, actor=actor, registered_at=received_at, on=on, at=at)
    return application


@transaction.atomic
def family_told(*, actor: Acting, call: FamilyCall, at: datetime) -> None:
    """Note that a family without an account was told; StaleError when somebody has done so."""
    call = FamilyCall.objects.select_for_update(of=("self",)).get(pk=call.pk)
    if call.told_at is not None:
        raise StaleError("Об этом семье уже сообщили.")
    call.told_at, call.told_by = at, actor.user
    call.save(update_fields=["told_at", "told_by"])
    note(Verb.FAMILY_TOLD, actor, lock_application(call.application), at, text=call.text)


def _consents(
    application: Application, actor: Acting, signed: set[int], scan: Upload, on: date, written_at: datetime
) -> list[Consent]:
    """Return the consents that were signed on paper, drafted; every one that is needed must be among them."""
    needed = [need for need in consents_needed(application, on) if need.given is None]
    missing = [need.operator.short_name for need in needed if need.operator.pk not in signed]
    if missing:
        raise RuleError(f"Нет согласия на обработку данных: {', '.join(missing)}. Без него заявление не принимают.")
    consents = []
    for need in needed:
        paper = consent_paper(
            application,
            operator=need.operator,
            purpose=need.purpose,
            details="адреса и документы, удостоверяющие личность, указаны в подписанном экземпляре на бумаге",
            details_sha256=content_sha256(scan.content.hex()),
            on=on,
        )
        who = "законный представитель ({})" if paper.kinship != Kinship.SELF.label else "{}"
        slots = [SignerSlot(SLOT, who.format(paper.kinship))]
        consent = Consent(
            student=application.student,
            guardian=application.guardian,
            application=application,
            operator=need.operator,
            purpose=need.purpose,
            text=f"Подписано на бумаге. {paper.purpose}. {paper.data}.",
            date_from=on,
            date_to=consent_until(application),
            evidence={"drafted_at": written_at.isoformat()},
        )
        if need.draft is not None:
            need.draft.delete()
        consent.document = document_draft(
            actor=actor.user, organisation=application.home, paper=paper, signers=slots, at=written_at
        )
        checked(consent).save()
        consents.append(consent)
    return consents


def _sign(
    paper: Document, actor: Acting, application: Application, scan: Upload, signed_on: date, at: datetime
) -> None:
    document_sign(
        document=paper,
        version_sha256=current_version(paper).sha256,
        slot=SLOT,
        signer=actor.user,
        proof=SignedElsewhere(
            signer_name=application.asker.full_name,
            signed_on=signed_on,
            file=scan,
            signer=application.guardian,
            sealed=True,
        ),
        at=at,
    )
