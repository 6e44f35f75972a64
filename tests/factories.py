"""What tests are made of: members, pools, a matchmaker in a folder, and an encoder that needs no model."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from embeddings.exact_index import ExactIndex
from embeddings.protocols import Encoder, IndexFactory, Progress, Vectors
from matchmaker.bootstrap import Matchmaker
from matchmaker.domain.member import (
    Country,
    Kind,
    Member,
    Need,
    Offer,
    Purpose,
    Status,
    Text,
    Track,
)
from matchmaker.domain.suggestion import Pair, SuggestionList
from matchmaker.scoring.pool import Pool
from matchmaker.services.profiling import Profiler
from matchmaker.services.suggestion import Suggestions
from matchmaker.settings import Settings
from matchmaker.storage.database import migrate

TODAY = date(2026, 12, 1)
"""The day on which pools are made unless a test says otherwise."""


UNLIMITED: dict[str, Any] = {"rate_limit": "", "rate_limit_writes": ""}
"""Settings of a service that tests ask as often as they like."""


@dataclass(frozen=True)
class FakeEncoder:
    """An `embeddings.protocols.Encoder` without weights: texts that share letters have similar vectors.

    Hashed character n-grams of 2 and 3 letters, each with a sign and a weight of its own, brought to unit length.
    Queries and documents are encoded alike.
    """

    name: str = "fake@1"
    dimensions: int = 64

    def encode_query(self, texts: Sequence[str], progress: Progress | None = None) -> Vectors:
        """Unit vectors, shape (texts, dimensions)."""
        return self._encode(texts, progress)

    def encode_document(self, texts: Sequence[str], progress: Progress | None = None) -> Vectors:
        """Unit vectors, shape (texts, dimensions)."""
        return self._encode(texts, progress)

    def _encode(self, texts: Sequence[str], progress: Progress | None) -> Vectors:
        vectors = np.zeros((len(texts), self.dimensions), dtype=np.float32)
        for row, text in enumerate(texts):
            for bucket, weight in _buckets(text.casefold(), self.dimensions):
                vectors[row, bucket] += weight
            if not vectors[row].any():
                vectors[row, 0] = 1.0
        if progress is not None and texts:
            progress(len(texts), len(texts))
        return np.asarray(vectors / np.linalg.norm(vectors, axis=1, keepdims=True), dtype=np.float32)


@cache
def _buckets(text: str, dimensions: int) -> tuple[tuple[int, float], ...]:
    """Where each n-gram of a text counts, and how much."""
    padded = f" {text} "
    grams = [padded[start : start + length] for length in (2, 3) for start in range(len(padded) - length + 1)]
    hashes = [zlib.crc32(gram.encode()) for gram in grams]
    return tuple((number % dimensions, (number >> 8) % 1000 / 1000 - 0.5) for number in hashes)


def make_text(en: str | None = None, ko: str | None = None) -> Text:
    """A text nobody translated."""
    return Text(en, ko)


def make_offer(
    en: str | None = None, ko: str | None = None, *purposes: Purpose, until: date | None = None
) -> Offer:
    """An offer in one or two languages."""
    return Offer(Text(en, ko), frozenset(purposes), until)


def make_need(
    en: str | None = None, ko: str | None = None, *purposes: Purpose, until: date | None = None
) -> Need:
    """A need in one or two languages."""
    return Need(Text(en, ko), frozenset(purposes), until)


def make_member(**overrides: Any) -> Member:
    """A complete Korean member with both languages; any field may be given instead."""
    fields: dict[str, Any] = {
        "external_id": "kr-one",
        "names": Text("Ward Robots (fictional)", "병동로봇 (가상)"),
        "country": Country.KR,
        "track": Track.INDUSTRY,
        "kind": Kind.STARTUP,
        "status": Status.MEMBER,
        "domains": (Text("hospital robotics", "병원 로봇"),),
        "summary": Text("Builds robots that carry medicine on wards.", "병동에서 약을 나르는 로봇을 만든다."),
        "offers": (make_offer("delivery robots for hospitals", "병원용 배송 로봇", Purpose.STARTUP),),
        "needs": (make_need("a hospital abroad for a pilot", "해외 실증 병원", Purpose.STARTUP),),
        "verified": True,
        "fictional": True,
    }
    return Member(**fields | overrides)


def make_partner(**overrides: Any) -> Member:
    """A complete Singapore member that suits `make_member`; any field may be given instead."""
    fields: dict[str, Any] = {
        "external_id": "sg-one",
        "names": Text("Harbour Hospital (fictional)", "하버 병원 (가상)"),
        "country": Country.SG,
        "track": Track.PUBLIC,
        "kind": Kind.HOSPITAL,
        "domains": (Text("hospital care", "병원 진료"),),
        "summary": Text("Runs a hospital with forty wards.", "병동 마흔 곳을 둔 병원을 운영한다."),
        "offers": (make_offer("a hospital for pilots of robots", "로봇 실증 병원", Purpose.STARTUP),),
        "needs": (make_need("robots that deliver medicine", "약을 나르는 배송 로봇", Purpose.STARTUP),),
    }
    return make_member(**fields | overrides)


def make_pool(
    members: Iterable[Member],
    encoder: Encoder | None = None,
    make_index: IndexFactory = ExactIndex,
    as_of: date = TODAY,
) -> Pool:
    """A pool of some members, encoded by `FakeEncoder` unless told otherwise."""
    encoder = encoder or FakeEncoder()
    profiles = Profiler(encoder).profile_all(list(members))
    return Pool.of(profiles, encoder.name, encoder.dimensions, make_index, as_of)


def make_matchmaker(tmp_path: Path, encoder: Encoder | None = None, **settings: Any) -> Matchmaker:
    """A matchmaker on an empty, migrated SQLite database in ``tmp_path``, with `FakeEncoder` unless told otherwise."""
    chosen: dict[str, Any] = {"_env_file": None, "var": tmp_path, "database_url": ""} | UNLIMITED | settings
    matchmaker = Matchmaker(Settings(**chosen))
    vars(matchmaker)["profiler"] = Profiler(encoder or FakeEncoder())
    migrate(matchmaker.store.engine)
    return matchmaker


@dataclass(frozen=True)
class ScoredSuggestions(Suggestions):
    """The product's suggestions, the best of every list at a score that the test chooses, the rest below it."""

    best: float

    @classmethod
    def put_into(cls, matchmaker: Matchmaker, best: float) -> None:
        """Make a matchmaker suggest so from now on."""
        parts = (matchmaker.catalogue, matchmaker.profiler, matchmaker.settings.depth)
        vars(matchmaker)["suggestions"] = cls(*parts, best)

    def for_member(self, *args: Any, **kwargs: Any) -> SuggestionList:
        """See `Suggestions`."""
        return self._scored(super().for_member(*args, **kwargs))

    def for_profile(self, *args: Any, **kwargs: Any) -> SuggestionList:
        """See `Suggestions`."""
        return self._scored(super().for_profile(*args, **kwargs))

    def best_pairs(self, *args: Any, **kwargs: Any) -> tuple[Pair, ...]:
        """See `Suggestions`."""
        found = super().best_pairs(*args, **kwargs)
        return tuple(replace(pair, score=self.best / rank) for rank, pair in enumerate(found, start=1))

    def page_of_pairs(
        self, *args: Any, **kwargs: Any
    ) -> tuple[tuple[Pair, ...], tuple[float, str, str] | None]:
        """See `Suggestions`."""
        found, following = super().page_of_pairs(*args, **kwargs)
        pairs = (replace(pair, score=self.best / rank) for rank, pair in enumerate(found, start=1))
        return tuple(pairs), following

    def explain(self, *args: Any, **kwargs: Any) -> Pair:
        """See `Suggestions`."""
        return replace(super().explain(*args, **kwargs), score=self.best)

    def _scored(self, found: SuggestionList) -> SuggestionList:
        items = (replace(item, score=self.best / rank) for rank, item in enumerate(found.items, start=1))
        return replace(found, items=tuple(items))
