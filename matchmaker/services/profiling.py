"""Members to profiles: texts are encoded here and nowhere else in the product."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from embeddings.protocols import Encoder, Progress, Vectors
from matchmaker.domain.facets import FacetKind, wordings_of
from matchmaker.domain.member import Member
from matchmaker.scoring.grid import snap
from matchmaker.scoring.profile import Entry, Profile


@dataclass(frozen=True)
class Profiler:
    """Encodes members. Needs are queries, everything else is a document, for models that tell them apart."""

    encoder: Encoder

    @property
    def model(self) -> str:
        """Names the weights."""
        return self.encoder.name

    def profile(self, member: Member) -> Profile:
        """One member's profile."""
        return self.profile_all([member])[0]

    def profile_all(self, members: Sequence[Member], progress: Progress | None = None) -> list[Profile]:
        """Many members' profiles; ``progress`` counts texts."""
        entries = [Entry(member, wordings_of(member)) for member in members]
        wordings = [wording for entry in entries for wording in entry.wordings]
        is_need = np.asarray([wording.kind is FacetKind.NEED for wording in wordings], dtype=bool)
        vectors = np.zeros((len(wordings), self.encoder.dimensions), dtype=np.float32)
        done = 0
        for chosen, encode in (
            (~is_need, self.encoder.encode_document),
            (is_need, self.encoder.encode_query),
        ):
            texts = [wordings[i].text for i in np.flatnonzero(chosen)]
            vectors[chosen] = encode(texts, _shifted(progress, done, len(wordings)))
            done += len(texts)
        return _split(entries, snap(vectors))


def _split(entries: Sequence[Entry], vectors: Vectors) -> list[Profile]:
    ends = np.cumsum([len(entry.wordings) for entry in entries])
    return [
        Profile(entry, vectors[end - len(entry.wordings) : end])
        for entry, end in zip(entries, ends, strict=True)
    ]


def _shifted(progress: Progress | None, done: int, total: int) -> Progress | None:
    if progress is None:
        return None
    return lambda now, _all: progress(done + now, total)
