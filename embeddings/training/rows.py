"""The first rows of the embedding table, before any training.

English pieces begin where the teacher puts them, centred, and weighted by a / (a + p) for a piece of relative
frequency p, so that frequent pieces say little (smooth inverse frequency: Arora, Liang and Ma 2017).
Distilling a static table from a sentence encoder in this way follows model2vec (Tulkens and van Dongen 2024).
The teacher does not know Korean: Korean pieces begin as small noise and are learnt from the translations.
"""

import re

import numpy as np
from numpy.typing import NDArray

from embeddings.training.tokenizer import WORD_START

SMOOTHING = 1e-3
NOISE = 0.01
_ENGLISH = re.compile(r"[!-~]+")


def is_english(piece: str) -> bool:
    """Whether a piece (word-start mark aside) is plain ASCII text that the teacher can read."""
    return _ENGLISH.fullmatch(piece.removeprefix(WORD_START)) is not None


def readable(piece: str) -> str:
    """The piece as text, without its word-start mark."""
    return piece.removeprefix(WORD_START)


def frequency_weights(counts: NDArray[np.int64], smoothing: float = SMOOTHING) -> NDArray[np.float32]:
    """Smooth inverse frequency of each piece, in (0, 1], from its occurrence counts; shape (pieces,)."""
    probabilities = counts / max(int(counts.sum()), 1)
    return (smoothing / (smoothing + probabilities)).astype(np.float32)


def initial_rows(
    english: NDArray[np.bool_],
    english_vectors: NDArray[np.float32],
    counts: NDArray[np.int64],
    generator: np.random.Generator,
) -> NDArray[np.float32]:
    """Rows to start from, shape (pieces, dimension).

    Args:
        english: mask of the pieces the teacher has read, shape (pieces,).
        english_vectors: the teacher's vectors of these pieces, in order, shape (english.sum(), dimension).
        counts: occurrences of every piece in the corpus, shape (pieces,).
        generator: source of the noise for all other pieces.
    """
    shape = (len(english), english_vectors.shape[1])
    rows = generator.normal(scale=NOISE, size=shape).astype(np.float32)
    rows[english] = english_vectors - english_vectors.mean(axis=0)
    return np.asarray(rows * frequency_weights(counts)[:, None], dtype=np.float32)
