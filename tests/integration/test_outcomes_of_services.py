"""Outcomes of what review and introductions themselves write."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from matchmaker.bootstrap import Matchmaker
from matchmaker.domain.introduction import RefusalReason
from matchmaker.domain.outcome import WaitFor
from matchmaker.domain.review import Agreement, Move
from matchmaker.domain.stories import Milestone
from tests.correspondence import KOREA, KR, SG, Clock, Mailbox, introduced, mail_server, prepare


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def product(matchmaker: Matchmaker, clock: Clock) -> Iterator[Matchmaker]:
    with mail_server(Mailbox()) as mailer:
        prepare(matchmaker, clock, mailer)
        yield matchmaker


def ask(product: Matchmaker, clock: Clock) -> int:
    introduction = introduced(product)
    clock.forward(minutes=6)
    product.introductions.follow_up()
    return introduction.id


def test_both_accept_meet_and_agree(product: Matchmaker, clock: Clock) -> None:
    number = ask(product, clock)
    for actor in (KR, SG):
        clock.forward(minutes=60)
        product.introductions.answer(number, actor, True)
    case_id = product.introductions.view(number, KOREA).introduction.case_id
    for move, agreement in ((Move.MEET, None), (Move.AGREE, Agreement.MOU)):
        clock.forward(minutes=60)
        with product.store.reading() as work:
            version = work.cases.get(case_id).version
        product.reviews.decide(case_id, move, KOREA, version, agreement=agreement)
    found = product.outcomes.snapshot()
    assert [step.count for step in found.funnel.steps] == [1] * 7
    assert [found.waits[each].count for each in WaitFor] == [1] * 4


def test_a_refusal_is_counted(product: Matchmaker, clock: Clock) -> None:
    number = ask(product, clock)
    assert product.outcomes.snapshot().desk.open_introductions == 1
    product.introductions.answer(number, SG, False, RefusalReason.NOT_NOW)
    found = product.outcomes.snapshot()
    assert found.refusals == {RefusalReason.NOT_NOW: 1}
    assert found.desk.open_introductions == 0
    assert found.funnel[Milestone.ACCEPTED].count == 0
