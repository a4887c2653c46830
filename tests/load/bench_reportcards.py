"""Report cards of 1,000 pupils in five network subjects: a page a pupil as HTML, and as PDF/A class by class.

A batch holds the pages of 30 pupils in one file, as a class teacher prints them; two processes share the batches. The
paper T14 of one group of 25 is measured beside them.
"""

from __future__ import annotations

from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from datetime import date, time
from statistics import median
from time import perf_counter

import pgtrigger

from courses.models import StudyGroup
from enrollment.models import Enrolment
from gradebook.card_papers import DEPUTY, DIRECTOR, TEACHER
from gradebook.enums import CardState, Term
from gradebook.models import ReportCard, ReportCardLine
from gradebook.selectors.cards import computed
from gradebook.selectors.slips import slips
from gradebook.selectors.terms import TermPeriod
from gradebook.slips import slips_page
from network_portal.documents import rendering
from network_portal.documents.models import Document
from network_portal.documents.selectors import current_version
from network_portal.documents.services import SignerSlot, document_draft
from schools.models import Organisation
from tests.factories.gradebook import DECEMBER
from tests.load.bench_pdf import timed
from tests.load.region import LAST, courses_of, groups_of, journal_of, network_of, pupils_of

CORES, PUPILS, COURSES, BATCH, GROUP = 2, 1000, 5, 30, 25
TODAY, FIRST, MONTH_END = date(2027, 5, 31), date(2026, 11, 1), date(2026, 11, 30)
TIMES = [(date(2026, 11, 2 + no), time(15)) for no in range(5)]
SLOTS = [SignerSlot(TEACHER, "учитель"), SignerSlot(DEPUTY, "заместитель директора"), SignerSlot(DIRECTOR, "директор")]


def bench(pupils: int = PUPILS) -> dict[str, float]:
    network, (home, host) = network_of(2)
    students = pupils_of(home, pupils)
    group = StudyGroup()
    for course in courses_of(network, [host], COURSES, groups=0, until=LAST):
        groups = groups_of([course], pupils // GROUP, open=True, capacity=30)
        enrolments = journal_of(groups, students, times=TIMES)
        for place, group in enumerate(groups):
            for term in (Term.H1, Term.H2, Term.YEAR):
                signed_card(home, host, group, enrolments[place * GROUP : (place + 1) * GROUP], term)
    began = perf_counter()
    pages = slips(ReportCardLine.objects.all())
    batches = [slips_page(pages[first : first + BATCH], TODAY) for first in range(0, len(pages), BATCH)]
    html = perf_counter() - began
    one = sheet(group, home)  # before the processes: they take the connection with them when they end
    with ProcessPoolExecutor(CORES) as pool:
        list(pool.map(pages_in, [slips_page(pages[:1], TODAY)] * CORES))
        began = perf_counter()
        printed = sum(pool.map(pages_in, batches))
        pdf = perf_counter() - began
    assert (len(pages), len(pages[0].courses), printed) == (pupils, COURSES, pupils)
    return {
        "reportcards.html_per_1000_s": html * 1000 / pupils,
        "reportcards.pdf_per_1000_s": pdf * 1000 / pupils,
        **one,
    }


def signed_card(
    home: Organisation, host: Organisation, group: StudyGroup, enrolments: list[Enrolment], term: Term
) -> None:
    """Store a card as its three signatures leave it, without the months behind it and without a file."""
    number = ReportCard.objects.count() + 1
    document = Document.objects.create(
        kind="T14", title="Табель успеваемости", organisation=host, state="in_force", year=TODAY.year, number=number,
        registered_on=TODAY, created_at=DECEMBER,
    )  # fmt: skip
    card = ReportCard.objects.create(
        home=home, host=host, group=group, term=term, date_from=FIRST, date_to=MONTH_END, document=document
    )
    ReportCardLine.objects.bulk_create(
        ReportCardLine(
            card=card, enrolment=one, school_class=one.student.school_class, mean="4.25", value=3 + no % 3, missed=2
        )
        for no, one in enumerate(enrolments)
    )
    with pgtrigger.ignore("gradebook.ReportCard:is_clear"):
        for state in (CardState.COMPUTED, CardState.SENT):
            ReportCard.objects.filter(pk=card.pk).update(state=state, sent_at=DECEMBER)


def pages_in(html: str) -> int:
    return rendering.render(html).pages


def sheet(group: StudyGroup, home: Organisation) -> dict[str, float]:
    """Measure the paper T14 of a group: what it comes to, its HTML, its PDF/A."""
    group = StudyGroup.objects.select_related("course__programme__host", "course__network", "teacher__user").get(
        pk=group.pk
    )
    period = TermPeriod(Term.H1, FIRST, MONTH_END)
    paper = replace(computed(group, home, period, None).paper, transfers="№ 1 за ноябрь 2026 г.")
    document = document_draft(actor=None, organisation=home, paper=paper, signers=SLOTS, at=DECEMBER)
    version = current_version(document)
    html = rendering.page_of(document, version)
    rendering.render(html)
    return {
        "reportcards.sheet.computed_p50_ms": median(
            timed(lambda: computed(group, home, period, None)) for _ in range(9)
        ),
        "reportcards.sheet.html_p50_ms": median(timed(lambda: rendering.page_of(document, version)) for _ in range(9)),
        "reportcards.sheet.pdf_p50_ms": median(timed(lambda: rendering.render(html)) for _ in range(9)),
    }
