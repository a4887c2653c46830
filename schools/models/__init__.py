"""Networks, schools, people's duties, classes, pupils, their guardians, and agreements between schools."""

from schools.models.agreements import (
    Agreement,
    AgreementAppendix,
    AgreementCondition,
    AgreementConditionQuerySet,
    AgreementDuty,
    AgreementQuerySet,
    AgreementResource,
    Amendment,
    Disagreement,
)
from schools.models.classes import ClassDay, SchoolClass, SchoolClassQuerySet
from schools.models.duties import SCHOOL_STAFF, Duty, DutyOffer, DutyQuerySet, SigningBasis
from schools.models.families import (
    ADULT,
    FAMILY_READERS,
    ExpectedGuardian,
    FormerPlace,
    GuardianLink,
    GuardianLinkQuerySet,
    GuardianPolicy,
    PupilAccount,
    PupilAccountQuerySet,
    Student,
    StudentQuerySet,
)
from schools.models.imports import PupilImport, PupilImportQuerySet
from schools.models.organisations import LoadLimit, Membership, Network, Organisation, Route

__all__ = [
    "ADULT",
    "FAMILY_READERS",
    "SCHOOL_STAFF",
    "Agreement",
    "AgreementAppendix",
    "AgreementCondition",
    "AgreementConditionQuerySet",
    "AgreementDuty",
    "AgreementQuerySet",
    "AgreementResource",
    "Amendment",
    "ClassDay",
    "Disagreement",
    "Duty",
    "DutyOffer",
    "DutyQuerySet",
    "ExpectedGuardian",
    "FormerPlace",
    "GuardianLink",
    "GuardianLinkQuerySet",
    "GuardianPolicy",
    "LoadLimit",
    "Membership",
    "Network",
    "Organisation",
    "PupilAccount",
    "PupilAccountQuerySet",
    "PupilImport",
    "PupilImportQuerySet",
    "Route",
    "SchoolClass",
    "SchoolClassQuerySet",
    "SigningBasis",
    "Student",
    "StudentQuerySet",
]
