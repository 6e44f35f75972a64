"""Nearest neighbours in plain NumPy: the oracle that other indexes are tested against."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from embeddings.protocols import Hits, Vectors, check_vectors


class ExactIndex:
    """Scans everything. Same answers as `embeddings.faiss_index.FaissIndex`."""

    def __init__(self, vectors: Vectors) -> None:
        self._vectors = check_vectors(vectors).copy()
        self._vectors.flags.writeable = False

    @property
    def vectors(self) -> Vectors:
        """All vectors in order of position."""
        return self._vectors

    def search(self, queries: Vectors, top_k: int, allowed: NDArray[np.bool_] | None = None) -> Hits:
        """The ``top_k`` nearest among the allowed positions."""
        similarities = queries @ self._vectors.T
        if allowed is not None:
            similarities[:, ~allowed] = -np.inf
        order = np.argsort(-similarities, axis=1, kind="stable")[:, :top_k]
        found = np.take_along_axis(similarities, order, axis=1)
        positions = np.where(np.isfinite(found), order, -1).astype(np.int64)
        padding = ((0, 0), (0, max(0, top_k - positions.shape[1])))
        return Hits(
            np.pad(positions, padding, constant_values=-1),
            np.pad(found, padding, constant_values=-np.inf).astype(np.float32),
        )

    def save(self, path: Path) -> None:
        """Write the vectors as a .npy file (loadable without pickle)."""
        with path.open("wb") as file:
            np.save(file, self._vectors, allow_pickle=False)
