"""What a profile lacks to be found, and in which order it is said."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from matchmaker.domain.completeness import FULL, WEIGHTS, Gap, completeness_of
from matchmaker.domain.member import Member, Status, Text
from tests.factories import make_member, make_need


def test_a_complete_profile_lacks_nothing() -> None:
    found = completeness_of(make_member())
    assert (found.score, found.gaps) == (FULL, ())


def test_weights_add_up_and_name_every_gap() -> None:
    assert sum(WEIGHTS.values()) == FULL
    assert set(WEIGHTS) == set(Gap)


def test_an_empty_profile_scores_nothing_but_its_consents() -> None:
    bare = make_member(domains=(), summary=Text(), offers=(), needs=())
    assert completeness_of(bare).score == WEIGHTS[Gap.PURPOSES]
    assert completeness_of(replace(bare, consents=frozenset())).gaps == tuple(WEIGHTS)


def test_a_text_in_one_language_only_costs_the_other() -> None:
    found = completeness_of(make_member(needs=(make_need(ko="실증 병원"),)))
    assert found.gaps == (Gap.ENGLISH,)
    assert found.score == FULL - WEIGHTS[Gap.ENGLISH]


def test_consent_is_no_gap_of_a_listed_organisation() -> None:
    listed = make_member(status=Status.LISTED, consents=frozenset())
    assert Gap.PURPOSES not in completeness_of(listed).gaps


FULLEST = make_member()
EMPTY: dict[str, object] = {
    "domains": (),
    "summary": Text(),
    "offers": (),
    "needs": (),
    "consents": frozenset(),
}


@given(st.sets(st.sampled_from(sorted(EMPTY))), st.sampled_from(sorted(EMPTY)))
def test_adding_something_never_lowers_the_score(missing: set[str], added: str) -> None:
    before: Member = replace(FULLEST, **{name: EMPTY[name] for name in missing})  # type: ignore[arg-type]
    after = replace(before, **{added: getattr(FULLEST, added)})
    assert completeness_of(after).score >= completeness_of(before).score
