"""Hard rules: each one alone forbids a pair, and without any of them the pair is allowed."""

from __future__ import annotations

import pytest

from matchmaker.domain.eligibility import Blocker, KnownTies, blockers_of, is_eligible
from matchmaker.domain.member import Country, Member, Partnership, Purpose, Status
from tests.factories import make_member, make_partner

NO_TIES = KnownTies()


def test_a_pair_without_any_rule_against_it_is_eligible() -> None:
    assert blockers_of(make_member(), make_partner(), NO_TIES) == ()
    assert is_eligible(make_member(), make_partner(), NO_TIES)


def test_two_of_one_country_are_never_a_pair() -> None:
    one, other = make_member(), make_member(external_id="kr-two")
    assert blockers_of(one, other, NO_TIES) == (Blocker.SAME_COUNTRY,)
    assert not is_eligible(make_partner(), make_partner(external_id="sg-two"), NO_TIES)


def test_partners_are_blocked() -> None:
    ties = KnownTies.of([Partnership("kr-one", "sg-one")], {})
    assert blockers_of(make_member(), make_partner(), ties) == (Blocker.ALREADY_PARTNERS,)
    assert is_eligible(make_member(), make_partner(external_id="sg-two"), ties)


def test_a_tie_of_one_sibling_blocks_the_family() -> None:
    family_of = {"kr-one": "kr-group", "kr-two": "kr-group", "sg-one": "sg-group", "sg-two": "sg-group"}
    ties = KnownTies.of([Partnership("kr-one", "sg-one")], family_of)
    sibling, other = (
        make_member(external_id="kr-two", parent="kr-group"),
        make_partner(external_id="sg-two", parent="sg-group"),
    )
    assert blockers_of(sibling, other, ties) == (Blocker.GROUP_ALREADY_PARTNERS,)
    assert is_eligible(make_member(external_id="kr-three"), other, ties)


def test_a_tie_of_the_group_itself_blocks_its_members() -> None:
    ties = KnownTies.of([Partnership("kr-group", "sg-one")], {"kr-one": "kr-group"})
    assert not is_eligible(make_member(parent="kr-group"), make_partner(), ties)


def test_ties_are_directed_by_country_not_by_who_asks() -> None:
    ties = KnownTies.of([Partnership("kr-one", "sg-one")], {})
    assert not is_eligible(make_partner(), make_member(), ties)
    swapped = KnownTies.of([Partnership("sg-one", "kr-one")], {})
    assert is_eligible(make_partner(), make_member(), swapped)


@pytest.mark.parametrize("without", ["kr", "sg"])
def test_either_side_without_consent_blocks(without: str) -> None:
    sides = {"kr": make_member(), "sg": make_partner()}
    make = make_member if without == "kr" else make_partner
    sides[without] = make(consents=frozenset())
    assert blockers_of(sides["kr"], sides["sg"], NO_TIES) == (Blocker.NO_CONSENT,)


def test_consent_counts_for_the_purpose_asked_for() -> None:
    researcher = make_member(consents=frozenset({Purpose.RESEARCH}))
    assert is_eligible(researcher, make_partner(), NO_TIES, Purpose.RESEARCH)
    assert is_eligible(researcher, make_partner(), NO_TIES)
    assert not is_eligible(researcher, make_partner(), NO_TIES, Purpose.STARTUP)


def test_listed_organisations_need_no_consent_but_are_marked() -> None:
    listed = make_partner(status=Status.LISTED, consents=frozenset())
    assert blockers_of(make_member(), listed, NO_TIES, Purpose.TALENT) == (Blocker.NOT_A_MEMBER,)
    assert is_eligible(make_member(), listed, NO_TIES, Purpose.TALENT)


@pytest.mark.parametrize(
    ("one", "other", "blocker"),
    [
        (make_member(status=Status.LISTED, verified=False), make_partner(), Blocker.UNVERIFIED),
        (make_member(), make_partner(status=Status.LISTED), Blocker.NOT_A_MEMBER),
    ],
)
def test_soft_blockers_are_told_and_do_not_forbid(one: Member, other: Member, blocker: Blocker) -> None:
    assert blocker in blockers_of(one, other, NO_TIES)
    assert is_eligible(one, other, NO_TIES)


def test_a_member_vouches_for_itself() -> None:
    found = blockers_of(make_member(verified=False), make_partner(verified=False), NO_TIES)
    assert Blocker.UNVERIFIED not in found


def test_hard_rules_come_first() -> None:
    ties = KnownTies.of([Partnership("kr-one", "sg-one")], {})
    one = make_member(consents=frozenset())
    found = blockers_of(one, make_partner(status=Status.LISTED, verified=False), ties)
    assert [blocker.is_hard for blocker in found] == sorted((b.is_hard for b in found), reverse=True)
    assert {Blocker.ALREADY_PARTNERS, Blocker.NO_CONSENT, Blocker.UNVERIFIED} < set(found)


def test_who_asks_changes_nothing() -> None:
    ties = KnownTies.of([Partnership("kr-one", "sg-one")], {})
    one, other = make_member(needs=()), make_partner(status=Status.LISTED)
    assert one.country is Country.KR
    assert blockers_of(one, other, ties) == blockers_of(other, one, ties)
