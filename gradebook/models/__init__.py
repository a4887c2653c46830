"""The shared journal and the monthly transfers made from it."""

from gradebook.models.guards import FOREIGN_ENROLMENT, SEALED_MONTH
from gradebook.models.lessons import Lesson
from gradebook.models.marks import Attendance, Mark
from gradebook.models.transfers import MonthlyTransfer, PushEndpoint, TransferPush

__all__ = [
    "FOREIGN_ENROLMENT",
    "SEALED_MONTH",
    "Attendance",
    "Lesson",
    "Mark",
    "MonthlyTransfer",
    "PushEndpoint",
    "TransferPush",
]
