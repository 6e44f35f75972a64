"""Okapi BM25 over words: English by letters, Korean by morphemes (bm25s, kiwipiepy). Measured, not in the product."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from matchmaker.domain.facets import Wording
from matchmaker.quality.measures import Values
from matchmaker.scoring.pool import Side
from matchmaker.scoring.profile import Profile

_WORD = re.compile(r"[a-z0-9][a-z0-9\-]+")
_CONTENT = ("NNG", "NNP", "VV", "VA", "MAG", "XR", "SL", "SN")
"""Korean tags that carry meaning: nouns, verbs, adjectives, adverbs, roots, foreign words, numbers."""


class Tokens:
    """Words of a profile in both languages; the morphological analyser is loaded once."""

    @cached_property
    def _kiwi(self) -> Any:
        from kiwipiepy import Kiwi

        return Kiwi(num_workers=1)

    def of(self, wordings: tuple[Wording, ...]) -> list[str]:
        """All words, with repetition."""
        words: list[str] = []
        for wording in wordings:
            if wording.language == "en":
                words += _WORD.findall(wording.text.lower())
            else:
                words += [token.form for token in self._kiwi.tokenize(wording.text) if token.tag in _CONTENT]
        return words


@dataclass(frozen=True, eq=False)
class Bm25:
    """One side of a pool, ready to be asked."""

    tokens: Tokens
    index: Any
    size: int

    @classmethod
    def of(cls, side: Side, tokens: Tokens) -> Bm25:
        """Index everybody of a side."""
        import bm25s

        index = bm25s.BM25()
        index.index([tokens.of(entry.wordings) for entry in side.entries], show_progress=False)
        return cls(tokens, index, len(side.entries))

    def scores(self, query: Profile) -> Values:
        """BM25 of every member for the query's words, shape (members,)."""
        words = dict.fromkeys(self.tokens.of(query.wordings))
        known = [word for word in words if word in self.index.vocab_dict]
        if not known:
            return np.zeros(self.size)
        return np.asarray(self.index.get_scores(known), dtype=np.float64)
