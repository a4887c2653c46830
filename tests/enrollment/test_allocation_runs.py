"""Runs of forming groups: computed, compared, fixed by hand, approved, answered by (3.7, I-3, I-5)."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from typing import Any

import pytest

from courses.models import NetworkCourse
from enrollment import services
from enrollment.allocation import allocate, problem_of
from enrollment.enums import AllocationState, ApplicationState, EnrolmentState, LineDecision
from enrollment.models import AllocationPlace, AllocationRun, Application, Enrolment, SchoolRequest, SchoolRequestLine
from enrollment.selectors.allocation import numbers_of, place_rows, sha256_of
from enrollment.selectors.requests import candidates_for, listable_applications
from network_portal.common.errors import RuleError, StaleError
from schools.acting import Acting
from schools.enums import AllocationApproval, Role
from schools.models import GuardianLink
from schools.services.week import DayHours, class_week_set, route_set
from tests.enrollment.network import AT, ON, School, World
from tests.factories.courses import NetworkCourseFactory, StudyGroupFactory, TimetableSlotFactory
from tests.factories.enrollment import (
    ApplicationFactory,
    ConsentFactory,
    SchoolRequestFactory,
    SchoolRequestLineFactory,
)
from tests.factories.schools import AgreementFactory
from tests.shared import shared

pytestmark = pytest.mark.django_db

FULL = "Все 2\N{NO-BREAK SPACE}места заняты заявлениями, поданными раньше вашего: последнее "


@dataclass
class Season:
    """A host with lists sent to it; `apply` puts a pupil on the list of its home school."""

    world: World
    requests: dict[int, SchoolRequest] = field(default_factory=dict)
    minute: int = 0

    def apply(
        self, *courses: NetworkCourse, school: School | None = None, at: datetime | None = None, **fields: Any
    ) -> Application:
        """Return an application for `courses`, listed for the first; each is a minute later than the one before."""
        self.minute += 1
        home = school or self.world.home
        at = at or AT + timedelta(minutes=self.minute)
        application = ApplicationFactory(
            student=fields.pop("student", None) or self.world.child(home)[0],
            state=ApplicationState.LISTED, registered_at=at, courses=list(courses), **fields,
        )  # fmt: skip
        for operator in {home.organisation, *(course.programme.host for course in courses)}:
            if not application.student.consents.filter(operator=operator).exists():
                ConsentFactory(student=application.student, operator=operator)
        SchoolRequestLineFactory(request=self.list_of(home), application=application, course=courses[0])
        return application

    def list_of(self, home: School) -> SchoolRequest:
        pk = home.organisation.pk
        if pk not in self.requests:
            agreement = self.world.agreement
            if home is not self.world.home:
                agreement = AgreementFactory(
                    network=self.world.network, home=home.organisation, host=self.world.host.organisation
                )
            self.requests[pk] = SchoolRequestFactory(agreement=agreement, sent=True)
        return self.requests[pk]

    def start(self, at: datetime = AT) -> AllocationRun:
        return services.allocation_start(actor=self.world.host.deputy, network=self.world.network, year=2026, at=at)

    def approve(self, run: AllocationRun) -> AllocationRun:
        services.allocation_confirm(actor=self.world.host.director, run=run, sha256=run.sha256, at=AT)
        run.refresh_from_db()
        assert run.state == AllocationState.APPROVED
        return run

    def answer(self, run: AllocationRun) -> services.allocation.Answered:
        return services.allocation_answer(actor=self.world.host.deputy, run=run, at=AT)


@shared
def season(world: World) -> Season:
    return Season(world)


def place_of(run: AllocationRun, application: Application) -> AllocationPlace:
    return run.places.get(application=application)


def parent_of(application: Application) -> Acting:
    link = GuardianLink.objects.filter(student=application.student).latest("pk")
    return Acting(link.user, Role.PARENT)


def test_run_places_by_the_moment_and_says_why_not(season: Season) -> None:
    first, second, third = (season.apply(season.world.course) for _ in range(3))
    run = season.start()
    group = season.world.group
    assert [place_of(run, one).group for one in (first, second, third)] == [group, group, None]
    assert place_of(run, third).explanation == [
        {"course": season.world.course.pk, "text": f"{FULL}24.08 16:47.", "turn": 1, "of": 1}
    ]
    [numbers] = numbers_of(run)
    assert (numbers.capacity, numbers.placed, numbers.waiting, numbers.outcome) == (2, 2, 1, ("заполнена", "good"))


def test_run_can_be_done_again_from_what_it_kept(season: Season) -> None:
    applications = [season.apply(season.world.course) for _ in range(3)]
    run = AllocationRun.objects.get(pk=season.start().pk)
    again = allocate(problem_of(run.snapshot))
    assert sorted(again.places) == [one.pk for one in applications[:2]]
    assert [list(pair) for pair in sorted(again.places.items())] == run.result["places"]
    assert run.sha256 == sha256_of(run.snapshot, run.result)


def test_run_counts_the_week_of_the_class_and_the_way_and_a_seat_by_hand_may_ignore_them(season: Season) -> None:
    """The same rule as the check before an application; the host reads no lesson of the class, only the words (6.8)."""
    world = season.world
    first, second = season.apply(world.course), season.apply(world.course)
    TimetableSlotFactory(group=world.group, weekday=1, starts=time(14, 30), ends=time(16))
    monday = {1: DayHours(time(8, 30), time(14, 15), 7)}
    class_week_set(actor=world.home.deputy, school_class=first.student.school_class, days=monday, at=AT)
    route_set(actor=world.home.deputy, other=world.host.organisation, minutes=25, at=AT)
    assert first.student.school_class != second.student.school_class
    run = season.start()
    assert [place_of(run, one).group for one in (first, second)] == [None, world.group]
    text = "Не хватает 10\N{NO-BREAK SPACE}минут на дорогу между занятиями и уроками класса."
    assert [(row["text"], row["turn"]) for row in place_of(run, first).explanation] == [(text, 0)]
    again = allocate(problem_of(AllocationRun.objects.get(pk=run.pk).snapshot))
    assert list(again.places) == [second.pk]
    place = place_of(run, first)
    services.seat_fix(actor=world.host.deputy, place=place, group=world.group, reason="Школа отпускает", at=AT)
    assert place_of(run, first).group == world.group


def test_group_below_its_minimum_closes_and_the_family_reads_the_numbers(season: Season) -> None:
    small = NetworkCourseFactory(
        network=season.world.network, programme__host=season.world.host.organisation, min_size=8
    )
    StudyGroupFactory(course=small, capacity=10, name="М-1")
    application = season.apply(small, season.world.course)
    run = season.start()
    place = place_of(run, application)
    assert (place.group, place.rank) == (season.world.group, 2)
    text = "Группа не набрала 8\N{NO-BREAK SPACE}учеников: подано 1, курс не открывается."
    assert [row["text"] for row in place.explanation] == [text]


def test_late_application_reads_that_it_was_late(season: Season) -> None:
    late = season.apply(season.world.course, at=season.world.course.applications_until)
    season.apply(season.world.course)
    season.apply(season.world.course)
    [said] = place_of(season.start(), late).explanation
    assert said["text"] == (
        "Все 2\N{NO-BREAK SPACE}места заняты заявлениями, поданными в срок, а ваше поступило после срока."
    )


def test_quota_of_the_agreement_is_kept_and_named(season: Season) -> None:
    world = season.world
    services.quota_set(actor=world.host.deputy, agreement=world.agreement, year=2026, course=None, seats=1, at=AT)
    own = [season.apply(world.course) for _ in range(2)]
    other = season.apply(world.course, school=world.stranger)
    run = season.start()
    assert [place_of(run, one).group for one in (*own, other)] == [world.group, None, world.group]
    assert place_of(run, own[1]).explanation[0]["text"] == (
        "Квота вашей школы по договору: 1\N{NO-BREAK SPACE}место, все заняты заявлениями, поданными раньше вашего: "
        "последнее 24.08 16:46."
    )


@pytest.mark.parametrize(("by_hand", "placed"), [(None, 1), (2, 2)])
def test_seats_of_the_agreement_are_the_quota_where_none_is_set(
    season: Season, by_hand: int | None, placed: int
) -> None:
    """Lessons, addition 4: the direction of the agreement names the seats of a year."""
    world = season.world
    world.agreement.conditions.update(seats=1)
    if by_hand:
        services.quota_set(
            actor=world.host.deputy, agreement=world.agreement, year=2026, course=None, seats=by_hand, at=AT
        )
    own = [season.apply(world.course) for _ in range(2)]
    run = season.start()
    assert [place_of(run, one).group for one in own].count(world.group) == placed


def test_place_held_in_another_course_at_the_same_time_stands_against(season: Season) -> None:
    world = season.world
    other = world.course_of_host()
    TimetableSlotFactory(group=StudyGroupFactory(course=other, name="Х-1"))
    first = season.apply(world.course)
    second = season.apply(other, student=first.student)
    [said] = place_of(season.start(), second).explanation
    assert said["text"] == "Занятия совпадают с курсом «Физика вокруг нас», на который ребёнку отведено место."


def test_pupil_without_a_consent_takes_no_part(season: Season) -> None:
    application = season.apply(season.world.course)
    application.student.consents.update(withdrawn_at=AT)
    run = season.start()
    assert (run.result["left_out"], place_of(run, application).group) == ([application.pk], None)
    assert (
        place_of(run, application).explanation[0]["text"].startswith("В распределении не участвует. Нет действующего")
    )


def test_nothing_to_place_is_said(season: Season) -> None:
    with pytest.raises(RuleError, match="Распределять некого"):
        season.start()


def test_second_draft_is_refused(season: Season) -> None:
    season.apply(season.world.course)
    season.start()
    with pytest.raises(StaleError, match="уже есть"):
        season.start()


def test_fixed_seat_is_kept_by_every_run(season: Season) -> None:
    first, second, third = (season.apply(season.world.course) for _ in range(3))
    run = season.start()
    world = season.world
    services.seat_fix(
        actor=world.host.deputy, place=place_of(run, third), group=world.group, reason="Продолжает обучение", at=AT
    )
    run.refresh_from_db()
    assert [place_of(run, one).group for one in (first, second, third)] == [world.group, None, world.group]
    assert place_of(run, second).explanation[0]["text"] == (
        "Все 2\N{NO-BREAK SPACE}места заняты: 1\N{NO-BREAK SPACE}– закреплено решением принимающей школы с указанием "
        "причины; 1\N{NO-BREAK SPACE}– заявлениями, поданными раньше вашего: последнее 24.08 16:46."
    )
    services.allocation_compute(actor=world.host.deputy, run=run, at=AT)
    assert place_of(run, third).fixed
    services.seat_lift(actor=world.host.deputy, place=place_of(run, third), at=AT)
    assert [place_of(run, one).group for one in (first, second, third)] == [world.group, world.group, None]


@pytest.mark.parametrize(("reason", "field"), [(" ", "reason")])
def test_fixing_needs_a_reason(season: Season, reason: str, field: str) -> None:
    application = season.apply(season.world.course)
    run = season.start()
    with pytest.raises(RuleError) as refusal:
        services.seat_fix(
            actor=season.world.host.deputy, place=place_of(run, application), group=season.world.group,
            reason=reason, at=AT,
        )  # fmt: skip
    assert refusal.value.field == field


def test_seat_that_is_not_there_cannot_be_fixed(season: Season) -> None:
    applications = [season.apply(season.world.course) for _ in range(3)]
    run = season.start()
    fix = {"actor": season.world.host.deputy, "group": season.world.group, "reason": "Причина", "at": AT}
    for application in applications[:2]:
        services.seat_fix(place=place_of(run, application), **fix)
    with pytest.raises(RuleError, match="Закрепить место нельзя"):
        services.seat_fix(place=place_of(run, applications[2]), **fix)


def test_confirmation_of_another_version_is_stale_and_a_change_drops_it(season: Season) -> None:
    """I-5: an approval refers to a version hash."""
    world = season.world
    *_, third = [season.apply(world.course) for _ in range(3)]
    run = season.start()
    seen = run.sha256
    services.seat_fix(actor=world.host.deputy, place=place_of(run, third), group=world.group, reason="Причина", at=AT)
    with pytest.raises(StaleError, match="пересчитан"):
        services.allocation_confirm(actor=world.host.director, run=run, sha256=seen, at=AT)
    run.refresh_from_db()
    assert season.approve(run).basis == "подтверждено всеми принимающими школами"


def test_every_host_of_the_run_confirms(season: Season) -> None:
    world = season.world
    other = NetworkCourseFactory(network=world.network, programme__host=world.stranger.organisation, min_size=1)
    StudyGroupFactory(course=other, name="С-1")
    AgreementFactory(network=world.network, home=world.home.organisation, host=world.stranger.organisation)
    for _ in range(2):
        season.apply(world.course)
    season.apply(world.course, other)
    run = season.start()
    services.allocation_confirm(actor=world.host.director, run=run, sha256=run.sha256, at=AT)
    run.refresh_from_db()
    assert run.state == AllocationState.DRAFT
    with pytest.raises(StaleError, match="уже подтвердила"):
        services.allocation_confirm(actor=world.host.deputy, run=run, sha256=run.sha256, at=AT)
    services.allocation_confirm(actor=world.stranger.deputy, run=run, sha256=run.sha256, at=AT)
    run.refresh_from_db()
    assert run.state == AllocationState.APPROVED


def test_council_approves_by_its_minutes_where_the_network_says_so(season: Season) -> None:
    world = season.world
    world.network.allocation_approval = AllocationApproval.COUNCIL
    world.network.save(update_fields=["allocation_approval"])
    season.apply(world.course)
    run = season.start()
    with pytest.raises(RuleError, match="утверждает координационный совет"):
        services.allocation_confirm(actor=world.host.director, run=run, sha256=run.sha256, at=AT)
    minutes = {"actor": world.host.director, "run": run, "sha256": run.sha256, "basis": "протокол № 3", "at": AT}
    with pytest.raises(RuleError, match="утверждает координационный совет"):
        services.allocation_approve(**minutes)
    run = services.allocation_approve(**minutes, by=AllocationApproval.COUNCIL)
    assert (run.state, run.basis) == (AllocationState.APPROVED, "протокол № 3")


def test_department_approves_by_its_letter(season: Season) -> None:
    world = season.world
    world.network.allocation_approval = AllocationApproval.DEPARTMENT
    world.network.save(update_fields=["allocation_approval"])
    season.apply(world.course)
    run = season.start()
    letter = {"actor": world.host.director, "run": run, "sha256": run.sha256, "at": AT}
    with pytest.raises(RuleError) as refusal:
        services.allocation_approve(**letter, basis=" ")
    assert refusal.value.field == "basis"
    run = services.allocation_approve(**letter, basis="письмо № 3 от 25.08.2026")
    assert (run.state, run.basis) == (AllocationState.APPROVED, "письмо № 3 от 25.08.2026")


def test_approved_run_cannot_be_computed_again(season: Season) -> None:
    season.apply(season.world.course)
    run = season.approve(season.start())
    with pytest.raises(StaleError):
        services.allocation_compute(actor=season.world.host.deputy, run=run, at=AT)


def test_host_answers_all_lines_by_the_run(season: Season) -> None:
    world = season.world
    first, second = season.apply(world.course), season.apply(world.course)
    waits, unwilling = season.apply(world.course), season.apply(world.course, waitlist_ok=False)
    answered = season.answer(season.approve(season.start()))
    assert (answered.accepted, answered.waitlisted, answered.refused, answered.failed) == (2, 1, 1, [])
    lines = {line.application_id: line for line in SchoolRequestLine.objects.all()}
    expected = {
        first.pk: (LineDecision.ACCEPTED, ""), second.pk: (LineDecision.ACCEPTED, ""),
        waits.pk: (LineDecision.WAITLISTED, f"{FULL}24.08 16:47."),
        unwilling.pk: (LineDecision.REFUSED, f"{FULL}24.08 16:47."),
    }  # fmt: skip
    assert {key: (line.decision, line.reason) for key, line in lines.items()} == expected
    assert Enrolment.objects.filter(state=EnrolmentState.BOOKED).count() == 2
    assert season.answer(AllocationRun.objects.get()).accepted == 0


def test_line_that_no_longer_fits_does_not_stop_the_others(season: Season) -> None:
    first, _ = season.apply(season.world.course), season.apply(season.world.course)
    run = season.approve(season.start())
    first.student.consents.update(withdrawn_at=AT)
    answered = season.answer(run)
    assert (answered.accepted, len(answered.failed)) == (1, 1)
    assert answered.failed[0].startswith(f"{first.student.short_name}: Принять нельзя.")


def test_place_on_another_wish_is_listed_by_the_home_while_the_waiting_goes_on(season: Season) -> None:
    """A waiting list does not block another course."""
    world = season.world
    other = world.course_of_host(programme__title="Химия рядом")
    StudyGroupFactory(course=other, name="Х-1", capacity=3)
    for _ in range(2):
        season.apply(world.course)
    application = season.apply(world.course, other)
    run = season.approve(season.start())
    season.answer(run)
    application.refresh_from_db()
    assert application.state == ApplicationState.WAITLISTED
    assert listable_applications(world.home.organisation.pk) == [(application, other)]
    draft = services.request_create(actor=world.home.deputy, host=world.host.organisation, year=2026, on=ON, at=AT)
    assert [one.course for one in candidates_for(draft, ON)] == [other]
    services.request_add(actor=world.home.deputy, request=draft, application_ids=[application.pk], at=AT)
    SchoolRequest.objects.filter(pk=draft.pk).update(state="sent", sent_at=AT)
    assert season.answer(run).accepted == 1
    decisions = dict(application.lines.values_list("course", "decision"))
    assert decisions == {world.course.pk: LineDecision.WAITLISTED, other.pk: LineDecision.ACCEPTED}


def test_second_run_keeps_what_families_were_told_and_shows_what_changes(season: Season) -> None:
    world = season.world
    told = [season.apply(world.course) for _ in range(2)]
    run = season.approve(season.start())
    earlier = season.apply(world.course, at=AT - timedelta(days=1))
    draft = season.start(AT + timedelta(days=1))
    assert draft.base == run
    rows = {row.place.application_id: row for row in place_rows(draft, world.host.deputy)}
    assert rows[told[0].pk].change is None
    assert (rows[told[1].pk].change.label, rows[earlier.pk].change.label) == (
        "теряет место в группе Ф-1", "получает место",
    )  # fmt: skip
    season.approve(draft)
    run.refresh_from_db()
    assert run.state == AllocationState.REPLACED


def test_each_school_reads_its_own_rows(season: Season) -> None:
    """2.3 (2): a home never sees another home's pupils; a host sees nothing of wishes for another host."""
    world = season.world
    foreign = NetworkCourseFactory(
        network=world.network, programme__host=world.stranger.organisation, programme__title="ZZ-чужой курс", min_size=1
    )
    StudyGroupFactory(course=foreign, name="ZZ-1", capacity=1)
    AgreementFactory(network=world.network, home=world.home.organisation, host=world.stranger.organisation)
    for _ in range(2):
        season.apply(world.course)
    mine = season.apply(world.course, foreign)
    other = season.apply(world.course, school=world.stranger)
    run = season.start()
    home = {row.place.application_id: row for row in place_rows(run, world.home.deputy)}
    host = {row.place.application_id: row for row in place_rows(run, world.host.deputy)}
    assert other.pk not in home
    assert set(host) == {*home, other.pk}
    assert (home[mine.pk].group.name, host[mine.pk].group) == ("ZZ-1", None)
    stranger = {row.place.application_id: row for row in place_rows(run, world.stranger.deputy)}
    assert set(stranger) == {mine.pk, other.pk}
    assert (stranger[mine.pk].why, len(stranger[other.pk].why)) == ([], 1)
    assert "ZZ" not in str([(row.why, row.group) for row in host.values()])
