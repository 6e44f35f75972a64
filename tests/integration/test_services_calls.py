"""Calls weighed on a real database: candidates and teams against trying everybody, the command line, CSV."""

from __future__ import annotations

import csv
import json
from datetime import UTC, datetime
from io import StringIO
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest

from matchmaker.bootstrap import Matchmaker, load_calls
from matchmaker.cli import funding
from matchmaker.cli.console import Reader
from matchmaker.domain.call import Standing, Verdict, rules_out
from matchmaker.domain.call_teams import is_complete, mean_score
from matchmaker.domain.eligibility import Blocker
from matchmaker.domain.member import Country
from matchmaker.errors import InvalidInput, UnknownMember, UnknownRecord
from matchmaker.formats.call_csv import calls_as_csv
from matchmaker.services.calls import Calls

NOW = datetime(2026, 12, 1, tzinfo=UTC)
WARD, TWO = "example-ward-ai", "example-two-companies"


@pytest.fixture
def calls(matchmaker: Matchmaker, monkeypatch: pytest.MonkeyPatch) -> Calls:
    """The shipped calls, on a fixed day, over the small alliance; also what the commands use."""
    found = Calls(load_calls(matchmaker.settings), matchmaker.catalogue, lambda: NOW)
    vars(matchmaker)["calls"] = found
    monkeypatch.setattr(funding, "_ready", lambda: matchmaker)
    monkeypatch.setattr(funding, "_calls", lambda: found)
    return found


def score_of(matchmaker: Matchmaker, kr: str, sg: str) -> float | None:
    """One pair at a time, as the product explains it."""
    pair = matchmaker.suggestions.explain(kr, sg)
    return None if Blocker.NO_CONSENT in pair.blockers else pair.score


def test_open_calls_come_first_and_closed_ones_last(calls: Calls) -> None:
    states = [call.state(NOW).value for call in calls.list_all()]
    assert states == ["open", "open", "planned", "planned", "closed", "closed", "closed"]


def test_a_member_learns_what_it_could_answer(calls: Calls) -> None:
    found = {proof.call.id: proof.standing for proof in calls.for_member("kr-one")}
    assert found[WARD] is Standing.INCOMPLETE
    assert found["kiat-astar-2019"] is Standing.RULED_OUT
    standings = [proof.is_possible for proof in calls.for_member("kr-one")]
    assert standings == sorted(standings, reverse=True)


def test_a_pair_is_proved_with_what_is_to_be_asked(calls: Calls) -> None:
    proof = next(proof for proof in calls.for_pair("kr-one", "sg-one") if proof.call.id == TWO)
    assert proof.standing is Standing.ASK  # a hospital may or may not count as a company
    assert Verdict.NOT_MET not in {finding.verdict for finding in proof.findings}


@pytest.mark.parametrize("call_id", [WARD, TWO, "kiat-astar-2019"])
@pytest.mark.parametrize(
    "team", [["kr-one"], ["sg-one"], ["kr-one", "sg-one"], ["kr-one", "sg-one", "sg-fab"]]
)
def test_candidates_are_those_that_trying_everybody_finds(
    calls: Calls, matchmaker: Matchmaker, call_id: str, team: list[str]
) -> None:
    call = calls.get(call_id)
    members = calls.prove(call_id, team).members
    everybody = [member for country in Country for member in calls.members_in(country)]
    for vacancy in calls.candidates(call_id, team, limit=99):
        partners = [member for member in members if member.country is not vacancy.role.country]
        expected = {}
        for member in everybody:
            fits = vacancy.role.fits(member) is not Verdict.NOT_MET and member not in members
            if partners and fits and not rules_out(call, (*members, member)):
                score = mean_score((*partners, member), lambda kr, sg: score_of(matchmaker, kr, sg))
                if score is not None:
                    expected[member.external_id] = score
        found = {each.member.external_id: each.score for each in vacancy.candidates}
        assert found == pytest.approx(expected)
        assert list(found.values()) == sorted(found.values(), reverse=True)
        assert vacancy.needs_partner is not bool(partners)


@pytest.mark.parametrize("member", ["kr-one", "sg-one", "sg-fab"])
@pytest.mark.parametrize("size", [2, 3, 4])
def test_teams_are_those_that_trying_all_finds(
    calls: Calls, matchmaker: Matchmaker, member: str, size: int
) -> None:
    everybody = [each for country in Country for each in calls.members_in(country)]
    expected = []
    for team in combinations(everybody, size):
        if member not in {each.external_id for each in team} or len({each.country for each in team}) < 2:
            continue
        score = mean_score(team, lambda kr, sg: score_of(matchmaker, kr, sg))
        if score is not None and is_complete(calls.get(TWO), team):
            expected.append((score, frozenset(each.external_id for each in team)))
    found = [
        (team.score, frozenset(each.external_id for each in team.members))
        for team in calls.teams(TWO, member, size, limit=999)
    ]
    assert {ids for _, ids in found} == {ids for _, ids in expected}
    assert [score for score, _ in found] == pytest.approx(sorted((s for s, _ in expected), reverse=True))


def test_what_does_not_exist_is_told(calls: Calls) -> None:
    with pytest.raises(UnknownRecord, match="call “nothing”"):
        calls.get("nothing")
    with pytest.raises(UnknownMember):
        calls.prove(TWO, ["nobody"])
    with pytest.raises(UnknownMember):
        calls.teams(TWO, "nobody")
    for team in ([], ["kr-one", "kr-one"], ["kr-one", "kr-chip", "kr-voice", "sg-one", "sg-fab"]):
        with pytest.raises(InvalidInput, match="one to 4 different members"):
            calls.prove(TWO, team)
    with pytest.raises(InvalidInput, match="2 to 4"):
        calls.teams(TWO, "kr-one", 5)
    with pytest.raises(InvalidInput, match="is not in KR"):
        calls.for_pair("sg-one", "kr-one")


@pytest.mark.parametrize(
    ("lang", "words"), [(Reader.en, ["[Open]", "Ask"]), (Reader.ko, ["[접수 중]", "확인"])]
)
def test_the_command_line_speaks_both_languages(
    calls: Calls, capsys: Any, lang: Reader, words: list[str]
) -> None:
    funding.check_calls(["kr-one"], call=WARD, lang=lang)
    printed = capsys.readouterr().out
    assert all(word in printed for word in words)
    funding.show_call("eureka-kr-sg-2022", lang=lang)
    assert "eurekanetwork.org" in capsys.readouterr().out
    funding.list_calls(lang=lang)
    assert "iitp-aisg-2027" in capsys.readouterr().out


def test_machines_get_json_and_spreadsheets_csv(calls: Calls, capsys: Any) -> None:
    funding.check_calls(["kr-one"], call=WARD, as_json=True)
    assert json.loads(capsys.readouterr().out)["items"][0]["standing"] == "incomplete"
    funding.list_calls(as_json=True)
    assert len(json.loads(capsys.readouterr().out)["items"]) == len(calls.calls)
    funding.check_calls(["kr-one"], as_csv=True)
    rows = list(csv.DictReader(StringIO(capsys.readouterr().out)))
    assert len(rows) == sum(len(call.rules) + 1 for call in calls.calls)
    assert {row["verdict"] for row in rows} == {"Met", "Not met", "Ask"}


def test_no_cell_is_a_formula(calls: Calls, tmp_path: Path) -> None:
    from dataclasses import replace

    from matchmaker.domain.member import Text

    call = replace(calls.calls[0], names=Text("=1+1", "=1+1"))
    assert "'=1+1" in calls_as_csv([call], NOW, "en")


def test_one_side_of_a_call_is_enough_for_the_interface(client: Any) -> None:
    answer = client.get(f"/v1/calls/{WARD}/proof", params={"sg": "sg-one"}, headers={"Accept-Language": "ko"})
    assert answer.status_code == 200
    assert answer.headers["Content-Language"] == "ko"
    assert {row["verdict"] for row in answer.json()["findings"]} <= {"met", "unknown", "not-met"}
    refused = client.get(f"/v1/calls/{WARD}/proof", params={"kr": "sg-one"})
    assert refused.status_code == 422
    assert "not KR" in refused.json()["detail"]
