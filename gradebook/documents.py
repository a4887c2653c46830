"""Papers of the journal. T16: the monthly sheet that the host gives to a home school (S1-4.9, S1-4.11).

T13, the journal itself, the report cards T14 and T15, the certificate T20 stand in modules of their own.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from gradebook.card_papers import CardPaper, RegisterPaper
from gradebook.certificate_paper import CertificatePaper
from gradebook.journal_paper import JournalPaper
from network_portal.documents.kinds import field, paper

__all__ = ["CardPaper", "CertificatePaper", "JournalPaper", "RegisterPaper", "TransferSheet"]


@paper(
    code="T16",
    title="Ведомость передачи отметок и сведений о посещаемости",
    template="documents/t16.html",
    landscape=True,
    version=3,
    signers={},
)
@dataclass(frozen=True, kw_only=True)
class TransferSheet:
    """The sealed month of one home school's pupils in one group.

    `package` is the sealed package itself, as its canonical JSON has it: the paper prints it and holds nothing else.
    """

    package: dict[str, Any] = field("Сведения за месяц")
    sha256: str = field("Контрольная сумма")
    sealed_by: str | None = field("Координатор")
