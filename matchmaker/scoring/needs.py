"""What comes closest to each need on the other side, whoever is partner already included."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from matchmaker.domain.facets import FacetKind, Wording
from matchmaker.domain.member import Country, Purpose, Text
from matchmaker.domain.outcome import NeedMatch
from matchmaker.scoring.comparison import best_of_languages
from matchmaker.scoring.pool import Pool, Side
from matchmaker.scoring.profile import KINDS, Entry, FacetTable

CHUNK = 64
"""Members compared at once, so that the matrix stays small in a large alliance."""
_HAS = (KINDS.index(FacetKind.OFFER), KINDS.index(FacetKind.SUMMARY))
_NEED = KINDS.index(FacetKind.NEED)


def need_matches(pool: Pool, purpose: Purpose | None = None) -> tuple[NeedMatch, ...]:
    """Every need that serves the purpose, with the offer or sentence that comes closest in any language."""
    return tuple(
        match
        for country in Country
        for match in _of_side(pool.sides[country], pool.sides[country.other], purpose)
    )


def _of_side(side: Side, others: Side, purpose: Purpose | None) -> Iterator[NeedMatch]:
    offered = [others.partitions[kind].table for kind in _HAS]
    owners = np.concatenate([table.labels.member for table in offered])
    for start in range(0, len(side.entries), CHUNK):
        members = np.arange(start, min(start + CHUNK, len(side.entries)))
        wanted = side.partitions[_NEED].table.select(members)
        if not len(wanted.labels):
            continue
        similarity = _allowed(wanted, offered, owners, side, others, members, purpose)
        yield from _matches(similarity, owners, side, others, members, purpose)


def _allowed(
    wanted: FacetTable,
    offered: list[FacetTable],
    owners: NDArray[np.intp],
    side: Side,
    others: Side,
    members: NDArray[np.intp],
    purpose: Purpose | None,
) -> NDArray[np.float64]:
    """Similarity of needs and what is there, shape (needs, facets); -1 where a side is not open to the purpose."""
    similarity = np.concatenate([best_of_languages(wanted, table) for table in offered], axis=1)
    willing = np.asarray(
        [[_is_open(side.entries[one], other, purpose) for other in others.entries] for one in members]
    ).reshape(len(members), len(others.entries))
    return np.where(willing[wanted.labels.member][:, owners], similarity, -1.0)


def _is_open(one: Entry, other: Entry, purpose: Purpose | None) -> bool:
    shared = one.member.open_purposes & other.member.open_purposes
    return bool(shared) if purpose is None else purpose in shared


def _matches(
    similarity: NDArray[np.float64],
    owners: NDArray[np.intp],
    side: Side,
    others: Side,
    members: NDArray[np.intp],
    purpose: Purpose | None,
) -> Iterator[NeedMatch]:
    needs = [(side.entries[one], text, first) for one in members for text, first in _needs(side.entries[one])]
    for (entry, text, first), row in zip(needs, similarity, strict=True):
        if purpose is not None and first.purposes and purpose not in first.purposes:
            continue
        best = int(row.argmax()) if len(row) else -1
        found = float(row[best]) if best >= 0 else -1.0
        closest = others.entries[owners[best]].member.external_id if found > -1.0 else None
        yield NeedMatch(entry.member.external_id, text, first.purposes, found, closest)


def _needs(entry: Entry) -> Iterator[tuple[Text, Wording]]:
    """The needs of a member as its facets stand: by number, with all their wordings."""
    numbered: dict[int, list[Wording]] = {}
    for wording in entry.wordings:
        if wording.kind is FacetKind.NEED:
            numbered.setdefault(wording.number, []).append(wording)
    for wordings in numbered.values():
        texts = {wording.language: wording.text for wording in wordings}
        translated = frozenset(wording.language for wording in wordings if wording.is_translation)
        yield Text(texts.get("en"), texts.get("ko"), translated), wordings[0]
