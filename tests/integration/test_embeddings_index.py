"""Both indexes give the same neighbours, and neither takes vectors or files that would mislead."""

from __future__ import annotations

import gc
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import faiss
import numpy as np
import pytest
from numpy.typing import NDArray

from embeddings.exact_index import ExactIndex
from embeddings.faiss_index import FaissIndex, use_threads
from embeddings.protocols import Hits, IndexFileError, VectorIndex, Vectors, check_vectors

COUNT, DIMENSIONS, TOP_K = 3000, 32, 20
MAKERS: list[Callable[[Vectors], VectorIndex]] = [FaissIndex, ExactIndex]


def unit_vectors(seed: int, count: int, dimensions: int = DIMENSIONS) -> Vectors:
    vectors = np.random.default_rng(seed).normal(size=(count, dimensions))
    return np.asarray(vectors / np.linalg.norm(vectors, axis=1, keepdims=True), dtype=np.float32)


def assert_same(found: Hits, expected: Hits) -> None:
    np.testing.assert_array_equal(found.positions, expected.positions)
    real = expected.positions >= 0
    np.testing.assert_allclose(found.similarities[real], expected.similarities[real], atol=1e-6)


@pytest.fixture(scope="module", autouse=True)
def _one_thread() -> None:
    use_threads(1)


@pytest.mark.parametrize("share", [1.0, 0.08, 0.007])
@pytest.mark.parametrize("queries", [1, 8, 900])
def test_faiss_finds_what_a_full_scan_finds(share: float, queries: int) -> None:
    vectors, asked = unit_vectors(1, COUNT), unit_vectors(2, queries)
    allowed = np.random.default_rng(3).random(COUNT) < share
    found = FaissIndex(vectors).search(asked, TOP_K, allowed)
    assert_same(found, ExactIndex(vectors).search(asked, TOP_K, allowed))
    assert allowed[found.positions[found.positions >= 0]].all()


def test_no_filter_is_a_filter_that_allows_all() -> None:
    vectors, asked = unit_vectors(1, COUNT), unit_vectors(2, 5)
    for make in MAKERS:
        index = make(vectors)
        assert_same(index.search(asked, TOP_K), index.search(asked, TOP_K, np.ones(COUNT, dtype=np.bool_)))


@pytest.mark.parametrize("make", MAKERS)
@pytest.mark.parametrize("allowed_rows", [[], [4], [0, 9, 10, 17]])
def test_fewer_neighbours_than_asked_for_are_padded(
    make: Callable[[Vectors], VectorIndex], allowed_rows: list[int]
) -> None:
    allowed: NDArray[np.bool_] = np.zeros(18, dtype=np.bool_)
    allowed[allowed_rows] = True
    hits = make(unit_vectors(1, 18)).search(unit_vectors(2, 3), 6, allowed)
    assert hits.positions.shape == hits.similarities.shape == (3, 6)
    for positions in hits.positions.tolist():
        assert sorted(positions[: len(allowed_rows)]) == allowed_rows
        assert set(positions[len(allowed_rows) :]) == {-1}


@pytest.mark.parametrize("make", MAKERS)
def test_more_neighbours_than_vectors_are_padded(make: Callable[[Vectors], VectorIndex]) -> None:
    hits = make(unit_vectors(1, 3)).search(unit_vectors(2, 2), 5)
    assert (np.sort(hits.positions, axis=1) == [-1, -1, 0, 1, 2]).all()


@pytest.mark.parametrize("make", MAKERS)
def test_a_vector_finds_itself_first(make: Callable[[Vectors], VectorIndex]) -> None:
    vectors = unit_vectors(1, 50)
    hits = make(vectors).search(vectors, 1)
    assert hits.positions[:, 0].tolist() == list(range(50))
    np.testing.assert_allclose(hits.similarities[:, 0], 1.0, atol=1e-6)


@pytest.mark.parametrize("make", MAKERS)
@pytest.mark.parametrize("spoil", [np.nan, np.inf, 0.0, 2.0])
def test_vectors_that_could_never_be_found_are_refused(
    make: Callable[[Vectors], VectorIndex], spoil: float
) -> None:
    vectors = unit_vectors(1, 5)
    vectors[3] *= spoil
    with pytest.raises(ValueError, match="row 3 is not a unit vector"):
        make(vectors)


def test_vectors_of_the_wrong_shape_are_refused() -> None:
    with pytest.raises(ValueError, match=r"shape \(n, 16\), got \(2, 32\)"):
        check_vectors(unit_vectors(1, 2), dimensions=16)
    with pytest.raises(ValueError, match="shape"):
        check_vectors(np.zeros(3, dtype=np.float32))


def test_checked_vectors_are_rows_of_float32() -> None:
    checked = check_vectors(np.asfortranarray(unit_vectors(1, 4).astype(np.float64)))
    assert checked.dtype == np.float32
    assert checked.flags.c_contiguous


@pytest.mark.parametrize("make", MAKERS)
def test_an_index_shows_its_vectors_without_a_copy(make: Callable[[Vectors], VectorIndex]) -> None:
    vectors = unit_vectors(1, 40)
    index = make(vectors)
    np.testing.assert_array_equal(index.vectors, vectors)
    assert np.shares_memory(index.vectors, index.vectors)


@pytest.mark.parametrize("make", MAKERS)
def test_an_indexs_vectors_cannot_be_written(make: Callable[[Vectors], VectorIndex]) -> None:
    index = make(unit_vectors(1, 4))
    with pytest.raises(ValueError, match="read-only"):
        index.vectors[0, 0] = 1.0


@pytest.mark.parametrize("make", MAKERS)
def test_an_index_does_not_follow_the_array_it_was_made_of(make: Callable[[Vectors], VectorIndex]) -> None:
    vectors = unit_vectors(1, 4)
    before = vectors.copy()
    index = make(vectors)
    vectors[:] = 0.0
    np.testing.assert_array_equal(index.vectors, before)


def test_the_vectors_outlive_their_index() -> None:
    vectors = unit_vectors(1, 5000)
    view = FaissIndex(vectors).vectors
    gc.collect()
    others = [unit_vectors(seed, 5000) for seed in range(8)]
    np.testing.assert_array_equal(view, vectors)
    assert len(others) == 8


@pytest.mark.parametrize("make", MAKERS)
def test_an_index_may_be_empty(make: Callable[[Vectors], VectorIndex]) -> None:
    index = make(np.zeros((0, DIMENSIONS), dtype=np.float32))
    assert index.vectors.shape == (0, DIMENSIONS)
    assert (index.search(unit_vectors(1, 2), 3).positions == -1).all()


def test_searches_may_run_together() -> None:
    vectors, asked = unit_vectors(1, COUNT), unit_vectors(2, 64)
    index, expected = FaissIndex(vectors), ExactIndex(vectors).search(asked, TOP_K)
    with ThreadPoolExecutor(8) as threads:
        for found in threads.map(lambda _: index.search(asked, TOP_K), range(32)):
            assert_same(found, expected)


def test_a_saved_index_is_read_back(tmp_path: Path) -> None:
    vectors = unit_vectors(1, 30)
    FaissIndex(vectors).save(tmp_path / "kr-need.faiss")
    loaded = FaissIndex.load(tmp_path / "kr-need.faiss")
    np.testing.assert_array_equal(loaded.vectors, vectors)
    assert_same(loaded.search(vectors, 3), ExactIndex(vectors).search(vectors, 3))


def test_an_exact_index_is_saved_without_pickle(tmp_path: Path) -> None:
    vectors = unit_vectors(1, 30)
    ExactIndex(vectors).save(tmp_path / "vectors.npy")
    np.testing.assert_array_equal(np.load(tmp_path / "vectors.npy", allow_pickle=False), vectors)


@pytest.mark.parametrize("kept", [0, 1, 40, 1000])
def test_a_truncated_file_is_refused(kept: int, tmp_path: Path) -> None:
    path = tmp_path / "kr-need.faiss"
    FaissIndex(unit_vectors(1, 30)).save(path)
    path.write_bytes(path.read_bytes()[:kept])
    with pytest.raises(IndexFileError, match=r"kr-need\.faiss is not a readable FAISS index"):
        FaissIndex.load(path)


def test_a_file_that_is_absent_or_something_else_is_refused(tmp_path: Path) -> None:
    with pytest.raises(IndexFileError):
        FaissIndex.load(tmp_path / "nowhere.faiss")
    (tmp_path / "text.faiss").write_text("not an index")
    with pytest.raises(IndexFileError):
        FaissIndex.load(tmp_path / "text.faiss")


def test_an_index_of_another_kind_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "graph.faiss"
    faiss.write_index(faiss.IndexFlatL2(8), str(path))
    with pytest.raises(IndexFileError, match="IndexFlatL2, not an exact inner-product index"):
        FaissIndex.load(path)
