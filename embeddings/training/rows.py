"""The first rows of the embedding table, before any training step.

English pieces begin where the teacher puts them, centred, and weighted by a / (a + p) for a piece of relative
frequency p, so that frequent pieces say little (smooth inverse frequency: Arora, Liang and Ma 2017). Distilling a
static table from a sentence encoder in this way follows model2vec (Tulkens and van Dongen 2024).

The teacher does not know Korean. Korean pieces begin where ridge regression (Hoerl and Kennard 1970) puts them: the
mean of a Korean text's rows should come near the teacher's vector of its translation. The penalty keeps rare pieces
close to their start, a small noise.
"""

import re

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from embeddings.training.table import Vectors
from embeddings.training.tokenizer import WORD_START, Bags

SMOOTHING = 1e-3
NOISE = 0.01
PENALTY = 1.0
SOLVER_STEPS = 25
_ENGLISH = re.compile(r"[!-~]+")


def is_english(piece: str) -> bool:
    """Whether a piece (word-start mark aside) is plain ASCII text that the teacher can read."""
    return _ENGLISH.fullmatch(readable(piece)) is not None


def readable(piece: str) -> str:
    """The piece as text, without its word-start mark."""
    return piece.removeprefix(WORD_START)


def frequency_weights(counts: NDArray[np.int64], smoothing: float = SMOOTHING) -> NDArray[np.float32]:
    """Smooth inverse frequency of each piece, in (0, 1], from its occurrence counts; shape (pieces,)."""
    probabilities = counts / max(int(counts.sum()), 1)
    return (smoothing / (smoothing + probabilities)).astype(np.float32)


def taught_rows(
    english: NDArray[np.bool_],
    english_vectors: Vectors,
    counts: NDArray[np.int64],
    generator: np.random.Generator,
) -> Vectors:
    """Rows of which the English ones are the teacher's and all others noise, shape (pieces, dimension).

    Args:
        english: mask of the pieces the teacher has read, shape (pieces,).
        english_vectors: the teacher's vectors of these pieces, in order, shape (english.sum(), dimension).
        counts: occurrences of every piece in the corpus, shape (pieces,).
        generator: source of the noise.
    """
    shape = (len(english), english_vectors.shape[1])
    rows = generator.normal(scale=NOISE, size=shape).astype(np.float32)
    rows[english] = english_vectors - english_vectors.mean(axis=0)
    return np.asarray(rows * frequency_weights(counts)[:, None], dtype=np.float32)


def regressed_rows(
    rows: Vectors, free: NDArray[np.bool_], korean: Bags, english: Bags, teacher: Vectors, weights: Vectors
) -> Vectors:
    """Move the ``free`` rows so that the mean row of each Korean text comes near the teacher's vector.

    Args:
        rows: shape (pieces, dimension).
        free: mask of the rows that may move, shape (pieces,).
        korean, english: the two sides of the translated pairs.
        teacher: vectors of the English sides, shape (pairs, dimension). They are scaled to the size that the English
            rows give their own texts.
        weights: how much each pair counts, shape (pairs,).
    """
    said = english.means(len(rows)) @ rows
    size = (said * teacher).sum() / (teacher**2).sum()
    means = korean.means(len(rows))
    roots = np.sqrt(weights)[:, None]
    design = csr_matrix(means.multiply(roots))[:, free]
    moved = rows.copy()
    moved[free] += ridge_solution(design, roots * (size * teacher - means @ rows))
    return moved


def ridge_solution(
    design: csr_matrix, targets: Vectors, penalty: float = PENALTY, steps: int = SOLVER_STEPS
) -> Vectors:
    """The X that makes |design X - targets|^2 + penalty |X|^2 small, column by column.

    Conjugate gradients on the normal equations (Hestenes and Stiefel 1952), stopped early.
    """
    transposed = design.T.tocsr()
    residual = transposed @ targets
    solution, direction = np.zeros_like(residual), residual.copy()
    norm = (residual**2).sum(axis=0)
    for _ in range(steps):
        image = transposed @ (design @ direction) + penalty * direction
        length = norm / np.maximum((direction * image).sum(axis=0), np.finfo(np.float32).tiny)
        solution += length * direction
        residual -= length * image
        previous, norm = norm, (residual**2).sum(axis=0)
        direction = residual + norm / np.maximum(previous, np.finfo(np.float32).tiny) * direction
    return np.asarray(solution, dtype=np.float32)
