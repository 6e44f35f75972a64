"""Introductions that meet other decisions: of the same case, of other coordinators, of a member that is gone."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from matchmaker.bootstrap import Matchmaker
from matchmaker.domain.access import SYSTEM
from matchmaker.domain.introduction import State
from matchmaker.domain.review import CloseReason, Move, Stage
from matchmaker.errors import CaseHeld
from tests.correspondence import (
    KOREA,
    KR,
    KR_CONTACT,
    SG,
    SG_CONTACT,
    SINGAPORE,
    Clock,
    Mailbox,
    introduced,
    mail_server,
    prepare,
    shortlisted,
)

KR_DESK, SG_DESK = KR_CONTACT.email, SG_CONTACT.email


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def mailbox() -> Mailbox:
    return Mailbox()


@pytest.fixture
def product(matchmaker: Matchmaker, clock: Clock, mailbox: Mailbox) -> Iterator[Matchmaker]:
    with mail_server(mailbox) as mailer:
        prepare(matchmaker, clock, mailer)
        yield matchmaker


def state_of(product: Matchmaker, introduction_id: int) -> State:
    return product.introductions.view(introduction_id, KOREA).introduction.state


def version_after(product: Matchmaker, case_id: int, *moves: tuple[Move, str | None]) -> int:
    """Move a case on; its version afterwards."""
    for move, code in moves:
        version = product.reviews.look(case_id, KOREA).case.version
        product.reviews.decide(case_id, move, KOREA, version, code)
    return product.reviews.look(case_id, KOREA).case.version


def test_who_is_introduced_again_is_asked_once(product: Matchmaker, clock: Clock, mailbox: Mailbox) -> None:
    """A case closed and introduced anew before the worker came round has two introductions, one of them over."""
    former = introduced(product)
    version = version_after(
        product,
        former.case_id,
        (Move.CLOSE, CloseReason.CANCELLED),
        (Move.REOPEN, None),
        (Move.SHORTLIST, None),
    )
    again = product.introductions.introduce(former.case_id, KOREA, version)
    clock.forward(minutes=6)
    product.introductions.follow_up()
    assert (state_of(product, former.id), state_of(product, again.id)) == (State.CANCELLED, State.ASKED)
    assert (len(mailbox.to(KR_DESK)), len(mailbox.to(SG_DESK))) == (1, 1)
    assert product.reviews.look(former.case_id, KOREA).case.stage is Stage.INTRODUCED


def test_an_introduction_taken_back_can_be_made_again(
    product: Matchmaker, clock: Clock, mailbox: Mailbox
) -> None:
    former = introduced(product)
    case = product.reviews.look(former.case_id, KOREA).case
    restored = product.reviews.undo(case.id, KOREA, case.version)
    assert restored.stage is Stage.SHORTLISTED
    assert state_of(product, former.id) is State.CANCELLED
    again = product.introductions.introduce(case.id, KOREA, restored.version)
    clock.forward(minutes=6)
    product.introductions.follow_up()
    assert state_of(product, again.id) is State.ASKED
    assert (len(mailbox.to(KR_DESK)), len(mailbox.to(SG_DESK))) == (1, 1)


def test_nobody_introduces_a_case_that_another_coordinator_holds(product: Matchmaker) -> None:
    case = shortlisted(product)
    product.reviews.open(case.id, SINGAPORE)
    with pytest.raises(CaseHeld):
        product.introductions.introduce(case.id, KOREA, case.version)
    product.introductions.introduce(case.id, SINGAPORE, case.version)
    assert product.reviews.look(case.id, KOREA).lease is None


def test_an_introduction_ends_though_a_contact_is_gone_before_the_reminder(
    product: Matchmaker, clock: Clock
) -> None:
    introduction = introduced(product)
    clock.forward(minutes=6)
    product.introductions.follow_up()
    product.contacts.remove("sg-one", SYSTEM)
    for _ in range(40):
        clock.forward(days=1)
        product.introductions.follow_up()
    assert state_of(product, introduction.id) is State.EXPIRED


def test_a_summit_brings_together_who_accepted_last_time_and_is_still_there(
    product: Matchmaker, clock: Clock
) -> None:
    accepted = introduced(product)
    clock.forward(minutes=6)
    product.introductions.follow_up()
    for actor in (KR, SG):
        product.introductions.answer(accepted.id, actor, True)
    source = product.timetables.source
    assert [pair[:2] for pair in source.accepted_pairs(None)] == [("kr-one", "sg-one")]
    moves = ((Move.CLOSE, CloseReason.NO_AGREEMENT), (Move.REOPEN, None), (Move.SHORTLIST, None))
    product.introductions.introduce(accepted.case_id, KOREA, version_after(product, accepted.case_id, *moves))
    assert source.accepted_pairs(None) == []


def test_a_partner_that_left_keeps_nobody_from_a_summit(product: Matchmaker, clock: Clock) -> None:
    accepted = introduced(product)
    clock.forward(minutes=6)
    product.introductions.follow_up()
    for actor in (KR, SG):
        product.introductions.answer(accepted.id, actor, True)
    version_after(product, accepted.case_id, (Move.AGREE, "mou"))
    product.registration.withdraw("sg-one")
    assert product.timetables.source.accepted_pairs(None) == []
