"""Vectors on the grid: exact inner products, packed without loss, still accepted by an index."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from embeddings.protocols import Vectors, check_vectors
from matchmaker.scoring.grid import STEP, pack, snap

SEEDS = st.integers(0, 2**32 - 1)
DIMENSIONS = st.sampled_from([1, 2, 7, 64, 256, 384, 768])


def unit_vectors(seed: int, count: int, dimensions: int) -> Vectors:
    """Unit vectors: half of them dense, half with few components."""
    rng = np.random.default_rng(seed)
    vectors = rng.normal(size=(count, dimensions))
    vectors[: count // 2] *= rng.random((count // 2, dimensions)) < 0.1
    vectors[~vectors.any(axis=1), 0] = 1.0
    return np.asarray(vectors / np.linalg.norm(vectors, axis=1, keepdims=True), dtype=np.float32)


def exact_products(ones: Vectors, others: Vectors) -> list[list[Fraction]]:
    rows, columns = ([[Fraction(float(x)) for x in row] for row in m] for m in (ones, others))
    return [
        [sum((a * b for a, b in zip(row, column, strict=True)), Fraction(0)) for column in columns]
        for row in rows
    ]


@given(SEEDS, DIMENSIONS)
@settings(deadline=None)
def test_inner_products_are_exact(seed: int, dimensions: int) -> None:
    ones, others = snap(unit_vectors(seed, 2, dimensions)), snap(unit_vectors(seed + 1, 2, dimensions))
    found = [[Fraction(float(value)) for value in row] for row in ones @ others.T]
    assert found == exact_products(ones, others)


@given(SEEDS, DIMENSIONS)
@settings(deadline=None)
def test_inner_products_are_the_same_in_any_order_and_shape(seed: int, dimensions: int) -> None:
    ones, others = snap(unit_vectors(seed, 5, dimensions)), snap(unit_vectors(seed + 1, 9, dimensions))
    block = ones @ others.T
    order = np.random.default_rng(seed).permutation(dimensions)
    np.testing.assert_array_equal(ones[:, order] @ others[:, order].T, block)
    np.testing.assert_array_equal((others @ ones.T).T, block)
    np.testing.assert_array_equal(np.stack([[a @ b for b in others] for a in ones]), block)
    np.testing.assert_array_equal(ones.astype(np.float64) @ others.astype(np.float64).T, block)


@given(SEEDS, DIMENSIONS)
@settings(deadline=None)
def test_packing_loses_nothing(seed: int, dimensions: int) -> None:
    vectors = snap(unit_vectors(seed, 8, dimensions))
    packed = pack(vectors)
    assert packed.dtype == np.float16
    np.testing.assert_array_equal(packed.astype(np.float32), vectors)


@given(SEEDS, DIMENSIONS)
@settings(deadline=None)
def test_snapping_moves_a_component_by_half_a_step_at_most_and_once(seed: int, dimensions: int) -> None:
    vectors = unit_vectors(seed, 8, dimensions)
    snapped = snap(vectors)
    assert np.abs(snapped - vectors).max() <= STEP / 2
    np.testing.assert_array_equal(snap(snapped), snapped)
    assert snapped.dtype == np.float32


@given(SEEDS, DIMENSIONS)
@settings(deadline=None)
def test_an_index_accepts_snapped_vectors(seed: int, dimensions: int) -> None:
    check_vectors(snap(unit_vectors(seed, 8, dimensions)))


@pytest.mark.parametrize("dimensions", range(1, 400, 7))
def test_an_index_accepts_even_vectors_that_snapping_lengthens_most(dimensions: int) -> None:
    even: NDArray[np.float32] = np.full((1, dimensions), dimensions**-0.5, dtype=np.float32)
    check_vectors(snap(even))
