"""The best pairs of the alliance, kept until a member or the day changes: they cost a comparison of everybody."""

from __future__ import annotations

import threading
from functools import lru_cache

from matchmaker.bootstrap import Matchmaker
from matchmaker.domain.member import Language, Purpose
from matchmaker.domain.suggestion import Pair
from matchmaker.services.suggestion import Suggestions

LIMIT = 24
_lock = threading.Lock()


def best_pairs(matchmaker: Matchmaker, purpose: Purpose | None, language: Language) -> tuple[Pair, ...]:
    """At most `LIMIT` eligible pairs, best first, each member at most once."""
    edition = matchmaker.catalogue.current()
    with _lock:
        return _computed(
            matchmaker.suggestions,
            f"{edition.seq} {edition.pool.snapshot} {edition.pool.as_of}",
            purpose,
            language,
        )


@lru_cache(maxsize=32)
def _computed(
    suggestions: Suggestions, state: str, purpose: Purpose | None, language: Language
) -> tuple[Pair, ...]:
    del state  # only tells one answer from the next
    return suggestions.best_pairs(purpose, LIMIT, language, per_member=1)
