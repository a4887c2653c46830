"""Invitations for people's calendars: the same event is updated when the meeting moves and cancelled when it is off."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.urls import reverse
from icalendar import Calendar, Event, vCalAddress, vText

from council.enums import MeetingState
from council.models import CouncilMember, Meeting

#: How long the calendar keeps the time free.
LENGTH = timedelta(minutes=90)


def event_of(meeting: Meeting, member: CouncilMember, at: datetime) -> tuple[bytes, str]:
    """Return the invitation of `member` as iCalendar, and its method, "REQUEST" or "CANCEL".

    The times are of the network's zone, by its name: no local time floats, none is stamped with another zone.

    Args:
        meeting: a convened or cancelled meeting.
        member: who is invited.
        at: the moment of sending.
    """
    zone = ZoneInfo(meeting.council.network.time_zone)
    off = meeting.state == MeetingState.CANCELLED
    method = "CANCEL" if off else "REQUEST"
    calendar = Calendar()
    calendar.add("prodid", "-//portal//council//RU")
    calendar.add("version", "2.0")
    calendar.add("method", method)
    event = Event()
    event.add("uid", f"council-meeting-{meeting.pk}@{settings.PUBLIC_URL.split('//')[-1].rstrip('/')}")
    event.add("sequence", meeting.sequence)
    event.add("dtstamp", at)
    start = meeting.planned_at.astimezone(zone)
    event.add("dtstart", start)
    event.add("dtend", start + LENGTH)
    event.add("summary", f"Заседание координационного совета сети «{meeting.council.network.name}»")
    event.add("location", meeting.place)
    event.add("description", link_of(meeting))
    event.add("status", "CANCELLED" if off else "CONFIRMED")
    attendee = vCalAddress(f"MAILTO:{member.user.email}")
    attendee.params["CN"] = vText(member.user.short_name)
    attendee.params["ROLE"] = vText("REQ-PARTICIPANT" if member.voting else "NON-PARTICIPANT")
    event.add("attendee", attendee)
    event.add("organizer", vCalAddress(f"MAILTO:{settings.DEFAULT_FROM_EMAIL}"))
    calendar.add_component(event)
    calendar.add_missing_timezones()
    return calendar.to_ical(), method


def link_of(meeting: Meeting) -> str:
    """Return the address of the meeting's page."""
    return settings.PUBLIC_URL.rstrip("/") + reverse("meeting", args=[meeting.pk])
