"""Nearest neighbours with FAISS: exact, in process, float32. The only file that imports faiss.

FAISS searches may run together but a change during a search crashes, so an index never changes: a new one takes
its place. One thread per search; requests run in parallel instead.
"""

from __future__ import annotations

from pathlib import Path

import faiss
import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from embeddings.protocols import Hits, IndexFileError, Vectors, check_vectors

BLAS_BATCH = 800
"""Up to this many queries FAISS computes distances itself; batches are ten times slower at the library's value."""


def use_threads(count: int) -> None:
    """Set this process up: threads per matrix product, and the batch size from which FAISS takes one.

    Threads that wait for each other cost more than they give at these sizes: a product of a member's facets takes a
    hundred times as long on two busy cores as on one.
    """
    faiss.cvar.distance_compute_blas_threshold = BLAS_BATCH
    threadpool_limits(count, user_api="blas")


class FaissIndex:
    """An exact inner-product index over unit vectors; positions are row numbers."""

    def __init__(self, vectors: Vectors, threads: int = 1) -> None:
        self._threads = threads
        checked = check_vectors(vectors)
        index = faiss.IndexFlatIP(checked.shape[1])
        index.add(checked)
        self._index = index

    @classmethod
    def load(cls, path: Path, threads: int = 1) -> FaissIndex:
        """Read an index file that `save` wrote.

        Raises:
            IndexFileError: the file is absent, truncated or holds another kind of index.
        """
        try:
            index = faiss.read_index(str(path))
        except RuntimeError as error:
            raise IndexFileError(f"{path.name} is not a readable FAISS index") from error
        if not isinstance(index, faiss.IndexFlatIP):
            raise IndexFileError(
                f"{path.name} holds a {type(index).__name__}, not an exact inner-product index"
            )
        loaded = cls.__new__(cls)
        loaded._index = index
        loaded._threads = threads
        return loaded

    @property
    def vectors(self) -> Vectors:
        """All vectors in order of position: a view of FAISS's own memory, which it keeps alive."""
        return np.asarray(_Memory(self._index))

    def search(self, queries: Vectors, top_k: int, allowed: NDArray[np.bool_] | None = None) -> Hits:
        """The ``top_k`` nearest among the allowed positions."""
        faiss.omp_set_num_threads(self._threads)  # OpenMP keeps this per calling thread
        if allowed is None:
            similarities, positions = self._index.search(queries, top_k)
            return Hits(positions, similarities)
        bits = np.packbits(allowed, bitorder="little")
        selector = faiss.IDSelectorBitmap(bits)  # type: ignore[call-arg, arg-type]  # stubs know only C++
        parameters = faiss.SearchParameters(sel=selector)  # type: ignore[call-arg]
        similarities, positions = self._index.search(queries, top_k, params=parameters)
        return Hits(positions, similarities)

    def save(self, path: Path) -> None:
        """Write the index to a file."""
        faiss.write_index(self._index, str(path))


class _Memory:
    """FAISS's rows for NumPy's array interface; an array made of it holds the index as its base."""

    def __init__(self, index: faiss.IndexFlatIP) -> None:
        self._index = index
        rows = faiss.rev_swig_ptr(index.get_xb(), index.ntotal * index.d)
        self.__array_interface__ = {
            "version": 3,
            "shape": (index.ntotal, index.d),
            "typestr": "<f4",
            "data": (rows.ctypes.data, True),
        }
