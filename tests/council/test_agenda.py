"""The agenda: questions and what they are about, the vote on it, what is carried over from the last meeting."""

from __future__ import annotations

from datetime import timedelta

import pytest

from council import services
from council.enums import ItemKind, ItemState, MeetingState
from council.models import AgendaItem, AgendaVote, Vote
from council.selectors.agenda import left_over
from council.services import About
from council.voting import Tally
from network_portal.common.errors import StaleError
from network_portal.documents import kinds
from network_portal.documents.selectors import current_version
from network_portal.documents.uploads import Upload
from schools.models import Organisation
from tests.council.asking import refusal_of
from tests.factories.council import AT, CouncilMemberFactory, Hall, MeetingFactory, hall
from tests.factories.courses import NetworkCourseFactory, StudyGroupFactory

pytestmark = pytest.mark.django_db


def add(council: Hall, **changes: object) -> AgendaItem:
    fields = {"title": "О выборах", "speaker": "Белов Б. О.", "proposal": "Избрать председателем."}
    return services.item_add(actor=council.keeper, meeting=council.meeting, at=council.now, **(fields | changes))


def test_item_add_takes_the_next_place(led: Hall) -> None:
    assert (add(led).position, led.meeting.items.count()) == (3, 3)


def test_election_is_of_a_member_of_this_council_with_a_vote(unled: Hall) -> None:
    stranger = CouncilMemberFactory()
    assert "этого совета" in refusal_of(add, unled, kind=ItemKind.CHAIR, about=About(candidate=stranger))
    assert "правом голоса" in refusal_of(add, unled, kind=ItemKind.CHAIR, about=About(candidate=unled.secretary))


def test_election_waits_until_the_seat_of_the_chair_has_ended(led: Hall) -> None:
    assert "уже избран" in refusal_of(add, led, kind=ItemKind.CHAIR, about=About(candidate=led.members[1]))
    former = led.members[0].duty
    former.date_to = AT.date() - timedelta(days=1)
    former.save()
    assert add(led, kind=ItemKind.CHAIR, about=About(candidate=led.members[1])).candidate == led.members[1]


def test_ordinary_item_forgets_a_candidate(unled: Hall) -> None:
    assert add(unled, about=About(candidate=unled.members[1])).candidate is None


def test_routes_are_agreed_on_by_their_courses_and_a_file_without_names(unled: Hall) -> None:
    """An individual route is a pupil's own paper of the home school: the council sees the courses (S1-5.3 (5))."""
    course = NetworkCourseFactory(network=unled.council.network)
    sheet = Upload("маршруты.png", "image/png", b"png")
    item = add(unled, kind=ItemKind.ROUTES, about=About(courses=[course], attachment=sheet))
    [thing], [material] = item.things.all(), item.materials.all()
    assert (thing.course, str(course) in thing.words) == (course, True)
    assert (material.meeting, material.file.name) == (unled.meeting, "маршруты.png")


def test_item_remove_moves_the_rest_up(led: Hall) -> None:
    services.item_remove(actor=led.keeper, item=led.items[0], at=AT)
    assert list(led.meeting.items.values_list("pk", "position")) == [(led.items[1].pk, 1)]


def test_judged_item_and_the_last_of_a_running_meeting_are_not_removed(sitting: Hall) -> None:
    sitting.vote(3)
    with pytest.raises(StaleError):
        services.item_remove(actor=sitting.keeper, item=sitting.items[0], at=sitting.tick())
    lone = hall(3)
    lone.open(3)
    assert "единственный" in refusal_of(services.item_remove, actor=lone.keeper, item=lone.items[0], at=lone.tick())


# --- the vote on the agenda -----------------------------------------------------------------------------------------


def agree(council: Hall, *numbers: int) -> AgendaVote:
    return services.agenda_vote(actor=council.keeper, meeting=council.meeting, tally=Tally(*numbers), at=council.tick())


def record(council: Hall, no: int = 0) -> Vote:
    return services.vote_record(
        actor=council.keeper, item=council.items[no], tally=Tally(3, 0, 0, 0), at=council.tick()
    )


def test_no_question_is_voted_on_before_the_agenda_is_agreed_to(sitting: Hall) -> None:
    """T18: «За утверждение повестки»; what is added or taken off afterwards is voted on anew."""
    first = "Сначала утвердите повестку."
    assert refusal_of(record, sitting) == first
    assert refusal_of(services.voting_open, actor=sitting.keeper, item=sitting.items[0], at=sitting.now) == first
    assert "Сумма голосов 2, а присутствуют 3" in refusal_of(agree, sitting, 2, 0, 0, 0)
    agree(sitting, 1, 2, 0, 0)
    assert "Повестка не утверждена" in refusal_of(record, sitting)
    agree(sitting, 2, 1, 0, 0)
    with pytest.raises(StaleError):
        agree(sitting, 3, 0, 0, 0)
    record(sitting)
    added = add(sitting)
    assert refusal_of(record, sitting, 1) == "Повестка изменилась: утвердите её снова."
    services.item_remove(actor=sitting.keeper, item=added, at=sitting.now)
    record(sitting, 1)  # the agenda is again what was agreed to
    sitting.end()
    sitting.submit()
    votes = kinds.parse(current_version(sitting.meeting.document).content)["agenda"]
    assert [(vote["votes_for"], vote["against"], vote["adopted"]) for vote in votes] == [(1, 2, False), (2, 1, True)]


def test_agenda_is_not_agreed_to_without_a_quorum_or_by_exactly_half() -> None:
    council = hall(4, chair=True)
    council.open(2)
    assert "Кворума нет: 2 из 4" in refusal_of(agree, council, 2, 0, 0, 0)
    council.arrive(council.members[2])
    council.arrive(council.members[3])
    agree(council, 2, 2, 0, 0)
    assert "Повестка не утверждена" in refusal_of(record, council)


# --- carried over ---------------------------------------------------------------------------------------------------


def not_held(council: Hall) -> Hall:
    """Record that too few came, and return the council at a meeting that is planned instead."""
    council.open(1)
    services.meeting_not_held(actor=council.keeper, meeting=council.meeting, at=council.tick())
    council.now += timedelta(days=7)
    council.meeting = MeetingFactory(council=council.council, planned_at=council.now, state=MeetingState.PLANNED)
    return council


def test_next_meeting_takes_the_agenda_of_one_that_was_not_held(led: Hall) -> None:
    """3.11: «не состоялось (record, new date)»: questions with what they are about, materials and opinions."""
    group = StudyGroupFactory(course__network=led.council.network)
    about = About(groups=[group], attachment=Upload("план.png", "image/png", b"png"))
    first = add(led, title="О группах", kind=ItemKind.GROUPS, about=about)
    school = Organisation.objects.get(pk=led.members[0].duty.organisation_id)
    services.opinion_ask(actor=led.keeper, item=first, schools=[school], at=AT)
    services.material_add(
        actor=led.keeper, meeting=led.meeting, item=None, title="Отчёт", at=AT,
        upload=Upload("отчёт.png", "image/png", b"png"),
    )  # fmt: skip
    not_held(led)
    waiting = left_over(led.meeting)
    assert [item.state for item in waiting] == [ItemState.SKIPPED] * 3
    carried = services.agenda_take(actor=led.keeper, meeting=led.meeting, at=led.now)
    assert ([item.carried_from for item in carried.items], carried.left) == (waiting, [])
    item = carried.items[-1]
    assert (item.things.get().group, item.opinions.get().organisation) == (group, school)
    assert sorted(led.meeting.materials.values_list("title", flat=True)) == ["О группах", "Отчёт"]
    with pytest.raises(StaleError):
        services.agenda_take(actor=led.keeper, meeting=led.meeting, at=led.now)
    services.item_remove(actor=led.keeper, item=item, at=led.now)  # taken off: it waits again
    assert left_over(led.meeting) == [first]


def test_question_that_is_not_fit_any_more_stays_behind_with_the_reason(unled: Hall) -> None:
    add(unled, kind=ItemKind.CHAIR, about=About(candidate=unled.members[2]))
    not_held(unled)
    duty = unled.members[2].duty
    duty.date_to = AT.date()
    duty.save()
    carried = services.agenda_take(actor=unled.keeper, meeting=unled.meeting, at=unled.now)
    assert (len(carried.items), [(old.kind, why) for old, why in carried.left]) == (
        1,
        [("chair", "Укажите члена этого совета с правом голоса.")],
    )
