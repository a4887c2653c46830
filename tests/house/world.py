"""The demonstration network as a test sees it, with one object of every kind between schools No. 7 and No. 40."""

from __future__ import annotations

import io
import json
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import pikepdf

from council.models import (
    CouncilMember,
    Decision,
    Execution,
    Extract,
    Material,
    Meeting,
    Opinion,
    Proposal,
    Remark,
    Vote,
)
from courses.models import NetworkCourse, StudyGroup, TimetableSlot
from enrollment.documents import contract_paper
from enrollment.enums import LeaveState, OfferState
from enrollment.models import (
    AllocationPlace,
    AllocationRun,
    Application,
    Consent,
    Contract,
    Enrolment,
    FamilyCall,
    LeaveApplication,
    Order,
    SchoolOrder,
    SchoolRequest,
    SchoolRequestLine,
    SeatOffer,
)
from enrollment.services import application_form_print, application_start, leave_prepare
from gradebook.enums import ABSENCES, AbsenceReason, CardState, IntakeLineState, IntakeState, PushState, ReplyKind, Term
from gradebook.models import (
    ApiKey,
    Attendance,
    Correction,
    Intake,
    IntakeLine,
    IntakeReply,
    Lesson,
    MonthlyTransfer,
    RegisterPrint,
    RemoteLesson,
    ReportCard,
    ReportCardLine,
    SchoolTest,
    StudyCertificate,
    TransferDispute,
)
from gradebook.services.attendance import absence_tell
from gradebook.services.homework import homework_file_add
from gradebook.services.prints import journal_print
from gradebook.services.transfers import transfer_deliver, transfer_seal
from network_portal.accounts.models import User
from network_portal.common.dates import month_range
from network_portal.demo.base import Cast, build_base
from network_portal.demo.story import tell_story
from network_portal.documents.models import SigningAgreement
from network_portal.documents.services import SignerSlot, document_draft, file_keep
from network_portal.documents.uploads import Upload
from schools.acting import Acting
from schools.agreements import terms_of
from schools.enums import AgreementState, BasisKind, DutyKind, Kinship, Role, Side
from schools.models import Agreement, Duty, GuardianLink, PupilAccount, SigningBasis, Student
from schools.services import account_offer, amendment_create, duty_offer, link_request
from schools.services.imports import import_look, import_ready, import_receive
from schools.services.pupils import expected_add
from tests.documents.samples import SAMPLES
from tests.factories.accounts import UserFactory
from tests.factories.council import AgendaItemFactory, MeetingFactory

K = DutyKind


@dataclass
class World:
    """Everyone by the name used in the table, and the numbers that addresses are made of."""

    cast: Cast
    people: dict[str, Acting]
    pks: dict[str, dict[str, object]]


def build_world(now: datetime) -> World:
    """Load the demonstration, seal its month for both schools, and name everyone and everything."""
    cast = build_base(now.date())
    tell_story(cast, now)
    group = StudyGroup.objects.get(name="ФЗ-1")
    coordinator = cast.acting("coordinator40", K.COORDINATOR)
    year, month = cast.season.sealed_month
    for key in ("7", "12"):
        transfer = transfer_seal(actor=coordinator, group=group, home=cast.schools[key], year=year, month=month, at=now)
        transfer_deliver(transfer_id=transfer.pk, at=now)
    people, pks = _people(cast), _pks(cast, group, now)
    offer = duty_offer(
        actor=people["director7"],
        email=people["nobody"].user.email,
        kind=K.CURATOR,
        order="№ 1 от 01.09.2026",
        date_from=now.date(),
        date_to=None,
        at=now,
    )
    invited = account_offer(
        actor=people["class7"], student=cast.students["7"][1], email=people["nobody"].user.email, at=now
    )
    account = PupilAccount.objects.get(user=people["pupil"].user)
    return World(
        cast,
        people,
        {
            **pks,
            "duty_offer": {"pk": offer.pk},
            "account": {"pk": account.pk},
            "account_offer": {"pk": invited.pk},
        },
    )


def _people(cast: Cast) -> dict[str, Acting]:
    logins = {
        "director": K.DIRECTOR,
        "deputy": K.DEPUTY,
        "responsible": K.RESPONSIBLE,
        "curator": K.CURATOR,
        "coordinator": K.COORDINATOR,
        "teacher": K.NETWORK_TEACHER,
        "class": K.CLASS_TEACHER,
    }
    people = {
        f"{name}{key}": cast.acting(f"{name}{key}", kind)
        for name, kind in logins.items()
        for key in ("7", "40", "12")
        if (f"{name}{key}", kind) in cast.duties
    }
    people |= {
        "member": cast.acting("director12", K.COUNCIL_MEMBER),
        "secretary": cast.acting("secretary", K.COUNCIL_SECRETARY),
        "parent": cast.parent_of(cast.students["7"][0]),
        "parent12": cast.parent_of(cast.students["12"][0]),
        "pupil": Acting(cast.users["pupil1"], Role.PUPIL),
        "admin": Acting(User.objects.get(email__startswith="admin@"), Role.ADMIN),
        "nobody": Acting(UserFactory(), Role.NOBODY),
    }
    return people


def _newcomer(cast: Cast) -> User:
    """A member of staff of school No. 7 with whom it has not concluded T24 yet."""
    newcomer = UserFactory()
    Duty.objects.create(
        user=newcomer,
        organisation=cast.schools["7"],
        kind=K.CURATOR,
        order="№ 2",
        date_from=cast.duties["curator7", K.CURATOR].date_from,
    )
    return newcomer


def _pks(cast: Cast, group: StudyGroup, now: datetime) -> dict[str, dict[str, object]]:
    home, host = cast.schools["7"], cast.schools["40"]
    child = cast.students["7"][0]
    application = Application.objects.get(student=child, choices__course=group.course)
    request = SchoolRequest.objects.get(home=home, host=host)
    meeting = Meeting.objects.get()
    chemistry = NetworkCourse.objects.get(programme__subject="Химия")
    claimant = UserFactory()
    claim = link_request(
        actor=Acting(claimant, Role.NOBODY),
        organisation=home,
        kinship=Kinship.FATHER,
        child_name=child.full_name,
        child_birth_date=child.birth_date,
        child_class=str(child.school_class),
        at=now,
    )
    agreement = Agreement.objects.get(home=home, host=host)
    terms = terms_of(agreement)
    amendment = amendment_create(
        actor=cast.acting("deputy7", K.DEPUTY),
        agreement=agreement,
        terms=replace(terms, correction_days=7),
        reason="Учителя просят неделю.",
        at=now,
    )
    disputed = Agreement.objects.get(state=AgreementState.DISPUTED)
    first, _ = month_range(*cast.season.sealed_month)
    lesson = Lesson.objects.filter(group=group, date__gte=first).earliest("date")
    return {
        "": {},
        **_lesson_pks(cast, child, lesson, now),
        **_allocation_pks(group, application, request, now),
        "agreement": {"pk": agreement.pk},
        "agreement_duty": {"pk": agreement.duties.get(party=Side.HOME).pk},
        "amendment": {"pk": amendment.pk},
        "disputed": {"pk": disputed.pk},
        "disagreement": {"pk": disputed.disagreements.get().pk},
        "claim": {"pk": claim.pk},
        "link": {"pk": GuardianLink.objects.get(student=child).pk},
        "student": {"pk": child.pk},
        "expected": {"pk": _expected(cast, child, now)},
        "import": {"pk": _import(cast, now)},
        "duty": {"pk": cast.duties["curator7", K.CURATOR].pk},
        "catalogue": {"pk": chemistry.pk},
        "course": {"pk": chemistry.pk},
        "programme": {"pk": group.course.programme_id},
        "group": {"pk": group.pk},
        "slot": {"pk": group.pk, "slot_pk": TimetableSlot.objects.filter(group=group).first().pk},
        "application": {"pk": application.pk},
        "consent": {"pk": Consent.objects.filter(student=child).first().pk},
        "leave": {"pk": _leave(cast, child, group, now).pk},
        "form": {"code": _form(cast, now).form_code},
        "call": {"pk": _call(application, now).pk},
        "class": {"pk": child.school_class_id},
        "request": {"pk": request.pk},
        "line": {"pk": SchoolRequestLine.objects.filter(request=request).first().pk},
        "order": {"pk": Order.objects.get(request=request, group=group).pk},
        "enrolment": {"pk": Enrolment.objects.get(student=child, group=group).pk},
        "school_order": {"pk": SchoolOrder.objects.get(home=home, host=host).pk},
        "host_year": {"pk": host.pk, "year": group.course.year},
        "mapped": {"pk": group.course_id},
        "contract": {"pk": _contract(SchoolRequestLine.objects.get(request=request, application=application), now).pk},
        "journal": {"group_id": group.pk},
        "lesson": {"pk": lesson.pk},
        "school_test": {
            "pk": SchoolTest.objects.create(school_class=child.school_class, date=now.date(), subject="Алгебра").pk
        },
        "journal_line": {
            "pk": lesson.pk,
            "enrolment_pk": Enrolment.objects.get(student=child, group=group).pk,
        },
        **_transfer_pks(cast, group, child, now),
        "meeting": {"pk": meeting.pk},
        "item": {"pk": meeting.pk, "item_pk": meeting.items.first().pk},
        **_council_pks(cast, meeting, now),
        "basis": {
            "pk": SigningBasis.objects.create(
                duty=cast.duties["director7", K.DIRECTOR], kind=BasisKind.CHARTER, issued_on=now.date()
            ).pk
        },
        "newcomer": {"pk": _newcomer(cast).pk},
        "signing": {"pk": SigningAgreement.objects.get(user=cast.parent_of(child).user).pk},
        "signed": {"pk": Agreement.objects.get(home=home, host=host).document_id},
        "signed_file": {"pk": Agreement.objects.get(home=home, host=host).document_id, "file_pk": 1},
        "token": {"token": "1:broken"},
        "paper": {"code": Agreement.objects.get(home=home, host=host).document.check_code},
    }


def _lesson_pks(cast: Cast, child: Student, lesson: Lesson, now: datetime) -> dict[str, dict[str, object]]:
    """What stands around a lesson: a file, a lesson at a distance, an absence, a family's word, a thread."""
    home, parent = cast.schools["7"], cast.parent_of(child)
    teacher = cast.acting("teacher40", K.NETWORK_TEACHER)
    pdf = io.BytesIO()
    with pikepdf.new() as blank:
        blank.add_blank_page()
        blank.save(pdf)
    file = homework_file_add(actor=teacher, lesson=lesson, name="задание.pdf", content=pdf.getvalue(), at=now)
    told = absence_tell(
        actor=parent,
        student=child,
        date_from=parent.on,
        date_to=parent.on,
        reason=AbsenceReason.FAMILY,
        comment="",
        at=now,
    )
    classmates = Attendance.objects.filter(enrolment__student__school_class=child.school_class, code__in=ABSENCES)
    return {
        "certificate": {"pk": _certificate(cast, child, lesson.group, now).pk},
        "print": {"pk": journal_print(actor=teacher, group=lesson.group, key="all", at=now).pk},
        "homework": {"pk": file.pk},
        "remote": {"pk": RemoteLesson.objects.create(lesson=lesson, home=home).pk},
        "absence": {"pk": classmates.earliest("pk").pk},
        "told": {"pk": told.pk},
        "thread": {"group_id": lesson.group_id, "home_id": home.pk},
        "programme": {"pk": lesson.group.course.programme_id},
    }


def _certificate(cast: Cast, child: Student, group: StudyGroup, now: datetime) -> StudyCertificate:
    """A certificate of the gymnasium for the child, by its state alone."""
    user, host = cast.users["deputy40"], cast.schools["40"]
    document = document_draft(
        actor=user,
        organisation=host,
        paper=SAMPLES["T20"].paper,
        signers=[SignerSlot("director", "директор")],
        at=now,
    )
    return StudyCertificate.objects.create(
        enrolment=Enrolment.objects.get(student=child, group=group),
        host=host,
        home=cast.schools["7"],
        state="issued",
        result="mastered",
        document=document,
        prepared_by=user,
        prepared_at=now,
        issued_at=now,
    )


def _council_pks(cast: Cast, meeting: Meeting, now: datetime) -> dict[str, dict[str, object]]:
    """What hangs on a meeting: an earlier one with a decision and an extract, a material, an opinion, a proposal."""
    user = cast.users["secretary"]
    member = CouncilMember.objects.get(duty=cast.duties["director12", K.COUNCIL_MEMBER])
    then = now - timedelta(days=3)
    held = MeetingFactory(
        council=meeting.council,
        planned_at=then,
        state="review",
        opened_at=then,
        closed_at=then,
        review_until=now.date(),
    )
    item = AgendaItemFactory(meeting=held, position=1, state="adopted")
    Vote.objects.create(item=item, at=then, total=10, present=6, votes_for=6, against=0, abstained=0, not_voted=0)
    decision = Decision.objects.create(item=item, text=item.proposal)
    Execution.objects.create(decision=decision)
    paper = document_draft(
        actor=user,
        organisation=meeting.council.keeper,
        paper=SAMPLES["T19"].paper,
        signers=[SignerSlot("secretary", "секретарь координационного совета")],
        at=now,
    )
    extract = Extract.objects.create(item=item, addressee="Управление образования", document=paper)
    kept = file_keep(upload=Upload("план.png", "image/png", b"plan"), by=user, at=now)
    material = Material.objects.create(meeting=meeting, title="План", file=kept)
    remark = Remark.objects.create(meeting=held, member=member, text="Поправить время", at=now)
    opinion = Opinion.objects.create(item=meeting.items.first(), organisation=cast.schools["7"], asked_at=now)
    wish = Proposal.objects.create(council=meeting.council, member=member, title="О кабинетах", proposal="Да", at=now)
    return {
        "material": {"pk": meeting.pk, "material_pk": material.pk},
        "remark": {"pk": held.pk, "remark_pk": remark.pk},
        "held": {"pk": held.pk},
        "held_item": {"pk": held.pk, "item_pk": item.pk},
        "decision": {"pk": decision.pk},
        "extract": {"pk": extract.pk},
        "opinion": {"pk": opinion.pk},
        "proposal": {"pk": wish.pk},
        "regulation": {"no": 1},
    }


def _transfer_pks(cast: Cast, group: StudyGroup, child: Student, now: datetime) -> dict[str, dict[str, object]]:
    """Name the transfer to school No. 7, an objection to it, a request to correct it, and a package from elsewhere."""
    home, host = cast.schools["7"], cast.schools["40"]
    transfer = MonthlyTransfer.objects.get(group=group, home=home)
    card_pks = _card_pks(transfer, child, now)
    line = json.loads(transfer.payload)["lines"][0]["enrolment"]
    user, due = cast.acting("curator7", K.CURATOR).user, now.date()
    dispute = TransferDispute.objects.create(
        transfer=transfer, enrolment_id=line, reason="Отметка другая", raised_at=now, raised_by=user, due_on=due
    )
    correction = Correction.objects.create(
        transfer=transfer, reason="Ошибка", requested_at=now, requested_by=user, due_on=due
    )
    key = ApiKey.objects.create(
        organisation=home, title="Журнал", digest="0" * 64, created_at=now, created_by=user, partner=host, secret="-"
    )
    intake = Intake.objects.create(
        key=key, message_id="msg_1", home=home, host=host, raw=b"{}", sha256="0" * 64, received_at=now,
        state=IntakeState.PARTIAL, number=1, year=2026, month=11, group_key=1, group_name="Ф-1", course_title="Физика",
        receipt_url="https://host.example/api/v1/receipts/1",
    )  # fmt: skip
    reply = IntakeReply.objects.create(
        intake=intake, kind=ReplyKind.ACKNOWLEDGED, sent_at=now, sent_by=user, person="куратор", state=PushState.PARKED,
        reason="Сервер не отвечает.",
    )  # fmt: skip
    strange = IntakeLine.objects.create(
        intake=intake, no=1, name="Чужой Иван", school_class="10 «А»", state=IntakeLineState.QUARANTINED,
        reason="В школе нет обучающегося с таким именем.", content=json.loads(transfer.payload)["lines"][0],
    )  # fmt: skip
    return {
        "transfer": {"pk": transfer.pk},
        "dispute": {"pk": dispute.pk},
        "correction": {"pk": correction.pk},
        "api_key": {"pk": key.pk},
        "intake": {"pk": intake.pk},
        "intake_line": {"pk": strange.pk},
        "intake_reply": {"pk": reply.pk},
        "receipt": {"home_id": home.pk},
        "api_transfer": {"transfer_id": transfer.pk},
        **card_pks,
    }


def _card_pks(transfer: MonthlyTransfer, child: Student, now: datetime) -> dict[str, dict[str, object]]:
    """Name a signed report card of the sealed month of school No. 7 with its pupils, and a printed register."""
    first, last = month_range(transfer.year, transfer.month)
    papers = {code: SAMPLES[code] for code in ("T14", "T15")}
    slots = [SignerSlot(key, words) for key, words in papers["T14"].signers]
    pupils = list(Enrolment.objects.filter(group=transfer.group, home=transfer.home).order_by("pk"))
    paper = replace(papers["T14"].paper, lines=papers["T14"].paper.lines[:1] * len(pupils))
    card = ReportCard.objects.create(
        host=transfer.host,
        home=transfer.home,
        group=transfer.group,
        term=Term.H1,
        date_from=first,
        date_to=last,
        document=document_draft(actor=None, organisation=transfer.host, paper=paper, signers=slots, at=now),
    )
    ReportCardLine.objects.bulk_create(
        ReportCardLine(card=card, enrolment=one, school_class=one.student.school_class, value=5) for one in pupils
    )
    for state in (CardState.COMPUTED, CardState.SENT):
        ReportCard.objects.filter(pk=card.pk).update(state=state, sent_at=now)
    print_of = RegisterPrint.objects.create(
        school_class=child.school_class,
        document=document_draft(actor=None, organisation=transfer.home, paper=papers["T15"].paper, at=now),
        printed_by=child.school_class.class_teacher.user,
        printed_at=now,
    )
    return {"card": {"pk": card.pk}, "register_print": {"pk": print_of.pk}}


def _contract(line: SchoolRequestLine, now: datetime) -> Contract:
    signers = [SignerSlot(key, key) for key in ("base_director", "home_director", "guardian")]
    document = document_draft(
        actor=None,
        organisation=line.request.host,
        paper=contract_paper(line, now.date()),
        signers=signers,
        at=now,
    )
    return Contract.objects.create(line=line, document=document, created_at=now)


def _expected(cast: Cast, child: Student, now: datetime) -> int:
    deputy = cast.acting("deputy7", K.DEPUTY)
    return expected_add(actor=deputy, student=child, name="Петрова Мария Олеговна", at=now).pk


def _import(cast: Cast, now: datetime) -> int:
    """Send a file with a pupil of school No. 7 and let it be read."""
    child = cast.students["7"][0]
    lines = ["ФИО;Дата рождения;Класс", f"{child.full_name};{child.birth_date:%d.%m.%Y};11 Я"]
    content = "\n".join([*lines, "Неверный;;"]).encode()
    deputy = cast.acting("deputy7", K.DEPUTY)
    received = import_receive(actor=deputy, year=cast.season.year, name="список.csv", content=content, at=now)
    looked = import_look(import_id=received.pk, at=now)
    assert looked is not None
    import_ready(import_id=received.pk, looked=looked, at=now)
    return received.pk


def _allocation_pks(
    group: StudyGroup, application: Application, request: SchoolRequest, now: datetime
) -> dict[str, dict[str, object]]:
    """Name a draft of forming groups with one row, and an offer of a place that was turned down."""
    course = group.course
    numbers = {
        "group": group.pk, "course": course.pk, "host": course.programme.host_id, "capacity": group.capacity,
        "taken": group.seats_taken, "placed": 0, "min_size": 0, "closed": False, "had": 0,
    }  # fmt: skip
    run = AllocationRun.objects.create(
        network=course.network, year=course.year, organisation=course.programme.host, created_at=now, computed_at=now,
        snapshot={"applications": []}, sha256="0" * 64,
        result={"places": [], "waiting": [], "closed": [], "groups": [numbers], "left_out": []},
    )  # fmt: skip
    place = AllocationPlace.objects.create(run=run, application=application, home=application.home, group=group)
    line = SchoolRequestLine.objects.filter(request=request, application=application).first()
    line = line or SchoolRequestLine.objects.filter(request=request).earliest("pk")
    offer = SeatOffer.objects.create(line=line, group=group, state=OfferState.DECLINED, offered_at=now)
    return {"allocation": {"pk": run.pk}, "place": {"pk": place.pk}, "offer": {"pk": offer.pk}}


def _leave(cast: Cast, child: Student, group: StudyGroup, now: datetime) -> LeaveApplication:
    """The family of the child wants it to leave: the application is registered, by its state alone."""
    leave = leave_prepare(
        actor=cast.parent_of(child),
        enrolment=Enrolment.objects.get(student=child, group=group),
        last_day=now.date(),
        reason="",
        at=now,
    )
    LeaveApplication.objects.filter(pk=leave.pk).update(state=LeaveState.REGISTERED, registered_at=now)
    return leave


def _form(cast: Cast, now: datetime) -> Application:
    """A draft of a family of school No. 7 whose form was printed."""
    student = cast.students["7"][-1]
    parent = cast.parent_of(student)
    chemistry = NetworkCourse.objects.get(programme__subject="Химия")
    draft = application_start(actor=parent, student=student, course_id=chemistry.pk, at=now)
    return application_form_print(actor=parent, application=draft, at=now)


def _call(application: Application, now: datetime) -> FamilyCall:
    return FamilyCall.objects.create(application=application, text="Школа приняла заявление.", created_at=now)
