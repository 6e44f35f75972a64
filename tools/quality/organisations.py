"""A yardstick of real organisations: with whom abroad will a project be done? (co-publications, not bundled)

Each organisation is a member whose summary are its papers up to 2021, sentence by sentence; each project of 2022-25 is
a member whose needs are its sentences. Ranking runs through the product's pool, whose two countries stand for "asks"
and "is asked".
"""

from __future__ import annotations

import gzip
import json
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from embeddings.protocols import IndexFactory, Progress
from matchmaker.domain.facets import FacetKind, Wording, split_sentences
from matchmaker.domain.member import Country, Kind, Member, Text, Track
from matchmaker.quality.measures import Values
from matchmaker.scoring.grid import snap
from matchmaker.scoring.pool import Pool
from matchmaker.scoring.profile import Entry, Profile
from matchmaker.services.profiling import Profiler

FILES = ("orgs.jsonl", "papers.jsonl.gz", "need_queries.jsonl.gz", "edges.tsv")
BATCH = 512


@dataclass(frozen=True)
class Project:
    """One project: its text, the partners it was really done with, and whom its lead worked with before."""

    name: str
    text: str
    country: str
    partners: frozenset[str]
    known: frozenset[str]


@dataclass(frozen=True)
class Organisations:
    """The benchmark of a folder, encoded by a model."""

    folder: Path
    profiler: Profiler
    make_index: IndexFactory
    progress: Progress | None = None

    @classmethod
    def is_at(cls, folder: Path) -> bool:
        """Whether all files of the benchmark are there."""
        return all((folder / name).is_file() for name in FILES)

    @cached_property
    def lines(self) -> list[dict[str, Any]]:
        """The organisations, in the order of the file."""
        return list(_json_lines(self.folder / "orgs.jsonl"))

    @cached_property
    def names(self) -> list[str]:
        """The organisations in the order of the pool."""
        return sorted(line["org"] for line in self.lines)

    @cached_property
    def popularity(self) -> Values:
        """Logarithm of the number of papers up to 2021, shape (organisations,)."""
        counts = {line["org"]: line["n_train"] for line in self.lines}
        return np.log1p(np.asarray([counts[name] for name in self.names], dtype=np.float64))

    @cached_property
    def countries(self) -> np.ndarray[Any, np.dtype[np.str_]]:
        """The country of every organisation."""
        found = {line["org"]: line["country"] for line in self.lines}
        return np.asarray([found[name] for name in self.names])

    @cached_property
    def projects(self) -> list[Project]:
        """Projects with partners that the lead had no tie with before (track D2)."""
        ties = _earlier_ties(self.folder / "edges.tsv")
        found = []
        for line in _json_lines(self.folder / "need_queries.jsonl.gz"):
            known = frozenset(ties.get(line["lead"], ()))
            if new := frozenset(line["partners"]) - known:
                found.append(Project(line["id"], line["text"], line["lead_country"], new, known))
        return found

    @cached_property
    def pool(self) -> Pool:
        """Everybody: projects ask, organisations are asked."""
        papers = {
            line["id"]: f"{line['t']}. {line['a']}" for line in _json_lines(self.folder / "papers.jsonl.gz")
        }
        entries = [
            *(
                _entry(line["org"], Country.SG, FacetKind.SUMMARY, [papers[p] for p in line["papers"]])
                for line in self.lines
            ),
            *(_entry(project.name, Country.KR, FacetKind.NEED, [project.text]) for project in self.projects),
        ]
        encoder = self.profiler.encoder
        return Pool.of(
            self._encoded(entries), encoder.name, encoder.dimensions, self.make_index, date(2026, 11, 1)
        )

    def _encoded(self, entries: Sequence[Entry]) -> Iterator[Profile]:
        texts = list(dict.fromkeys(wording.text for entry in entries for wording in entry.wordings))
        vectors = snap(self.profiler.encoder.encode_document(texts, self.progress))
        rows = {text: number for number, text in enumerate(texts)}
        for entry in entries:
            yield Profile(entry, vectors[[rows[wording.text] for wording in entry.wordings]])


def _entry(name: str, country: Country, kind: FacetKind, texts: Sequence[str]) -> Entry:
    member = Member(name, Text(en=name), country, Track.RESEARCH, Kind.INSTITUTE)
    sentences = [sentence for text in texts for sentence in split_sentences(text)]
    return Entry(member, tuple(Wording(kind, number, "en", text) for number, text in enumerate(sentences)))


def _earlier_ties(path: Path) -> dict[str, set[str]]:
    ties: dict[str, set[str]] = defaultdict(set)
    for line in path.read_text(encoding="utf-8").splitlines():
        when, one, other, _count = line.split("\t")
        if when == "train":
            ties[one].add(other)
            ties[other].add(one)
    return ties


def _json_lines(path: Path) -> Iterator[dict[str, Any]]:
    content = path.read_bytes()
    text = gzip.decompress(content) if path.suffix == ".gz" else content
    return (json.loads(line) for line in text.decode().split("\n") if line)
