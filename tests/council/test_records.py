"""What the database holds by itself: records of closed meetings, one vote for a person, the trail."""

from __future__ import annotations

from datetime import date

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.utils import InternalError

from council.models import Vote
from network_portal.audit.models import AuditEntry
from schools.enums import DutyKind
from tests.factories.council import AT, CouncilMemberFactory, Hall, hall, signed_hall
from tests.factories.schools import DutyFactory

pytestmark = pytest.mark.django_db


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


def test_vote_of_a_running_meeting_is_immutable_by_raw_sql(sitting: Hall) -> None:
    sitting.vote(3)
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
        "meeting.agenda_voted",
        "item.vote_recorded",
        "meeting.ended",
        "minutes.submitted",
        "minutes.signed_by_one",
        "minutes.signed",
    ]
    assert set(AuditEntry.objects.filter(target_id=council.meeting.pk).values_list("organisation", flat=True)) >= {
        council.secretary.duty.organisation_id
    }


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
