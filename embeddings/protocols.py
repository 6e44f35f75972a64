"""What the product asks of an encoder and of a vector index. Strings, positions and vectors; no member."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Vectors = NDArray[np.float32]
"""Row-major float32 array of shape (texts, dimensions)."""

Progress = Callable[[int, int], None]
"""Called with (texts done, texts in all) after each batch."""


class EncoderError(Exception):
    """The encoder cannot be loaded or gave unusable vectors; the message says what to do."""


class IndexFileError(Exception):
    """An index file is absent, truncated or not what its name says."""


class Encoder(Protocol):
    """Text to unit vectors. Queries and documents may be prompted differently by the model."""

    @property
    def name(self) -> str:
        """Identifies the weights: two encoders with one name give the same vectors."""

    @property
    def dimensions(self) -> int:
        """Length of a vector."""

    def encode_query(self, texts: Sequence[str], progress: Progress | None = None) -> Vectors:
        """Unit vectors of what is searched with, shape (texts, dimensions)."""

    def encode_document(self, texts: Sequence[str], progress: Progress | None = None) -> Vectors:
        """Unit vectors of what is searched through, shape (texts, dimensions)."""


@dataclass(frozen=True, slots=True)
class Hits:
    """Neighbours per query, best first. Where fewer than ``top_k`` exist the tail has position -1."""

    positions: NDArray[np.int64]
    similarities: Vectors


class VectorIndex(Protocol):
    """An immutable set of unit vectors, addressed by position. A change makes a new index."""

    @property
    def vectors(self) -> Vectors:
        """All vectors in order of position, shape (size, dimensions), read-only; no copy."""

    def search(self, queries: Vectors, top_k: int, allowed: NDArray[np.bool_] | None = None) -> Hits:
        """The ``top_k`` nearest by inner product among the positions where ``allowed`` is true (default: all)."""

    def save(self, path: Path) -> None:
        """Write the index to a file."""


IndexFactory = Callable[[Vectors], VectorIndex]


LENGTH_TOLERANCE = 1e-2
"""Vectors may have been rounded to a grid; NaN, zero and raw vectors are still far outside."""


def check_vectors(vectors: NDArray[np.floating], dimensions: int | None = None) -> Vectors:
    """The vectors as contiguous float32.

    Raises:
        ValueError: wrong shape, or a row that is not finite or not of unit length (within 1 %). FAISS would
            accept such a row and never return it.
    """
    checked = np.ascontiguousarray(vectors, dtype=np.float32)
    if checked.ndim != 2 or (dimensions is not None and checked.shape[1] != dimensions):
        raise ValueError(f"expected vectors of shape (n, {dimensions or 'd'}), got {checked.shape}")
    lengths = np.linalg.norm(checked, axis=1)
    if not np.allclose(lengths, 1.0, atol=LENGTH_TOLERANCE):
        raise ValueError(
            f"row {int(np.argmax(~np.isclose(lengths, 1.0, atol=LENGTH_TOLERANCE)))} is not a unit vector"
        )
    return checked
