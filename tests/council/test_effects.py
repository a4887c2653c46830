"""Decisions that act, from signed minutes only, and are undone by another decision only."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.db import IntegrityError, connection, transaction

from council import services
from council.enums import ExecutionState, ItemKind
from council.models import AgendaItem, CouncilMember, Decision, Execution, Regulation
from council.selectors.composition import chair_on, composition, schools_of, secretary_on, vacancies
from council.services import About
from enrollment.enums import AllocationState
from enrollment.models import AllocationRun
from network_portal.common.errors import StaleError
from network_portal.documents.uploads import Upload
from schools.enums import AllocationApproval
from tests.council.asking import refusal_of
from tests.factories.council import AT, CouncilMemberFactory, Hall, MeetingFactory, hall
from tests.factories.courses import StudyGroupFactory
from tests.factories.schools import DutyFactory, MembershipFactory, OrganisationFactory, SchoolClassFactory
from tests.shared import shared

pytestmark = pytest.mark.django_db
NEXT = AT.date() + timedelta(days=1)
NOTHING = About()


@shared
def united() -> Hall:
    """Return a council of four whose members' schools are in its network; nothing is on the agenda."""
    council = hall(4, items=0, chair=True)
    for member in council.members:
        MembershipFactory(network=council.council.network, organisation=member.duty.organisation)
    return council


def put(council: Hall, kind: ItemKind, about: About = NOTHING) -> AgendaItem:
    item = services.item_add(
        actor=council.keeper, meeting=council.meeting, title=kind.label, speaker="Белов Б. О.",
        proposal=f"Решить: {kind.label}", kind=kind, about=about, at=AT - timedelta(days=1),
    )  # fmt: skip
    council.items.append(item)
    return item


def decide(council: Hall) -> list[Decision]:
    """Adopt everything on the agenda and sign the minutes."""
    council.open(len(council.members))
    for place in range(len(council.items)):
        council.vote(len(council.members), no=place)
    council.end()
    council.submit()
    council.sign_both()
    return list(Decision.objects.filter(item__meeting=council.meeting).select_related("execution", "item"))


def again(council: Hall) -> Hall:
    """Return the council at another meeting, ten days later."""
    council.now += timedelta(days=10)
    council.meeting, council.items = MeetingFactory(council=council.council, planned_at=council.now), []
    return council


def test_people_and_schools_come_and_go_by_signed_minutes_only(united: Hall) -> None:
    network = united.council.network
    newcomer = DutyFactory(kind="director", organisation=united.members[0].duty.organisation)
    scribe = DutyFactory(kind="deputy", organisation=united.members[0].duty.organisation)
    guest = OrganisationFactory()
    put(united, ItemKind.MEMBER_IN, About(appointee=newcomer))
    put(united, ItemKind.SECRETARY, About(appointee=scribe))
    put(united, ItemKind.SCHOOL_IN, About(school=guest))
    put(united, ItemKind.SCHOOL_OUT, About(school=united.members[3].duty.organisation))
    put(united, ItemKind.MEMBER_OUT, About(candidate=united.members[2]))
    assert [item.rule for item in united.items] == ["exclusive", "ordinary", "exclusive", "exclusive", "exclusive"]
    before = [member.pk for member in composition(united.council, NEXT)]
    decisions = decide(united)
    assert [decision.execution.failure for decision in decisions] == [""] * 5
    after = composition(united.council, NEXT)
    came = [member for member in after if member.pk not in before]
    assert sorted((one.user.pk, one.voting) for one in came) == sorted(
        [(newcomer.user_id, True), (scribe.user_id, False)]
    )
    gone = set(before) - {member.pk for member in after}
    assert gone == {united.members[2].pk, united.members[3].pk, united.secretary.pk}
    assert all(CouncilMember.objects.get(pk=pk).ended_by_id for pk in gone)
    assert secretary_on(united.council, NEXT).user == scribe.user
    schools = set(schools_of(united.council, NEXT))
    assert (guest in schools, united.members[3].duty.organisation in schools) == (True, False)
    assert {one.school for one in vacancies(united.council, after, NEXT)} >= {guest}
    # … and in no other way: no administrator, no program, no hand in the database
    with pytest.raises(IntegrityError, match="только решением совета"), transaction.atomic():
        CouncilMemberFactory(council=united.council)
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('portal.decision', '', true)")
    with pytest.raises(IntegrityError, match="только решением координационного совета"), transaction.atomic():
        MembershipFactory(network=network)


def test_candidates_for_seats_are_those_of_the_regulation(united: Hall) -> None:
    """Directors, deputies, class teachers of grades 10 and 11 of the network's schools (S1-1.6)."""
    school = united.members[0].duty.organisation
    for grade, fits in ((9, False), (10, True)):
        teacher = DutyFactory(kind="class_teacher", organisation=school)
        SchoolClassFactory(organisation=school, grade=grade, class_teacher=teacher)
        if fits:
            assert put(united, ItemKind.MEMBER_IN, About(appointee=teacher)).appointee == teacher
        else:
            assert "10–11 классов" in refusal_of(put, united, ItemKind.MEMBER_IN, About(appointee=teacher))
    stranger = DutyFactory(kind="director")
    assert "школы сети" in refusal_of(put, united, ItemKind.MEMBER_IN, About(appointee=stranger))
    assert "ещё не в сети" in refusal_of(put, united, ItemKind.SCHOOL_IN, About(school=school))


def test_removal_needs_missed_meetings_on_record(united: Hall) -> None:
    """The ground is systematic evasion: the days missed are written into the question (S1-5.9)."""
    put(united, ItemKind.OTHER)
    missing = united.members[3]
    assert "Нет основания" in refusal_of(put, united, ItemKind.REMOVAL, About(candidate=missing))
    for _ in range(2):
        united.open(3)
        united.vote(3)
        united.end()
        again(united)
        put(united, ItemKind.OTHER)
    item = put(united, ItemKind.REMOVAL, About(candidate=missing))
    assert item.evidence == "пропущено 2 из 2 заседаний за 12 месяцев: 02.09.2026, 12.09.2026"


def test_groups_and_their_timetable_are_approved_and_the_approval_is_undone_by_another_decision(united: Hall) -> None:
    group = StudyGroupFactory(course__network=united.council.network)
    put(united, ItemKind.GROUPS, About(groups=[group]))
    [decision] = decide(united)
    group.refresh_from_db()
    assert "протокол координационного совета № 1 от 2" in group.approved_by.replace("\u00a0", " ")
    again(united)
    put(united, ItemKind.REVOCATION, About(revokes=decision))
    decide(united)
    group.refresh_from_db()
    execution = Execution.objects.get(decision=decision)
    assert (group.approved_by, execution.state, execution.revoked_by.item.kind) == ("", "revoked", "revocation")
    again(united)
    assert refusal_of(put, united, ItemKind.REVOCATION, About(revokes=decision)) == "Это решение уже отменено."


def test_regulation_is_in_force_by_editions_and_the_former_one_comes_back(united: Hall) -> None:
    upload = Upload("положение.pdf", "application/pdf", b"%PDF-1.7")
    for _ in range(2):
        put(united, ItemKind.REGULATION, About(regulation=upload))
        [latest] = decide(united)
        again(united)
    dates = list(Regulation.objects.order_by("no").values_list("no", "in_force_from", "in_force_to"))
    assert dates == [(1, AT.date(), date(2026, 9, 11)), (2, date(2026, 9, 12), None)]
    put(united, ItemKind.REVOCATION, About(revokes=latest))
    decide(united)
    in_force = Regulation.objects.get(in_force_to=None)
    assert in_force.no == 1


def test_chair_whose_election_is_undone_is_chair_no_more() -> None:
    council = hall(3, kind=ItemKind.CHAIR, candidate=1)
    council.open(3)
    council.preside()
    council.vote(3)
    council.end()
    council.submit()
    council.sign_both()
    council.council.refresh_from_db()
    assert chair_on(council.council, AT.date()) == council.members[1]
    decision = Decision.objects.get()
    again(council)
    put(council, ItemKind.REVOCATION, About(revokes=decision))
    decide(council)
    council.council.refresh_from_db()
    assert council.council.chair is None


def test_allocation_computed_anew_is_not_approved_and_can_be_tried_again(united: Hall) -> None:
    """The decision was on one version (I-5): it is in force, what the portal could not do is told."""
    network = united.council.network
    network.allocation_approval = AllocationApproval.COUNCIL
    network.save()
    run = AllocationRun.objects.create(
        network=network, year=2026, organisation=united.members[0].duty.organisation, created_at=AT, computed_at=AT,
        snapshot={"groups": []}, result={"groups": [], "left_out": []}, sha256="a" * 64,
    )  # fmt: skip
    put(united, ItemKind.ALLOCATION, About(run=run))
    AllocationRun.objects.update(sha256="b" * 64)
    [decision] = decide(united)
    assert (decision.effective_at is not None, "пересчитан" in decision.execution.failure) == (True, True)
    AllocationRun.objects.update(sha256="a" * 64)
    done = services.decision_apply(actor=united.keeper, decision=decision, at=united.tick())
    run.refresh_from_db()
    assert (done.failure, run.state) == ("", AllocationState.APPROVED)
    with pytest.raises(StaleError):
        services.decision_apply(actor=united.keeper, decision=decision, at=united.tick())


def test_decision_is_undone_by_no_other_way(united: Hall) -> None:
    put(united, ItemKind.MEMBER_OUT, About(candidate=united.members[2]))
    put(united, ItemKind.NORMS)
    member_out, norms = decide(united)
    again(united)
    assert "обратным решением" in refusal_of(put, united, ItemKind.REVOCATION, About(revokes=member_out))
    with pytest.raises(IntegrityError, match="council_revoked_by_a_decision"), transaction.atomic():
        Execution.objects.filter(decision=norms).update(state=ExecutionState.REVOKED)
