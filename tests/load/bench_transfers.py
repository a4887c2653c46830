"""A region's month: 2,000 groups of 25 pupils with 20 marks each and some absences are sealed and delivered.

The floor of sealing is a `COPY` of the same marks joined with pupil and lesson. `TRANSFER_ROWS` makes the region
smaller for trying out. Delivery is measured to a receiver on this machine, which shares the two cores with the workers
and the database, so that a second worker adds little; the gain of a second worker is measured to one that answers
after `AWAY_SECONDS`, as a school's system over a network does.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path
from statistics import median

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from courses.models import StudyGroup
from gradebook.models import MonthlyTransfer, PushEndpoint
from gradebook.selectors.months import Month
from gradebook.selectors.transfers import SealRow
from gradebook.services.sealing import transfers_seal_all
from network_portal.documents import rendering
from network_portal.documents.models import Document
from network_portal.documents.services import document_pdf_keep
from network_portal.outbox import doorbell
from network_portal.outbox.models import OutboxEvent
from schools.enums import DutyKind
from schools.models import Organisation
from tests.factories.gradebook import KEY, PushEndpointFactory, pupils
from tests.factories.schools import DutyFactory, acting_as
from tests.load.bench_pdf import timed
from tests.load.region import courses_of, groups_of, network_of
from tests.load.web import analysed
from tests.services import running_receiver

ROWS = int(os.environ.get("TRANSFER_ROWS", "1000000"))
PUPILS, LESSONS = 25, 20
GROUPS = max(ROWS // (PUPILS * LESSONS), 20)
MONTH, AT = Month(2026, 11), datetime(2026, 12, 3, 9, 0, tzinfo=UTC)
PUSHED, PAPERS = min(400, GROUPS // 3), 11
AWAY_SECONDS = 0.1
COPY = """
COPY (
    SELECT mark.value, work.kind, lesson.date, student.last_name, student.first_name, student.patronymic
    FROM gradebook_mark mark
    JOIN gradebook_work work ON work.id = mark.work_id
    JOIN gradebook_lesson lesson ON lesson.id = work.lesson_id
    JOIN enrollment_enrolment enrolment ON enrolment.id = mark.enrolment_id
    JOIN schools_student student ON student.id = enrolment.student_id
) TO STDOUT WITH CSV
"""


def bench() -> dict[str, float]:
    groups, home = region()
    doorbell.ring = lambda event_id: False  # type: ignore[assignment]  # nobody listens while it seals
    PushEndpointFactory(organisation=home)
    rows = [SealRow(group, home, MONTH, PUPILS, LESSONS, LESSONS, [], None) for group in groups]
    copied = copy_seconds()
    tenth = peak_mb(rows[: len(rows) // 10])
    begun = time.perf_counter()
    whole = peak_mb(rows[len(rows) // 10 :])
    took = time.perf_counter() - begun
    count = (len(rows) - len(rows) // 10) * PUPILS * LESSONS
    assert MonthlyTransfer.objects.count() == len(rows)
    OutboxEvent.objects.update(available_at=min(AT, timezone.now()))
    with tempfile.TemporaryDirectory() as folder, running_receiver(Path(folder), KEY) as receiver:
        local = deliver_per_s(1, PUSHED, receiver.url)
        receiver.behave(f"ok:{AWAY_SECONDS}")
        one, two = (deliver_per_s(workers, PUSHED // 2, receiver.url) for workers in (1, 2))
    return {
        "transfer.seal.rows_per_s": count / took,
        "transfer.seal.copy_ratio": (took / count) / (copied / (len(rows) * PUPILS * LESSONS)),
        "transfer.seal.peak_mb": whole,
        "transfer.seal.tenth_peak_mb": tenth,
        "transfer.deliver.per_s": local,
        "transfer.deliver.away_per_s": one,
        "transfer.deliver.two_workers_speedup": two / one,
        **paper_ms(),
    }


def region() -> tuple[list[StudyGroup], Organisation]:
    """Lay a region out by statements of the database: triggers would look at each of a million rows.

    Marks lie in the order in which journals are filled, day by day.
    """
    network, schools = network_of(2)
    home, host = schools
    courses = courses_of(network, [host], GROUPS, groups=0, until=date(2027, 5, 31))
    groups = groups_of(courses, 1, open=True, capacity=PUPILS + 5)
    (pattern,) = pupils(groups[0], home, 1, "Образцов")
    with connection.cursor() as cursor, transaction.atomic():
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute(STATEMENTS, {"pupils": PUPILS, "lessons": LESSONS, "pattern": pattern.pk})
    analysed()
    return list(StudyGroup.objects.order_by("pk")), home


STATEMENTS = """
INSERT INTO schools_student (id, last_name, first_name, patronymic, gender, sort_key, name_genitive, name_dative,
    name_accusative, birth_date, home_school_id, school_class_id, left_on, left_reason)
SELECT 10000000 + studygroup.id * 100 + no, 'Иванов' || no, 'Иван', 'Петрович', 'm', 'иванов' || no, '', '', '',
    student.birth_date, student.home_school_id, student.school_class_id, NULL, ''
FROM courses_studygroup studygroup CROSS JOIN generate_series(1, %(pupils)s) no
CROSS JOIN (
    SELECT student.* FROM schools_student student
    JOIN enrollment_enrolment enrolment ON enrolment.student_id = student.id
    WHERE enrolment.id = %(pattern)s
) student;
INSERT INTO enrollment_enrolment (id, student_id, home_id, group_id, course_id, line_id, order_id, date_from, date_to,
    state, home_state, exit_record, review)
SELECT student.id, student.id, student.home_school_id, studygroup.id, studygroup.course_id, student.id,
    pattern.order_id, '2026-09-01', NULL, pattern.state, pattern.home_state, '', ''
FROM courses_studygroup studygroup
JOIN schools_student student ON student.id / 100 = 100000 + studygroup.id
CROSS JOIN (SELECT * FROM enrollment_enrolment WHERE id = %(pattern)s) pattern;
INSERT INTO gradebook_lesson (id, group_id, date, starts, ends, room, topic, homework, state, cancel_reason,
    attendance_confirmed_at)
SELECT 10000000 + studygroup.id * 100 + no, studygroup.id, date '2026-11-01' + no, '15:00', '15:45', 'каб. 1',
    'Тема занятия ' || no, '', 'held', '', '2026-11-30T09:00:00Z'
FROM courses_studygroup studygroup CROSS JOIN generate_series(1, %(lessons)s) no;
INSERT INTO gradebook_work (id, lesson_id, no, kind, title, criteria, whole_class)
SELECT id, id, 1, (ARRAY['answer', 'homework', 'independent', 'test'])[1 + id %% 4], '', '', FALSE
FROM gradebook_lesson;
INSERT INTO gradebook_mark (work_id, enrolment_id, value, given_at)
SELECT lesson.id, enrolment.id, 2 + (lesson.id * 3 + enrolment.id) %% 4, '2026-11-30T09:00:00Z'
FROM gradebook_lesson lesson JOIN enrollment_enrolment enrolment ON enrolment.group_id = lesson.group_id
WHERE enrolment.id > 10000000
ORDER BY lesson.date, lesson.id, enrolment.id;
INSERT INTO gradebook_attendance (lesson_id, enrolment_id, code, minutes_late)
SELECT lesson.id, enrolment.id, 'ill', NULL
FROM gradebook_lesson lesson JOIN enrollment_enrolment enrolment ON enrolment.group_id = lesson.group_id
WHERE enrolment.id > 10000000 AND (lesson.id + enrolment.id) %% 10 = 0;
"""


def copy_seconds() -> float:
    """Return how long the database takes to hand over the joined rows as CSV, the better of two."""
    times = []
    for _ in range(2):
        with connection.cursor() as cursor, tempfile.TemporaryFile() as out:
            begun = time.perf_counter()
            cursor.cursor.copy_expert(COPY, out)
            times.append(time.perf_counter() - begun)
    return min(times)


def peak_mb(rows: list[SealRow]) -> float:
    """Seal the rows and return the most memory that the process held meanwhile."""
    host = rows[0].group.course.programme.host
    actor = acting_as(DutyFactory(organisation=host, kind=DutyKind.COORDINATOR))
    Path("/proc/self/clear_refs").write_text("5")
    sealed, refused = transfers_seal_all(actor=actor, rows=rows, at=AT)
    assert (sealed, refused) == (len(rows), [])
    status = Path("/proc/self/status").read_text()
    return int(next(line for line in status.splitlines() if line.startswith("VmHWM")).split()[1]) / 1024


WORKER = """
import sys, time
import django
django.setup()
from django.utils import timezone
from network_portal.outbox.services import deliver
ids = [int(pk) for pk in sys.argv[1].split(",")]
print("ready", flush=True)
sys.stdin.readline()
begun = time.time()
for pk in ids:
    assert deliver(event_id=pk, at=timezone.now())
print(begun, time.time(), flush=True)
"""


def deliver_per_s(workers: int, number: int, url: str) -> float:
    """Return how many pushes a second so many workers bring to the receiver."""
    PushEndpoint.objects.update(url=url)
    waiting = OutboxEvent.objects.open().filter(topic="transfer.push").order_by("pk")
    ids = list(waiting.values_list("pk", flat=True)[:number])
    environment = {**os.environ, "PUSH_ALLOWED_NETWORKS": "127.0.0.0/8"}
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", WORKER, ",".join(map(str, ids[no::workers]))],
            cwd=settings.BASE_DIR,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for no in range(workers)
    ]
    for process in processes:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    answers = [process.communicate()[0] for process in go(processes)]
    times = [tuple(map(float, answer.split())) for answer in answers]
    return len(ids) / (max(end for _, end in times) - min(begun for begun, _ in times))


def go(processes: list[subprocess.Popen[str]]) -> list[subprocess.Popen[str]]:
    """Let all workers begin at once."""
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    return processes


def paper_ms() -> dict[str, float]:
    """Return the median of making the paper of a transfer, after the first, and of a bare page of 30 × 15 cells."""
    row = f"<tr>{'<td>5</td>' * 15}</tr>"
    bare = f"<html lang='ru'><title>5</title><table>{row * 30}</table></html>"
    papers, pages = [], []
    for document in Document.objects.filter(kind="T16").order_by("pk")[:PAPERS]:
        papers.append(timed(partial(document_pdf_keep, document=document)))
        pages.append(timed(lambda: rendering.render(bare)))
    paper, floor = median(papers[1:]), median(pages[1:])
    return {"pdf.transfer.p50_ms": paper, "pdf.transfer.floor_p50_ms": floor, "pdf.transfer.ratio": paper / floor}
