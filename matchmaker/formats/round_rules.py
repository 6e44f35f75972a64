"""A round's rules as JSON: for the database (without private reasons) and as a file that a coordinator keeps."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping
from typing import Annotated, Any, Self

from pydantic import BaseModel, ConfigDict, Field, StrictBool, StrictFloat, StrictInt, model_validator

from matchmaker.domain.member import Country, Member, Purpose, Track
from matchmaker.domain.round import Avoid, Capacity, Method, PairKey, RoundRules, takes_part
from matchmaker.errors import Fault, InvalidInput, UnreadableFile
from matchmaker.formats.member_line import Identifier
from matchmaker.formats.validation import validated

MOST_INTRODUCTIONS = 50
"""More than this nobody can attend to in one round."""
MOST_ENTRIES = 2000
"""Of each list of pairs or members."""

Count = Annotated[StrictInt, Field(ge=0, le=MOST_INTRODUCTIONS)]
Word = Annotated[str, Field(min_length=1, max_length=60)]


class _Closed(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class CapacityFields(_Closed):
    """Introductions at least and at most."""

    least: Count = 0
    most: Count

    @model_validator(mode="after")
    def _is_in_order(self) -> Self:
        if self.least > self.most:
            raise ValueError(
                f"at least {self.least} is more than at most {self.most}; raise the maximum or lower the minimum"
            )
        return self


class PairFields(_Closed):
    """A Korean and a Singapore member."""

    kr: Identifier
    sg: Identifier


class AvoidFields(PairFields):
    """A pair to avoid; the reason is private."""

    reason: str = Field(default="", max_length=500)


Pairs = Annotated[list[PairFields], Field(max_length=MOST_ENTRIES)]


class RoundRulesFile(_Closed):
    """All rules of a round (see `matchmaker.domain.round.RoundRules`)."""

    purpose: Purpose
    tracks: list[Track] = []
    domains: Annotated[list[Word], Field(max_length=50)] = []
    members: Annotated[list[Identifier], Field(max_length=MOST_ENTRIES)] = []
    joined_only: StrictBool = False
    usual: CapacityFields = CapacityFields(least=0, most=3)
    capacities: Annotated[dict[Identifier, CapacityFields], Field(max_length=MOST_ENTRIES)] = {}
    pins: Pairs = []
    forbidden: Pairs = []
    avoid: Annotated[list[AvoidFields], Field(max_length=MOST_ENTRIES)] = []
    cool_down_days: Annotated[StrictInt, Field(ge=0, le=3650)] = 180
    one_per_group: StrictBool = True
    keep_rivals_apart: StrictBool = False
    min_score: Annotated[StrictFloat | StrictInt, Field(ge=0, le=1)] = 0.0
    alternates: Annotated[StrictInt, Field(ge=0, le=10)] = 2
    method: Method = Method.BALANCED

    def to_domain(self) -> RoundRules:
        """As the product knows it."""
        return RoundRules(
            self.purpose,
            frozenset(self.tracks),
            tuple(self.domains),
            frozenset(self.members),
            self.joined_only,
            Capacity(self.usual.least, self.usual.most),
            {member: Capacity(each.least, each.most) for member, each in self.capacities.items()},
            frozenset(_keys(self.pins)),
            frozenset(_keys(self.forbidden)),
            tuple(Avoid((each.kr, each.sg), each.reason) for each in self.avoid),
            self.cool_down_days,
            self.one_per_group,
            self.keep_rivals_apart,
            float(self.min_score),
            self.alternates,
            self.method,
        )


def rules_as_json(rules: RoundRules, *, with_reasons: bool) -> dict[str, Any]:
    """Rules as plain JSON values, always in the same order; without the private reasons unless they are wanted."""
    return {
        "purpose": rules.purpose.value,
        "tracks": sorted(track.value for track in rules.tracks),
        "domains": list(rules.domains),
        "members": sorted(rules.members),
        "joined_only": rules.joined_only,
        "usual": _capacity(rules.usual),
        "capacities": {member: _capacity(each) for member, each in sorted(rules.capacities.items())},
        "pins": [_pair(pair) for pair in sorted(rules.pins)],
        "forbidden": [_pair(pair) for pair in sorted(rules.forbidden)],
        "avoid": [
            _pair(each.pair) | ({"reason": each.reason} if with_reasons else {})
            for each in sorted(rules.avoid, key=lambda each: each.pair)
        ],
        "cool_down_days": rules.cool_down_days,
        "one_per_group": rules.one_per_group,
        "keep_rivals_apart": rules.keep_rivals_apart,
        "min_score": rules.min_score,
        "alternates": rules.alternates,
        "method": rules.method.value,
    }


def parse_rules(value: Any) -> RoundRules:
    """Rules from decoded JSON, consistent in themselves (see `contradictions`).

    Raises:
        InvalidInput: with one fault per broken rule.
    """
    rules = validated(RoundRulesFile, value).to_domain()
    refuse(contradictions(rules))
    return rules


def read_rules(text: str) -> RoundRules:
    """Rules from a file's text.

    Raises:
        UnreadableFile: it is not JSON.
        InvalidInput: with one fault per broken rule.
    """
    try:
        return parse_rules(json.loads(text))
    except (ValueError, RecursionError) as error:
        raise UnreadableFile(
            f"the rules are no JSON text ({error}); export a round to see the form"
        ) from error


def write_rules(rules: RoundRules, *, with_reasons: bool = True) -> str:
    """Rules as a file's text, which `read_rules` reads."""
    return json.dumps(rules_as_json(rules, with_reasons=with_reasons), ensure_ascii=False, indent=2) + "\n"


def contradictions(rules: RoundRules) -> Iterator[Fault]:
    """Where rules contradict each other, whoever is in the directory."""
    yield from _bounds("/usual", rules.usual)
    for member, capacity in rules.capacities.items():
        yield from _bounds(f"/capacities/{member}", capacity)
    avoided = [each.pair for each in rules.avoid]
    for number, pair in enumerate(sorted(rules.pins)):
        for where, others in (("forbidden", rules.forbidden), ("avoid", avoided)):
            if pair in others:
                reason = f"{_said(pair)} is pinned and under “{where}” as well; take it out of one of them"
                yield Fault(f"/pins/{number}", "pinned-and-ruled-out", reason)
    if len(set(avoided)) < len(avoided):
        yield Fault("/avoid", "twice", "a pair is in the list twice; leave one entry")
    if not 0 <= rules.min_score <= 1:
        yield Fault("/min_score", "not-a-chance", "the lowest score is a chance: give a number from 0 to 1")
    if rules.cool_down_days < 0:
        yield Fault("/cool_down_days", "negative", "give a number of days, 0 for no cool-down")


def faults_among(rules: RoundRules, members: Mapping[str, Member]) -> Iterator[Fault]:
    """Where rules name members that are not in the directory, in the wrong place, or not in the round.

    Args:
        members: everybody in the directory, by id.
    """
    for member in sorted(rules.members - set(members)):
        yield _unknown("/members", member)
    for member in sorted(set(rules.capacities) - set(members)):
        yield _unknown(f"/capacities/{member}", member)
    lists = {
        "pins": sorted(rules.pins),
        "forbidden": sorted(rules.forbidden),
        "avoid": sorted(each.pair for each in rules.avoid),
    }
    for where, pairs in lists.items():
        for number, pair in enumerate(pairs):
            yield from _misplaced(f"/{where}/{number}", pair, members)
    for number, pair in enumerate(lists["pins"]):
        for member in pair:
            if member in members and not takes_part(members[member], rules):
                reason = f"“{member}” is pinned but takes no part; widen who takes part, or remove the pin"
                yield Fault(f"/pins/{number}", "takes-no-part", reason)


def refuse(faults: Iterator[Fault]) -> None:
    """Pass only if nothing was found.

    Raises:
        InvalidInput: with the faults.
    """
    if found := tuple(faults):
        raise InvalidInput("; ".join(f"{fault.pointer}: {fault.message}" for fault in found), found)


def _bounds(pointer: str, capacity: Capacity) -> Iterator[Fault]:
    if not 0 <= capacity.least <= capacity.most <= MOST_INTRODUCTIONS:
        reason = (
            f"at least {capacity.least}, at most {capacity.most}: give two numbers in this order, "
            f"from 0 to {MOST_INTRODUCTIONS}"
        )
        yield Fault(pointer, "bounds-cross", reason)


def _misplaced(pointer: str, pair: PairKey, members: Mapping[str, Member]) -> Iterator[Fault]:
    for side, member, country in zip(("kr", "sg"), pair, Country, strict=True):
        if member not in members:
            yield _unknown(f"{pointer}/{side}", member)
        elif members[member].country is not country:
            reason = (
                f"“{member}” is not in {country}; give the Korean member first, then the Singapore member"
            )
            yield Fault(f"{pointer}/{side}", "wrong-country", reason)


def _unknown(pointer: str, member: str) -> Fault:
    return Fault(
        pointer, "unknown-member", f"nobody is registered as “{member}”; correct the id or remove it"
    )


def _keys(pairs: Collection[PairFields]) -> Iterator[PairKey]:
    return ((pair.kr, pair.sg) for pair in pairs)


def _pair(pair: PairKey) -> dict[str, str]:
    return {"kr": pair[0], "sg": pair[1]}


def _capacity(capacity: Capacity) -> dict[str, int]:
    return {"least": capacity.least, "most": capacity.most}


def _said(pair: PairKey) -> str:
    return " and ".join(f"“{member}”" for member in pair)
