"""Measures of rankings and chances, against values worked out by hand and against what must always hold."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from matchmaker.quality.measures import (
    bootstrap,
    brier_score,
    expected_calibration_error,
    ndcg_at,
    rank_of,
    reliability,
    weighted_kappa,
)

GRADES = st.lists(st.integers(0, 3), min_size=1, max_size=20)


def floats(*values: float) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    return np.asarray(values, dtype=np.float64)


def test_a_rank_counts_the_better_ones_and_half_of_the_equal_ones() -> None:
    assert rank_of(0.5, [0.9, 0.5, 0.5, 0.1]) == 3.0
    assert rank_of(0.5, []) == 1.0


def test_gain_by_hand() -> None:
    # gains 7, 0, 1 in this order; ideal 7, 1, 0
    found = ndcg_at(floats(0.9, 0.5, 0.1), floats(3, 0, 1))
    assert found == pytest.approx((7 + 1 / 2) / (7 + 1 / np.log2(3)))


def test_only_the_first_places_count() -> None:
    scores = floats(*range(12, 0, -1))
    assert ndcg_at(scores, floats(*[0] * 10, 3, 3), cut=10) == 0.0
    assert ndcg_at(scores, floats(*[0] * 11, 3), cut=12) > 0.0


def test_without_anybody_worth_a_grade_nothing_is_gained() -> None:
    assert ndcg_at(floats(1, 2), floats(0, 0)) == 0.0


@given(GRADES)
def test_the_ideal_order_gains_everything_and_equal_scores_gain_the_same_in_any_order(
    grades: list[int],
) -> None:
    array = floats(*grades)
    if any(grades):
        assert ndcg_at(array, array) == pytest.approx(1.0)
    flat = np.zeros(len(grades))
    assert ndcg_at(flat, array) == pytest.approx(ndcg_at(flat, array[::-1]))


def test_an_interval_holds_its_mean_and_draws_whole_groups() -> None:
    values = [0.0, 0.0, 1.0, 1.0] * 10
    alone, paired = bootstrap(values), bootstrap(values, [number // 2 for number in range(40)])
    assert alone.low < alone.mean == 0.5 < alone.high
    assert paired.high - paired.low > alone.high - alone.low
    assert bootstrap(values) == alone


def test_chances_that_come_true_have_no_error() -> None:
    chances = floats(*[0.25] * 4, *[0.75] * 4)
    outcomes = floats(1, 0, 0, 0, 1, 1, 1, 0)
    assert expected_calibration_error(chances, outcomes) == pytest.approx(0.0)
    assert brier_score(chances, outcomes) == pytest.approx(0.1875)
    assert [part.count for part in reliability(chances, outcomes)] == [4, 4]


def test_certainty_that_is_wrong_costs_all() -> None:
    assert expected_calibration_error(floats(1.0, 1.0), floats(0, 0)) == pytest.approx(1.0)
    assert brier_score(floats(1.0), floats(0)) == 1.0


def test_agreement_is_one_for_the_same_grades_and_about_nothing_by_chance() -> None:
    grades = [0, 1, 2, 3] * 5
    assert weighted_kappa(grades, grades) == pytest.approx(1.0)
    assert weighted_kappa([0, 0, 3, 3], [0, 3, 0, 3]) == pytest.approx(0.0)
    near, far = weighted_kappa([0, 1, 2, 3], [1, 1, 2, 3]), weighted_kappa([0, 1, 2, 3], [3, 1, 2, 3])
    assert near > far
