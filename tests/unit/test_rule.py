"""The scoring rule on numbers: best pairs, scales, both directions."""

from __future__ import annotations

import heapq
from statistics import fmean

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matchmaker.domain.facets import FacetKind
from matchmaker.domain.member import Purpose
from matchmaker.scoring.profile import KINDS, FacetLabels, purpose_bits
from matchmaker.scoring.rule import (
    BEST,
    DISCOUNT,
    MIN_BACKGROUND,
    OFF_PURPOSE,
    Background,
    Channels,
    Scale,
    has,
    mean_of_best,
    parts_of,
    purpose_weight,
    score,
    wants,
)

SCALE = Scale(0.3, 0.15)
BACKGROUND = Background(SCALE, SCALE, SCALE)
SHARES = st.floats(0.0, 1.0)


def channels(**values: list[float]) -> Channels:
    count = len(next(iter(values.values())))
    names = ("gives", "gets", "covers", "covered", "words", "roles")
    return Channels(**{name: np.asarray(values.get(name, [0.3] * count)) for name in names})


def labels(*members: str) -> FacetLabels:
    """Facets of members, a letter each: o(ffer), n(eed), s(ummary), d(omain)."""
    kinds = {kind.value[0]: KINDS.index(kind) for kind in FacetKind}
    owners = [ordinal for ordinal, letters in enumerate(members) for _ in letters]
    codes = [kinds[letter] for letters in members for letter in letters]
    return FacetLabels(
        np.asarray(owners, dtype=np.intp),
        np.asarray(codes, dtype=np.int8),
        np.full(len(codes), purpose_bits(frozenset()), dtype=np.uint8),
    )


def purposes(*stated: frozenset[Purpose]) -> FacetLabels:
    bits = np.asarray([purpose_bits(one) for one in stated], dtype=np.uint8)
    return FacetLabels(np.zeros(len(stated), np.intp), np.zeros(len(stated), np.int8), bits)


@given(st.lists(st.lists(SHARES, max_size=8), min_size=1, max_size=6), st.randoms(use_true_random=False))
@settings(deadline=None)
def test_the_mean_of_the_best_is_what_plain_python_says(groups: list[list[float]], random: object) -> None:
    cells = [(owner, value) for owner, values in enumerate(groups) for value in values]
    random.shuffle(cells)  # type: ignore[attr-defined]
    found = mean_of_best(
        np.asarray([value for _, value in cells], dtype=np.float64),
        np.asarray([owner for owner, _ in cells], dtype=np.intp),
        len(groups),
    )
    expected = [fmean(heapq.nlargest(BEST, values)) if values else 0.0 for values in groups]
    assert found.tolist() == pytest.approx(expected, abs=1e-12)


def test_nobody_has_no_mean() -> None:
    empty = np.zeros(0)
    assert mean_of_best(empty, empty.astype(np.intp), 0).shape == (0,)
    assert mean_of_best(empty, empty.astype(np.intp), 2).tolist() == [0.0, 0.0]


@given(st.lists(st.tuples(SHARES, SHARES, SHARES, SHARES, SHARES, SHARES), min_size=1, max_size=20))
@settings(deadline=None)
def test_scores_are_shares_and_change_sides_with_the_asker(rows: list[tuple[float, ...]]) -> None:
    gives, gets, covers, covered, words, roles = (list(column) for column in zip(*rows, strict=True))
    ours = channels(gives=gives, gets=gets, covers=covers, covered=covered, words=words, roles=roles)
    theirs = channels(gives=gets, gets=gives, covers=covered, covered=covers, words=words, roles=roles)
    one, other = score(ours, BACKGROUND), score(theirs, BACKGROUND)
    for values in (one.score, one.gives, one.gets):
        assert ((values >= 0.0) & (values <= 1.0)).all()
    np.testing.assert_array_equal(one.score, other.score)
    np.testing.assert_array_equal(one.gives, other.gets)
    np.testing.assert_array_equal(one.gets, other.gives)


@given(SHARES, SHARES)
@settings(deadline=None)
def test_the_score_lies_between_the_directions_and_nearer_the_weaker(one: float, other: float) -> None:
    found = score(channels(gives=[one], gets=[other]), BACKGROUND)
    low, high = sorted((found.gives[0], found.gets[0]))
    assert low - 1e-4 <= found.score[0] <= (low + high) / 2 + 1e-4


def test_a_one_sided_fit_does_not_win_over_a_balanced_one() -> None:
    found = score(channels(gives=[0.9, 0.5, 0.1], gets=[0.1, 0.5, 0.9]), BACKGROUND)
    assert found.score[1] > found.score[0]
    assert found.score[0] == found.score[2]


@pytest.mark.parametrize("channel", ["gives", "gets", "covers", "covered", "words", "roles"])
def test_more_evidence_never_lowers_the_score(channel: str) -> None:
    found = score(channels(**{channel: [0.0, 0.2, 0.4, 0.6, 0.8, 1.0]}), BACKGROUND)
    assert (np.diff(found.score) > 0).all()


def test_unknown_words_count_like_average_words() -> None:
    unknown, average = score(channels(words=[np.nan, SCALE.mean]), BACKGROUND).score
    assert unknown == average


def test_extreme_evidence_stays_a_share() -> None:
    narrow = Scale(0.0, 0.01)
    background = Background(narrow, narrow, narrow)
    with np.errstate(all="raise"):
        found = score(channels(gives=[0.0, 1.0], gets=[1.0, 1.0], words=[1.0, 1.0]), background)
    assert ((found.score >= 0) & (found.score <= 1)).all()


def test_the_parts_are_shares_by_name() -> None:
    parts = parts_of(channels(gives=[0.1, 0.9], words=[np.nan, 0.9]), BACKGROUND)
    assert set(parts) == {"needs", "coverage", "words", "roles"}
    assert all(((values >= 0) & (values <= 1)).all() for values in parts.values())
    assert parts["words"][0] == 0.5
    assert parts["needs"][1] > parts["needs"][0]


def test_a_small_background_is_a_constant() -> None:
    few = np.linspace(0.6, 0.9, MIN_BACKGROUND - 1)
    assert Scale.of(few) == Scale.of(np.full(400, np.nan)) == Scale.of(np.zeros(0)) == SCALE


def test_a_background_is_measured_over_what_is_known() -> None:
    values = np.asarray([0.2, 0.4] * MIN_BACKGROUND + [np.nan])
    assert Scale.of(values) == Scale(0.3, 0.1)


def test_a_background_without_spread_divides_by_no_zero() -> None:
    scale = Scale.of(np.full(MIN_BACKGROUND, 0.5))
    assert scale.deviation > 0
    assert np.isfinite(scale.standardise(np.asarray([0.0, 0.5, 1.0, np.nan]))).all()


@pytest.mark.parametrize(
    ("letters", "having", "wanting"),
    [
        ("oonsd", "oos", "n"),
        ("od", "o", "d"),
        ("osd", "os", "sd"),
        ("o", "o", "o"),
        ("n", "n", "n"),
        ("nd", "nd", "n"),
        ("d", "d", "d"),
    ],
)
def test_what_a_member_has_and_wants(letters: str, having: str, wanting: str) -> None:
    table = labels(letters)
    wanted, weight = wants(table, 1)
    assert "".join(np.asarray(list(letters))[has(table, 1)]) == having
    assert "".join(np.asarray(list(letters))[wanted]) == wanting
    assert set(weight[wanted]) == {1.0 if wanting == "n" and "n" in letters else DISCOUNT}


def test_each_member_falls_back_on_its_own() -> None:
    table = labels("on", "osd", "", "d")
    wanted, _ = wants(table, 4)
    assert wanted.tolist() == [False, True, False, True, True, True]
    assert has(table, 4).tolist() == [True, False, True, True, False, True]


def test_a_purpose_discounts_what_does_not_serve_it() -> None:
    table = purposes(frozenset(), frozenset({Purpose.TALENT}), frozenset({Purpose.TALENT, Purpose.RESEARCH}))
    assert purpose_weight(table, Purpose.RESEARCH).tolist() == [1.0, OFF_PURPOSE, 1.0]
    assert purpose_weight(table, None).tolist() == [1.0, 1.0, 1.0]
