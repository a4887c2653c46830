"""The way of a paper from the draft to the archive (3.13), and numbers without gaps whatever happens (I-7)."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import date, timedelta

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from network_portal.audit.models import AuditEntry
from network_portal.common.errors import RuleError, StaleError
from network_portal.documents import kinds, rendering
from network_portal.documents.enums import DocumentState, Effect
from network_portal.documents.models import Document, RegisterCounter
from network_portal.documents.selectors import current_version, history_of, kept_until
from network_portal.documents.services import (
    SignerSlot,
    document_agree,
    document_cancel,
    document_draft,
    document_issue,
    document_register,
    document_revise,
    document_sign,
    documents_keep,
)
from tests.documents.conftest import organisation
from tests.factories.documents import AT, ON, SAMPLE, TWO_SLOTS, draft, may_sign, proof_of

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    monkeypatch.setattr(rendering, "render", lambda html: rendering.Pdf(html.encode(), 1))


@pytest.fixture
def kind_with(monkeypatch):
    """Return a function that changes what the test kind declares."""

    def change(**options):
        monkeypatch.setitem(kinds._kinds, "TEST", replace(kinds.kind_by_code("TEST"), **options))

    return change


def state_of(document) -> str:
    return Document.objects.get(pk=document.pk).state


def sign(document, slot, signer):
    sha256 = current_version(document).sha256
    proof = proof_of(signer, document, at=AT)
    document_sign(document=document, version_sha256=sha256, slot=slot, signer=signer, proof=proof, at=AT)


def issue(school, *, replaces=None, effect=Effect.REPLACES, on=ON, **changes) -> Document:
    document = document_draft(
        actor=None, organisation=school, paper=replace(SAMPLE, **changes), replaces=replaces, effect=effect, at=AT
    )
    return document_register(document=document, on=on, at=AT)


# --- the way ------------------------------------------------------------------------------------------------------


def test_signed_paper_waits_for_registration_and_then_has_effect(school, director, other_director):
    document = draft(school, signers=TWO_SLOTS)
    states = [state_of(document)]
    for slot, signer in (("home", director), ("host", other_director)):
        sign(document, slot, signer)
        states.append(state_of(document))
    states.append(document_register(document=document, on=ON, at=AT).state)
    assert states == ["draft", "signing", "signed", "in_force"]


def test_new_version_of_a_signed_paper_is_a_draft_again(school, director):
    document = draft(school, signers=TWO_SLOTS[:1])
    sign(document, "home", director)
    document_revise(document=document, paper=replace(SAMPLE, hours=68), actor=director, at=AT)
    assert state_of(document) == DocumentState.DRAFT


def test_kind_that_asks_for_approval_is_signed_only_after_it(school, director, kind_with):
    kind_with(agreed_by="Управление образования")
    document = draft(school, signers=TWO_SLOTS[:1])
    sha256 = current_version(document).sha256
    with pytest.raises(RuleError, match="Документ ещё не согласован: Управление образования"):
        sign(document, "home", director)
    with pytest.raises(StaleError, match="сейчас действует редакция 1"):
        document_agree(document=document, version_sha256="0" * 64, actor=director, at=AT)
    document_agree(document=document, version_sha256=sha256, actor=director, at=AT)
    document_revise(document=document, paper=replace(SAMPLE, hours=68), actor=director, at=AT)
    assert state_of(document) == DocumentState.DRAFT
    document_agree(document=document, version_sha256=current_version(document).sha256, actor=director, at=AT)
    sign(document, "home", director)
    assert document_register(document=document, on=ON, at=AT).state == DocumentState.IN_FORCE


def test_unsigned_paper_of_such_a_kind_is_registered_only_after_approval(school, kind_with):
    kind_with(agreed_by="Управление образования")
    document = draft(school)
    with pytest.raises(RuleError, match="ещё не согласован"):
        document_register(document=document, on=ON, at=AT)
    assert RegisterCounter.objects.count() == 0


def test_other_kinds_are_not_agreed_to(school, director):
    document = draft(school)
    with pytest.raises(RuleError, match="не требует согласования"):
        document_agree(document=document, version_sha256=current_version(document).sha256, actor=director, at=AT)


def test_paper_with_a_later_day_of_effect_comes_into_force_on_that_day(school, kind_with):
    kind_with(effective_from="start")
    earlier = issue(school, start=ON)
    later = issue(school, replaces=earlier, start=date(2026, 9, 7))
    assert (later.state, later.effective_from, state_of(earlier)) == ("registered", date(2026, 9, 7), "in_force")
    assert documents_keep(on=date(2026, 9, 6), at=AT) == (0, 0)
    assert documents_keep(on=date(2026, 9, 7), at=AT) == (1, 0)
    assert documents_keep(on=date(2026, 9, 7), at=AT) == (0, 0)
    assert (state_of(later), state_of(earlier)) == ("in_force", "replaced")
    assert Document.objects.get(pk=earlier.pk).ended_on == date(2026, 9, 7)
    assert AuditEntry.objects.filter(verb="document.came_into_force").count() == 1


@pytest.mark.parametrize(
    ("effect", "state"), [(Effect.REPLACES, "replaced"), (Effect.AMENDS, "amended"), (Effect.CANCELS, "cancelled")]
)
def test_another_paper_changes_the_earlier_one(school, effect, state):
    earlier = issue(school)
    issue(school, replaces=earlier, effect=effect, hours=35)
    assert state_of(earlier) == state
    assert Document.objects.get(pk=earlier.pk).is_effective == (state == "amended")


def test_amended_paper_may_be_amended_again_and_ended(school):
    earlier = issue(school)
    for hours in (35, 36):
        issue(school, replaces=earlier, effect=Effect.AMENDS, hours=hours)
    document_cancel(document=earlier, actor=None, reason="Прекращён", at=AT)
    assert state_of(earlier) == "cancelled"
    with pytest.raises(StaleError):
        issue(school, replaces=earlier, effect=Effect.AMENDS, hours=37)
    assert Document.objects.filter(number__isnull=False).count() == 3


# --- the archive --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("day", "archived"), [(date(2026, 12, 31), 0), (date(2027, 12, 31), 0), (date(2028, 1, 1), 1)])
def test_paper_without_a_term_works_until_its_school_year_ends(school, day, archived):
    document = issue(school)
    assert documents_keep(on=day, at=AT) == (0, archived)
    assert (state_of(document) == "archived") == bool(archived)


def test_paper_with_a_term_is_archived_after_the_year_of_its_last_day(school, kind_with):
    kind_with(effective_to="start")
    document = issue(school, start=date(2028, 5, 31))
    assert documents_keep(on=date(2028, 12, 31), at=AT) == (0, 0)
    assert documents_keep(on=date(2029, 1, 1), at=AT) == (0, 1)
    assert kept_until(document) == date(2033, 12, 31)


def test_open_ended_paper_is_archived_only_after_its_end(school, kind_with):
    kind_with(open_ended=True)
    document = issue(school)
    assert (documents_keep(on=date(2036, 1, 1), at=AT), kept_until(document)) == ((0, 0), None)
    document = document_cancel(document=document, actor=None, reason="По заявлению", at=AT)
    assert (documents_keep(on=date(2027, 1, 1), at=AT), state_of(document)) == ((0, 1), "archived")
    assert kept_until(document) == date(2031, 12, 31)


def test_paper_kept_for_ever_has_no_last_day(school, kind_with):
    kind_with(keep_years=None)
    assert (kinds.kind_by_code("TEST").retention, kept_until(issue(school))) == ("постоянно", None)


# --- signers of the kind ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("keys", [(), ("home",), ("host", "home")])
def test_draft_without_the_signers_of_its_kind_in_their_order_is_a_mistake(school, kind_with, keys):
    kind_with(signers={"home": "директор дома", "host": "директор в гостях"})
    with pytest.raises(ValueError, match="home, host"):
        draft(school, signers=[SignerSlot(key, key) for key in keys])


def test_one_more_signer_than_the_kind_declares_may_be_added(school, kind_with):
    kind_with(signers={"home": "директор дома", "host": "директор в гостях"})
    draft(school, signers=[SignerSlot(key, key) for key in ("home", "former", "host")])


# --- the history --------------------------------------------------------------------------------------------------


def test_history_tells_versions_changes_and_what_changed_the_paper(school, director):
    document = draft(school, actor=director)
    document_revise(document=document, paper=replace(SAMPLE, hours=68), actor=director, at=AT + timedelta(hours=1))
    document_register(document=document, on=ON, at=AT)
    later = issue(school, replaces=document, effect=Effect.AMENDS, hours=70)
    history = history_of(Document.objects.get(pk=document.pk))
    assert [(entry.no, entry.current, entry.created_by) for entry in history.versions] == [
        (2, True, director),
        (1, False, director),
    ]
    assert [
        [(change.label, change.before, change.after) for change in entry.changes] for entry in history.versions
    ] == [
        [("Часов", "34", "68")],
        [],
    ]
    assert (history.later, history.earlier) == ([later], None)
    assert history_of(later).effect == "изменяет"
    assert history.kept_until == date(2032, 12, 31)


# --- numbers ------------------------------------------------------------------------------------------------------

ACTS = st.lists(
    st.tuples(st.sampled_from(["draft", "register", "roll back", "fail", "cancel"]), st.integers(0, 1)), max_size=8
)


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(acts=ACTS)
def test_numbers_have_no_gaps_whatever_happens_between(school, other_school, acts):
    class ChangedMind(Exception):
        pass

    with transaction.atomic():
        given_out: dict[int, list[int]] = {school.pk: [], other_school.pk: []}
        for act, which in acts:
            owner = (school, other_school)[which]
            if act == "draft":
                draft(owner)
            elif act == "fail":
                with pytest.raises(RuleError):
                    document_register(document=draft(owner, signers=TWO_SLOTS), on=ON, at=AT)
            elif act == "cancel":
                registered = Document.objects.filter(organisation=owner, state=DocumentState.IN_FORCE).first()
                if registered:
                    document_cancel(document=registered, actor=None, reason="Ошибка", at=AT)
            else:
                try:
                    with transaction.atomic():
                        document = document_issue(actor=None, organisation=owner, paper=SAMPLE, on=ON, at=AT)
                        if act == "roll back":
                            raise ChangedMind
                    given_out[owner.pk].append(document.number)
                except ChangedMind:
                    pass
        for owner, numbers in given_out.items():
            assert numbers == list(range(1, len(numbers) + 1))
            kept = Document.objects.filter(organisation_id=owner, number__isnull=False).order_by("number")
            assert list(kept.values_list("number", flat=True)) == numbers
        transaction.set_rollback(True)


@pytest.mark.django_db(transaction=True)
def test_ten_threads_with_failures_of_every_kind_leave_no_gap(director):
    school = organisation(7)
    may_sign(director, school)
    start = threading.Barrier(10, timeout=60)
    taken: list[int] = []

    class ChangedMind(Exception):
        pass

    def work(place: int) -> None:
        start.wait()
        try:
            for turn in range(3):
                try:
                    with transaction.atomic():
                        signers = TWO_SLOTS if (place + turn) % 5 == 0 else ()
                        document = document_register(document=draft(school, signers=signers), on=ON, at=AT)
                        if (place + turn) % 3 == 0:
                            raise ChangedMind
                except (ChangedMind, RuleError):
                    continue
                taken.append(document.number)
        finally:
            connection.close()

    threads = [threading.Thread(target=work, args=[place]) for place in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(taken) == list(range(1, len(taken) + 1))
    kept = [place + turn for place in range(10) for turn in range(3) if (place + turn) % 5 and (place + turn) % 3]
    assert RegisterCounter.objects.get(kind="TEST").last == len(taken) == len(kept)
