"""Who sees, signs, takes and carries over report cards, and the registers of the home school's classes (2.4, 3.10)."""

from __future__ import annotations

from django.db.models import QuerySet

from courses.models import StudyGroup
from gradebook.access.journals import RECEIVERS, SEALERS, hosts, journals_for, writes
from gradebook.access.transfers import sees_whole
from gradebook.card_papers import DEPUTY, DIRECTOR, TEACHER
from gradebook.enums import CARD_OPEN
from gradebook.models import RegisterPrint, ReportCard, ReportCardLine
from network_portal.common.access import allow, get_visible
from schools.acting import Acting
from schools.enums import Role
from schools.models import SchoolClass

#: Who ends a wrong card at the host.
ANNULLERS = (Role.DEPUTY, Role.DIRECTOR)


def cards_for(acting: Acting) -> QuerySet[ReportCard]:
    return ReportCard.objects.visible_to(acting).select_related(
        "host",
        "home",
        "document__organisation",
        "group__course__programme__host",
        "group__course__programme__policy",
        "group__course__network",
        "group__teacher__user",
        "received_by",
        "verified_by",
        "annulled_by",
    )


def card_for(
    acting: Acting,
    pk: int,
    *,
    whole: bool = False,
    to_sign: bool = False,
    to_annul: bool = False,
    to_receive: bool = False,
    to_verify: bool = False,
) -> ReportCard:
    """Return a report card.

    Args:
        whole: with all lines, as a file; 403 for a class teacher and a family, who see some lines only.
        to_sign: sign it or return it; the teacher, the deputy director and the director of the host.
        to_annul: end a wrong one; the host's deputy director and director.
        to_receive: say that the home school has it.
        to_verify: say that the register agrees with it; the home school's deputy director.
    """
    card = get_visible(cards_for(acting), pk)
    if whole:
        allow(sees_whole(acting))
    if to_sign:
        allow(card_slot(acting, card) is not None)
    if to_annul:
        allow(may_annul(acting, card))
    if to_receive:
        allow(may_receive(acting, card))
    if to_verify:
        allow(may_verify(acting, card))
    return card


def card_slot(acting: Acting, card: ReportCard) -> str | None:
    """Return in which place the acting person signs `card`; None for everybody else."""
    if card.host_id != acting.organisation_id:
        return None
    if acting.is_(Role.NETWORK_TEACHER):
        return TEACHER if writes(acting, card.group) else None
    return {Role.DEPUTY: DEPUTY, Role.DIRECTOR: DIRECTOR}.get(acting.role)


def may_annul(acting: Acting, card: ReportCard) -> bool:
    return acting.is_(*ANNULLERS) and card.host_id == acting.organisation_id


def may_receive(acting: Acting, card: ReportCard) -> bool:
    return acting.is_(*RECEIVERS) and card.home_id == acting.organisation_id


def may_verify(acting: Acting, card: ReportCard) -> bool:
    return acting.is_(Role.DEPUTY) and card.home_id == acting.organisation_id


def composes(acting: Acting, group: StudyGroup) -> bool:
    """Tell whether the acting person prepares report cards of `group`: its teacher, the coordinator, the deputy."""
    return writes(acting, group) or (acting.is_(*SEALERS) and hosts(acting, group))


def group_to_compose_for(acting: Acting, pk: int) -> StudyGroup:
    """Return a group whose report card the acting person prepares; 403 for those who only see it."""
    group = get_visible(journals_for(acting), pk)
    allow(composes(acting, group))
    return group


def card_lines_for(acting: Acting) -> QuerySet[ReportCardLine]:
    """Return the lines that the acting person sees of signed cards."""
    return ReportCardLine.objects.visible_to(acting).exclude(card__state__in=CARD_OPEN)


# --- the registers of the home school -----------------------------------------------------------------------------


def registers_for(acting: Acting) -> QuerySet[SchoolClass]:
    """Return the classes whose register the acting person sees."""
    return SchoolClass.objects.visible_to(acting).select_related("organisation", "class_teacher__user")


def register_for(acting: Acting, pk: int, *, to_carry: bool = False) -> SchoolClass:
    """Return a class for its register.

    Args:
        to_carry: carry marks of report cards into it, note decisions; its class teacher.
    """
    school_class = get_visible(registers_for(acting), pk)
    if to_carry:
        allow(carries(acting, school_class))
    return school_class


def carries(acting: Acting, school_class: SchoolClass) -> bool:
    """Tell whether the acting person is the class teacher, who keeps the register (S1-4.10)."""
    return (
        acting.is_(Role.CLASS_TEACHER) and acting.duty is not None and school_class.class_teacher_id == acting.duty.pk
    )


def register_prints_for(acting: Acting) -> QuerySet[RegisterPrint]:
    return RegisterPrint.objects.filter(school_class__in=registers_for(acting).values("pk"))


def register_print_for(acting: Acting, pk: int) -> RegisterPrint:
    return get_visible(register_prints_for(acting).select_related("document__organisation"), pk)
