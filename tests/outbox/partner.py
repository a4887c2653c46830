"""The home school's curator and worker at the partner's portal, in a process of their own.

DATABASE_URL=… python -m tests.outbox.partner

Each line of standard input is an act upon the last package: «acknowledge», or «dispute » and what is wrong in every
line. The answer is the state of the reply when the host's portal has had it.
"""

from __future__ import annotations

import os
import sys

import django

os.environ["DJANGO_SETTINGS_MODULE"] = "network_portal.settings"
django.setup()

from django.utils import timezone

from gradebook.models import Intake
from gradebook.services import replies
from network_portal.outbox.models import OutboxEvent
from network_portal.outbox.services import deliver
from schools.enums import DutyKind
from schools.models import Duty
from tests.factories.schools import acting_as

for line in sys.stdin:
    word, _, reason = line.strip().partition(" ")
    intake, at = Intake.objects.order_by("-version")[:1].get(), timezone.now()
    curator = acting_as(Duty.objects.get(organisation=intake.home, kind=DutyKind.CURATOR))
    if word == "dispute":
        reasons = dict.fromkeys(intake.lines.values_list("pk", flat=True), reason)
        reply = replies.intake_dispute(actor=curator, intake=intake, reasons=reasons, at=at)
    else:
        reply = replies.intake_acknowledge(actor=curator, intake=intake, at=at)
    deliver(event_id=OutboxEvent.objects.get(key=replies.reply_key(reply.pk)).pk, at=timezone.now())
    reply.refresh_from_db()
    sys.stdout.write(f"{reply.state} {reply.reason}\n")
    sys.stdout.flush()
