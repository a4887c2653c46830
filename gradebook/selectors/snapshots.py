"""The lines of sealed months, made by the database itself: one statement for many transfers, canonical as they come.

A region's month has a million marks. Taking them through objects would cost a minute and a gigabyte, so the statement
writes each pupil's line as canonical JSON (sorted keys, no spaces) and hands over one text for each transfer.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import connection

from courses.enums import WorkType
from courses.policies import Policy
from gradebook.access import STUDIED
from gradebook.enums import ABSENCES, MARK_TEXTS, AttendanceCode, LessonState
from gradebook.selectors.entries import COUNTED
from network_portal.documents.kinds import canonical

#: Group and home school.
Pair = tuple[int, int]

#: Group, home school and the canonical JSON of the group's lessons and of the lines of the school's pupils.
LINES = """
WITH wanted AS MATERIALIZED (
    SELECT * FROM unnest(%(groups)s::bigint[], %(homes)s::bigint[]) AS pair (group_id, home_id)
), weights AS MATERIALIZED (
    SELECT weight.group_id, weight.kind, weight.written, weight.written::numeric AS weight,
        format('"weight":%%s,', to_json(weight.written)) AS weight_text,
        format(',"work_type":%%s}', to_json(weight.kind)) AS kind_text
    FROM json_to_recordset(%(weights)s) AS weight (group_id bigint, kind text, written text)
), held AS MATERIALIZED (
    SELECT id, group_id, date, row_number() OVER (PARTITION BY group_id ORDER BY date, starts, id) AS place,
        to_char(date, 'YYYY-MM-DD') AS day
    FROM gradebook_lesson
    WHERE group_id = ANY (%(groups)s) AND date BETWEEN %(first)s AND %(last)s AND state = %(held)s
), taught AS MATERIALIZED (
    SELECT group_id, array_agg(date) AS days FROM held GROUP BY group_id
), work AS MATERIALIZED (
    SELECT work.id, held.place, work.no, weights.weight,
        format('{"date":"%%s","lesson":%%s,"value":', held.day, held.id) AS before,
        format(',%%s"work":%%s%%s', weights.weight_text, work.no, weights.kind_text) AS after
    FROM gradebook_work work
    JOIN held ON held.id = work.lesson_id
    JOIN weights ON weights.group_id = held.group_id AND weights.kind = work.kind
), lessons AS MATERIALIZED (
    SELECT lesson.group_id,
        format(
            '{"cancelled":[%%s],"held":[%%s],"planned":%%s}',
            string_agg(
                format(
                    '{"date":"%%s","id":%%s,"reason":%%s}',
                    to_char(lesson.date, 'YYYY-MM-DD'), lesson.id, to_json(lesson.cancel_reason)
                ),
                ',' ORDER BY lesson.date, lesson.starts, lesson.id
            ) FILTER (WHERE lesson.state = %(cancelled)s),
            string_agg(
                format(
                    '{"date":"%%s","homework":%%s,"id":%%s,"topic":%%s,"works":[%%s]}',
                    to_char(lesson.date, 'YYYY-MM-DD'), to_json(lesson.homework), lesson.id, to_json(lesson.topic),
                    works.written
                ),
                ',' ORDER BY lesson.date, lesson.starts, lesson.id
            ) FILTER (WHERE lesson.state = %(held)s),
            count(*)
        ) AS written
    FROM gradebook_lesson lesson
    LEFT JOIN (
        SELECT work.lesson_id,
            string_agg(
                format(
                    '{"no":%%s,"title":%%s,"weight":%%s,"work_type":%%s}',
                    work.no, to_json(work.title), to_json(weights.written), to_json(weights.kind)
                ),
                ',' ORDER BY work.no
            ) AS written
        FROM held
        JOIN gradebook_work work ON work.lesson_id = held.id
        JOIN weights ON weights.group_id = held.group_id AND weights.kind = work.kind
        GROUP BY work.lesson_id
    ) works ON works.lesson_id = lesson.id
    WHERE lesson.group_id = ANY (%(groups)s) AND lesson.date BETWEEN %(first)s AND %(last)s
    GROUP BY lesson.group_id
), member AS MATERIALIZED (
    SELECT enrolment.id, enrolment.group_id, enrolment.home_id, enrolment.date_from, enrolment.date_to,
        enrolment.student_id, student.last_name, student.first_name, student.patronymic, student.sort_key,
        class.grade, class.letter
    FROM wanted
    JOIN enrollment_enrolment enrolment
        ON enrolment.group_id = wanted.group_id AND enrolment.home_id = wanted.home_id
    JOIN schools_student student ON student.id = enrolment.student_id
    LEFT JOIN schools_schoolclass class ON class.id = student.school_class_id
    WHERE enrolment.state = ANY (%(studied)s) AND enrolment.date_from <= %(last)s
        AND (enrolment.date_to IS NULL OR enrolment.date_to >= %(first)s)
), marks AS MATERIALIZED (
    SELECT mark.enrolment_id,
        string_agg(
            work.before || COALESCE((%(words)s::jsonb ->> mark.value::text), mark.value::text) || work.after,
            ',' ORDER BY work.place, work.no
        ) AS written,
        sum(mark.value * work.weight) FILTER (WHERE mark.value = ANY (%(counted)s)) AS total,
        sum(work.weight) FILTER (WHERE mark.value = ANY (%(counted)s)) AS weight
    FROM gradebook_mark mark
    JOIN work ON work.id = mark.work_id
    JOIN member ON member.id = mark.enrolment_id
    GROUP BY mark.enrolment_id
), away AS MATERIALIZED (
    SELECT attendance.enrolment_id,
        string_agg(
            format(
                '{"code":"%%s","date":"%%s","lesson":%%s,"minutes":%%s}',
                attendance.code, held.day, held.id, COALESCE(attendance.minutes_late::text, 'null')
            ),
            ',' ORDER BY held.place
        ) AS written,
        count(*) FILTER (WHERE attendance.code = 'absent') AS absent,
        count(*) FILTER (WHERE attendance.code = 'excused') AS excused,
        count(*) FILTER (WHERE attendance.code = 'ill') AS ill,
        count(*) FILTER (WHERE attendance.code = 'unexcused') AS unexcused,
        count(*) FILTER (WHERE attendance.code = %(late)s) AS late
    FROM gradebook_attendance attendance
    JOIN held ON held.id = attendance.lesson_id
    JOIN member ON member.id = attendance.enrolment_id
    GROUP BY attendance.enrolment_id
)
SELECT wanted.group_id, wanted.home_id,
    COALESCE(lessons.written, '{"cancelled":[],"held":[],"planned":0}') AS lessons,
    '[' || COALESCE(string_agg(
        format(
            '{"absences":{"absent":%%s,"excused":%%s,"ill":%%s,"unexcused":%%s},"attendance":[%%s],"class":%%s,'
            '"enrolment":%%s,"first_name":%%s,"from":"%%s","last_name":%%s,"late":%%s,"lessons":%%s,"marks":[%%s],'
            '"mean":%%s,"patronymic":%%s,"student":%%s,"to":%%s}',
            COALESCE(away.absent, 0), COALESCE(away.excused, 0), COALESCE(away.ill, 0), COALESCE(away.unexcused, 0),
            away.written,
            to_json(COALESCE(member.grade || U&'\\00A0«' || member.letter || '»', '')),
            member.id,
            to_json(member.first_name),
            to_char(member.date_from, 'YYYY-MM-DD'),
            to_json(member.last_name),
            COALESCE(away.late, 0),
            (
                SELECT count(*) FROM unnest(taught.days) day
                WHERE day >= member.date_from AND (member.date_to IS NULL OR day <= member.date_to)
            ),
            marks.written,
            COALESCE('"' || round(marks.total / NULLIF(marks.weight, 0), 2) || '"', 'null'),
            to_json(member.patronymic),
            member.student_id,
            COALESCE('"' || to_char(member.date_to, 'YYYY-MM-DD') || '"', 'null')
        ),
        ',' ORDER BY member.sort_key, member.id
    ) FILTER (WHERE member.id IS NOT NULL), '') || ']' AS lines
FROM wanted
LEFT JOIN lessons ON lessons.group_id = wanted.group_id
LEFT JOIN member ON member.group_id = wanted.group_id AND member.home_id = wanted.home_id
LEFT JOIN marks ON marks.enrolment_id = member.id
LEFT JOIN away ON away.enrolment_id = member.id
LEFT JOIN taught ON taught.group_id = wanted.group_id
GROUP BY wanted.group_id, wanted.home_id, lessons.written
"""

assert {code.value for code in ABSENCES} == {"absent", "excused", "ill", "unexcused"}


def lines_of(
    pairs: Iterable[Pair], policies: Mapping[int, Policy], first: date, last: date
) -> dict[Pair, tuple[str, str]]:
    """Return the canonical JSON of the lessons and of the lines of each group and home school; one statement.

    The arguments are those of `parameters_of`.
    """
    with connection.cursor() as cursor:
        cursor.execute(LINES, parameters_of(pairs, policies, first, last))
        return {(group, home): (lessons, lines) for group, home, lessons, lines in cursor}


def parameters_of(pairs: Iterable[Pair], policies: Mapping[int, Policy], first: date, last: date) -> dict[str, Any]:
    """Return the parameters of the query `LINES`.

    Args:
        pairs: groups with the home schools whose pupils are wanted; no other school's are read (2.3 (2)).
        policies: how each group's programme marks, by group id.
        first: the first day of the month.
        last: its last day.
    """
    wanted = sorted(set(pairs))
    weights = [
        {"group_id": group, "kind": kind.value, "written": written(policies[group].weight(kind))}
        for group in sorted({group for group, _ in wanted})
        for kind in WorkType
    ]
    return {
        "groups": [group for group, _ in wanted],
        "homes": [home for _, home in wanted],
        "weights": json.dumps(weights),
        "first": first,
        "last": last,
        "held": LessonState.HELD.value,
        "cancelled": LessonState.CANCELLED.value,
        "studied": [state.value for state in STUDIED],
        "words": json.dumps({str(value): canonical(word) for value, word in MARK_TEXTS.items()}),
        "counted": sorted(int(value) for value in COUNTED),
        "late": AttendanceCode.LATE.value,
    }


def written(weight: Decimal) -> str:
    """Return a weight as canonical JSON has it."""
    return format(weight, "f")


def around(values: Mapping[str, Any], *names: str) -> list[str]:
    """Return the canonical JSON of `values` in pieces, between which stand the values of the keys `names`.

    Canonical texts joined by the pieces give the canonical JSON of the whole. No string of the values can be taken for
    a place that is kept: a quotation mark inside a string is escaped.

    Args:
        values: the outermost level, without `names`.
        names: keys of the outermost level, in the order of the alphabet.
    """
    rest = canonical({**values, **dict.fromkeys(names, "\0")})
    pieces = []
    for name in names:
        piece, found, rest = rest.partition(f'"{name}":"\\u0000"')
        assert found
        pieces.append(f'{piece}"{name}":')
    return [*pieces, rest]
