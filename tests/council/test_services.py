"""The council at work: convening, arrivals and departures, votes, minutes, effects."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.utils import InternalError

from council import services
from council.enums import ItemRule, ItemState, MeetingKind, MeetingState
from council.models import AgendaItem, Council, Decision, Meeting, Presence, Vote
from council.selectors import floor_of
from council.voting import Tally
from network_portal.audit.models import AuditEntry
from network_portal.common.errors import RuleError, StaleError
from network_portal.documents.models import Document
from network_portal.documents.selectors import current_version
from network_portal.notices.models import Notice
from schools.enums import DutyKind
from tests.factories.council import AT, CouncilMemberFactory, Hall, SecretaryFactory, hall, signed_hall
from tests.factories.schools import DutyFactory, acting_as

pytestmark = pytest.mark.django_db


def refusal_of(call: object, *args: object, **kwargs: object) -> str:
    """Return the words of the refusal that `call` meets."""
    with pytest.raises(RuleError) as caught:
        call(*args, **kwargs)
    return caught.value.message


def plan(council: Hall, **changes: object) -> Meeting:
    fields = {"kind": MeetingKind.FIRST, "planned_at": AT + timedelta(days=7), "place": "каб. 12", "at": AT}
    return services.meeting_plan(actor=council.keeper, council=council.council, **(fields | changes))


# --- convening ----------------------------------------------------------------------------------------------------


def test_meeting_plan_tells_every_member_once() -> None:
    council = hall(3)
    meeting = plan(council)
    people = {member.user.pk for member in [*council.members, council.secretary]}
    assert meeting.state == MeetingState.PLANNED
    assert sorted(Notice.objects.values_list("user_id", flat=True)) == sorted(people)


def test_meeting_plan_in_the_past_is_refused() -> None:
    assert "уже прошла" in refusal_of(plan, hall(3), planned_at=AT - timedelta(days=1))


def test_regular_meeting_before_a_chair_is_elected_is_refused() -> None:
    assert "сначала проводится первое заседание" in refusal_of(plan, hall(3), kind=MeetingKind.REGULAR)


def test_first_meeting_with_a_chair_in_office_is_refused() -> None:
    assert "Председатель уже избран" in refusal_of(plan, hall(3, chair=True))


def test_meeting_with_an_empty_agenda_is_not_opened() -> None:
    assert refusal_of(hall(3, items=0).open) == "Повестка пуста: добавьте вопрос."


def test_meeting_before_its_day_is_not_opened() -> None:
    council = hall(3, at=AT + timedelta(days=1))
    council.now = AT
    assert refusal_of(council.open) == "Заседание можно открыть в назначенный день."


def test_meeting_is_opened_once() -> None:
    council = hall(3)
    council.open(3)
    with pytest.raises(StaleError):
        council.open(3)


# --- the agenda ---------------------------------------------------------------------------------------------------


def add(council: Hall, **changes: object) -> AgendaItem:
    fields = {"title": "О выборах", "speaker": "Белов Б. О.", "proposal": "Избрать председателем."}
    return services.item_add(actor=council.keeper, meeting=council.meeting, at=AT, **(fields | changes))


def test_item_add_takes_the_next_place() -> None:
    council = hall(3, items=2)
    assert (add(council).position, council.meeting.items.count()) == (3, 3)


def test_election_of_someone_from_another_council_is_refused() -> None:
    stranger = CouncilMemberFactory()
    assert "этого совета" in refusal_of(add, hall(3), rule=ItemRule.ELECTION, candidate=stranger)


def test_election_of_someone_without_a_vote_is_refused() -> None:
    council = hall(3)
    assert "правом голоса" in refusal_of(add, council, rule=ItemRule.ELECTION, candidate=council.secretary)


def test_election_with_a_chair_in_office_is_refused() -> None:
    council = hall(3, chair=True)
    assert "уже избран" in refusal_of(add, council, rule=ItemRule.ELECTION, candidate=council.members[1])


def test_election_when_the_seat_of_the_chair_has_ended_is_allowed() -> None:
    council = hall(3, chair=True)
    former = council.members[0].duty
    former.date_to = AT.date() - timedelta(days=1)
    former.save()
    assert add(council, rule=ItemRule.ELECTION, candidate=council.members[1]).candidate == council.members[1]


def test_ordinary_item_forgets_a_candidate() -> None:
    council = hall(3)
    assert add(council, candidate=council.members[1]).candidate is None


def test_item_remove_moves_the_rest_up() -> None:
    council = hall(3, items=3)
    services.item_remove(actor=council.keeper, item=council.items[0], at=AT)
    assert list(council.meeting.items.values_list("pk", "position")) == [
        (council.items[1].pk, 1),
        (council.items[2].pk, 2),
    ]


def test_judged_item_is_not_removed() -> None:
    council = hall(3, items=2, chair=True)
    council.open(3)
    council.vote(3)
    with pytest.raises(StaleError):
        services.item_remove(actor=council.keeper, item=council.items[0], at=council.tick())


def test_last_item_of_a_running_meeting_is_not_removed() -> None:
    council = hall(3)
    council.open(3)
    assert "единственный" in refusal_of(
        services.item_remove, actor=council.keeper, item=council.items[0], at=council.tick()
    )


# --- the hall -----------------------------------------------------------------------------------------------------


def test_arriving_twice_is_refused() -> None:
    council = hall(3)
    council.open(1)
    assert "уже среди присутствующих" in refusal_of(council.arrive, council.members[0])


def test_leaving_before_arriving_is_refused() -> None:
    council = hall(3)
    council.open(1)
    assert "не отмечен" in refusal_of(council.leave, council.members[1])


def test_arrival_of_a_member_of_another_council_is_refused() -> None:
    council = hall(3)
    council.open()
    assert "не член совета" in refusal_of(council.arrive, CouncilMemberFactory())


def test_arrival_of_a_secretary_without_a_vote_is_refused() -> None:
    council = hall(3)
    council.open()
    assert "не член совета" in refusal_of(council.arrive, council.secretary)


def test_arrival_of_a_member_whose_seat_has_ended_is_refused() -> None:
    council = hall(3)
    duty = council.members[2].duty
    duty.date_to = AT.date() - timedelta(days=1)
    duty.save()
    council.open()
    assert "не член совета" in refusal_of(council.arrive, council.members[2])
    assert floor_of(council.meeting).total == 2


def test_arrival_in_the_future_is_refused() -> None:
    council = hall(3)
    council.open()
    assert "ещё не наступило" in refusal_of(council.arrive, council.members[0], AT + timedelta(hours=1))


def test_arrival_before_the_opening_is_refused() -> None:
    council = hall(3)
    council.open()
    assert "Заседание открыто" in refusal_of(council.arrive, council.members[0], AT - timedelta(minutes=5))


def test_arrival_in_the_minute_of_the_opening_is_the_opening() -> None:
    council = hall(3)
    council.now = AT + timedelta(seconds=30)
    council.open()
    council.arrive(council.members[0], AT)
    assert Presence.objects.get().arrived_at == AT + timedelta(seconds=30)


def test_departure_before_the_arrival_is_refused() -> None:
    council = hall(3)
    council.open()
    council.tick(10)
    council.arrive(council.members[0])
    assert "раньше прибытия" in refusal_of(council.leave, council.members[0], AT + timedelta(minutes=5))


def test_return_before_the_departure_is_refused() -> None:
    council = hall(3)
    council.open(1)
    council.tick(10)
    council.leave(council.members[0])
    assert "вернуться раньше нельзя" in refusal_of(council.arrive, council.members[0], AT + timedelta(minutes=5))


def test_presence_is_not_changed_behind_a_vote() -> None:
    council = hall(3, items=2, chair=True)
    council.open(2)
    council.tick(10)
    council.vote(2)
    before = AT + timedelta(minutes=5)
    assert "прошло голосование" in refusal_of(council.arrive, council.members[2], before)
    assert "прошло голосование" in refusal_of(council.leave, council.members[0], before)


def test_chair_presides_as_soon_as_there() -> None:
    council = hall(3, chair=True)
    council.open()
    council.arrive(council.members[0])
    council.refresh()
    assert council.meeting.presiding == council.members[0]


def test_member_does_not_preside_in_the_presence_of_the_chair() -> None:
    council = hall(3, chair=True)
    council.open(3)
    assert "Председатель совета присутствует" in refusal_of(council.preside, council.members[1])


def test_member_presides_in_the_absence_of_the_chair() -> None:
    council = hall(3, chair=True)
    council.open()
    council.arrive(council.members[1])
    council.preside(council.members[1])
    assert council.meeting.presiding == council.members[1]


def test_absent_member_does_not_preside() -> None:
    council = hall(3)
    council.open(1)
    assert "только присутствующий" in refusal_of(council.preside, council.members[1])


def test_secretary_with_a_vote_does_not_preside() -> None:
    council = hall(3)
    council.secretary.voting = True
    council.secretary.save()
    council.open(3)
    council.arrive(council.secretary)
    assert "два разных человека" in refusal_of(council.preside, council.secretary)


# --- votes --------------------------------------------------------------------------------------------------------


def test_vote_of_exactly_half_of_those_present_rejects() -> None:
    council = hall(10, chair=True)
    council.open(8)
    assert council.vote(4, 1, 3).state == ItemState.REJECTED
    assert Decision.objects.count() == 0


def test_vote_of_more_than_half_adopts_but_has_no_effect_yet() -> None:
    council = hall(10, chair=True)
    council.open(8)
    assert council.vote(5, 3).state == ItemState.ADOPTED
    assert list(Decision.objects.values_list("executor", "effective_at")) == [("Белов Б. О.", None)]


@pytest.mark.parametrize(("votes_for", "state"), [(6, ItemState.ADOPTED), (5, ItemState.REJECTED)])
def test_removal_needs_two_thirds_of_the_composition(votes_for: int, state: str) -> None:
    council = hall(9, rule=ItemRule.REMOVAL, candidate=8, chair=True)
    council.open(7)
    assert council.vote(votes_for, 7 - votes_for).state == state


def test_vote_without_a_quorum_is_refused() -> None:
    council = hall(10, chair=True)
    council.open(5)
    assert refusal_of(council.vote, 5) == "Кворума нет: 5 из 10, нужно 6. Голосовать нельзя."


def test_vote_after_the_quorum_left_is_refused() -> None:
    council = hall(10, items=2, chair=True)
    council.open(6)
    council.vote(6)
    council.leave(council.members[5])
    assert "Кворума нет: 5 из 10, нужно 6" in refusal_of(council.vote, 5, no=1)


def test_vote_that_does_not_sum_to_those_present_is_refused() -> None:
    council = hall(10, chair=True)
    council.open(8)
    assert "Сумма голосов 9, а присутствуют 8" in refusal_of(council.vote, 5, 2, 1, 1)


def test_vote_counts_those_present_at_that_moment() -> None:
    council = hall(10, items=2, chair=True)
    council.open(8)
    council.vote(8)
    council.leave(council.members[7])
    assert council.vote(4, 3, no=1).state == ItemState.ADOPTED
    assert list(Vote.objects.order_by("at").values_list("present", "total")) == [(8, 10), (7, 10)]


def test_vote_without_anyone_presiding_is_refused() -> None:
    council = hall(3)
    council.open(3)
    assert "Укажите председательствующего" in refusal_of(council.vote, 3)


def test_vote_after_the_presiding_member_left_is_refused() -> None:
    council = hall(3, chair=True)
    council.open(3)
    council.leave(council.members[0])
    assert "Председательствующий ушёл" in refusal_of(council.vote, 2)


def test_tally_for_a_closed_item_is_stale() -> None:
    council = hall(3, chair=True)
    council.open(3)
    council.vote(3)
    with pytest.raises(StaleError):
        council.vote(2, 1)
    assert Vote.objects.get().votes_for == 3


def test_tally_counted_before_someone_came_is_stale() -> None:
    council = hall(3, chair=True)
    council.open(2)
    earlier = council.now
    council.arrive(council.members[2])
    with pytest.raises(StaleError):
        services.vote_record(actor=council.keeper, item=council.items[0], tally=Tally(3, 0, 0, 0), at=earlier)


def test_second_election_is_refused_while_the_first_waits_for_its_minutes() -> None:
    council = hall(3, items=2, rule=ItemRule.ELECTION, candidate=1)
    council.open(3)
    council.preside()
    council.vote(3)
    assert "уже избран" in refusal_of(council.vote, 3, no=1)


# --- the end ------------------------------------------------------------------------------------------------------


def test_meeting_end_empties_the_hall_and_skips_what_is_left() -> None:
    council = hall(3, items=2, chair=True)
    council.open(3)
    council.vote(3)
    council.end()
    assert list(council.meeting.items.values_list("state", flat=True)) == [ItemState.ADOPTED, ItemState.SKIPPED]
    assert set(Presence.objects.values_list("left_at", flat=True)) == {council.meeting.closed_at}


def test_meeting_that_never_had_a_quorum_is_not_ended_but_not_held() -> None:
    council = hall(10, chair=True)
    council.open(5)
    assert "несостоявшимся" in refusal_of(council.end)
    services.meeting_not_held(actor=council.keeper, meeting=council.meeting, at=council.tick())
    council.refresh()
    entry = AuditEntry.objects.get(verb="meeting.not_held")
    assert (council.meeting.state, entry.changes) == (
        MeetingState.NOT_HELD,
        {"reason": "нет кворума", "present": 5, "total": 10, "needed": 6},
    )


def test_meeting_with_a_quorum_is_not_recorded_as_not_held() -> None:
    council = hall(10, chair=True)
    council.open(6)
    message = refusal_of(services.meeting_not_held, actor=council.keeper, meeting=council.meeting, at=council.tick())
    assert message == "Кворум есть: 6 из 10. Заседание правомочно."


def test_planned_meeting_is_not_recorded_as_not_held_before_its_time() -> None:
    council = hall(3)
    message = refusal_of(
        services.meeting_not_held,
        actor=council.keeper,
        meeting=council.meeting,
        at=AT - timedelta(minutes=1),
    )
    assert message == "Назначенное время ещё не наступило."


# --- minutes ------------------------------------------------------------------------------------------------------


def ended(size: int = 3, **options: object) -> Hall:
    council = hall(size, chair=True, **options)
    council.open(size)
    council.vote(size)
    council.end()
    return council


def test_minutes_signed_by_both_close_the_meeting_and_give_effect() -> None:
    council = ended()
    council.submit()
    council.sign_both()
    decision = Decision.objects.get()
    document = council.meeting.document
    assert (council.meeting.state, document.number, document.kind) == (MeetingState.CLOSED, 1, "T18")
    assert document.organisation == council.council.keeper
    assert decision.effective_at == council.now


def test_minutes_signed_by_one_have_no_effect() -> None:
    council = ended()
    council.submit()
    council.sign("presiding", council.meeting.presiding)
    assert (council.meeting.state, Decision.objects.get().effective_at) == (MeetingState.SIGNING, None)


def test_chair_is_in_office_only_after_the_minutes_are_signed() -> None:
    council = hall(3, rule=ItemRule.ELECTION, candidate=1)
    council.open(3)
    council.preside()
    council.vote(3)
    council.end()
    council.submit()
    council.sign("presiding", council.members[0])
    assert Council.objects.get(pk=council.council.pk).chair is None
    council.sign("secretary", council.secretary)
    assert Council.objects.get(pk=council.council.pk).chair == council.members[1]


def test_removed_member_loses_the_seat_when_the_minutes_are_signed() -> None:
    council = hall(3, rule=ItemRule.REMOVAL, candidate=2, chair=True)
    council.open(3)
    council.vote(3)
    council.end()
    council.submit()
    council.sign_both()
    council.members[2].duty.refresh_from_db()
    assert council.members[2].duty.date_to == AT.date()


def test_secretary_does_not_sign_before_the_presiding_member() -> None:
    council = ended()
    council.submit()
    assert "Сначала документ подписывает" in refusal_of(council.sign, "secretary", council.secretary)


def test_minutes_are_not_signed_in_the_place_of_another() -> None:
    council = ended()
    council.submit()
    assert "другого человека" in refusal_of(council.sign, "presiding", council.secretary)


def test_one_person_with_two_seats_does_not_sign_twice() -> None:
    council = hall(3, chair=True)
    council.open(3)
    council.vote(3)
    council.end()
    other = SecretaryFactory(council=council.council, duty__user=council.members[0].user)
    message = refusal_of(
        services.minutes_submit, actor=acting_as(other.duty), meeting=council.meeting, at=council.tick()
    )
    assert "один человек" in message
    assert Document.objects.count() == 0


def test_person_who_keeps_the_record_does_not_preside_from_another_seat() -> None:
    council = hall(3)
    council.secretary = SecretaryFactory(council=council.council, duty__user=council.members[0].user)
    council.open(3)
    assert "два разных человека" in refusal_of(council.preside, council.members[0])


def test_minutes_with_a_wrong_password_stay_unsigned() -> None:
    council = ended()
    council.submit()
    assert "Пароль неверен" in refusal_of(council.sign, "presiding", council.meeting.presiding, password="нет")


def test_minutes_of_an_old_version_are_stale() -> None:
    council = ended()
    council.submit()
    old = current_version(council.meeting.document).sha256
    services.minutes_return(
        actor=acting_as(council.meeting.presiding.duty),
        meeting=council.meeting,
        slot="presiding",
        reason="Не указано, что докладывали.",
        at=council.tick(),
    )
    services.item_heard(actor=council.keeper, item=council.items[0], heard="Доклад о расписании.", at=council.tick())
    council.submit()
    with pytest.raises(StaleError):
        council.sign("presiding", council.meeting.presiding, version=old)
    council.sign_both()
    assert (council.meeting.state, council.meeting.document.versions.count()) == (MeetingState.CLOSED, 2)


def test_return_without_a_reason_is_refused() -> None:
    council = ended()
    council.submit()
    message = refusal_of(
        services.minutes_return,
        actor=acting_as(council.meeting.presiding.duty),
        meeting=council.meeting,
        slot="presiding",
        reason=" ",
        at=council.tick(),
    )
    assert "Укажите причину" in message


def test_what_was_heard_is_not_changed_while_minutes_are_signed() -> None:
    council = ended()
    council.submit()
    with pytest.raises(StaleError):
        services.item_heard(actor=council.keeper, item=council.items[0], heard="Другое", at=council.tick())


# --- the database holds it too ------------------------------------------------------------------------------------

CHANGES = {
    "meeting": "UPDATE council_meeting SET place = 'другое'",
    "meeting reopened": "UPDATE council_meeting SET state = 'running'",
    "meeting deleted": "DELETE FROM council_meeting",
    "vote": "UPDATE council_vote SET votes_for = votes_for - 1, against = against + 1",
    "vote deleted": "DELETE FROM council_vote",
    "decision": "UPDATE council_decision SET text = 'другое'",
    "decision without effect": "UPDATE council_decision SET effective_at = NULL",
    "decision deleted": "DELETE FROM council_decision",
    "item": "UPDATE council_agendaitem SET heard = 'другое'",
    "item added": "INSERT INTO council_agendaitem (meeting_id, position, title, speaker, heard, proposal, rule, state)"
    " SELECT id, 9, 'x', 'x', '', 'x', 'ordinary', 'open' FROM council_meeting",
    "presence": "UPDATE council_presence SET left_at = left_at + interval '1 hour'",
    "presence deleted": "DELETE FROM council_presence",
    "presence added": "INSERT INTO council_presence (meeting_id, member_id, arrived_at)"
    " SELECT meeting_id, member_id, arrived_at FROM council_presence",
}


def test_closed_meeting_is_immutable_by_raw_sql() -> None:
    signed_hall(3, chair=True)
    changed = []
    for name, sql in CHANGES.items():
        try:
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(sql)
                changed.append(name)
        except InternalError:
            pass
    assert changed == []


def test_vote_of_a_running_meeting_is_immutable_by_raw_sql() -> None:
    council = hall(3, chair=True)
    council.open(3)
    council.vote(3)
    with pytest.raises(InternalError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE council_vote SET votes_for = 2, against = 1")


def test_vote_without_a_quorum_is_refused_by_the_database() -> None:
    council = hall(4)
    vote = Vote(item=council.items[0], at=AT, total=4, present=2, votes_for=2, against=0, abstained=0, not_voted=0)
    with pytest.raises(IntegrityError, match="council_vote_quorum"), transaction.atomic():
        vote.save()


def test_every_act_is_in_the_trail() -> None:
    council = signed_hall(2, chair=True)
    verbs = AuditEntry.objects.filter(target_type="council.meeting").order_by("pk").values_list("verb", flat=True)
    assert list(verbs) == [
        "meeting.opened",
        "meeting.member_arrived",
        "meeting.presiding_set",
        "meeting.member_arrived",
        "item.vote_recorded",
        "meeting.ended",
        "minutes.submitted",
        "minutes.signed_by_one",
        "minutes.signed",
    ]
    assert set(AuditEntry.objects.filter(target_id=council.meeting.pk).values_list("organisation", flat=True)) >= {
        council.secretary.duty.organisation_id
    }


# --- one person, one vote -----------------------------------------------------------------------------------------


def test_person_gets_no_second_seat_with_a_vote() -> None:
    seat = CouncilMemberFactory()
    second = DutyFactory(user=seat.user, kind=DutyKind.COUNCIL_MEMBER)
    with pytest.raises(IntegrityError, match="уже есть место с правом голоса"), transaction.atomic():
        CouncilMemberFactory(council=seat.council, duty=second)
    CouncilMemberFactory(council=seat.council, duty=second, voting=False)


def test_person_may_come_back_to_a_seat_that_has_ended() -> None:
    seat = CouncilMemberFactory(duty__date_to=date(2026, 5, 31))
    back = DutyFactory(user=seat.user, kind=DutyKind.COUNCIL_MEMBER, date_from=date(2026, 9, 1))
    assert CouncilMemberFactory(council=seat.council, duty=back).voting


def test_meeting_and_question_sent_twice_are_one() -> None:
    council = hall()
    planned = [plan(council) for _ in range(2)]
    question = {"title": "План", "speaker": "Орлов", "proposal": "Утвердить план"}
    items = [services.item_add(actor=council.keeper, meeting=planned[0], at=AT, **question) for _ in range(2)]
    assert (planned[0], items[0]) == (planned[1], items[1])
