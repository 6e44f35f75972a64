"""Lists into the queue, and what was decided about them out again, as learning reads it."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner

from matchmaker.bootstrap import Matchmaker
from matchmaker.cli import app as commands
from matchmaker.cli import trail as trail_commands
from matchmaker.domain.access import SYSTEM, Actor, Role
from matchmaker.domain.decision import DrawnList
from matchmaker.domain.desk import FillReport, Opinion
from matchmaker.domain.introduction import RefusalReason
from matchmaker.domain.member import Country, Member, Purpose, Text
from matchmaker.domain.review import Case, Move, Stage
from matchmaker.domain.round import LeftOutReason
from matchmaker.domain.trail import first_break
from matchmaker.errors import Forbidden, InvalidInput
from matchmaker.formats.json_lines import load_decisions
from matchmaker.quality.decision_log import DecisionLog
from matchmaker.services.decisions import Decisions
from matchmaker.services.filling import Filling
from matchmaker.services.reviews import Reviews
from tests.factories import make_matchmaker, make_member, make_need, make_offer, make_partner

NOW = datetime(2026, 12, 1, 9, tzinfo=UTC)
MINJI = Actor("a_kr", Role.COORDINATOR_KR)
TOPICS = ("robots", "credit", "speech", "berths", "chips", "clinics", "crops", "grids", "films", "law")
STARTUP = Purpose.STARTUP


def crowd(count: int) -> list[Member]:
    """As many members of each country, each offering one topic and needing another."""
    return [
        make(
            external_id=f"{country.lower()}-{number}",
            names=Text(f"{country} {number} (fictional)", None),
            domains=(Text(topic, None),),
            summary=Text(f"Works on {topic} and {TOPICS[number * 3 % 10]}.", None),
            offers=(make_offer(f"{topic} number {number}"),),
            needs=(make_need(f"{TOPICS[(number * 7 + 1) % 10]} abroad"),),
        )
        for country, make in ((Country.KR, make_member), (Country.SG, make_partner))
        for number, topic in ((number, TOPICS[number % 10]) for number in range(count))
    ]


def product_of(folder: Path, members: list[Member]) -> Matchmaker:
    product = make_matchmaker(folder)
    profiles = product.profiler.profile_all(members)
    with product.store.writing() as work:
        for profile in profiles:
            work.members.add(profile, product.profiler.model, source_hash=None, is_edited=True)
        work.commit()
    return product


@pytest.fixture
def product(tmp_path: Path) -> Matchmaker:
    return product_of(tmp_path, crowd(10))


def fill(product: Matchmaker, at: datetime = NOW, **options: int) -> FillReport:
    filling = replace(product.filling, now=lambda: at)
    return filling.fill(STARTUP, MINJI, **{"seed": 1, **options})


def lists(product: Matchmaker) -> list[DrawnList]:
    with product.store.reading() as work:
        return work.slates.list_all()


def decide(product: Matchmaker, case: Case, move: Move, code: str | None = None, at: datetime = NOW) -> Case:
    desk: Reviews = replace(product.reviews, now=lambda: at)
    return desk.decide(case.id, move, MINJI, case.version, code=code)


def test_every_case_comes_from_one_list_with_known_chances(product: Matchmaker) -> None:
    report = fill(product)
    drawn = lists(product)
    assert report.lists == len(drawn) > 10
    shown = [each.case_id for one in drawn for each in one.shown]
    assert sorted(filter(None, shown)) == sorted(case.id for case in report.suggested)
    for one in drawn:
        assert sum(each.propensity for each in one.candidates) == pytest.approx(len(one.shown))
        assert [each.rank for each in one.shown] == list(range(1, len(one.shown) + 1))
    assert any(each.rank is None and each.propensity < 1 for each in drawn[0].candidates)
    assert {case.stage for case in report.suggested} == {Stage.SUGGESTED}


@pytest.mark.parametrize(("per_member", "limit"), [(1, 200), (3, 200), (8, 7)])
def test_nobody_floods_the_queue(product: Matchmaker, per_member: int, limit: int) -> None:
    report = fill(product, per_member=per_member, limit=limit)
    shown = Counter(member for case in report.suggested for member in (case.kr, case.sg))
    assert max(shown.values()) <= per_member
    assert 0 < len(report.suggested) <= limit
    again = fill(product, per_member=per_member, limit=limit, seed=2)
    everybody = Counter(
        member for case in (*report.suggested, *again.suggested) for member in (case.kr, case.sg)
    )
    assert max(everybody.values()) <= per_member


def test_a_pair_under_way_is_not_put_in_twice(product: Matchmaker) -> None:
    first = fill(product, per_member=4)
    second = fill(product, per_member=8, seed=2)
    pairs = [(case.kr, case.sg) for case in (*first.suggested, *second.suggested)]
    assert len(set(pairs)) == len(pairs)
    assert second.existing == len(first.suggested)
    assert second.suggested


def test_who_is_not_wanted_stays_out(product: Matchmaker) -> None:
    firm = Actor("a_firm", Role.MEMBER, "kr-0")
    for number in range(10):
        product.voices.say(
            "kr-0", f"sg-{number}", STARTUP, Opinion.NOT_FOR_US, firm, RefusalReason.NOT_OUR_FIELD
        )
    report = fill(product)
    assert all(case.kr != "kr-0" for case in report.suggested)
    (left_out,) = [each for each in report.left_out if each.member_id == "kr-0"]
    assert (left_out.reason, report.ruled_out) == (LeftOutReason.RULED_OUT, 10)
    assert left_out.best_score is not None
    product.voices.withdraw("kr-0", "sg-3", STARTUP, firm)
    assert ("kr-0", "sg-3") not in product.voices.ruled_out(STARTUP)
    assert product.voices.ruled_out(Purpose.TALENT) == set()


def test_an_ended_pair_rests_and_is_reopened_with_a_new_score(product: Matchmaker) -> None:
    first = fill(product, limit=1)
    (case,) = first.suggested
    decide(product, case, Move.DECLINE, "other")
    resting = fill(product, NOW + timedelta(days=179), per_member=40)
    assert resting.cooling == 1
    assert (case.kr, case.sg) not in {(each.kr, each.sg) for each in resting.suggested}
    rested = fill(product, NOW + timedelta(days=180), per_member=40, limit=1000)
    (again,) = rested.reopened
    assert (again.id, again.stage, again.code, again.version) == (case.id, Stage.SUGGESTED, None, 3)


def test_who_gets_nothing_is_told_with_the_reason(tmp_path: Path) -> None:
    members = crowd(3)
    quiet = replace(members[0], consents=frozenset({Purpose.TALENT}))
    report = fill(product_of(tmp_path, [quiet, *members[1:]]), per_member=1, limit=1)
    reasons = {each.member_id: each.reason for each in report.left_out}
    assert reasons.pop("kr-0") is LeftOutReason.NO_ELIGIBLE_PARTNER
    assert set(reasons.values()) <= {LeftOutReason.NO_CAPACITY, LeftOutReason.PARTNERS_FULL}
    assert len(reasons) == 3


def test_filling_needs_a_coordinator_and_sound_numbers(product: Matchmaker) -> None:
    with pytest.raises(Forbidden):
        product.filling.fill(STARTUP, Actor("a_firm", Role.MEMBER, "kr-0"))
    for wrong in ("per_member", "limit", "size"):
        with pytest.raises(InvalidInput):
            fill(product, NOW, **{wrong: 0})


def exported(product: Matchmaker, at: datetime = NOW) -> Decisions:
    return replace(product.decisions, now=lambda: at)


def test_a_list_is_closed_when_all_it_shows_is_decided(product: Matchmaker) -> None:
    fill(product, limit=3, size=3)
    (drawn,) = lists(product)
    with product.store.reading() as work:
        cases = [work.cases.get(each.case_id or 0) for each in drawn.shown]
    decide(product, cases[0], Move.SHORTLIST)
    decide(product, cases[1], Move.DECLINE, "competitors")
    assert list(exported(product).export()) == []
    slept = decide(product, cases[2], Move.SNOOZE)
    assert list(exported(product).export()) == []
    old = {d.rank: d for d in exported(product, NOW + timedelta(days=60)).export() if d.is_shown}
    assert [(old[rank].accepted, old[rank].reason) for rank in (1, 2, 3)] == [
        (True, None),
        (False, "competitors"),
        (False, None),
    ]
    assert old[1].decided_on == (NOW + timedelta(days=60)).date()
    decide(product, slept, Move.SHORTLIST, at=NOW + timedelta(days=2))
    closed = list(exported(product, NOW + timedelta(days=3)).export())
    assert len(closed) == len(drawn.candidates)
    assert [d.accepted for d in closed if d.is_shown].count(True) == 2
    assert {d.decided_on for d in closed} == {(NOW + timedelta(days=2)).date()}


def test_a_decision_taken_back_does_not_count(product: Matchmaker) -> None:
    (case,) = fill(product, limit=1).suggested
    desk = replace(product.reviews, now=lambda: NOW)
    decide(product, case, Move.SHORTLIST)
    desk.undo(case.id, MINJI, 2)
    assert list(exported(product).export()) == []
    with product.store.reading() as work:
        decide(product, work.cases.get(case.id), Move.DECLINE, "other")
    (shown,) = [d for d in exported(product).export() if d.is_shown]
    assert (shown.accepted, shown.reason) == (False, "other")


def test_a_later_list_does_not_change_an_earlier_one(product: Matchmaker) -> None:
    (case,) = fill(product, limit=1).suggested
    decide(product, case, Move.DECLINE, "wrong-stage")
    before = list(exported(product).export())
    later = NOW + timedelta(days=200)
    (again,) = fill(product, later, limit=1000, per_member=40).reopened
    decide(product, again, Move.SHORTLIST, at=later)
    after = [d for d in exported(product, later).export() if d.list_id == before[0].list_id]
    assert after == before


def test_who_leaves_is_erased_from_the_lists(product: Matchmaker) -> None:
    fill(product)
    named = [one for one in lists(product) if any(each.member_id == "sg-3" for each in one.candidates)]
    assert named
    product.registration.withdraw("sg-3")
    for one in lists(product):
        assert one.query != "sg-3"
        assert all(each.member_id != "sg-3" for each in one.candidates)
        assert sum(each.propensity for each in one.candidates) == pytest.approx(len(one.shown))
    late = list(exported(product, NOW + timedelta(days=90)).export())
    lost = {one.id for one in named if any(each.member_id == "sg-3" for each in one.shown)}
    assert lost
    assert not {d.list_id for d in late} & {f"list-{number}" for number in lost}
    assert len(DecisionLog.of(late)) == len(late) > 0


def test_the_log_goes_through_the_command_line_into_learning(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    product = product_of(tmp_path / "var", crowd(24))
    monkeypatch.setattr(trail_commands, "_ready", lambda: product)
    runner = CliRunner()
    filled = runner.invoke(
        commands.app, ["queue", "fill", "--purpose", "startup", "--limit", "500", "--json"]
    )
    report = json.loads(filled.stdout)
    assert filled.exit_code == 0
    assert report["suggested"] > 100
    with product.store.reading() as work:
        cases = work.cases.list_of()
    for number, case in enumerate(cases):
        move = Move.SHORTLIST if number % 3 == 0 else Move.DECLINE
        product.reviews.decide(case.id, move, MINJI, 1, code=None if number % 3 == 0 else "not-their-field")
    file = tmp_path / "decisions.jsonl"
    assert runner.invoke(commands.app, ["decisions", "export", str(file)]).exit_code == 0
    found = load_decisions(file)
    assert found == list(product.decisions.export())
    log = DecisionLog.of(found)
    assert log.decisions == len(cases)
    assert log.counts()["lists"] == report["lists"]
    assert log.accepted.sum() == sum(number % 3 == 0 for number in range(len(cases)))
    learned = runner.invoke(
        commands.app, ["learn", "--decisions", str(file), "--output", str(tmp_path / "rule.json"), "--json"]
    )
    assert learned.exit_code in (0, 1)
    assert json.loads(learned.stdout)["decisions"] == len(cases)
    again = runner.invoke(commands.app, ["decisions", "export", str(file)])
    assert isinstance(again.exception, InvalidInput)


def test_filling_leaves_a_trail_that_holds(product: Matchmaker) -> None:
    report = Filling(product.store, product.catalogue).fill(STARTUP, SYSTEM, limit=20)
    with product.store.reading() as work:
        entries = list(work.trail.list_all())
    assert [entry.action for entry in entries] == ["suggest"] * len(report.suggested)
    assert first_break(entries) is None
