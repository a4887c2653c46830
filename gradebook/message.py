"""What a partner's portal sends, as the machine interface describes it; checked in `selectors.intakes.envelope_of`."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Literal

from ninja import Schema
from pydantic import ConfigDict, Field


class _Part(Schema):
    model_config = ConfigDict(extra="allow", from_attributes=False)


class School(_Part):
    """A school, known to both portals by its OGRN."""

    id: int
    short_name: str = Field(max_length=100)
    ogrn: str = Field(max_length=100)


class Group(_Part):
    id: int = Field(ge=0, lt=2**31)
    name: str = Field(max_length=100)


class Course(_Part):
    id: int
    title: str = Field(max_length=100)
    subject: str


class Period(_Part):
    year: int = Field(ge=1, le=9999)
    month: int = Field(ge=1, le=12)


class Mark(_Part):
    """A mark: `value` as it is written in the journal, `weight` as a decimal number."""

    date: date
    lesson: int
    value: int | str
    weight: str
    work: int
    work_type: str


class Attendance(_Part):
    date: date
    lesson: int
    code: Literal["absent", "excused", "ill", "unexcused", "late"]
    minutes: int | None


class Line(_Part):
    """What the host recorded of one pupil."""

    enrolment: int
    last_name: str = Field(max_length=100)
    first_name: str = Field(max_length=100)
    patronymic: str = Field(max_length=100)
    class_: str = Field(alias="class", max_length=100)
    marks: list[Mark]
    attendance: list[Attendance]
    absences: dict[Literal["absent", "excused", "ill", "unexcused"], int]
    late: int
    lessons: int
    mean: str | None


class Correction(_Part):
    """Which transfer a correction К1, К2… replaces."""

    version: int = Field(ge=1, le=99)
    number: int
    date: date
    sha256: str


class Package(_Part):
    """The sealed month; `sha256` of the message is of its canonical JSON: sorted keys, no spaces, UTF-8."""

    format: Literal["monthly-transfer-2"]
    host: School
    home: School
    group: Group
    course: Course
    period: Period
    lessons: dict[str, Any]
    lines: list[Line] = Field(max_length=1000)
    no_lessons_reason: str | None
    correction: Correction | None


class Message(_Part):
    """The message «transfer.sealed» of Standard Webhooks."""

    type: Literal["transfer.sealed"]
    timestamp: datetime
    number: int = Field(ge=0, lt=2**31)
    date: date
    sha256: str = Field(pattern="^[0-9a-f]{64}$")
    data: Package


def _whole(part: Any, known: dict[str, Any]) -> Any:
    """Return a JSON schema with what it refers to written in its place."""
    if isinstance(part, dict):
        if name := part.get("$ref"):
            return _whole(known[name.rpartition("/")[2]], known)
        return {key: _whole(value, known) for key, value in part.items() if key != "$defs"}
    return [_whole(one, known) for one in part] if isinstance(part, list) else part


_described = Message.json_schema()
#: `Message` as a JSON schema that refers to nothing.
SCHEMA: dict[str, Any] = _whole(_described, _described["$defs"])
