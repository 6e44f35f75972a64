"""Measure any sentence-transformers model on the Korean-English evaluation sets that are at hand.

Two kinds of set, each a gzipped TSV file without a header:

* similarity (two texts and a human score): 100 x Spearman's rank correlation of cosine and score;
* retrieval (English text, its Korean translation): accuracy at 1, each way.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from scipy.stats import spearmanr

from embeddings.training.corpus import read_rows

SIMILARITY_SETS = ("stsb_en_dev", "stsb_en_test", "korsts_dev", "korsts_test", "xsts_ko_en_test")
RETRIEVAL_SETS = ("tatoeba_kor_eng", "techdocs_retr", "lobe_sent_retr", "lobe_profile_retr")
SPEED_SET = "tatoeba_kor_eng"
SPEED_SECONDS = 1.0

Vectors = NDArray[np.float32]


class TextEncoder(Protocol):
    """Anything that turns texts into unit vectors."""

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Return unit vectors of shape (len(texts), dimension)."""
        ...


@dataclass(frozen=True, slots=True)
class Measurement:
    """One number: ``value`` of ``metric`` on ``dataset`` with ``count`` rows."""

    dataset: str
    metric: str
    value: float
    count: int


@dataclass(frozen=True, slots=True)
class Report:
    """All measurements, and the names of the sets that were not there."""

    measurements: tuple[Measurement, ...]
    skipped: tuple[str, ...]

    def value(self, dataset: str, metric: str) -> float:
        """The value of one measurement.

        Raises:
            KeyError: it was not measured.
        """
        for measurement in self.measurements:
            if (measurement.dataset, measurement.metric) == (dataset, metric):
                return measurement.value
        raise KeyError(f"{metric} on {dataset} was not measured.")


@dataclass(frozen=True, slots=True)
class Summary:
    """One measurement over several models: its mean, the lowest and the highest value."""

    dataset: str
    metric: str
    mean: float
    lowest: float
    highest: float
    models: int
    count: int


def evaluate(encoder: TextEncoder, folder: Path, datasets: Sequence[str] | None = None) -> Report:
    """Measure on the sets in ``folder`` (all known ones, or those named), skipping the absent by name."""
    known = (*SIMILARITY_SETS, *RETRIEVAL_SETS)
    wanted = known if datasets is None else tuple(datasets)
    skipped = tuple(name for name in wanted if not set_path(folder, name).is_file())
    measurements = [
        measurement
        for name in wanted
        if name not in skipped
        for measurement in _measure(encoder, name, set_path(folder, name))
    ]
    return Report(tuple(measurements), skipped)


def set_path(folder: Path, name: str) -> Path:
    """Where the evaluation set ``name`` is expected."""
    return folder / f"{name}.tsv.gz"


def _measure(encoder: TextEncoder, name: str, path: Path) -> Iterator[Measurement]:
    if name in SIMILARITY_SETS:
        left, right, scores = zip(*read_rows(path, columns=3), strict=True)
        value = similarity_score(
            encoder.encode(left), encoder.encode(right), [float(score) for score in scores]
        )
        yield Measurement(name, "spearman_x100", value, len(scores))
        return
    english, korean = zip(*read_rows(path, columns=2), strict=True)
    english_vectors, korean_vectors = encoder.encode(english), encoder.encode(korean)
    yield Measurement(
        name, "ko_en_accuracy_at_1", accuracy_at_1(korean_vectors, english_vectors), len(english)
    )
    yield Measurement(
        name, "en_ko_accuracy_at_1", accuracy_at_1(english_vectors, korean_vectors), len(english)
    )


def similarity_score(left: Vectors, right: Vectors, scores: Sequence[float]) -> float:
    """100 x Spearman's correlation of the cosines of unit vectors with human scores."""
    cosines = (left * right).sum(axis=1)
    return 100.0 * float(spearmanr(cosines, scores).statistic)


def accuracy_at_1(queries: Vectors, documents: Vectors) -> float:
    """Share of queries whose nearest document is in the same row; a tie with another row is a miss."""
    similarities = queries @ documents.T
    own = similarities.diagonal().copy()
    np.fill_diagonal(similarities, -np.inf)
    return float((own > similarities.max(axis=1, initial=-np.inf)).mean())


def summarise(reports: Sequence[Report]) -> list[Summary]:
    """One line for each measurement that all reports share, in the order of the first."""
    return [
        _summary(first, [report.value(first.dataset, first.metric) for report in reports])
        for first in reports[0].measurements
    ]


def _summary(first: Measurement, values: Sequence[float]) -> Summary:
    return Summary(
        first.dataset, first.metric, fmean(values), min(values), max(values), len(values), first.count
    )


def english_sentences(folder: Path) -> list[str]:
    """Short English sentences to time a model with; none without the set."""
    path = set_path(folder, SPEED_SET)
    return [english for english, _ in read_rows(path, columns=2)] if path.is_file() else []


def sentences_per_second(encode: Callable[[Sequence[str]], object], texts: Sequence[str]) -> float:
    """How many of ``texts`` a second ``encode`` takes, over ``SPEED_SECONDS`` or more; the caller limits threads."""
    encode(texts[:64])
    began, rounds = time.perf_counter(), 0
    while (elapsed := time.perf_counter() - began) < SPEED_SECONDS:
        encode(texts)
        rounds += 1
    return rounds * len(texts) / elapsed
