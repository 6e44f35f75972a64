"""The best teams are those that trying every team finds."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import combinations

from hypothesis import given, settings
from hypothesis import strategies as st

from matchmaker.domain.call import (
    Applicant,
    Basis,
    Call,
    PurposeRule,
    Role,
    SizeRule,
    Standing,
    TeamRule,
    prove,
)
from matchmaker.domain.call_teams import best_teams, mean_score
from matchmaker.domain.member import Country, Kind, Member, Purpose, Text
from tests.factories import make_member

NOW = datetime(2026, 12, 1, tzinfo=UTC)
KINDS = (Kind.STARTUP, Kind.CORPORATE, Kind.HOSPITAL, Kind.LAB, Kind.AGENCY)
ROLES = st.builds(Role, st.sampled_from(Country), st.sampled_from(Applicant))
Scores = dict[tuple[str, str], float | None]


@st.composite
def markets(draw: st.DrawFn) -> tuple[list[Member], Scores]:
    """Up to nine members of mixed kinds, and a score, sometimes none, for every pair."""
    members = [
        make_member(
            external_id=f"{country.lower()}-{number}",
            country=country,
            kind=draw(st.sampled_from(KINDS)),
            consents=draw(st.sampled_from([frozenset(Purpose), frozenset({Purpose.TALENT})])),
        )
        for country, most in ((Country.KR, 4), (Country.SG, 5))
        for number in range(draw(st.integers(1, most)))
    ]
    values = st.one_of(st.none(), st.integers(0, 8).map(lambda value: value / 8))
    ids = {country: [m.external_id for m in members if m.country is country] for country in Country}
    return members, {(kr, sg): draw(values) for kr in ids[Country.KR] for sg in ids[Country.SG]}


@st.composite
def calls(draw: st.DrawFn) -> Call:
    team = TeamRule(
        roles=tuple(draw(st.lists(ROLES, min_size=2, max_size=4))),
        also=tuple(draw(st.lists(ROLES, max_size=2))),
    )
    others = (
        SizeRule(kinds=frozenset({Kind.STARTUP}), country=Country.KR),
        PurposeRule(purposes=frozenset({Purpose.RESEARCH})),
    )
    rules = (team, *draw(st.lists(st.sampled_from(others), unique=True)))
    nothing = Text("x", "x")
    return Call("call", nothing, nothing, (), None, None, Basis(), None, Basis(), rules, (), (), ())


def by_trying_all(
    call: Call, member: Member, members: list[Member], scores: Scores, size: int, limit: int
) -> list[tuple[float, tuple[str, ...]]]:
    """Slow and plain: every team of a size, its whole proof, its mean."""
    found = []
    others = [each for each in members if each is not member]
    for rest in combinations(others, size - 1):
        team = sorted((member, *rest), key=lambda each: (each.country, each.external_id))
        if {each.country for each in team} != set(Country):
            continue
        score = mean_score(team, lambda kr, sg: scores[kr, sg])
        proof = prove(call, team, NOW)
        if score is not None and proof.standing in (Standing.READY, Standing.ASK):
            found.append((-score, tuple(each.external_id for each in team)))
    return sorted(found)[:limit]


@settings(max_examples=250, deadline=None)
@given(markets(), calls(), st.integers(2, 4), st.integers(1, 4), st.data())
def test_branch_and_bound_finds_what_trying_all_finds(
    market: tuple[list[Member], Scores], call: Call, size: int, limit: int, data: st.DataObject
) -> None:
    members, scores = market
    member = data.draw(st.sampled_from(members))
    found = best_teams(call, member, members, lambda kr, sg: scores[kr, sg], size, limit)
    expected = by_trying_all(call, member, members, scores, size, limit)
    assert [team.order for team in found] == expected


def test_the_mean_needs_every_pair() -> None:
    kr, one, other = (
        make_member(external_id=name, country=country)
        for name, country in (("kr", Country.KR), ("sg-1", Country.SG), ("sg-2", Country.SG))
    )
    scores: Scores = {("kr", "sg-1"): 0.5, ("kr", "sg-2"): None}
    assert mean_score((kr, one), lambda a, b: scores[a, b]) == 0.5
    assert mean_score((kr, one, other), lambda a, b: scores[a, b]) is None
    assert mean_score((one, other), lambda a, b: scores[a, b]) is None
