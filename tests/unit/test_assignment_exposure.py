"""How introductions spread, against the definitions."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from matchmaker.assignment.exposure import attention, expected_mutual, exposure, gini, top_lists

COUNTS = st.lists(st.integers(0, 50), min_size=1, max_size=30)


@given(COUNTS)
def test_gini_is_half_the_relative_mean_difference(counts: list[int]) -> None:
    values = np.array(counts)
    differences = np.abs(values[:, None] - values).mean()
    expected = differences / (2 * values.mean()) if values.any() else 0.0
    assert gini(values) == pytest.approx(expected)


def test_exposure_says_who_is_left_out_and_who_has_most() -> None:
    found = exposure(np.array([0, 4, 0, 0]))
    assert (found.gini, found.never_shown, found.most, found.participants) == (0.75, 0.75, 4, 4)
    nobody = exposure(np.zeros(0, dtype=np.int64))
    assert (nobody.gini, nobody.never_shown, nobody.most, nobody.participants) == (0.0, 0.0, 0, 0)


def test_lists_hold_the_best_in_order_and_nothing_forbidden() -> None:
    scores = np.array([[0.1, 0.9, 0.5], [0.7, 0.7, 0.7]])
    assert top_lists(scores, 2).tolist() == [[0, 1, 2], [1, 2, 0]]
    allowed = np.array([[True, False, True], [False, False, True]])
    assert top_lists(scores, 2, allowed).tolist() == [[2, 0, 1], [0, 0, 1]]
    assert top_lists(scores, 9).tolist() == [[3, 1, 2], [1, 2, 3]]


def test_attention_falls_with_the_rank_and_a_match_needs_both() -> None:
    assert attention(np.array([[1, 0, 4]])).tolist() == [[1.0, 0.0, 0.25]]
    assert expected_mutual(np.array([[0.5, 1.0]]), np.array([[0.5, 0.0]])) == 0.25
