"""The pool that answers come from, kept up with the database."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date

from embeddings.protocols import IndexFactory, Progress
from matchmaker.domain.eligibility import KnownTies
from matchmaker.domain.member import Country, Member, Partnership, Purpose
from matchmaker.domain.outcome import NeedMatch
from matchmaker.errors import NotReady, SnapshotCorrupt
from matchmaker.scoring.pool import Pool, current_entry, snapshot_of
from matchmaker.scoring.profile import Entry
from matchmaker.scoring.rule import DEFAULT_RULE, Rule
from matchmaker.services.profiling import Profiler
from matchmaker.services.snapshots import SnapshotFiles
from matchmaker.storage.unit_of_work import Store

log = logging.getLogger(__name__)

EMBEDDING_BATCH = 512
"""Members whose vectors are written in one transaction."""


RankedPair = tuple[float, str, str]
"""Negative score, Korean id, Singapore id: sorts best first, ties by id."""


@dataclass(frozen=True, eq=False)
class Edition:
    """One state of the alliance: pool, partnerships, the change it is up to.

    Its best pairs, everybody's top partners and what comes closest to each need are kept once somebody asked.
    """

    pool: Pool
    partnerships: tuple[Partnership, ...]
    ties: KnownTies
    seq: int
    best_pairs: dict[Purpose | None, tuple[RankedPair, ...]] = field(default_factory=dict)
    top_lists: dict[Purpose | None, Mapping[str, tuple[str, ...]]] = field(default_factory=dict)
    need_matches: dict[Purpose | None, tuple[NeedMatch, ...]] = field(default_factory=dict)


class Catalogue:
    """Hands out the current `Edition`. The database is the truth; what is held here follows and can be rebuilt."""

    def __init__(
        self,
        store: Store,
        profiler: Profiler,
        make_index: IndexFactory,
        files: SnapshotFiles | None,
        today: Callable[[], date] = date.today,
        rule: Rule = DEFAULT_RULE,
    ) -> None:
        self._store = store
        self._profiler = profiler
        self._make_index = make_index
        self._files = files
        self._today = today
        self._rule = rule
        self._lock = threading.Lock()
        self._edition: Edition | None = None

    @property
    def edition(self) -> Edition | None:
        """The edition at hand, however old; None before the first."""
        return self._edition

    def lag(self) -> int:
        """How many changes the edition at hand is behind the database."""
        with self._store.reading() as work:
            return work.changes.last_seq() - (self._edition.seq if self._edition else 0)

    def current(self) -> Edition:
        """The edition of this moment: whoever wrote sees their own write.

        Raises:
            NotReady: members wait for vectors of the present model (see `embed_outdated`).
        """
        with self._store.reading() as work:
            seq = work.changes.last_seq()
        edition = self._edition
        if edition is None or edition.seq < seq or edition.pool.as_of != self._today():
            with self._lock:
                edition = self._edition
                if edition is None or edition.seq < seq or edition.pool.as_of != self._today():
                    edition = self._edition = self._build()
        return edition

    def embed_outdated(self, progress: Progress | None = None) -> int:
        """Encode whoever lacks vectors of the present model, in batches, until nobody does; returns how many."""
        embedded = 0
        while outdated := self._outdated():
            for start in range(0, len(outdated), EMBEDDING_BATCH):
                profiles = self._profiler.profile_all(outdated[start : start + EMBEDDING_BATCH])
                with self._store.writing() as work:
                    work.vectors.replace(profiles, self._profiler.model)
                    work.commit()
                if progress is not None:
                    progress(min(start + EMBEDDING_BATCH, len(outdated)), len(outdated))
            embedded += len(outdated)
        return embedded

    def _outdated(self) -> list[Member]:
        with self._store.reading() as work:
            return work.vectors.list_outdated(self._profiler.model)

    def _build(self) -> Edition:
        today = self._today()
        if self._edition is not None:
            self.embed_outdated()  # another process may have written with another model
        with self._store.reading() as work:
            seq = work.changes.last_seq()
            if outdated := work.vectors.list_outdated(self._profiler.model):
                raise NotReady(reason=f"{len(outdated)} members wait for vectors of {self._profiler.model}")
            entries = [current_entry(entry, today) for entry in work.vectors.list_entries()]
            pool = self._restored(snapshot_of(entries, self._profiler.model, self._rule), entries, today)
            if pool is None:
                profiles = work.vectors.list_profiles(self._profiler.model)
                pool = Pool.of(
                    profiles,
                    self._profiler.model,
                    self._profiler.encoder.dimensions,
                    self._make_index,
                    today,
                    self._rule,
                )
                self._keep(pool)
            partnerships = tuple(
                tie for tie in work.partnerships.list_all() if _is_between_members(tie, pool)
            )
        family_of = {
            e.member.external_id: e.member.family for side in pool.sides.values() for e in side.entries
        }
        log.info("index is at snapshot %s: %d members", pool.snapshot, len(pool))
        return Edition(pool, partnerships, KnownTies.of(partnerships, family_of), seq)

    def _keep(self, pool: Pool) -> None:
        """Save the index files; answers do not depend on it."""
        try:
            if self._files is not None:
                self._files.save(pool)
        except OSError as error:
            log.warning("the index could not be saved (%s); the next start builds it again", error)

    def _restored(self, snapshot: str, entries: list[Entry], today: date) -> Pool | None:
        if self._files is None:
            return None
        try:
            indexes = self._files.load(snapshot)
        except SnapshotCorrupt as error:
            log.warning("%s", error)
            return None
        if indexes is None:
            return None
        try:
            return Pool.restore(
                entries,
                indexes,
                self._profiler.model,
                self._profiler.encoder.dimensions,
                today,
                self._rule,
            )
        except ValueError as error:
            log.warning("the index files do not fit the database (%s); the index is built anew", error)
            return None


def _is_between_members(tie: Partnership, pool: Pool) -> bool:
    """Of a member that was withdrawn nothing is told, its partnerships included."""
    return tie.kr in pool.sides[Country.KR].ordinal and tie.sg in pool.sides[Country.SG].ordinal
