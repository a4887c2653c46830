"""Printing the journal: a numbered paper in the register of the school that prints it (T13, S1-4.8b)."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from courses.models import StudyGroup
from gradebook.models import JournalPrint
from gradebook.selectors.months import group_day
from gradebook.selectors.periods import period_of
from gradebook.selectors.prints import journal_paper
from network_portal.documents import kinds
from network_portal.documents.services import document_issue
from schools.acting import Acting
from schools.models import Organisation


@transaction.atomic
def journal_print(*, actor: Acting, group: StudyGroup, key: str, at: datetime) -> JournalPrint:
    """Print a period of the journal; while nothing in it has changed, the copy printed last is returned again.

    Args:
        actor: who reads the journal; the paper is the school's for which the person acts.
        group: the journal.
        key: the period, as `selectors.periods.Period` has it.
        at: the moment.
    """
    assert actor.organisation is not None
    Organisation.objects.select_for_update(no_key=True).get(pk=actor.organisation.pk)
    paper = journal_paper(actor, group, key=key, at=at)
    today = group_day(group, at)
    period = period_of(group, key, today).key
    last = JournalPrint.objects.filter(group=group, organisation=actor.organisation, period=period).first()
    if last and last.document.versions.latest("no").sha256 == kinds.content_sha256(kinds.content_of(paper)):
        return last
    document = document_issue(
        actor=actor.user, organisation=actor.organisation, paper=paper, on=today, at=at, pdf_later=True
    )
    return JournalPrint.objects.create(
        group=group,
        organisation=actor.organisation,
        period=period,
        document=document,
        printed_by=actor.user,
        printed_at=at,
    )
