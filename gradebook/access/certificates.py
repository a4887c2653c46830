"""Who sees, prepares, signs, hands out and ends certificates of learning (2.4, T20)."""

from __future__ import annotations

from django.db.models import QuerySet

from courses.models import StudyGroup
from gradebook.access.journals import SEALERS, journals_for
from gradebook.models import StudyCertificate
from network_portal.common.access import allow, get_visible
from schools.acting import Acting
from schools.enums import Role
from schools.models import FAMILY_READERS, SCHOOL_STAFF

#: Who prepares them at the host and hands them out.
PREPARERS = SEALERS
#: Who ends a wrong one.
ANNULLERS = (Role.DEPUTY, Role.DIRECTOR)
#: Who reads certificates at all.
READERS = (*SCHOOL_STAFF, Role.CURATOR, Role.CLASS_TEACHER, *FAMILY_READERS)


def certificates_for(acting: Acting) -> QuerySet[StudyCertificate]:
    return StudyCertificate.objects.visible_to(acting).select_related(
        "host",
        "home",
        "document__organisation",
        "replaces__document",
        "enrolment__student__school_class",
        "enrolment__group__course__programme__host",
        "enrolment__group__course__network",
    )


def certificate_for(
    acting: Acting,
    pk: int,
    *,
    to_prepare: bool = False,
    to_sign: bool = False,
    to_receive: bool = False,
    to_annul: bool = False,
) -> StudyCertificate:
    """Return a certificate; 403 for those who see it and may not do what is asked.

    Args:
        to_prepare: hand it out, or prepare a duplicate; the host's deputy director and coordinator.
        to_sign: sign or return it; the host's director.
        to_receive: confirm its receipt; the family.
        to_annul: end a wrong one; the host's deputy director and director.
    """
    certificate = get_visible(certificates_for(acting), pk)
    if to_prepare:
        allow(may_prepare(acting, certificate))
    if to_sign:
        allow(signs(acting, certificate))
    if to_receive:
        allow(acting.is_(*FAMILY_READERS))
    if to_annul:
        allow(may_annul(acting, certificate))
    return certificate


def may_prepare(acting: Acting, certificate: StudyCertificate) -> bool:
    return acting.is_(*PREPARERS) and certificate.host_id == acting.organisation_id


def signs(acting: Acting, certificate: StudyCertificate) -> bool:
    return acting.is_(Role.DIRECTOR) and certificate.host_id == acting.organisation_id


def may_annul(acting: Acting, certificate: StudyCertificate) -> bool:
    return acting.is_(*ANNULLERS) and certificate.host_id == acting.organisation_id


def group_to_certify_for(acting: Acting, pk: int, *, to_prepare: bool = False) -> StudyGroup:
    """Return a group of the own school for the page of its certificates; `to_prepare` for those who prepare them."""
    allow(acting.is_(*SCHOOL_STAFF))
    group = get_visible(journals_for(acting).filter(course__programme__host=acting.organisation_id), pk)
    allow(not to_prepare or acting.is_(*PREPARERS))
    return group
