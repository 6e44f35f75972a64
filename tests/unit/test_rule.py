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
from matchmaker.scoring.comparison import (
    BEST,
    DISCOUNT,
    OFF_PURPOSE,
    has,
    mean_of_best,
    purpose_weight,
    wants,
)
from matchmaker.scoring.profile import KINDS, FacetLabels, purpose_bits
from matchmaker.scoring.rule import (
    DEFAULT_RULE,
    MIN_BACKGROUND,
    Background,
    Calibration,
    Channels,
    Rule,
    Scale,
    Standing,
    parts_of,
    score,
    weigh,
)

NAMES = ("gives", "gets", "covers", "covered", "words", "roles", "breadth")
MIRRORED = ("gets", "gives", "covered", "covers", "words", "roles", "breadth")
USUAL = Scale(0.3, 0.15)
BACKGROUND = Background(USUAL, USUAL, words=Scale(0.05, 0.05), roles=Scale(0.5, 0.2), breadth=Scale(5.0, 0.5))
SHARES = st.floats(0.0, 1.0)
DEVIATIONS = st.floats(-8.0, 8.0)
ROWS = st.lists(st.tuples(*[DEVIATIONS] * len(NAMES)), min_size=1, max_size=20)


def channels(**values: list[float]) -> Channels:
    """Evidence at its mean, save for what is given."""
    count = len(next(iter(values.values())))
    return Channels(**{name: np.asarray(values.get(name, [0.0] * count)) for name in NAMES})


def mirrored(ours: Channels) -> Channels:
    """The same pairs seen from the other side."""
    return Channels(*(getattr(ours, name) for name in MIRRORED))


def standing(sample: int, **values: list[float]) -> Standing:
    return Standing(channels(**values), sample)


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


@given(ROWS)
@settings(deadline=None)
def test_scores_are_shares_and_change_sides_with_the_asker(rows: list[tuple[float, ...]]) -> None:
    ours = Channels(*(np.asarray(column) for column in zip(*rows, strict=True)))
    one, other = score(ours), score(mirrored(ours))
    for values in (one.score, one.gives, one.gets):
        assert ((values >= 0.0) & (values <= 1.0)).all()
    np.testing.assert_array_equal(one.score, other.score)
    np.testing.assert_array_equal(one.gives, other.gets)
    np.testing.assert_array_equal(one.gets, other.gives)


@given(DEVIATIONS, DEVIATIONS)
@settings(deadline=None)
def test_the_score_lies_between_the_directions_and_nearer_the_weaker(one: float, other: float) -> None:
    pair = channels(gives=[one], gets=[other])
    plain, shown = score(pair, Rule(calibration=Calibration())), score(pair)
    low, high = sorted((plain.gives[0], plain.gets[0]))
    assert low - 1e-6 <= plain.score[0] <= (low + high) / 2 + 1e-6
    low, high = sorted((shown.gives[0], shown.gets[0]))
    assert low <= shown.score[0] <= high


def test_a_one_sided_fit_does_not_win_over_a_balanced_one() -> None:
    found = score(channels(gives=[3.0, 1.0, -1.0], gets=[-1.0, 1.0, 3.0]))
    assert found.score[1] > found.score[0]
    assert found.score[0] == found.score[2]


@pytest.mark.parametrize("channel", NAMES)
def test_more_evidence_never_lowers_the_score(channel: str) -> None:
    found = score(channels(**{channel: [-3.0, -2.0, -1.0, 0.0, 1.0, 2.0, 3.0]}))
    assert (np.diff(found.score) > 0).all()


@given(ROWS, st.floats(0.2, 3.0), st.floats(-3.0, 3.0))
@settings(deadline=None)
def test_a_calibration_says_how_likely_and_leaves_the_order(
    rows: list[tuple[float, ...]], slope: float, intercept: float
) -> None:
    evidence = Channels(*(np.asarray(column) for column in zip(*rows, strict=True)))
    raw = score(evidence, Rule(calibration=Calibration())).score
    found = score(evidence, Rule(calibration=Calibration(slope, intercept))).score
    assert ((found >= 0.0) & (found <= 1.0)).all()
    assert (np.diff(found[np.argsort(raw, kind="stable")]) >= -1e-5).all()


def test_a_calibrated_score_is_a_chance() -> None:
    affinities = np.asarray([0.1, 0.5, 0.9])
    assert Calibration().apply(affinities).tolist() == pytest.approx(affinities.tolist())
    assert Calibration(2.0, -1.0).apply(np.asarray([0.5])).tolist() == pytest.approx([1 / (1 + np.e)])


def test_an_average_pair_is_seldom_worth_it() -> None:
    average = score(channels(gives=[0.0])).score[0]
    assert 0.0 < average < 0.3
    assert DEFAULT_RULE.calibration != Calibration()


def test_extreme_evidence_stays_a_share() -> None:
    with np.errstate(all="raise"):
        found = score(channels(gives=[-100.0, 100.0], gets=[100.0, 100.0], words=[-100.0, 100.0]))
    assert ((found.score >= 0) & (found.score <= 1)).all()


def test_the_parts_are_shares_by_name() -> None:
    parts = parts_of(channels(gives=[-1.0, 1.0], words=[0.0, 2.0]))
    assert set(parts) == {"needs", "coverage", "words", "roles", "breadth"}
    assert all(((values >= 0) & (values <= 1)).all() for values in parts.values())
    assert parts["words"][0] == parts["coverage"][1] == 0.5
    assert parts["needs"][1] > 0.5 > parts["needs"][0]


@given(ROWS, st.data(), st.integers(0, 64), st.integers(0, 64))
@settings(deadline=None)
def test_weighing_is_the_same_from_both_sides(
    rows: list[tuple[float, ...]], data: st.DataObject, ours: int, theirs: int
) -> None:
    measured = Channels(*(np.asarray(column) for column in zip(*rows[:1], strict=True)))
    one, other = (
        Standing(
            Channels(*(np.asarray([value]) for value in data.draw(st.tuples(*[DEVIATIONS] * len(NAMES))))),
            sample,
        )
        for sample in (ours, theirs)
    )
    here = weigh(measured, BACKGROUND, one, other)
    there = mirrored(weigh(mirrored(measured), BACKGROUND, other, one))
    for name in NAMES:
        np.testing.assert_array_equal(getattr(here, name), getattr(there, name))


def test_without_a_sample_the_evidence_is_the_distance_from_the_background() -> None:
    measured = channels(
        gives=[0.45], gets=[0.3], covers=[0.0], covered=[0.6], words=[0.1], roles=[0.9], breadth=[4.5]
    )
    weighed = weigh(measured, BACKGROUND, standing(0, gives=[5.0]), standing(40, gets=[5.0]))
    found = [float(getattr(weighed, name)[0]) for name in NAMES]
    assert found == pytest.approx([1.0, 0.0, -2.0, 2.0, 1.0, 2.0, -1.0])


def test_who_is_near_everybody_gains_nothing_by_it() -> None:
    measured = channels(gives=[0.6, 0.6], gets=[0.6, 0.6], covers=[0.6, 0.6], covered=[0.6, 0.6])
    usual: dict[str, list[float]] = {name: [0.0, 2.0] for name in NAMES[:5]}
    found = score(weigh(measured, BACKGROUND, standing(40, gives=[0.0]), standing(40, **usual)))
    assert found.score[0] > found.score[1]


def test_a_larger_sample_takes_off_more() -> None:
    measured, asker = channels(gives=[0.6]), standing(1000, gives=[0.0])
    left = [
        float(weigh(measured, BACKGROUND, asker, standing(sample, gets=[1.0])).gives[0])
        for sample in (0, 1, 8, 64, 1000)
    ]
    assert left == sorted(left, reverse=True)
    assert left[0] == pytest.approx(2.0)
    assert left[-1] > 1.5


def test_words_that_cannot_be_compared_follow_the_other_evidence() -> None:
    measured = channels(
        gives=[0.6, 0.3, 0.0],
        gets=[0.6, 0.3, 0.0],
        covers=[0.6, 0.3, 0.0],
        covered=[0.6, 0.3, 0.0],
        words=[np.nan] * 3,
    )
    nobody = standing(0, gives=[0.0] * 3)
    weighed = weigh(measured, BACKGROUND, standing(0, gives=[0.0]), nobody)
    high, middle, low = weighed.words.tolist()
    assert high == -low > 0
    assert middle == pytest.approx(0.0)
    assert high < weighed.gives[0]


def test_a_standing_is_taken_and_averaged_by_row() -> None:
    usual = standing(8, gives=[1.0, 2.0, 3.0])
    assert usual.take(np.asarray([2, 0])).usual.gives.tolist() == [3.0, 1.0]
    assert usual.take(np.asarray([1])).sample == 8
    mean = channels(gives=[1.0, 2.0], words=[np.nan, np.nan]).mean()
    assert (mean.gives.tolist(), mean.words.tolist()) == ([1.5], [0.0])


def test_a_small_background_says_nothing() -> None:
    few = np.linspace(0.6, 0.9, MIN_BACKGROUND - 1)
    for values in (few, np.full(400, np.nan), np.zeros(0)):
        assert Scale.of(values, USUAL) is USUAL
    assert Scale.of(np.append(few, 0.9), USUAL) != USUAL


def test_a_background_is_measured_over_what_is_known() -> None:
    values = np.asarray([0.2, 0.4] * MIN_BACKGROUND + [np.nan])
    assert Scale.of(values, USUAL) == Scale(0.3, 0.1)


def test_a_background_without_spread_divides_by_no_zero() -> None:
    scale = Scale.of(np.full(MIN_BACKGROUND, 0.5), USUAL)
    assert scale.deviation > 0
    assert np.isfinite(scale.standardise(np.asarray([0.0, 0.5, 1.0]))).all()


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
