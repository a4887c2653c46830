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
    RUNNING = "running", "идёт"
    NOT_HELD = "not_held", "не состоялось"
    ENDED = "ended", "закрыто, протокол составляется"
    SIGNING = "signing", "протокол на подписании"
    CLOSED = "closed", "протокол подписан"


MEETING_TRANSITIONS = {
    MeetingState.PLANNED: frozenset({MeetingState.RUNNING, MeetingState.NOT_HELD}),
    MeetingState.RUNNING: frozenset({MeetingState.ENDED, MeetingState.NOT_HELD}),
    MeetingState.NOT_HELD: frozenset(),
    MeetingState.ENDED: frozenset({MeetingState.SIGNING}),
    MeetingState.SIGNING: frozenset({MeetingState.CLOSED, MeetingState.ENDED}),
    MeetingState.CLOSED: frozenset(),
}


class ItemRule(models.TextChoices):
    """What it takes to adopt a decision (S1-5.4, 5.5, 5.6, 5.9)."""

    ORDINARY = "ordinary", "большинство присутствующих"
    ELECTION = "election", "выборы председателя, большинство присутствующих"
    EXCLUSIVE = "exclusive", "исключительная компетенция, большинство присутствующих"
    REMOVAL = "removal", "исключение члена совета, две трети общего состава"


class ItemState(models.TextChoices):
    OPEN = "open", "не рассмотрен"
    ADOPTED = "adopted", "решение принято"
    REJECTED = "rejected", "решение не принято"
    SKIPPED = "skipped", "не рассматривался"


ITEM_TRANSITIONS = {
    ItemState.OPEN: frozenset({ItemState.ADOPTED, ItemState.REJECTED, ItemState.SKIPPED}),
    ItemState.ADOPTED: frozenset(),
    ItemState.REJECTED: frozenset(),
    ItemState.SKIPPED: frozenset(),
}


class Verb(models.TextChoices):
    MEETING_PLANNED = "meeting.planned", "Заседание совета назначено"
    ITEM_ADDED = "item.added", "Вопрос включён в повестку"
    ITEM_REMOVED = "item.removed", "Вопрос исключён из повестки"
    MEETING_OPENED = "meeting.opened", "Заседание открыто"
    MEMBER_ARRIVED = "meeting.member_arrived", "Прибытие члена совета отмечено"
    MEMBER_LEFT = "meeting.member_left", "Уход члена совета отмечен"
    PRESIDING_SET = "meeting.presiding_set", "Председательствующий указан"
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
