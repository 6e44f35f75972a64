"""Vectors on a grid, so that a similarity is the same number whoever computes it.

Components are rounded to multiples of 2**-11. A product of two is then a multiple of 2**-22, and as unit vectors
keep every partial sum below 4, each partial sum fits the 24 bits of a float32 mantissa: inner products are exact in
any order of summation, on any BLAS, for one pair or for a block. The same grid fits float16 without loss, which
halves what is stored. Rounding moves a similarity by about 2e-4.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

STEP = 2.0**-11


def snap(vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    """The vectors, shape (n, d), rounded to the grid."""
    snapped: NDArray[np.float32] = (np.rint(vectors / STEP) * STEP).astype(np.float32)
    return snapped


def pack(vectors: NDArray[np.float32]) -> NDArray[np.float16]:
    """Vectors of the grid as float16, without loss."""
    return vectors.astype(np.float16)
