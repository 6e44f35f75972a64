"""A score in one word, and in whole percent."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matchmaker.domain.suggestion import (
    LOWEST,
    Confidence,
    Pair,
    Suggestion,
    confidence_of,
    is_all_weak,
    percent_of,
)
from tests.factories import make_member, make_partner

CHANCES = st.floats(0.0, 1.0)


@pytest.mark.parametrize(
    ("score", "confidence"),
    [
        (1.0, Confidence.STRONG),
        (0.30, Confidence.STRONG),
        (0.295001, Confidence.STRONG),
        (0.294999, Confidence.GOOD),
        (0.20, Confidence.GOOD),
        (0.194999, Confidence.POSSIBLE),
        (0.10, Confidence.POSSIBLE),
        (0.094999, Confidence.WEAK),
        (0.0, Confidence.WEAK),
    ],
)
def test_bounds(score: float, confidence: Confidence) -> None:
    assert confidence_of(score) is confidence


@given(CHANCES)
def test_word_and_shown_number_agree(score: float) -> None:
    assert confidence_of(percent_of(score) / 100) is confidence_of(score)
    assert LOWEST[confidence_of(score)] <= percent_of(score) / 100


@given(CHANCES, CHANCES)
def test_a_higher_score_has_no_lower_word(one: float, other: float) -> None:
    low, high = sorted((one, other))
    words = list(LOWEST)
    assert words.index(confidence_of(high)) <= words.index(confidence_of(low))


def test_every_word_has_a_bound_best_first() -> None:
    assert set(LOWEST) == set(Confidence)
    assert list(LOWEST.values()) == sorted(LOWEST.values(), reverse=True)


@pytest.mark.parametrize(("chance", "percent"), [(0.0, 1), (0.004, 1), (0.337, 34), (0.996, 99), (1.0, 99)])
def test_nothing_is_certain(chance: float, percent: int) -> None:
    assert percent_of(chance) == percent


def test_suggestions_and_pairs_say_it() -> None:
    shares = (0.24, 0.2, 0.3)
    assert Suggestion(make_partner(), *shares, {}, (), ()).confidence is Confidence.GOOD
    assert (
        Pair(make_member(), make_partner(), *shares, {}, (), (), "fake@1", "0").confidence is Confidence.GOOD
    )


@dataclass(frozen=True)
class Found:
    confidence: Confidence


@pytest.mark.parametrize(("words", "is_weak"), [("", False), ("weak weak", True), ("possible weak", False)])
def test_a_list_is_weak_where_its_best_is(words: str, is_weak: bool) -> None:
    assert is_all_weak([Found(Confidence(word)) for word in words.split()]) is is_weak
