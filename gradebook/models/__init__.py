"""The shared journal and the monthly transfers made from it."""

from gradebook.models.absences import AbsenceNotice, AbsenceRefinement, AbsenceSignal
from gradebook.models.around import Escort, GroupMessage, HomeworkFile, JournalView, ThreadRead
from gradebook.models.cards import ReportCard, ReportCardLine
from gradebook.models.certificates import StudyCertificate
from gradebook.models.channels import MailChannel, PushEndpoint, TransferPush
from gradebook.models.guards import FOREIGN_ENROLMENT, SEALED_MONTH
from gradebook.models.intakes import ApiKey, Intake, IntakeLine
from gradebook.models.lessons import Lesson, LessonMove, RemoteLesson
from gradebook.models.marks import Attendance, CellComment, Mark, Work
from gradebook.models.messages import PortalMessage
from gradebook.models.prints import JournalPrint
from gradebook.models.registers import RegisterPrint, SummaryDecision, SummaryEntry
from gradebook.models.replies import IntakeDispute, IntakeReply
from gradebook.models.terms import SchoolTest, TermMark
from gradebook.models.transfers import Correction, CorrectionCell, MonthlyTransfer, TransferDispute

__all__ = [
    "FOREIGN_ENROLMENT",
    "SEALED_MONTH",
    "AbsenceNotice",
    "AbsenceRefinement",
    "AbsenceSignal",
    "ApiKey",
    "Attendance",
    "CellComment",
    "Correction",
    "CorrectionCell",
    "Escort",
    "GroupMessage",
    "HomeworkFile",
    "Intake",
    "IntakeDispute",
    "IntakeLine",
    "IntakeReply",
    "JournalPrint",
    "JournalView",
    "Lesson",
    "LessonMove",
    "MailChannel",
    "Mark",
    "MonthlyTransfer",
    "PortalMessage",
    "PushEndpoint",
    "RegisterPrint",
    "RemoteLesson",
    "ReportCard",
    "ReportCardLine",
    "SchoolTest",
    "StudyCertificate",
    "SummaryDecision",
    "SummaryEntry",
    "TermMark",
    "ThreadRead",
    "TransferDispute",
    "TransferPush",
    "Work",
]
