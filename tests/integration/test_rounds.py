"""A round from its rules to the review queue and back, over a real database."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from matchmaker.assignment.errors import NoAssignment
from matchmaker.bootstrap import Matchmaker
from matchmaker.domain.access import Actor, Role
from matchmaker.domain.member import Member, Purpose, Text
from matchmaker.domain.review import Move, Stage
from matchmaker.domain.round import (
    Avoid,
    Capacity,
    LeftOutReason,
    Method,
    PairKey,
    Proposal,
    Relaxation,
    Round,
    RoundRule,
    RoundRules,
    RoundState,
    SkipReason,
)
from matchmaker.domain.trail import first_break
from matchmaker.errors import Forbidden, IllegalMove, InvalidInput, StaleVersion, TooLate
from matchmaker.formats.round_rules import contradictions
from matchmaker.services.case_moves import move_case, suggest_case
from matchmaker.services.catalogue import Edition
from matchmaker.services.round_market import market_of
from matchmaker.services.round_solving import Watch, attempt
from matchmaker.services.rounds import Rounds
from tests.factories import make_matchmaker, make_member, make_need, make_offer, make_partner

NOW = datetime(2026, 12, 1, 9, tzinfo=UTC)
ANNA = Actor("a_1", Role.COORDINATOR_KR)
BEN = Actor("a_2", Role.COORDINATOR_SG)
WORDS = ("robots", "chips", "voice", "ports", "clinics", "farms", "ships", "maps")


@dataclass
class Spoken:
    """Voices that a test sets."""

    pairs: set[PairKey] = field(default_factory=set)

    def ruled_out(self, purpose: Purpose | None = None) -> set[PairKey]:
        return self.pairs


def crowd(kr: int = 12, sg: int = 9) -> list[Member]:
    """A fictional alliance; every third member has a sibling, and offers repeat, so that there are rivals."""

    def fields(number: int, count: int) -> dict[str, object]:
        one, two = WORDS[number % len(WORDS)], WORDS[(number * 3 + 1) % len(WORDS)]
        return {
            "names": Text(f"Member {number} (fictional)", None),
            "domains": (Text(one, None),),
            "summary": Text(f"Makes {one} for {two}.", None),
            "offers": (make_offer(f"{one} for hospitals number {number % 5}"),),
            "needs": (make_need(f"{two} in a hospital abroad"),),
            "parent": f"group-{number // 2}" if number % 3 == 0 else None,
        }

    korea = [make_member(external_id=f"kr-{i:02}", **fields(i, kr)) for i in range(kr)]
    singapore = [make_partner(external_id=f"sg-{i:02}", **fields(i + 3, sg)) for i in range(sg)]
    siblings = [replace(korea[1], parent="group-k"), replace(korea[2], parent="group-k")]
    return [
        korea[0],
        *siblings,
        *korea[3:],
        replace(singapore[0], parent="g"),
        replace(singapore[1], parent="g"),
        *singapore[2:],
    ]


@pytest.fixture(scope="module")
def market_product(tmp_path_factory: pytest.TempPathFactory) -> Matchmaker:
    """A bigger fictional alliance. Tests that share it leave no case behind."""
    product = make_matchmaker(tmp_path_factory.mktemp("crowd"))
    for member in crowd():
        product.registration.register(member)
    return product


@pytest.fixture
def rounds(matchmaker: Matchmaker) -> Rounds:
    """Rounds over the small alliance, at a fixed time."""
    return Rounds(matchmaker.store, matchmaker.catalogue, Spoken(), lambda: NOW)


def later(rounds: Rounds, days: float) -> Rounds:
    return replace(rounds, now=lambda: NOW + timedelta(days=days))


def solved(rounds: Rounds, rules: RoundRules) -> Round:
    return rounds.solve_now(rounds.open("Autumn", rules, ANNA).id, ANNA)


def actions(rounds: Rounds, subject: str) -> list[str]:
    with rounds.store.reading() as work:
        return [entry.action for entry in work.trail.list_of(subject)]


STARTUP = RoundRules(Purpose.STARTUP, usual=Capacity(0, 1))


def test_a_round_is_solved_published_and_undone(rounds: Rounds) -> None:
    done = solved(rounds, STARTUP)
    assert done.state is RoundState.PROPOSED
    assert done.proposal is not None
    assert done.proposal.expected == pytest.approx(sum(pair.score for pair in done.proposal.chosen))
    count = rounds.publish(done.id, ANNA, done.version)
    with rounds.store.reading() as work:
        cases = work.cases.list_of(round_id=done.id)
    assert count == len(cases) == len(done.proposal.chosen) > 0
    assert {(case.kr, case.sg, case.score, case.snapshot) for case in cases} == {
        (pair.kr, pair.sg, pair.score, done.proposal.snapshot) for pair in done.proposal.chosen
    }
    undone = rounds.undo_publish(done.id, ANNA)
    assert (undone.taken_back, undone.staying) == (count, 0)
    with rounds.store.reading() as work:
        assert work.cases.list_of(round_id=done.id) == []
        assert first_break(work.trail.list_all()) is None
    assert rounds.publish(done.id, BEN) == count
    assert actions(rounds, f"round/{done.id}") == [
        "round-opened",
        "round-solving",
        "round-proposed",
        "round-published",
        "round-undone",
        "round-published",
    ]


def test_nothing_can_be_published_or_undone_twice(rounds: Rounds) -> None:
    done = solved(rounds, STARTUP)
    rounds.publish(done.id, ANNA)
    with pytest.raises(IllegalMove):
        rounds.publish(done.id, ANNA)
    with pytest.raises(StaleVersion):
        rounds.publish(done.id, BEN, done.version)
    rounds.undo_publish(done.id, ANNA)
    with pytest.raises(IllegalMove):
        rounds.undo_publish(done.id, ANNA)


def test_of_two_who_publish_at_once_one_wins(rounds: Rounds) -> None:
    done = solved(rounds, STARTUP)
    outcomes: list[str] = []

    def publish(actor: Actor) -> None:
        try:
            rounds.publish(done.id, actor, done.version)
            outcomes.append("won")
        except StaleVersion:
            outcomes.append("late")

    threads = [threading.Thread(target=publish, args=(actor,)) for actor in (ANNA, BEN)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["late", "won"]
    assert done.proposal is not None
    with rounds.store.reading() as work:
        assert len(work.cases.list_of(round_id=done.id)) == len(done.proposal.chosen)


def test_cases_that_somebody_decided_about_stay(rounds: Rounds) -> None:
    done = solved(rounds, STARTUP)
    count = rounds.publish(done.id, ANNA)
    with rounds.store.writing() as work:
        case = work.cases.list_of(round_id=done.id)[0]
        move_case(work, case, Move.SHORTLIST, BEN, NOW, expected_version=case.version)
        work.commit()
    undone = rounds.undo_publish(done.id, ANNA)
    assert (undone.taken_back, undone.staying) == (count - 1, 1)
    assert rounds.publish(done.id, ANNA) == count - 1
    assert [each.reason for each in rounds.get(done.id).skipped] == [SkipReason.UNDER_WAY]


def test_when_all_are_decided_it_is_too_late(rounds: Rounds) -> None:
    done = solved(rounds, replace(STARTUP, members=frozenset({"kr-one", "sg-one"})))
    assert rounds.publish(done.id, ANNA) == 1
    with rounds.store.writing() as work:
        case = work.cases.list_of(round_id=done.id)[0]
        move_case(work, case, Move.SHORTLIST, BEN, NOW, expected_version=case.version)
        work.commit()
    with pytest.raises(TooLate):
        rounds.undo_publish(done.id, ANNA)
    assert rounds.get(done.id).state is RoundState.PUBLISHED


def declined(rounds: Rounds, kr: str, sg: str, at: datetime) -> int:
    with rounds.store.writing() as work:
        case = suggest_case(work, kr, sg, Purpose.STARTUP, BEN, at, score=0.1, rule="2", snapshot="old")
        move_case(work, case, Move.DECLINE, BEN, at, expected_version=case.version, code="too-busy")
        work.commit()
    return case.id


def test_a_pair_cools_down_then_its_case_is_opened_again_and_undone_as_it_was(rounds: Rounds) -> None:
    rules = replace(STARTUP, members=frozenset({"kr-one", "sg-one"}), cool_down_days=30)
    case_id = declined(rounds, "kr-one", "sg-one", NOW)
    early = solved(later(rounds, 29), rules)
    assert early.proposal is not None
    assert early.proposal.chosen == ()
    assert {each.reason for each in early.proposal.left_out} == {LeftOutReason.RULED_OUT}
    assert [cost.rule for cost in early.proposal.costs if cost.cost > 0] == [RoundRule.COOL_DOWN]
    after = later(rounds, 31)
    done = solved(after, rules)
    assert after.publish(done.id, ANNA) == 1
    with rounds.store.reading() as work:
        reopened = work.cases.get(case_id)
    assert (reopened.stage, reopened.round_id) == (Stage.SUGGESTED, done.id)
    assert after.undo_publish(done.id, ANNA).taken_back == 1
    with rounds.store.reading() as work:
        back = work.cases.get(case_id)
    assert (back.stage, back.code, back.snapshot, back.round_id) == (Stage.DECLINED, "too-busy", "old", None)
    assert back.changed_at == NOW
    assert after.publish(done.id, ANNA) == 1


def test_a_pin_overrules_the_cool_down_and_the_lowest_score(rounds: Rounds) -> None:
    declined(rounds, "kr-one", "sg-one", NOW)
    done = solved(rounds, replace(STARTUP, pins=frozenset({("kr-one", "sg-one")}), min_score=1.0))
    assert done.proposal is not None
    assert [(pair.kr, pair.sg, pair.is_pinned) for pair in done.proposal.chosen] == [
        ("kr-one", "sg-one", True)
    ]
    assert rounds.publish(done.id, ANNA) == 1


def test_what_became_impossible_is_skipped_and_said(matchmaker: Matchmaker, rounds: Rounds) -> None:
    done = solved(rounds, STARTUP)
    assert done.proposal is not None
    gone, unwanted = done.proposal.chosen[:2]
    matchmaker.registration.withdraw(gone.sg)
    assert isinstance(rounds.voices, Spoken)
    rounds.voices.pairs.add((unwanted.kr, unwanted.sg))
    rounds.publish(done.id, ANNA)
    assert {(each.kr, each.reason) for each in rounds.get(done.id).skipped} >= {
        (gone.kr, SkipReason.MEMBER_LEFT),
        (unwanted.kr, SkipReason.RULED_OUT_BY_MEMBER),
    }


def test_the_private_reason_is_kept_apart_and_can_be_erased(rounds: Rounds) -> None:
    rules = replace(STARTUP, avoid=(Avoid(("kr-one", "sg-one"), "a quarrel in 2019"),))
    opened = rounds.open("Autumn", rules, ANNA)
    assert rounds.get(opened.id).rules == rules
    with rounds.store.writing() as work:
        details = work.trail.list_of(f"round/{opened.id}")[0].details
        assert len(str(details["avoid kr-one/sg-one"])) == 64
        assert not any("quarrel" in str(value) for value in details.values())
        assert work.rounds.erase_reasons_of("sg-one") == 1
        work.commit()
    assert rounds.get(opened.id).rules.avoid == (Avoid(("kr-one", "sg-one"), ""),)
    assert rounds.solve_now(opened.id, ANNA).state is RoundState.PROPOSED


def test_rules_that_do_not_fit_the_directory_are_refused_with_their_places(rounds: Rounds) -> None:
    rules = replace(
        STARTUP,
        capacities={"kr-none": Capacity(0, 1)},
        pins=frozenset({("sg-one", "kr-one")}),
        joined_only=True,
        forbidden=frozenset({("kr-chip", "sg-fab")}),
    )
    with pytest.raises(InvalidInput) as caught:
        rounds.open("Autumn", rules, ANNA)
    assert {fault.pointer: fault.code for fault in caught.value.faults} == {
        "/capacities/kr-none": "unknown-member",
        "/pins/0/kr": "wrong-country",
        "/pins/0/sg": "wrong-country",
    }
    with pytest.raises(Forbidden):
        rounds.open("Autumn", STARTUP, Actor("a_9", Role.MEMBER, "kr-one"))
    with pytest.raises(InvalidInput):
        rounds.open("  ", STARTUP, ANNA)


def test_a_restart_fails_the_round_which_can_be_solved_again(rounds: Rounds) -> None:
    begun = rounds._begin(rounds.open("Autumn", STARTUP, ANNA).id, ANNA)
    restarted = replace(rounds, running={})
    assert restarted.recover() == 1
    failed = restarted.get(begun.id)
    assert (failed.state, failed.stage) == (RoundState.FAILED, "interrupted")
    rounds._run(begun, ANNA)
    assert restarted.get(begun.id) == failed, "the attempt that was given up changes nothing"
    assert restarted.solve_now(begun.id, ANNA).state is RoundState.PROPOSED
    assert restarted.recover() == 0


def test_solving_is_cancelled_and_the_round_is_a_draft_again(
    rounds: Rounds, monkeypatch: pytest.MonkeyPatch
) -> None:
    reached, go_on = threading.Event(), threading.Event()
    enter = Watch.enter

    def stopping(watch: Watch, stage: str) -> None:
        if stage == "costing":
            reached.set()
            assert go_on.wait(30)
        enter(watch, stage)

    monkeypatch.setattr(Watch, "enter", stopping)
    opened = rounds.open("Autumn", STARTUP, ANNA)
    with pytest.raises(IllegalMove):
        rounds.cancel(opened.id, ANNA)
    assert rounds.solve(opened.id, ANNA).state is RoundState.SOLVING
    assert reached.wait(30)
    assert 0.0 < rounds.get(opened.id).progress < 1.0
    with pytest.raises(IllegalMove):
        rounds.solve(opened.id, BEN)
    with pytest.raises(IllegalMove):
        rounds.revise(opened.id, STARTUP, BEN)
    rounds.cancel(opened.id, BEN)
    go_on.set()
    ended = rounds.wait(opened.id, 30)
    assert (ended.state, ended.stage, ended.proposal) == (RoundState.DRAFT, "cancelled", None)
    monkeypatch.undo()
    rounds.solve(opened.id, ANNA)
    assert rounds.wait(opened.id, 60).state is RoundState.PROPOSED


def test_a_revision_forgets_the_proposal_and_a_discarded_round_is_over(rounds: Rounds) -> None:
    done = solved(rounds, STARTUP)
    with pytest.raises(StaleVersion):
        rounds.revise(done.id, STARTUP, BEN, done.version - 1)
    revised = rounds.revise(done.id, replace(STARTUP, min_score=0.5), BEN, done.version, name="Winter")
    assert (revised.state, revised.proposal, revised.name) == (RoundState.DRAFT, None, "Winter")
    assert rounds.get(done.id) == revised
    assert rounds.discard(done.id, ANNA).state is RoundState.WITHDRAWN
    with pytest.raises(IllegalMove):
        rounds.solve(done.id, ANNA)
    assert [each.id for each in rounds.list(RoundState.WITHDRAWN)] == [done.id]


def test_rules_that_cannot_hold_lead_to_a_way_out_that_can_be_taken(rounds: Rounds) -> None:
    rules = replace(
        STARTUP, usual=Capacity(0, 3), capacities={"sg-quiet": Capacity(1, 1), "kr-one": Capacity(1, 3)}
    )
    stuck = solved(rounds, rules)
    assert stuck.state is RoundState.INFEASIBLE
    assert stuck.relaxation is not None
    assert stuck.relaxation.rules == ((RoundRule.LEAST, "sg-quiet"),)
    assert stuck.relaxation.is_proven
    eased = rounds.apply_relaxation(stuck.id, ANNA)
    assert eased.rules.capacities["sg-quiet"] == Capacity(0, 1)
    done = rounds.solve_now(stuck.id, ANNA)
    assert done.proposal is not None
    assert done.proposal.expected == pytest.approx(stuck.relaxation.expected)
    with pytest.raises(IllegalMove):
        rounds.apply_relaxation(stuck.id, ANNA)


PAIRS = st.tuples(
    st.integers(0, 11).map(lambda i: f"kr-{i:02}"), st.integers(0, 8).map(lambda i: f"sg-{i:02}")
)
CAPACITIES = st.tuples(st.integers(0, 1), st.integers(1, 4)).map(lambda bounds: Capacity(*bounds))
NAMES = st.one_of(
    st.integers(0, 11).map(lambda i: f"kr-{i:02}"), st.integers(0, 8).map(lambda i: f"sg-{i:02}")
)
RULES = st.builds(
    RoundRules,
    purpose=st.sampled_from(Purpose),
    usual=st.integers(0, 4).map(lambda most: Capacity(0, most)),
    capacities=st.dictionaries(NAMES, CAPACITIES, max_size=3),
    pins=st.frozensets(PAIRS, max_size=2),
    forbidden=st.frozensets(PAIRS, max_size=12),
    avoid=st.lists(PAIRS, max_size=4, unique=True).map(lambda pairs: tuple(Avoid(p, "") for p in pairs)),
    one_per_group=st.booleans(),
    keep_rivals_apart=st.booleans(),
    min_score=st.sampled_from([0.0, 0.05, 0.15]),
    method=st.sampled_from(Method),
).filter(lambda rules: not list(contradictions(rules)))


@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(rules=RULES, closed=st.frozensets(PAIRS, max_size=5))
def test_no_rule_is_ever_broken(
    market_product: Matchmaker, rules: RoundRules, closed: frozenset[PairKey]
) -> None:
    edition = market_product.catalogue.current()
    market = market_of(edition, rules, [], closed, NOW)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            "matchmaker.services.round_proposing.COST_SECONDS", 0.0
        )  # costs have a test of their own
        found = outcome(edition, rules, closed)
    if not isinstance(found, Proposal):
        return
    chosen = {(pair.kr, pair.sg) for pair in found.chosen}
    assert rules.pins <= chosen
    refused = rules.forbidden | {each.pair for each in rules.avoid} | closed
    assert not refused & {(pair.kr, pair.sg) for pair in found.pairs}
    assert all(pair.score >= rules.min_score or pair.is_pinned for pair in found.pairs)
    rivals = {
        frozenset((side[one].external_id, side[other].external_id))
        for side, pairs in ((market.kr, market.kr_rivals), (market.sg, market.sg_rivals))
        for one, other in pairs
    }
    for members, own in ((market.kr, 0), (market.sg, 1)):
        for member in members:
            capacity = rules.capacities.get(member.external_id, rules.usual)
            met = sorted(pair[1 - own] for pair in chosen if pair[own] == member.external_id)
            assert capacity.least <= len(met) <= capacity.most
            assert not any(frozenset((a, b)) in rivals for a in met for b in met if a < b)
            families = [m.family for m in (market.sg, market.kr)[own] if m.external_id in met]
            assert not rules.one_per_group or len(families) == len(set(families))
    served = {member for pair in chosen for member in pair}
    everybody = {m.external_id for m in (*market.kr, *market.sg)}
    assert {each.member_id for each in found.left_out} == everybody - served


def outcome(edition: Edition, rules: RoundRules, closed: frozenset[PairKey]) -> Proposal | Relaxation | None:
    """What an attempt comes to, without a database and without the search for a way out."""

    class Unwatched(Watch):
        def cancelled(self) -> bool:
            return False

        def enter(self, stage: str) -> None:
            if stage == "relaxing":
                raise NoAssignment("not wanted here", is_proven=True)
            super().enter(stage)

    opened = Round(1, "x", rules, RoundState.SOLVING, 1, "a_1", NOW)
    try:
        return attempt(opened, edition, [], closed, NOW, Unwatched(None, 1, 1))  # type: ignore[arg-type]
    except NoAssignment:
        return None


@pytest.mark.parametrize("most", [1, 2])
@pytest.mark.parametrize("min_score", [0.0, 0.08])
def test_the_reasons_for_being_left_out_are_true(
    market_product: Matchmaker, most: int, min_score: float
) -> None:
    everyone = frozenset(("kr-05", f"sg-{i:02}") for i in range(9))
    rules = RoundRules(
        Purpose.STARTUP,
        usual=Capacity(0, most),
        capacities={"kr-04": Capacity(0, 0)},
        forbidden=everyone,
        min_score=min_score,
    )
    edition = market_product.catalogue.current()
    market = market_of(edition, rules, [], (), NOW)
    found = outcome(edition, rules, frozenset())
    assert isinstance(found, Proposal)
    reasons = {each.member_id: each for each in found.left_out}
    assert reasons["kr-04"].reason is LeftOutReason.NO_CAPACITY
    assert reasons["kr-05"].reason in (LeftOutReason.RULED_OUT, LeftOutReason.ALL_TOO_WEAK)
    counts: dict[str, int] = {}
    for pair in found.chosen:
        for member in (pair.kr, pair.sg):
            counts[member] = counts.get(member, 0) + 1
    rows = {m.external_id: (market.scores[i], market.sg) for i, m in enumerate(market.kr)}
    rows |= {m.external_id: (market.scores[:, i], market.kr) for i, m in enumerate(market.sg)}
    for each in found.left_out:
        scores, partners = rows[each.member_id]
        strong = [p.external_id for p, s in zip(partners, scores, strict=True) if s >= min_score]
        if each.reason is LeftOutReason.ALL_TOO_WEAK:
            assert not strong
            assert each.best_score == pytest.approx(np.nanmax(scores))
        if each.reason is LeftOutReason.PARTNERS_FULL:
            able = [p for p in strong if p not in ("kr-04", "kr-05")]
            assert all(counts.get(p, 0) == most for p in able)
    assert LeftOutReason.NOT_CHOSEN not in {each.reason for each in found.left_out}


def test_alternates_break_no_rule_in_place_of_a_chosen_pair(market_product: Matchmaker) -> None:
    rules = RoundRules(Purpose.STARTUP, usual=Capacity(0, 2), alternates=2)
    found = outcome(market_product.catalogue.current(), rules, frozenset())
    assert isinstance(found, Proposal)
    alternates = [pair for pair in found.pairs if pair.rank]
    assert alternates
    assert {pair.rank for pair in alternates} <= {1, 2}
    chosen = {(pair.kr, pair.sg) for pair in found.chosen}
    for pair in alternates:
        assert fits(chosen | {(pair.kr, pair.sg)}) or any(
            fits((chosen - {one, other}) | {(pair.kr, pair.sg)})
            for one in chosen
            for other in chosen
            if one[0] == pair.kr and other[1] == pair.sg
        )


def fits(pairs: set[PairKey]) -> bool:
    """Whether nobody meets more than two."""
    members = [member for pair in pairs for member in pair]
    return all(members.count(member) <= 2 for member in members)


def test_a_rule_costs_what_leaving_it_out_would_add(market_product: Matchmaker) -> None:
    edition = market_product.catalogue.current()
    free = outcome(edition, RoundRules(Purpose.STARTUP, usual=Capacity(0, 2)), frozenset())
    assert isinstance(free, Proposal)
    best = (free.chosen[0].kr, free.chosen[0].sg)
    bound = outcome(
        edition, RoundRules(Purpose.STARTUP, usual=Capacity(0, 2), forbidden=frozenset({best})), frozenset()
    )
    assert isinstance(bound, Proposal)
    cost = next(each for each in bound.costs if each.rule is RoundRule.FORBIDDEN)
    assert cost.expected_without == pytest.approx(free.expected)
    assert cost.cost == pytest.approx(free.expected - bound.expected)
    assert bound.has_all_costs


def test_scores_are_those_that_lists_show(market_product: Matchmaker) -> None:
    edition = market_product.catalogue.current()
    market = market_of(edition, STARTUP, [], (), NOW)
    pair = market_product.suggestions.explain("kr-03", "sg-02", Purpose.STARTUP)
    row = [m.external_id for m in market.kr].index("kr-03")
    column = [m.external_id for m in market.sg].index("sg-02")
    assert market.scores[row, column] == pytest.approx(pair.score)
