"""Choices and states of the coordinating council's meetings and decisions."""

from __future__ import annotations

from django.db import models


class Capacity(models.TextChoices):
    """In what capacity a person sits in the council (S1-1.6)."""

    DIRECTOR = "director", "директор"
    DEPUTY = "deputy", "заместитель директора"
    CLASS_TEACHER = "class_teacher", "классный руководитель"


class MeetingKind(models.TextChoices):
    FIRST = "first", "первое"
    REGULAR = "regular", "очередное"
    EXTRAORDINARY = "extraordinary", "внеочередное"


class MeetingState(models.TextChoices):
    """3.11."""

    PLANNED = "planned", "запланировано"
    CONVENED = "convened", "созвано"
    CANCELLED = "cancelled", "отменено"
    RUNNING = "running", "идёт"
    NOT_HELD = "not_held", "не состоялось"
    ENDED = "ended", "закрыто, протокол составляется"
    REVIEW = "review", "протокол на ознакомлении"
    SIGNING = "signing", "протокол на подписании"
    CLOSED = "closed", "протокол подписан"


MEETING_TRANSITIONS = {
    MeetingState.PLANNED: frozenset({MeetingState.CONVENED, MeetingState.CANCELLED}),
    MeetingState.CONVENED: frozenset({MeetingState.RUNNING, MeetingState.NOT_HELD, MeetingState.CANCELLED}),
    MeetingState.CANCELLED: frozenset(),
    MeetingState.RUNNING: frozenset({MeetingState.ENDED, MeetingState.NOT_HELD}),
    MeetingState.NOT_HELD: frozenset(),
    MeetingState.ENDED: frozenset({MeetingState.REVIEW, MeetingState.SIGNING}),
    MeetingState.REVIEW: frozenset({MeetingState.SIGNING}),
    MeetingState.SIGNING: frozenset({MeetingState.CLOSED, MeetingState.ENDED}),
    MeetingState.CLOSED: frozenset(),
}
#: Whose record changes no more.
FINAL_STATES = frozenset({MeetingState.CANCELLED, MeetingState.NOT_HELD, MeetingState.CLOSED})


class ItemRule(models.TextChoices):
    """What it takes to adopt a decision (S1-5.4, 5.5, 5.6, 5.9)."""

    ORDINARY = "ordinary", "большинство присутствующих"
    ELECTION = "election", "выборы председателя, большинство присутствующих"
    EXCLUSIVE = "exclusive", "исключительная компетенция, большинство присутствующих"
    REMOVAL = "removal", "исключение члена совета, две трети общего состава"


class ItemKind(models.TextChoices):
    """What a question is about: the functions of S1-5.3, the exclusive competence of S1-5.4, elections, removal."""

    RESULTS = "results", "итоги работы сети"
    RESOURCES = "resources", "ресурсы школ сети"
    CURRICULA = "curricula", "учебные планы и совместные планы работы"
    DEMAND = "demand", "запросы обучающихся по предметам"
    GROUPS = "groups", "сетевые группы"
    TIMETABLE = "timetable", "сетевое расписание"
    ALLOCATION = "allocation", "распределение по группам"
    ROUTES = "routes", "индивидуальные маршруты"
    NORMS = "norms", "предложения об изменении нормативной базы"
    PRIORITIES = "priorities", "приоритетные направления сети"
    REGULATION = "regulation", "новая редакция положения"
    SCHOOL_IN = "school_in", "приём школы в сеть"
    SCHOOL_OUT = "school_out", "выход школы из сети"
    CHAIR = "chair", "выборы председателя"
    SECRETARY = "secretary", "избрание секретаря"
    MEMBER_IN = "member_in", "введение в состав совета"
    MEMBER_OUT = "member_out", "вывод из состава совета"
    REMOVAL = "removal", "исключение члена совета за уклонение от работы"
    REVOCATION = "revocation", "отмена решения"
    OTHER = "other", "другой вопрос"


#: How a question of each kind is decided; every other kind by a majority of those present.
RULES = {
    ItemKind.PRIORITIES: ItemRule.EXCLUSIVE,
    ItemKind.REGULATION: ItemRule.EXCLUSIVE,
    ItemKind.SCHOOL_IN: ItemRule.EXCLUSIVE,
    ItemKind.SCHOOL_OUT: ItemRule.EXCLUSIVE,
    ItemKind.MEMBER_IN: ItemRule.EXCLUSIVE,
    ItemKind.MEMBER_OUT: ItemRule.EXCLUSIVE,
    ItemKind.CHAIR: ItemRule.ELECTION,
    ItemKind.REMOVAL: ItemRule.REMOVAL,
}
#: Questions about a member of the council.
ABOUT_MEMBER = frozenset({ItemKind.CHAIR, ItemKind.MEMBER_OUT, ItemKind.REMOVAL})
#: Questions about somebody who works in a school of the network.
ABOUT_PERSON = frozenset({ItemKind.MEMBER_IN, ItemKind.SECRETARY})
ABOUT_SCHOOL = frozenset({ItemKind.SCHOOL_IN, ItemKind.SCHOOL_OUT})
ABOUT_GROUPS = frozenset({ItemKind.GROUPS, ItemKind.TIMETABLE})
#: What the council decides by 20 June at the latest (S1-4.5, C-06).
OF_JUNE = (ItemKind.RESULTS, ItemKind.GROUPS, ItemKind.TIMETABLE, ItemKind.ROUTES)
#: What is undone by its opposite, not by a revocation.
NOT_REVOKED = frozenset(
    {
        ItemKind.ALLOCATION,
        ItemKind.SCHOOL_IN,
        ItemKind.SCHOOL_OUT,
        ItemKind.SECRETARY,
        ItemKind.MEMBER_IN,
        ItemKind.MEMBER_OUT,
        ItemKind.REMOVAL,
        ItemKind.REVOCATION,
    }
)


class ItemState(models.TextChoices):
    OPEN = "open", "не рассмотрен"
    VOTING = "voting", "идёт голосование"
    ADOPTED = "adopted", "решение принято"
    REJECTED = "rejected", "решение не принято"
    SKIPPED = "skipped", "не рассматривался"


ITEM_TRANSITIONS = {
    ItemState.OPEN: frozenset({ItemState.VOTING, ItemState.ADOPTED, ItemState.REJECTED, ItemState.SKIPPED}),
    ItemState.VOTING: frozenset({ItemState.OPEN, ItemState.ADOPTED, ItemState.REJECTED}),
    ItemState.ADOPTED: frozenset(),
    ItemState.REJECTED: frozenset(),
    ItemState.SKIPPED: frozenset(),
}


class Choice(models.TextChoices):
    """How a member votes from the own phone (3.12)."""

    FOR = "for", "за"
    AGAINST = "against", "против"
    ABSTAINED = "abstained", "воздержался"
    NOT_VOTED = "not_voted", "не голосую"


class ProposalState(models.TextChoices):
    """A question that a member proposes (S1-5.8)."""

    PROPOSED = "proposed", "ждёт ответа"
    TAKEN = "taken", "включено в повестку"
    DECLINED = "declined", "отклонено"


PROPOSAL_TRANSITIONS = {
    ProposalState.PROPOSED: frozenset({ProposalState.TAKEN, ProposalState.DECLINED}),
    ProposalState.TAKEN: frozenset(),
    ProposalState.DECLINED: frozenset(),
}


class Stance(models.TextChoices):
    """What a school that a question concerns says before the vote (S4-1.4.6)."""

    AGREED = "agreed", "поддерживаем"
    OBJECTED = "objected", "возражаем"
    INDIFFERENT = "indifferent", "без возражений"


class ExecutionState(models.TextChoices):
    """How a decision in effect is carried out (3.12); that it is overdue tells its day."""

    CONTROL = "control", "на исполнении"
    DONE = "done", "исполнено"
    RELEASED = "released", "снято с контроля"
    REVOKED = "revoked", "отменено другим решением"


EXECUTION_TRANSITIONS = {
    ExecutionState.CONTROL: frozenset({ExecutionState.DONE, ExecutionState.RELEASED, ExecutionState.REVOKED}),
    ExecutionState.DONE: frozenset({ExecutionState.CONTROL, ExecutionState.RELEASED, ExecutionState.REVOKED}),
    ExecutionState.RELEASED: frozenset({ExecutionState.REVOKED}),
    ExecutionState.REVOKED: frozenset(),
}


class Verb(models.TextChoices):
    MEETING_PLANNED = "meeting.planned", "Заседание совета назначено"
    ITEM_ADDED = "item.added", "Вопрос включён в повестку"
    ITEM_REMOVED = "item.removed", "Вопрос исключён из повестки"
    MEETING_OPENED = "meeting.opened", "Заседание открыто"
    MEMBER_ARRIVED = "meeting.member_arrived", "Прибытие члена совета отмечено"
    MEMBER_LEFT = "meeting.member_left", "Уход члена совета отмечен"
    PRESIDING_SET = "meeting.presiding_set", "Председательствующий указан"
    AGENDA_VOTED = "meeting.agenda_voted", "За повестку проголосовали"
    AGENDA_TAKEN = "meeting.agenda_taken", "Вопросы прошлого заседания перенесены в повестку"
    VOTE_RECORDED = "item.vote_recorded", "Итоги голосования внесены"
    ITEM_HEARD = "item.heard", "Суть выступлений по вопросу записана"
    MEETING_ENDED = "meeting.ended", "Заседание закрыто"
    MEETING_NOT_HELD = "meeting.not_held", "Заседание признано несостоявшимся"
    MINUTES_SUBMITTED = "minutes.submitted", "Протокол передан на подпись"
    MINUTES_SIGNED_BY_ONE = "minutes.signed_by_one", "Протокол подписан одним из двух подписывающих"
    MINUTES_RETURNED = "minutes.returned", "Протокол возвращён на доработку"
    MINUTES_SIGNED = "minutes.signed", "Протокол подписан и зарегистрирован"
    MEMBER_REMOVED = "council.member_removed", "Член совета исключён решением совета"
    CHAIR_TOOK_OFFICE = "council.chair_took_office", "Председатель совета вступил в должность"
    FOUNDER_SEATED = "council.founder_seated", "Член совета назван положением о сети"
    MEETING_CONVENED = "meeting.convened", "Заседание созвано, приглашения направлены"
    MEETING_MOVED = "meeting.moved", "Заседание перенесено"
    MEETING_CANCELLED = "meeting.cancelled", "Заседание отменено"
    MEETING_ANSWERED = "meeting.answered", "Член совета ответил на приглашение"
    MATERIAL_ADDED = "meeting.material_added", "К заседанию приложен материал"
    MATERIAL_REMOVED = "meeting.material_removed", "Материал заседания удалён"
    ITEM_PROPOSED = "item.proposed", "Член совета предложил вопрос"
    PROPOSAL_DECLINED = "item.proposal_declined", "Предложение в повестку отклонено"
    OPINION_ASKED = "item.opinion_asked", "Запрошено мнение школы"
    OPINION_GIVEN = "item.opinion_given", "Школа высказала мнение"
    VOTING_OPENED = "item.voting_opened", "Голосование открыто"
    VOTING_INTERRUPTED = "item.voting_interrupted", "Голосование прервано, голоса не засчитаны"
    BALLOT_CAST = "item.ballot_cast", "Член совета проголосовал"
    MINUTES_CIRCULATED = "minutes.circulated", "Проект протокола передан членам совета на ознакомление"
    REMARK_MADE = "minutes.remark_made", "Член совета ознакомился с проектом протокола"
    REMARK_ANSWERED = "minutes.remark_answered", "Дан ответ на замечание к протоколу"
    DISSENT_STATED = "minutes.dissent_stated", "Член совета изложил особое мнение"
    COPY_TAKEN = "minutes.copy_taken", "Член совета получил копию"
    EXTRACT_PREPARED = "extract.prepared", "Выписка из протокола подготовлена"
    EXTRACT_SIGNED = "extract.signed", "Выписка из протокола подписана"
    DECISION_APPLIED = "decision.applied", "Решение совета исполнено порталом"
    DECISION_NOT_APPLIED = "decision.not_applied", "Решение совета портал исполнить не смог"
    DECISION_REVOKED = "decision.revoked", "Решение совета отменено другим решением"
    EXECUTION_DONE = "execution.done", "Решение исполнено"
    EXECUTION_RETURNED = "execution.returned", "Решение возвращено на исполнение"
    EXECUTION_RELEASED = "execution.released", "Решение снято с контроля"
    EXECUTION_MOVED = "execution.moved", "Срок исполнения решения изменён"
    MEMBER_ADMITTED = "council.member_admitted", "Член совета введён решением совета"
    MEMBER_WITHDRAWN = "council.member_withdrawn", "Член совета выведен решением совета"
    SECRETARY_TOOK_OFFICE = "council.secretary_took_office", "Секретарь совета вступил в должность"
