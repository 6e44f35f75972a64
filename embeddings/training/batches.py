"""Which rows are learnt from together."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Rows = NDArray[np.int64]


class BatchSampler:
    """Draws batches of row numbers, heavy sources more often.

    A batch comes from all sources or, with probability ``single_source_share``, from one: texts of one source
    resemble each other, so they are harder to tell apart and teach the ranking loss more.
    """

    def __init__(
        self,
        sources: Sequence[str],
        weights: NDArray[np.float32],
        size: int,
        single_source_share: float,
        generator: np.random.Generator,
    ) -> None:
        """Take the source key and the weight of every row, in row order."""
        self._size = size
        self._single_source_share = single_source_share
        self._generator = generator
        labels = np.array(sources)
        self._rows_of = [np.flatnonzero(labels == key) for key in dict.fromkeys(sources)]
        self._chances = weights.astype(np.float64) / weights.sum(dtype=np.float64)
        self._source_chances = np.array([self._chances[rows].sum() for rows in self._rows_of])

    def draw(self) -> Rows:
        """Row numbers of one batch, distinct, shape (at most ``size``,)."""
        if self._generator.random() < self._single_source_share:
            source = self._generator.choice(
                len(self._rows_of), p=self._source_chances / self._source_chances.sum()
            )
            rows = self._rows_of[source]
            return self._generator.choice(rows, size=min(self._size, len(rows)), replace=False)
        count = len(self._chances)
        return self._generator.choice(count, size=min(self._size, count), replace=False, p=self._chances)


def same_texts(korean_ids: Rows, english_ids: Rows) -> NDArray[np.bool_]:
    """Where two rows of a batch share a text in either language; shape (batch, batch)."""
    same_korean = korean_ids[:, None] == korean_ids[None, :]
    same_english = english_ids[:, None] == english_ids[None, :]
    return np.asarray(same_korean | same_english, dtype=np.bool_)
