"""Who sees and changes transfers, corrections, and what other systems may take and bring (2.4, 3.9)."""

from __future__ import annotations

from django.db.models import Q, QuerySet

from courses.models import StudyGroup
from gradebook.access.journals import (
    ENDPOINT_MANAGERS,
    RECEIVERS,
    SEALERS,
    journals_for,
    writes,
)
from gradebook.models import (
    ApiKey,
    Correction,
    Intake,
    IntakeLine,
    IntakeReply,
    MailChannel,
    MonthlyTransfer,
    PushEndpoint,
    TransferDispute,
)
from network_portal.common.access import allow, get_visible
from schools.acting import Acting
from schools.enums import Role
from schools.models import FAMILY_READERS, Agreement, Organisation, Student


def transfers_for(acting: Acting) -> QuerySet[MonthlyTransfer]:
    return MonthlyTransfer.objects.visible_to(acting)


def transfer_for(
    acting: Acting,
    pk: int,
    *,
    whole: bool = False,
    to_acknowledge: bool = False,
    to_push: bool = False,
    to_request: bool = False,
    to_correct: bool = False,
) -> MonthlyTransfer:
    """Return a transfer.

    Args:
        whole: as a file with all lines; 403 for a class teacher and a family, who see some lines only.
        to_acknowledge: confirm its receipt or dispute lines, at the home school.
        to_push: send it again to the home school's own system, from either side.
        to_request: ask to correct the sealed month; the group's teacher.
        to_correct: seal the correction; the host's coordinator and deputy director.
    """
    seen = transfers_for(acting).select_related(
        "host",
        "home",
        "document",
        "group__course__programme",
        "group__course__network",
        "group__teacher",
        "sealed_by",
        "acknowledged_by",
        "acknowledged_in",
    )
    transfer = get_visible(seen, pk)
    if whole:
        allow(sees_whole(acting))
    if to_acknowledge:
        allow(may_acknowledge(acting, transfer))
    if to_push:
        allow(may_push(acting, transfer))
    if to_request:
        allow(writes(acting, transfer.group))
    if to_correct:
        allow(may_correct(acting, transfer))
    return transfer


def sees_whole(acting: Acting) -> bool:
    """Tell whether the acting person sees all lines of the transfers that are shown to them."""
    return not acting.is_(Role.CLASS_TEACHER, *FAMILY_READERS)


def may_correct(acting: Acting, transfer: MonthlyTransfer) -> bool:
    return acting.is_(*SEALERS) and transfer.host_id == acting.organisation_id


def may_decide(acting: Acting) -> bool:
    """Tell whether the acting person decides on requests to correct a sealed month of the own school."""
    return acting.is_(Role.DEPUTY)


def dispute_for(acting: Acting, pk: int) -> TransferDispute:
    """Return an objection to a transfer of the own school for its answer; 403 for those who only see it."""
    seen = TransferDispute.objects.filter(transfer__in=transfers_for(acting)).select_related("transfer")
    dispute = get_visible(seen if sees_whole(acting) else seen.none(), pk)
    allow(may_correct(acting, dispute.transfer))
    return dispute


def correction_for(
    acting: Acting, pk: int, *, to_decide: bool = False, to_close: bool = False, to_write: bool = False
) -> Correction:
    """Return a correction of a transfer of the own school; the home school sees only what comes of it.

    Args:
        to_decide: approve or refuse it; the deputy director.
        to_close: close it without changes; also the coordinator.
        to_write: write the opened cells; the group's teacher.
    """
    seen = Correction.objects.filter(transfer__in=transfers_for(acting).filter(host=acting.organisation_id))
    correction = get_visible(
        seen.select_related(
            "requested_by",
            "decided_by",
            "result__document",
            "transfer__document",
            "transfer__home",
            "transfer__group__course__programme",
            "transfer__group__course__network",
            "transfer__group__teacher",
        ),
        pk,
    )
    if to_decide:
        allow(may_decide(acting))
    if to_close:
        allow(may_correct(acting, correction.transfer))
    if to_write:
        allow(writes(acting, correction.transfer.group))
    return correction


def may_acknowledge(acting: Acting, transfer: MonthlyTransfer) -> bool:
    return acting.is_(*RECEIVERS) and transfer.home_id == acting.organisation_id


def may_push(acting: Acting, transfer: MonthlyTransfer) -> bool:
    at_host = acting.is_(*SEALERS) and transfer.host_id == acting.organisation_id
    return at_host or (acting.is_(*ENDPOINT_MANAGERS) and transfer.home_id == acting.organisation_id)


def may_seal(acting: Acting) -> bool:
    return acting.is_(*SEALERS)


def group_to_seal_for(acting: Acting, pk: int) -> StudyGroup:
    """Return a group of the own school whose month the acting person may seal; 403 for its other staff."""
    group = get_visible(journals_for(acting).filter(course__programme__host=acting.organisation_id), pk)
    allow(may_seal(acting))
    return group


def mail_for(acting: Acting) -> MailChannel | None:
    """Return where the own school takes transfers by e-mail; 403 for those who do not manage it."""
    allow(acting.is_(*ENDPOINT_MANAGERS))
    return MailChannel.objects.filter(organisation=acting.organisation_id).first()


def api_key_for(acting: Acting, pk: int) -> ApiKey:
    """Return a key of the own school, to take it back; 403 for those who do not manage them."""
    allow(acting.is_(*ENDPOINT_MANAGERS))
    return get_visible(ApiKey.objects.filter(organisation=acting.organisation_id), pk)


def partners_for(acting: Acting) -> QuerySet[Organisation]:
    """Return the schools that an agreement names beside the own one: their portals may deliver here."""
    agreements = Agreement.objects.visible_to(acting)
    return Organisation.objects.filter(
        Q(pk__in=agreements.values("host")) | Q(pk__in=agreements.values("home"))
    ).exclude(pk=acting.organisation_id or 0)


def intakes_for(acting: Acting) -> QuerySet[Intake]:
    return Intake.objects.visible_to(acting)


def intake_for(acting: Acting, pk: int, *, to_answer: bool = False) -> Intake:
    """Return a package that came to the own school from another portal.

    Args:
        to_answer: confirm its receipt or dispute lines; 403 for those who do not answer for transfers.
    """
    intake = get_visible(intakes_for(acting).select_related("home", "host"), pk)
    if to_answer:
        allow(acting.is_(*RECEIVERS))
    return intake


def intake_reply_for(acting: Acting, pk: int) -> IntakeReply:
    """Return what the own school answered to a package, to send it again; 403 as of `intake_for`."""
    reply = get_visible(IntakeReply.objects.filter(intake__in=intakes_for(acting)), pk)
    allow(acting.is_(*RECEIVERS))
    return reply


def intake_line_for(acting: Acting, pk: int) -> IntakeLine:
    """Return a line in quarantine, to say whose it is; 403 for those who do not answer for transfers."""
    line = get_visible(IntakeLine.objects.filter(intake__in=intakes_for(acting)), pk)
    allow(acting.is_(*RECEIVERS))
    return line


def pupils_for(acting: Acting) -> QuerySet[Student]:
    """Return the own school's pupils, among whom a line of a package finds its own."""
    return Student.objects.visible_to(acting).filter(home_school=acting.organisation_id).order_by("sort_key", "pk")


def endpoint_for(acting: Acting) -> PushEndpoint | None:
    """Return where the own school takes pushes; 403 for those who do not manage it."""
    allow(acting.is_(*ENDPOINT_MANAGERS))
    return PushEndpoint.objects.filter(organisation=acting.organisation_id).first()
