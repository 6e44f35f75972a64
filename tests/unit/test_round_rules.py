"""Rules of rounds: as files, without contradictions, and in the words of the directory."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from matchmaker.domain.member import Purpose, Status, Text, Track
from matchmaker.domain.review import Case, Stage
from matchmaker.domain.round import (
    Avoid,
    Capacity,
    Method,
    Relaxation,
    RoundRule,
    RoundRules,
    is_cooling_down,
    is_under_way,
    takes_part,
)
from matchmaker.errors import InvalidInput, UnreadableFile
from matchmaker.formats.round_rules import faults_among, parse_rules, read_rules, rules_as_json, write_rules
from matchmaker.services.round_relaxing import relaxed
from tests.factories import make_member, make_partner

NOW = datetime(2026, 12, 1, 9, tzinfo=UTC)
FULL = RoundRules(
    Purpose.RESEARCH,
    frozenset({Track.PUBLIC, Track.RESEARCH}),
    ("robot", "의료"),
    frozenset({"kr-one", "sg-one"}),
    True,
    Capacity(1, 2),
    {"kr-one": Capacity(0, 5)},
    frozenset({("kr-one", "sg-one")}),
    frozenset({("kr-one", "sg-two")}),
    (Avoid(("kr-two", "sg-one"), "a quarrel"),),
    30,
    False,
    True,
    0.1,
    3,
    Method.FAIR,
)


def test_a_file_is_read_back_as_it_was_written() -> None:
    assert read_rules(write_rules(FULL)) == FULL


def test_reasons_stay_out_unless_wanted() -> None:
    assert "quarrel" not in json.dumps(rules_as_json(FULL, with_reasons=False))
    silent = replace(FULL, avoid=(Avoid(("kr-two", "sg-one"), ""),))
    assert read_rules(write_rules(FULL, with_reasons=False)) == silent


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"usual": {"least": 3, "most": 2}}, "/usual"),
        ({"capacities": {"kr-one": {"least": 2, "most": 1}}}, "/capacities/kr-one"),
        ({"usual": {"most": 51}}, "/usual/most"),
        ({"forbidden": [{"kr": "kr-one", "sg": "sg-one"}]}, "/pins/0"),
        ({"avoid": [{"kr": "kr-one", "sg": "sg-one"}]}, "/pins/0"),
        ({"avoid": [{"kr": "a", "sg": "b"}, {"kr": "a", "sg": "b", "reason": "x"}]}, "/avoid"),
        ({"min_score": 1.5}, "/min_score"),
        ({"cool_down_days": -1}, "/cool_down_days"),
        ({"method": "magic"}, "/method"),
        ({"colour": "red"}, "/colour"),
    ],
)
def test_a_broken_rule_is_named_with_its_place(change: dict[str, Any], pointer: str) -> None:
    value = {"purpose": "startup", "pins": [{"kr": "kr-one", "sg": "sg-one"}]} | change
    with pytest.raises(InvalidInput) as caught:
        parse_rules(value)
    assert pointer in {fault.pointer for fault in caught.value.faults}


def test_a_file_that_is_no_json_is_refused() -> None:
    with pytest.raises(UnreadableFile):
        read_rules("{")


def test_pins_need_two_participants_of_the_two_countries() -> None:
    members = {
        m.external_id: m
        for m in (make_member(), make_partner(), make_partner(external_id="sg-two", status=Status.LISTED))
    }
    rules = RoundRules(
        Purpose.STARTUP,
        joined_only=True,
        pins=frozenset({("kr-one", "sg-two"), ("kr-one", "kr-one"), ("kr-one", "sg-gone")}),
    )
    assert {(fault.pointer, fault.code) for fault in faults_among(rules, members)} == {
        ("/pins/0/sg", "wrong-country"),
        ("/pins/1/sg", "unknown-member"),
        ("/pins/2", "takes-no-part"),
    }


@pytest.mark.parametrize(
    ("rules", "takes"),
    [
        ({}, True),
        ({"tracks": frozenset({Track.PUBLIC})}, False),
        ({"domains": ("ROBOT",)}, True),
        ({"domains": ("로봇", "x")}, True),
        ({"domains": ("chips",)}, False),
        ({"members": frozenset({"kr-two"})}, False),
        ({"joined_only": True}, True),
    ],
)
def test_who_takes_part(rules: dict[str, Any], takes: bool) -> None:
    member = make_member(domains=(Text("hospital robotics", "병원 로봇"),))
    assert takes_part(member, RoundRules(Purpose.STARTUP, **rules)) is takes


def case(stage: Stage, days_ago: int) -> Case:
    at = NOW - timedelta(days=days_ago)
    return Case(1, "kr-one", "sg-one", Purpose.STARTUP, stage, 1, 0.1, "2", "s", at, at)


@pytest.mark.parametrize("stage", list(Stage))
def test_a_case_is_under_way_or_cools_down_or_neither(stage: Stage) -> None:
    rules = RoundRules(Purpose.STARTUP, cool_down_days=30)
    ended = stage in (Stage.DECLINED, Stage.CLOSED)
    assert is_under_way(case(stage, 3)) is not ended
    assert is_cooling_down(case(stage, 29), rules, NOW) is ended
    assert not is_cooling_down(case(stage, 30), rules, NOW)


def test_a_way_out_changes_just_the_rules_that_it_names() -> None:
    found = Relaxation(
        (
            (RoundRule.PIN, "kr-one/sg-one"),
            (RoundRule.FORBIDDEN, "kr-one/sg-two"),
            (RoundRule.AVOID, "kr-two/sg-one"),
            (RoundRule.LEAST, "sg-one"),
            (RoundRule.MOST, "kr-one"),
            (RoundRule.COOL_DOWN, "kr-two/sg-two"),
            (RoundRule.RIVALS, "kr-one/kr-two"),
        ),
        1.0,
        True,
        excess=(1, 1, 1, 1, 2, 1, 1),
    )
    assert relaxed(FULL, found) == replace(
        FULL,
        pins=frozenset({("kr-two", "sg-two")}),
        forbidden=frozenset(),
        avoid=(),
        capacities={"kr-one": Capacity(0, 7), "sg-one": Capacity(0, 2)},
        keep_rivals_apart=False,
    )
