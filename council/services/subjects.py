"""What a question is about: what its kind asks for, checked, and kept with it in words (S1-5.3, S1-5.4)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Max

from council.enums import (
    ABOUT_GROUPS,
    ABOUT_MEMBER,
    ABOUT_PERSON,
    ABOUT_SCHOOL,
    NOT_REVOKED,
    RULES,
    ExecutionState,
    ItemKind,
    ItemRule,
)
from council.models import AgendaItem, Council, CouncilMember, Decision, Execution, ItemThing, Meeting, Regulation
from council.models.agenda import THINGS
from council.selectors.attendance import attendance_of
from council.selectors.composition import appointees, chair_on, schools_of, schools_outside, voters
from courses.models import NetworkCourse, Programme, StudyGroup
from enrollment.models import AllocationRun
from network_portal.common.cleaning import clean
from network_portal.common.dates import school_year_label
from network_portal.common.errors import RuleError
from network_portal.common.russian import NBSP, plural
from network_portal.documents.services import file_content, file_keep
from network_portal.documents.uploads import Upload
from schools.acting import Acting
from schools.models import Agreement, Duty, Organisation


@dataclass(frozen=True, kw_only=True)
class About:
    """What a question is about; only what its kind asks for is kept.

    Attributes:
        candidate: the member to be elected, withdrawn or removed.
        appointee: the duty of whoever is to become a member or the secretary.
        school: the school to be admitted or to leave.
        groups, programmes, agreements, courses: what is agreed on.
        run: the forming of groups to be approved.
        revokes: the decision to be undone.
        regulation: the new edition of the regulation, as a file.
        attachment: what the members are to read with it, whatever the kind.
    """

    candidate: CouncilMember | None = None
    appointee: Duty | None = None
    school: Organisation | None = None
    groups: Sequence[StudyGroup] = ()
    programmes: Sequence[Programme] = ()
    agreements: Sequence[Agreement] = ()
    courses: Sequence[NetworkCourse] = ()
    run: AllocationRun | None = None
    revokes: Decision | None = None
    regulation: Upload | None = None
    attachment: Upload | None = None


NOTHING = About()


def rule_of(kind: ItemKind, about: About) -> ItemRule:
    """Return the rule of a kind; what undoes a decision is decided as that decision was."""
    if kind == ItemKind.REVOCATION and about.revokes is not None:
        rule = ItemRule(about.revokes.item.rule)
        return ItemRule.ORDINARY if rule == ItemRule.ELECTION else rule
    return RULES.get(kind, ItemRule.ORDINARY)


def subject_of(meeting: Meeting, kind: ItemKind, about: About) -> dict[str, object]:
    """Return the fields that the kind asks for, checked against the council as it is on the day of the meeting."""
    council, day = meeting.council, meeting.day
    if kind in ABOUT_MEMBER:
        return {"candidate": _candidate(meeting, kind, about.candidate)}
    if kind in ABOUT_PERSON:
        duty = about.appointee
        if duty is None or not appointees(council, day).filter(pk=duty.pk).exists():
            raise RuleError(
                "Укажите директора, заместителя или классного руководителя 10–11 классов школы сети.", field="appointee"
            )
        if kind == ItemKind.MEMBER_IN and voters(council, day).filter(duty__user=duty.user_id).exists():
            raise RuleError("У этого человека уже есть место с правом голоса в совете.", field="appointee")
        return {"appointee": duty}
    if kind in ABOUT_SCHOOL:
        pool = schools_outside(council, day) if kind == ItemKind.SCHOOL_IN else schools_of(council, day)
        if about.school is None or not pool.filter(pk=about.school.pk).exists():
            words = "которая ещё не в сети" if kind == ItemKind.SCHOOL_IN else "которая участвует в сети"
            raise RuleError(f"Укажите школу, {words}.", field="school")
        return {"school": about.school}
    if kind == ItemKind.ALLOCATION:
        if about.run is None or about.run.network_id != council.network_id:
            raise RuleError("Укажите проект распределения этой сети.", field="run")
        return {"run": about.run, "run_sha256": about.run.sha256}
    if kind == ItemKind.REVOCATION:
        return {"revokes": _revocable(council, about.revokes)}
    if kind in ABOUT_GROUPS and not about.groups:
        raise RuleError("Отметьте группы, о которых вопрос.", field="groups")
    if kind == ItemKind.REGULATION and about.regulation is None:
        raise RuleError("Приложите текст новой редакции.", field="regulation")
    return {}


def _candidate(meeting: Meeting, kind: ItemKind, candidate: CouncilMember | None) -> CouncilMember:
    council, day = meeting.council, meeting.day
    if candidate is None or not voters(council, day).filter(pk=candidate.pk).exists():
        raise RuleError("Укажите члена этого совета с правом голоса.", field="candidate")
    if kind == ItemKind.CHAIR and chair_on(council, day) is not None:
        raise RuleError("Председатель уже избран: выборы проводятся, когда председателя нет.", field="candidate")
    if kind == ItemKind.REMOVAL:
        attended = attendance_of(candidate, day)
        if len(attended.missed) < council.missed_for_removal:
            raise RuleError(
                f"Нет основания для исключения: {attended.words}, нужно не меньше {council.missed_for_removal}.",
                field="candidate",
            )
    return candidate


def _revocable(council: Council, decision: Decision | None) -> Decision:
    if decision is None or decision.item.meeting.council_id != council.pk or decision.effective_at is None:
        raise RuleError("Укажите решение этого совета, которое вступило в силу.", field="revokes")
    if decision.item.kind in NOT_REVOKED:
        raise RuleError("Такое решение отменяют обратным решением, а не отменой.", field="revokes")
    if Execution.objects.filter(decision=decision, state=ExecutionState.REVOKED).exists():
        raise RuleError("Это решение уже отменено.", field="revokes")
    return decision


def attach(item: AgendaItem, kind: ItemKind, about: About, actor: Acting, at: datetime) -> None:
    """Keep with the question the words of today about what it is on."""
    things = []
    if kind in ABOUT_GROUPS:
        things += [ItemThing(item=item, group=group, words=_group_words(group)) for group in about.groups]
    things += [ItemThing(item=item, programme=one, words=f"Программа «{one}»") for one in about.programmes]
    things += [ItemThing(item=item, agreement=one, words=f"Договор: {one}") for one in about.agreements]
    things += [ItemThing(item=item, course=one, words=_course_words(one)) for one in about.courses]
    for thing in things:
        clean(thing, exclude=THINGS)
    ItemThing.objects.bulk_create(things)
    if kind == ItemKind.REGULATION and about.regulation is not None:
        council = item.meeting.council
        last = Regulation.objects.filter(council=council).aggregate(last=Max("no"))["last"] or 0
        kept = file_keep(upload=about.regulation, by=actor.user, at=at)
        Regulation.objects.create(council=council, no=last + 1, text=item.proposal, file=kept, item=item)


def _group_words(group: StudyGroup) -> str:
    slots = "; ".join(str(slot) for slot in group.slots.all())
    return f"Группа {group.name}, курс «{group.course}»: {slots or 'расписания ещё нет'}"[:500]


def _course_words(course: NetworkCourse) -> str:
    hours = plural(course.programme.hours_total, "час,часа,часов")
    words = f"Курс «{course}», {course.programme.host.short_name}: {course.programme.hours_total}{NBSP}{hours}"
    return f"{words}, {school_year_label(course.year)} учебный год"[:500]


def about_of(item: AgendaItem) -> About:
    """Return what a question of an earlier meeting is about, to put it on another agenda."""
    things = list(item.things.select_related("group__course__programme", "programme", "agreement", "course__programme"))
    edition = Regulation.objects.filter(item=item).select_related("file").first()
    kept = edition.file if edition else None
    return About(
        candidate=item.candidate,
        appointee=item.appointee,
        school=item.school,
        groups=[thing.group for thing in things if thing.group],
        programmes=[thing.programme for thing in things if thing.programme],
        agreements=[thing.agreement for thing in things if thing.agreement],
        courses=[thing.course for thing in things if thing.course],
        run=item.run,
        revokes=item.revokes,
        regulation=Upload(kept.name, kept.media_type, file_content(kept)) if kept else None,
    )
