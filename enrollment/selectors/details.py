"""Addresses and identity documents that consents need: read only in the full copy of a consent (L-2, L-3)."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from datetime import date

from enrollment.models import Application, FamilyDetails
from network_portal.common.dates import ru_day
from network_portal.common.secrets import decrypt


@dataclass(frozen=True)
class Details:
    """What a parent types once; `child_address` is empty when the child lives with the parent."""

    address: str
    document: str
    number: str
    issued_on: date
    issuer: str
    child_document: str
    child_number: str
    child_issued_on: date
    child_issuer: str
    child_address: str = ""


@dataclass(frozen=True)
class KeptDetails:
    """The details as they are kept; the hash is salted, so that nobody finds a passport by trying numbers."""

    details: Details
    salt: str

    @property
    def sha256(self) -> str:
        return hashlib.sha256(f"{self.salt}{self.words}".encode()).hexdigest()

    @property
    def words(self) -> str:
        """Return the details as the full copy of a consent prints them."""
        one = self.details
        return (
            f"представитель проживает по адресу: {one.address}, {one.document} {one.number}, выдан "
            f"{ru_day(one.issued_on)} {one.issuer}; ребёнок проживает по адресу: {one.child_address or one.address}, "
            f"{one.child_document} {one.child_number}, выдан {ru_day(one.child_issued_on)} {one.child_issuer}"
        )

    def sealed(self) -> str:
        """Return the text that is encrypted."""
        return json.dumps({"salt": self.salt, **asdict(self.details)}, default=str, ensure_ascii=False)


def details_row(application: Application) -> FamilyDetails | None:
    """Return the row with the details for an application: the parent's for the child, or those typed from paper."""
    if application.guardian_id is None:
        return FamilyDetails.objects.filter(application=application).first()
    return FamilyDetails.objects.filter(student=application.student_id, guardian=application.guardian_id).first()


def details_of(row: FamilyDetails) -> KeptDetails:
    """Return what `row` keeps, opened."""
    values = json.loads(decrypt(row.sealed))
    salt = values.pop("salt")
    days = {name: date.fromisoformat(values[name]) for name in ("issued_on", "child_issued_on")}
    return KeptDetails(Details(**{**values, **days}), salt)
