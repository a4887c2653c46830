"""What portals send each other, as the machine interface describes it.

A package is checked in `selectors.intakes.envelope_of`, all else by these schemas themselves.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

SHA256 = "^[0-9a-f]{64}$"
#: Something is written, and PostgreSQL can keep it.
TEXT = r"^[^\x00]*[^\x00\s][^\x00]*$"
MOST_URL = 500


class _Part(BaseModel):
    model_config = ConfigDict(extra="allow")


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
    code: Literal["absent", "excused", "ill", "unexcused", "late", "exempt", "remote"]
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
    sha256: str = Field(pattern=SHA256)
    receipt_url: str | None = Field(
        None, max_length=MOST_URL, description="Куда портал школы отправляет подтверждение и возражения."
    )
    data: Package


class _Known(_Part):
    sha256: str = Field(pattern=SHA256, description="Контрольная сумма ведомости, о которой речь.")
    person: str = Field(max_length=300, pattern=TEXT, description="Кто ответил: должность, фамилия и инициалы.")


class Objection(_Part):
    """What is wrong in the line of one pupil, named as in the package."""

    enrolment: int = Field(ge=0, lt=2**63)
    reason: str = Field(max_length=1000, pattern=TEXT)


class Objections(_Known):
    lines: list[Objection] = Field(min_length=1, max_length=1000)


class Acknowledged(_Part):
    """The message «transfer.acknowledged»: the home school confirms that it received the package."""

    type: Literal["transfer.acknowledged"]
    timestamp: datetime
    data: _Known


class Disputed(_Part):
    """The message «transfer.disputed»: the home school objects to lines of the package."""

    type: Literal["transfer.disputed"]
    timestamp: datetime
    data: Objections


class Answer(_Known):
    enrolment: int = Field(ge=0, lt=2**63)
    answer: str = Field(max_length=1000, pattern=TEXT)


class Rejected(_Part):
    """The message «dispute.rejected»: the host explains why the line is right."""

    type: Literal["dispute.rejected"]
    timestamp: datetime
    data: Answer


Receipt = TypeAdapter[Acknowledged | Disputed](Acknowledged | Disputed)
Rejection = TypeAdapter[Rejected](Rejected)


def _whole(part: Any, known: dict[str, Any]) -> Any:
    """Return a JSON schema with what it refers to written in its place."""
    if isinstance(part, dict):
        if name := part.get("$ref"):
            return _whole(known[name.rpartition("/")[2]], known)
        return {key: _whole(value, known) for key, value in part.items() if key != "$defs"}
    return [_whole(one, known) for one in part] if isinstance(part, list) else part


def _described(message: Any) -> dict[str, Any]:
    """Return a JSON schema that refers to nothing."""
    schema = TypeAdapter(message).json_schema()
    found: dict[str, Any] = _whole(schema, schema["$defs"])
    return found


#: What a home school's system takes, and what a host's portal does.
TAKEN = _described(Message | Rejected)
RECEIVED = _described(Acknowledged | Disputed)
