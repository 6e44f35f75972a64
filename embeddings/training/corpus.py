"""The training corpus: translated pairs and pairs with a human score, read from TSV files.

``train/parallel.tsv.gz`` has the columns source, kind, English, Korean; ``train/sts_scored.tsv.gz`` the columns
Korean, Korean, English, English, score (0 to 5). The synthetic lines that belong to this project are a plain TSV
file with the columns kind, English, Korean.
"""

import gzip
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path
from typing import TextIO

from embeddings.training.errors import CorpusError

PARALLEL_FILE = Path("train/parallel.tsv.gz")
SCORED_FILE = Path("train/sts_scored.tsv.gz")
SYNTHETIC_SOURCE = "alliance"
HIGHEST_SCORE = 5.0


@dataclass(frozen=True, slots=True)
class Source:
    """One collection of translated pairs: where it comes from, under which terms, and how much it counts.

    ``weight`` multiplies the chance of a row to be drawn into a batch; ``tokenizer_repeats`` is how often the
    row is read when the vocabulary is learnt. General language and member-like profiles count more than
    manuals.
    """

    key: str
    title: str
    licence: str
    weight: float
    tokenizer_repeats: int = 1


SOURCES: dict[str, Source] = {
    source.key: source
    for source in (
        Source("korsts", "KorSTS (Kakao Brain), train split; based on STS-B", "CC BY-SA 4.0", 8.0, 3),
        Source("tatoeba", "Tatoeba sentence pairs", "CC BY 2.0 FR", 4.0, 3),
        Source("jhe", "Junior High English evaluation data (Jungyeul Park)", "CC BY-SA 3.0", 4.0, 3),
        Source("parknews", "Korean-English news parallel corpus (Jungyeul Park)", "CC BY-SA 3.0", 4.0, 3),
        Source(
            SYNTHETIC_SOURCE,
            "Profiles, needs, offers and queries written for this project",
            "CC BY 4.0",
            3.0,
            3,
        ),
        Source("cncf", "CNCF Cloud Native Glossary", "CC BY 4.0", 2.0),
        Source("lobe", "LobeHub assistant profiles and prompts", "MIT", 1.5, 3),
        Source("hfcourse", "Hugging Face course", "Apache-2.0", 1.5),
        Source("ptk", "PyTorch tutorials and their Korean translation", "BSD-3-Clause", 1.5),
        Source("d365po", "Dynamics 365 Project Operations documentation (Microsoft)", "CC BY 4.0", 1.2),
        Source("azd", "AZD for Beginners (Microsoft): cloud and AI how-to", "MIT", 0.8),
        Source("fastapi", "FastAPI documentation", "MIT", 0.8),
        Source("tf", "TensorFlow documentation", "Apache-2.0 (code), CC BY 4.0 (text)", 0.5),
    )
}
"""Every source that may be trained on. A row of any other source (one without a licence, say) is left out."""


@dataclass(frozen=True, slots=True)
class TranslatedPair:
    """One text in both languages; ``source`` is a key of ``SOURCES``."""

    source: str
    english: str
    korean: str


@dataclass(frozen=True, slots=True)
class ScoredPair:
    """Two texts, each in both languages, and how alike people found them, from 0 to 1."""

    korean: tuple[str, str]
    english: tuple[str, str]
    score: float


@dataclass(frozen=True, slots=True)
class Corpus:
    """All that the bundled model learns from."""

    pairs: tuple[TranslatedPair, ...]
    scored: tuple[ScoredPair, ...] = ()

    def rows_per_source(self) -> dict[str, int]:
        """Number of translated pairs by source key, in the order of ``SOURCES``."""
        counts = Counter(pair.source for pair in self.pairs)
        return {key: counts[key] for key in SOURCES if counts[key]}

    def english_texts(self) -> list[str]:
        """Every distinct English text, in first-seen order: what the teacher has to encode."""
        return list(dict.fromkeys(pair.english for pair in self.pairs))

    def tokenizer_texts(self) -> Iterator[str]:
        """Both sides of every pair, repeated as their source asks for."""
        for pair in self.pairs:
            for _ in range(SOURCES[pair.source].tokenizer_repeats):
                yield pair.english
                yield pair.korean


def read_rows(path: Path, columns: int) -> Iterator[list[str]]:
    """Yield the fields of each non-empty line of a TSV file, gzipped if its name ends in ``.gz``.

    Only ``\\n`` ends a line: texts may hold other characters that Python would take for a line end.

    Raises:
        CorpusError: the file is missing or a line has another number of columns.
    """
    if not path.is_file():
        raise CorpusError(f"{path} is missing. Point the command at the folder that holds it.")
    with _open_text(path) as lines:
        for number, line in enumerate(lines, start=1):
            fields = line.rstrip("\n").split("\t")
            if fields == [""]:
                continue
            if len(fields) != columns:
                raise CorpusError(
                    f"{path}, line {number}: {len(fields)} columns where {columns} were expected."
                )
            yield fields


def _open_text(path: Path) -> TextIO:
    if path.suffix == ".gz":
        return gzip.open(path, "rt", encoding="utf-8", newline="\n")
    return path.open(encoding="utf-8", newline="\n")


def read_corpus(folder: Path, synthetic: Path | None = None, limit: int | None = None) -> Corpus:
    """Read the corpus in ``folder`` and the synthetic lines, at most ``limit`` rows of each source.

    Raises:
        CorpusError: a file is missing or malformed, or no row of a permitted source is left.
    """
    rows = ((source, english, korean) for source, _, english, korean in read_rows(folder / PARALLEL_FILE, 4))
    pairs = tuple(_permitted_pairs(chain(rows, _synthetic_rows(synthetic)), limit))
    if not pairs:
        raise CorpusError(f"{folder / PARALLEL_FILE} has no row of a permitted source: {', '.join(SOURCES)}.")
    return Corpus(pairs, tuple(islice(_scored_pairs(folder / SCORED_FILE), limit)))


def _synthetic_rows(path: Path | None) -> Iterator[tuple[str, str, str]]:
    if path is None:
        return
    for _kind, english, korean in read_rows(path, columns=3):
        yield SYNTHETIC_SOURCE, english, korean


def _scored_pairs(path: Path) -> Iterator[ScoredPair]:
    for korean, other_korean, english, other_english, score in read_rows(path, columns=5):
        yield ScoredPair((korean, other_korean), (english, other_english), float(score) / HIGHEST_SCORE)


def _permitted_pairs(rows: Iterable[tuple[str, str, str]], limit: int | None) -> Iterator[TranslatedPair]:
    """Rows of the permitted sources with text on both sides, each distinct row once."""
    counts: Counter[str] = Counter()
    seen: set[TranslatedPair] = set()
    for source, english, korean in rows:
        pair = TranslatedPair(source, english.strip(), korean.strip())
        if source not in SOURCES or pair in seen or not (pair.english and pair.korean):
            continue
        if limit is not None and counts[source] >= limit:
            continue
        seen.add(pair)
        counts[source] += 1
        yield pair
