"""Shared words: what the vectors blur (product names, acronyms, rare terms) the letters keep.

TF-IDF, one vocabulary per language, weights frozen when the pool is built: English by words and pairs of words, Korean
by character n-grams within words, which need no analyser to see past particles (`sklearn`'s ``char_wb``; McNamee &
Mayfield 2004). Lengths are normalised half way to the average, so that long documents are not punished for what else
they say (pivoted normalisation, Singhal, Buckley & Mitra 1996). Two members that share no language say nothing about
each other.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix, diags_array
from sklearn.feature_extraction.text import TfidfVectorizer

from matchmaker.domain.facets import Wording
from matchmaker.domain.member import LANGUAGES, Language

ANALYSIS: dict[Language, dict[str, Any]] = {
    "en": {"ngram_range": (1, 2)},
    "ko": {"analyzer": "char_wb", "ngram_range": (2, 4)},
}
SLOPE = 0.5
"""How far a document's own length counts, from 0 (everybody's average) to 1 (cosine)."""

Document = dict[Language, str]
"""All of a member's own words per language; a language without words is absent."""


def document_of(wordings: Sequence[Wording]) -> Document:
    """A member's words, joined per language."""
    document: Document = {}
    for language in LANGUAGES:
        if texts := [wording.text for wording in wordings if wording.language == language]:
            document[language] = ". ".join(texts)
    return document


@dataclass(frozen=True)
class WordMatrix:
    """TF-IDF rows of a list of members per language, shape (members, terms); about of unit length, or empty."""

    rows: dict[Language, csr_matrix]

    def select(self, members: NDArray[np.intp]) -> WordMatrix:
        """The rows of some members (ascending ordinals); no copy if all are asked for."""
        if all(rows.shape[0] == len(members) for rows in self.rows.values()):
            return self
        return WordMatrix({language: rows[members] for language, rows in self.rows.items()})


@dataclass(frozen=True)
class Vocabulary:
    """The words of one language, with their weights and the average length of a document in them."""

    vectorizer: TfidfVectorizer
    average: float

    @classmethod
    def learn(cls, language: Language, texts: Sequence[str]) -> tuple[Vocabulary, csr_matrix]:
        """Learn terms and inverse document frequencies; the texts' rows beside."""
        vectorizer = TfidfVectorizer(sublinear_tf=True, norm=None, dtype=np.float64, **ANALYSIS[language])
        raw = csr_matrix(vectorizer.fit_transform(texts))
        lengths = _lengths(raw)
        vocabulary = cls(vectorizer, float(lengths[lengths > 0].mean()))
        return vocabulary, vocabulary._normalised(raw)

    def encode(self, texts: Sequence[str]) -> csr_matrix:
        """Rows of some texts."""
        if not texts:
            return csr_matrix((0, len(self.vectorizer.vocabulary_)))
        return self._normalised(csr_matrix(self.vectorizer.transform(texts)))

    def _normalised(self, rows: csr_matrix) -> csr_matrix:
        lengths = _lengths(rows)
        pivoted = (1.0 - SLOPE) * self.average + SLOPE * lengths
        return csr_matrix(diags_array(1.0 / pivoted) @ rows)


def _lengths(rows: csr_matrix) -> NDArray[np.float64]:
    return np.asarray(np.sqrt(rows.multiply(rows).sum(axis=1)), dtype=np.float64).ravel()


@dataclass(frozen=True)
class Lexicon:
    """The frozen vocabularies of a pool."""

    vocabularies: dict[Language, Vocabulary]

    @classmethod
    def learn(cls, documents: Sequence[Document]) -> tuple[Lexicon, WordMatrix]:
        """Learn a vocabulary per language that occurs; the documents' rows beside."""
        vocabularies, rows = {}, {}
        for language in LANGUAGES:
            texts = [document.get(language, "") for document in documents]
            if any(has_terms(language, text) for text in texts):
                vocabularies[language], rows[language] = Vocabulary.learn(language, texts)
        return cls(vocabularies), WordMatrix(rows)

    def encode(self, documents: Sequence[Document]) -> WordMatrix:
        """TF-IDF rows of some documents."""
        return WordMatrix(
            {
                language: vocabulary.encode([document.get(language, "") for document in documents])
                for language, vocabulary in self.vocabularies.items()
            }
        )


def has_terms(language: Language, text: str) -> bool:
    """Whether a text holds a single term of its language's analysis (a word of two letters, say)."""
    return bool(TfidfVectorizer(**ANALYSIS[language]).build_analyzer()(text))


def shared_words(one: WordMatrix, many: WordMatrix, count: int) -> NDArray[np.float64]:
    """How much of one member's words ``count`` others use, the best language counting; NaN where none is shared.

    Returns:
        Shape (count,), at least 0; about a cosine.
    """
    best = np.full(count, np.nan)
    for language, row in one.rows.items():
        if row.nnz:
            others = many.rows[language]
            cosine = (others @ row.T).toarray().ravel()
            cosine[np.diff(others.indptr) == 0] = np.nan
            best = np.fmax(best, cosine)
    return best
