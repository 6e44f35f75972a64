"""What came of the suggestions, against cases counted by hand."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matchmaker.domain.fields import OTHER, Field, Vocabulary
from matchmaker.domain.introduction import RefusalReason
from matchmaker.domain.member import Country, Kind, Purpose, Text
from matchmaker.domain.outcome import (
    FieldCell,
    NeedMatch,
    TieKind,
    Wait,
    WaitFor,
    decline_reasons,
    desk_of,
    exposure_of,
    field_map,
    funnel_of,
    gini,
    missing_partners,
    refusal_reasons,
    spread_of,
    ties_of,
    waits_of,
)
from matchmaker.domain.review import LEGAL, Case, DeclineReason, Move, Stage
from matchmaker.domain.stories import Milestone, Step, Story, stories_of
from matchmaker.domain.trail import GENESIS, Entry, Scalar, chained
from tests.factories import make_member, make_need, make_offer, make_partner

NOW = datetime(2026, 12, 1, 9, tzinfo=UTC)
HOUR = timedelta(hours=1)
DECLINE, SHORTLIST, INTRODUCE = Move.DECLINE, Move.SHORTLIST, Move.INTRODUCE


def case(number: int = 1, stage: Stage = Stage.SUGGESTED, kr: str = "kr-one", sg: str = "sg-one") -> Case:
    return Case(number, kr, sg, Purpose.STARTUP, stage, 1, 0.3, "r", "s", NOW, NOW)


def story(*moves: Move, number: int = 1, stage: Stage = Stage.SUGGESTED) -> Story:
    steps = tuple(Step(NOW + HOUR * (place + 1), move) for place, move in enumerate(moves))
    return Story(case(number, stage), steps)


class Trail:
    """Entries in one chain, as the database would hand them out."""

    def __init__(self) -> None:
        self.entries: list[Entry] = []

    def tell(
        self, action: str, subject: str, details: Mapping[str, Scalar] | None = None, hours: float = 0
    ) -> Entry:
        last = self.entries[-1] if self.entries else None
        seq, before = (last.seq, last.hash) if last else (0, GENESIS)
        entry = chained(seq, before, NOW + HOUR * hours, "a_1", action, subject, details or {})
        self.entries.append(entry)
        return entry

    def introduced(self, number: int, case_id: int, kr: float, sg: float, accepts: bool = True) -> None:
        self.tell("introduction-asked", f"introduction/{number}", {"case": case_id})
        for side, hours in (("KR", kr), ("SG", sg)):
            answer = "accepted" if accepts or side == "KR" else "declined"
            self.tell(
                "introduction-answered", f"introduction/{number}", {"side": side, "answer": answer}, hours
            )


def test_the_funnel_counts_how_far_pairs_ever_came() -> None:
    stories = [
        story(),
        story(DECLINE),
        story(DECLINE, Move.REOPEN, SHORTLIST),
        story(SHORTLIST, INTRODUCE, Move.AGREE),
        story(SHORTLIST, INTRODUCE, Move.MEET, Move.CLOSE),
    ]
    funnel = funnel_of(stories)
    assert [step.count for step in funnel.steps] == [5, 4, 3, 2, 2, 2, 1]
    assert funnel[Milestone.REVIEWED].of_previous == pytest.approx(0.8)
    assert funnel[Milestone.SUGGESTED].of_previous is None
    assert funnel.largest_loss is not None
    assert funnel.largest_loss.milestone is Milestone.AGREED


def test_an_empty_funnel_has_no_rates() -> None:
    funnel = funnel_of([])
    assert {(step.count, step.of_previous) for step in funnel.steps} == {(0, None)}
    assert funnel.largest_loss is None


@given(st.lists(st.lists(st.sampled_from(Move), max_size=6), max_size=12))
def test_no_step_is_larger_than_the_one_before(lives: list[list[Move]]) -> None:
    funnel = funnel_of([story(*moves) for moves in lives])
    counts = [step.count for step in funnel.steps]
    assert counts[0] == len(lives)
    assert all(later <= earlier for earlier, later in pairwise(counts))
    assert all(step.of_previous is None or 0 <= step.of_previous <= 1 for step in funnel.steps)


@given(st.data())
def test_a_move_that_was_taken_back_leaves_no_trace(data: st.DataObject) -> None:
    plain, with_undos, stage = Trail(), Trail(), Stage.SUGGESTED
    for hours in range(data.draw(st.integers(0, 8))):
        possible = [move for start, move in LEGAL if start is stage]
        if data.draw(st.booleans()):
            extra = with_undos.tell(data.draw(st.sampled_from(possible)), "case/1", {"code": "other"}, hours)
            with_undos.tell("undo", "case/1", {"undoes": extra.seq}, hours)
        move = data.draw(st.sampled_from(possible))
        for trail in (plain, with_undos):
            trail.tell(move, "case/1", {"code": "other"}, hours)
        stage = LEGAL[stage, move]
    found = case(stage=stage)
    assert stories_of([found], with_undos.entries) == stories_of([found], plain.entries)


def test_what_is_nobodys_story_is_passed_over() -> None:
    trail = Trail()
    trail.tell("suggest", "case/1")
    trail.tell("note", "case/1", {"note": 1})
    trail.tell(SHORTLIST, "case/2")
    trail.tell(DECLINE, "case/1", {"code": "other", "left": "kr-one"})
    trail.introduced(1, 2, 1, 1)
    trail.tell("introduction-cancelled", "introduction/2", {"code": "undo"})
    (found,) = stories_of([case()], trail.entries)
    assert found == Story(case())


def test_both_accepted_is_read_from_the_answers() -> None:
    trail = Trail()
    trail.tell(SHORTLIST, "case/1")
    trail.tell(INTRODUCE, "case/1")
    trail.introduced(1, 1, 10, 30)
    (found,) = stories_of([case(stage=Stage.INTRODUCED)], trail.entries)
    assert found.reached is Milestone.ACCEPTED
    assert found.accepted_at == NOW + 30 * HOUR
    trail = Trail()
    trail.tell(INTRODUCE, "case/1")
    trail.introduced(1, 1, 10, 30, accepts=False)
    (found,) = stories_of([case(stage=Stage.CLOSED)], trail.entries)
    assert found.reached is Milestone.INTRODUCED
    assert found.askings[0].waits_on == ()


def test_reasons_come_most_frequent_first() -> None:
    declined = [
        Story(case(), (Step(NOW, DECLINE, code),)) for code in ("other", "competitors", "competitors", None)
    ]
    assert list(decline_reasons(declined).items()) == [
        (DeclineReason.COMPETITORS, 2),
        (DeclineReason.OTHER, 1),
    ]


def test_a_refusal_without_a_reason_is_counted_as_such() -> None:
    trail = Trail()
    for number in (1, 2, 3):
        trail.tell("introduction-asked", f"introduction/{number}", {"case": 1})
        details: Mapping[str, Scalar] = {"side": "SG", "answer": "declined"}
        trail.tell("introduction-answered", f"introduction/{number}", details)
    assert list(refusal_reasons(stories_of([case()], trail.entries, {2: RefusalReason.NOT_NOW})).items()) == [
        (None, 2),
        (RefusalReason.NOT_NOW, 1),
    ]


def test_waiting_times_are_median_and_where_the_slowest_tenth_begins() -> None:
    hours = [1, 2, 3, 4, 5, 6, 7, 8, 9, 100, 200]
    stories = [Story(case(), (Step(NOW + HOUR * each, SHORTLIST),)) for each in hours]
    stories.append(Story(case(stage=Stage.SUGGESTED)))
    closed = [Story(replace(s.case, stage=Stage.DECLINED), s.steps) for s in stories[:-1]]
    assert waits_of([*closed, stories[-1]])[WaitFor.DECISION] == Wait(11, 1, 6 * HOUR, 100 * HOUR)


def test_too_few_waits_are_not_summed_up() -> None:
    stories = [Story(case(stage=Stage.DECLINED), (Step(NOW + HOUR, DECLINE),))] * 4
    assert waits_of(stories)[WaitFor.DECISION] == Wait(4, 0, None, None)
    assert waits_of([*stories, stories[0]])[WaitFor.DECISION] == Wait(5, 0, HOUR, HOUR)


def test_each_side_and_the_first_meeting_are_timed_apart() -> None:
    trail = Trail()
    for number in range(1, 6):
        trail.introduced(number, number, kr=10 * number, sg=5)
        trail.tell(Move.MEET, f"case/{number}", hours=10 * number + 24)
    trail.tell("introduction-asked", "introduction/6", {"case": 6})
    trail.tell("introduction-answered", "introduction/6", {"side": "KR", "answer": "accepted"}, 60)
    trail.tell("introduction-asked", "introduction/7", {"case": 6})
    trail.tell("introduction-expired", "introduction/7", {"silent": "KR+SG"})
    waits = waits_of(stories_of([case(number, Stage.MET) for number in range(1, 7)], trail.entries))
    assert waits[WaitFor.KOREA] == Wait(6, 0, 35 * HOUR, 60 * HOUR)
    assert waits[WaitFor.SINGAPORE] == Wait(5, 1, 5 * HOUR, 5 * HOUR)
    assert waits[WaitFor.MEETING] == Wait(5, 0, 24 * HOUR, 24 * HOUR)


def test_a_meeting_that_was_reported_before_the_second_yes_was_no_wait() -> None:
    trail = Trail()
    for number in range(1, 7):
        trail.introduced(number, number, kr=10, sg=20)
        trail.tell(Move.MEET, f"case/{number}", hours=15 if number == 1 else 44)
    waits = waits_of(stories_of([case(number, Stage.MET) for number in range(1, 7)], trail.entries))
    assert waits[WaitFor.MEETING] == Wait(5, 0, 24 * HOUR, 24 * HOUR)


@pytest.mark.parametrize(
    ("counts", "expected"), [([], 0), ([0, 0], 0), ([3, 3, 3], 0), ([0, 0, 0, 4], 0.75), ([1, 3], 0.25)]
)
def test_gini(counts: list[int], expected: float) -> None:
    assert gini(counts) == pytest.approx(expected)


@given(st.lists(st.integers(0, 50), min_size=1, max_size=30))
def test_gini_stays_between_all_alike_and_one_has_everything(counts: list[int]) -> None:
    spread = spread_of(counts)
    assert 0 <= spread.gini <= 1 - 1 / len(counts) + 1e-12
    assert spread.never_shown * len(counts) == pytest.approx(counts.count(0))


def test_exposure_counts_lists_cases_and_introductions() -> None:
    members = [make_member(), make_member(external_id="kr-two"), make_partner()]
    lists = {"kr-one": ["sg-one"], "kr-two": ["sg-one"], "sg-one": ["kr-two"]}
    exposure = exposure_of(members, lists, [story(SHORTLIST, INTRODUCE), story(DECLINE)])
    korea, singapore = exposure[Country.KR], exposure[Country.SG]
    assert [(m.member_id, m.lists, m.proposed, m.introduced) for m in korea.members] == [
        ("kr-two", 1, 0, 0),
        ("kr-one", 0, 2, 1),
    ]
    assert korea.lists.gini == pytest.approx(0.5)
    assert singapore.histogram(1) == (0, 1)


WORDS = Vocabulary(
    (
        Field("health", Text("Health", "의료"), ("hospital",), ("병원",)),
        Field("robots", Text("Robots", "로봇"), ("robot*",), ("로봇",)),
    )
)


def test_every_statement_and_pair_stands_in_one_cell() -> None:
    robots = make_member(
        domains=(Text("robots"),),
        offers=(make_offer("robots for a hospital"), make_offer("loans")),
        needs=(make_need("a hospital"), make_need("talent", None, Purpose.TALENT)),
    )
    hospital = make_partner(
        domains=(Text("hospital"),), offers=(make_offer("wards"),), needs=(make_need("robots"),)
    )
    found = field_map([robots, hospital], [story(SHORTLIST, INTRODUCE, Move.AGREE)], WORDS)
    assert found.cells == {
        ("robots", "health"): FieldCell(offers=1, needs=2, suggested=1, agreed=1),
        ("robots", "robots"): FieldCell(offers=1, needs=1),
        ("health", "health"): FieldCell(offers=1),
    }
    assert found.members == {(Country.KR, "robots"): 1, (Country.SG, "health"): 1}
    assert found.other_share == 0
    narrowed = field_map([robots, hospital], [], WORDS, Purpose.STARTUP)
    assert narrowed.cells["robots", "robots"].needs == 0


def test_pairs_of_members_that_left_stand_apart() -> None:
    found = field_map([], [story()], WORDS)
    assert found.cells == {(OTHER, OTHER): FieldCell(suggested=1)}


def unmet(member_id: str, text: str, similarity: float = 0.2) -> NeedMatch:
    return NeedMatch(member_id, Text(text), frozenset(), similarity, "sg-one")


def test_a_missing_partner_is_grouped_by_field_and_country() -> None:
    members = {
        each.external_id: each
        for each in (
            make_member(domains=(Text("robots"),)),
            make_member(external_id="kr-two", domains=(Text("robots"),)),
            make_partner(kind=Kind.UNIVERSITY),
        )
    }
    needs = [
        unmet("kr-one", "a hospital"),
        unmet("kr-one", "another hospital"),
        unmet("kr-two", "hospital"),
        unmet("kr-two", "robots", similarity=0.9),
        unmet("sg-one", "robots"),
        unmet("gone", "robots"),
    ]
    first, second = missing_partners(needs, members, WORDS)
    assert (first.field, first.country, first.members) == ("health", Country.SG, ("kr-one", "kr-two"))
    assert len(first.needs) == 3
    assert set(first.kinds) == {Kind.INVESTOR, Kind.CORPORATE, Kind.OPERATOR}
    assert (second.field, second.country, second.members) == ("robots", Country.KR, ("sg-one",))


def test_what_was_agreed_outweighs_what_was_known() -> None:
    agreed = story(SHORTLIST, INTRODUCE, Move.AGREE)
    assert ties_of([agreed, story(SHORTLIST)], [("kr-one", "sg-one"), ("kr-a", "sg-a")]) == {
        ("kr-a", "sg-a"): TieKind.KNOWN,
        ("kr-one", "sg-one"): TieKind.AGREED,
    }


def test_the_desk_counts_what_waits_now() -> None:
    trail = Trail()
    trail.tell("introduction-asked", "introduction/1", {"case": 3})
    trail.tell("introduction-answered", "introduction/1", {"side": "KR", "answer": "accepted"}, 1)
    trail.tell(DECLINE, "case/2", {"code": "other"}, 1)
    trail.tell(Move.REOPEN, "case/2", {}, 40)
    cases = [case(1), case(2), case(3, Stage.INTRODUCED), case(4, Stage.SNOOZED)]
    desk = desk_of(stories_of(cases, trail.entries), NOW + 72 * HOUR)
    assert (desk.waiting, desk.stale, desk.open_introductions) == (2, 1, 1)
    assert desk.waits_on == {Country.KR: 0, Country.SG: 1}
