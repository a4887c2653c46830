"""Inviting: notice, calendar files that follow a meeting, answers and the forecast, materials (3.11, Beyond 18)."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest
from django.core import mail
from icalendar import Calendar

from council import services
from council.enums import MeetingKind, MeetingState
from council.models import Answer, Meeting
from council.selectors.composition import voters
from council.selectors.finder import forecast, suggestions
from council.services import letters
from network_portal.common.errors import StaleError
from network_portal.notices.models import Notice
from network_portal.outbox.models import OutboxEvent
from tests.council.asking import refusal_of
from tests.factories.council import AT, AgendaItemFactory, Hall, MeetingFactory, hall
from tests.factories.courses import AcademicYearFactory, HolidayFactory, StudyGroupFactory
from tests.factories.gradebook import LessonFactory
from tests.factories.schools import DutyFactory, acting_as
from tests.shared import shared

pytestmark = pytest.mark.django_db
BEFORE = AT - timedelta(days=5)


@shared
def planned(led: Hall) -> Hall:
    """Return a council with a meeting that nobody is invited to yet."""
    led.meeting = MeetingFactory(council=led.council, state=MeetingState.PLANNED, convened_at=None)
    led.items = [AgendaItemFactory(meeting=led.meeting, position=1)]
    return led


def convene(council: Hall, *, at: datetime = BEFORE, **words: str) -> Meeting:
    return services.meeting_convene(actor=council.keeper, meeting=council.meeting, at=at, **words)


def sent(council: Hall, letter: int = 0) -> Calendar:
    """Send the first member what waits in the outbox for that member last, and return its calendar file."""
    member = council.members[0].pk
    event = OutboxEvent.objects.filter(topic="council.invitation", payload__member_id=member).latest("pk")
    assert letters.invitation_send(at=AT, **event.payload)
    name, content, kind = mail.outbox[-1].attachments[0]
    assert (name, kind.split(";")[0]) == ("meeting.ics", "text/calendar")
    return Calendar.from_ical(content)


def test_invitation_is_sent_in_time_to_everyone_with_the_agenda(planned: Hall) -> None:
    assert convene(planned).state == MeetingState.CONVENED
    assert (OutboxEvent.objects.count(), Notice.objects.count()) == (4, 4)
    calendar = sent(planned)
    event = calendar.walk("VEVENT")[0]
    assert (calendar["METHOD"], event["STATUS"], event["SEQUENCE"]) == ("REQUEST", "CONFIRMED", 0)
    assert event["DTSTART"].params["TZID"] == "Europe/Moscow"  # no floating and no foreign local time
    assert event["DTSTART"].dt.astimezone(UTC) == AT
    assert planned.items[0].title in mail.outbox[-1].body


def test_regular_meeting_is_not_convened_late_and_another_one_only_with_a_reason(planned: Hall) -> None:
    late = AT - timedelta(days=4)
    assert "перенесите его или созовите как внеочередное" in refusal_of(
        convene, planned, at=late, short_notice="Срочно"
    )
    Meeting.objects.filter(pk=planned.meeting.pk).update(kind=MeetingKind.EXTRAORDINARY)
    assert "Укажите причину" in refusal_of(convene, planned, at=late)
    assert convene(planned, at=late, short_notice="Закрывается группа").short_notice == "Закрывается группа"


def test_meeting_without_an_agenda_is_not_convened_and_an_unconvened_one_not_opened(planned: Hall) -> None:
    assert "Сначала созовите" in refusal_of(planned.open, 3)
    planned.items[0].delete()
    assert refusal_of(convene, planned) == "Повестка пуста: добавьте вопрос."


def test_calendars_follow_a_meeting_that_moves_and_is_called_off(planned: Hall) -> None:
    """One event: the same identifier, a growing number, a cancellation at the end."""
    convene(planned)
    planned.refresh()
    services.meeting_answer(actor=acting_as(planned.members[0].duty), meeting=planned.meeting, coming=True, at=BEFORE)
    uid = sent(planned).walk("VEVENT")[0]["UID"]
    moved = AT + timedelta(days=1)
    services.meeting_move(actor=planned.keeper, meeting=planned.meeting, planned_at=moved, place="каб. 15", at=BEFORE)
    event = sent(planned).walk("VEVENT")[0]
    assert (event["UID"], event["SEQUENCE"], event["LOCATION"]) == (uid, 1, "каб. 15")
    assert event["DTSTART"].dt.astimezone(UTC) == moved
    assert Answer.objects.count() == 0  # an answer was to another day
    assert "Укажите причину" in refusal_of(
        services.meeting_cancel, actor=planned.keeper, meeting=planned.meeting, reason=" ", at=BEFORE
    )
    services.meeting_cancel(actor=planned.keeper, meeting=planned.meeting, reason="Карантин", at=BEFORE)
    calendar = sent(planned)
    event = calendar.walk("VEVENT")[0]
    assert (calendar["METHOD"], event["STATUS"], event["UID"], event["SEQUENCE"]) == ("CANCEL", "CANCELLED", uid, 2)
    first = OutboxEvent.objects.filter(topic="council.invitation").earliest("pk")
    assert not letters.invitation_send(at=AT, **first.payload)  # a later one has replaced it
    planned.refresh()
    with pytest.raises(StaleError):
        services.meeting_move(actor=planned.keeper, meeting=planned.meeting, planned_at=moved, place="x", at=BEFORE)


def test_quorum_is_forecast_from_answers() -> None:
    council = hall(4)
    meeting = council.meeting

    def words() -> str:
        return forecast(meeting, list(voters(council.council, meeting.day))).words

    def answer(place: int, coming: bool) -> None:
        acting = acting_as(council.members[place].duty)
        services.meeting_answer(actor=acting, meeting=meeting, coming=coming, reason="Отпуск", at=BEFORE)

    assert words() == "Кворум зависит от тех, кто не ответил: придут 0 из 4, нужно 3, не ответили 4"
    for place in range(2):
        answer(place, True)
    answer(2, False)
    answer(3, False)
    assert words() == "Кворума не будет: придут 2 из 4, нужно 3"
    answer(3, True)
    assert words() == "Кворум будет: придут 3 из 4, нужно 3"
    message = refusal_of(services.meeting_answer, actor=council.keeper, meeting=meeting, coming=True, at=BEFORE)
    assert "с правом голоса" in message


def test_days_offered_keep_the_notice_and_avoid_lessons_and_holidays(unled: Hall) -> None:
    """Two of three members teach on one afternoon: the quorum would be lost, so that hour is not offered."""
    today = date(2026, 9, 2)
    for member in unled.members[:2]:
        teacher = DutyFactory(user=member.user, organisation=member.duty.organisation, kind="network_teacher")
        group = StudyGroupFactory(teacher=teacher)
        for starts in (13, 14, 15, 16, 17):
            LessonFactory(group=group, date=date(2026, 9, 8), starts=time(starts), ends=time(starts, 45))
    year = AcademicYearFactory(organisation=unled.members[2].duty.organisation)
    HolidayFactory(academic_year=year, date_from=date(2026, 9, 9), date_to=date(2026, 9, 9))
    days = [one.day for one in suggestions(unled.council, today, until=date(2026, 9, 11))]
    assert days == [date(2026, 9, 7), date(2026, 9, 10), date(2026, 9, 11)]


def test_proposal_and_opinion_reach_the_agenda(django_capture_on_commit_callbacks: Any, planned: Hall) -> None:
    """Members propose (S1-5.8); whom a question concerns is asked before the vote (S4-1.4.6)."""
    member = planned.members[1]
    wish = services.proposal_make(
        actor=acting_as(member.duty), council=planned.council, member=member, title="О базе", proposal="Купить", at=AT
    )
    item = services.proposal_take(actor=planned.keeper, proposal=wish, meeting=planned.meeting, at=BEFORE)
    assert (item.proposed_by, item.speaker) == (member, member.user.short_name)
    with pytest.raises(StaleError):
        services.proposal_decline(actor=planned.keeper, proposal=wish, reason="Нет", at=BEFORE)
    school = member.duty.organisation
    deputy = DutyFactory(organisation=school, kind="deputy")
    [opinion] = services.opinion_ask(actor=planned.keeper, item=item, schools=[school], at=BEFORE)
    assert Notice.objects.filter(user=deputy.user).count() == 1
    give = {"actor": acting_as(deputy), "opinion": opinion, "at": BEFORE}
    assert "Объясните" in refusal_of(services.opinion_give, stance="objected", text="", **give)
    assert services.opinion_give(stance="objected", text="Денег нет", **give).by == deputy.user
