"""From a parent's application to a place in a group: applications, consents, lists, orders, enrolments."""

from enrollment.models.allocation import (
    AllocationConfirmation,
    AllocationPlace,
    AllocationPlaceQuerySet,
    AllocationRun,
    AllocationRunQuerySet,
    FixedSeat,
    SeatQuota,
)
from enrollment.models.applications import (
    Application,
    ApplicationChoice,
    ApplicationConfirmation,
    ApplicationQuerySet,
    FamilyCall,
    PaperApplicant,
)
from enrollment.models.consents import Consent, ConsentQuerySet, FamilyDetails, PupilWord
from enrollment.models.enrolments import (
    FITS_ITS_LINE,
    SEALED_MONTH,
    Enrolment,
    EnrolmentQuerySet,
    HomeSide,
    LeaveApplication,
    LeaveApplicationQuerySet,
    fits_its_line,
    sealed_membership,
)
from enrollment.models.offers import SeatOffer, SeatOfferQuerySet
from enrollment.models.orders import Acquaintance, AcquaintanceQuerySet, Order, OrderQuerySet
from enrollment.models.requests import (
    Contract,
    ContractQuerySet,
    SchoolRequest,
    SchoolRequestLine,
    SchoolRequestQuerySet,
)
from enrollment.models.school_orders import CourseMapping, SchoolOrder, SchoolOrderLine, SchoolOrderQuerySet

__all__ = [
    "FITS_ITS_LINE",
    "SEALED_MONTH",
    "Acquaintance",
    "AcquaintanceQuerySet",
    "AllocationConfirmation",
    "AllocationPlace",
    "AllocationPlaceQuerySet",
    "AllocationRun",
    "AllocationRunQuerySet",
    "Application",
    "ApplicationChoice",
    "ApplicationConfirmation",
    "ApplicationQuerySet",
    "Consent",
    "ConsentQuerySet",
    "Contract",
    "ContractQuerySet",
    "CourseMapping",
    "Enrolment",
    "EnrolmentQuerySet",
    "FamilyCall",
    "FamilyDetails",
    "FixedSeat",
    "HomeSide",
    "LeaveApplication",
    "LeaveApplicationQuerySet",
    "Order",
    "OrderQuerySet",
    "PaperApplicant",
    "PupilWord",
    "SchoolOrder",
    "SchoolOrderLine",
    "SchoolOrderQuerySet",
    "SchoolRequest",
    "SchoolRequestLine",
    "SchoolRequestQuerySet",
    "SeatOffer",
    "SeatOfferQuerySet",
    "SeatQuota",
    "fits_its_line",
    "sealed_membership",
]
