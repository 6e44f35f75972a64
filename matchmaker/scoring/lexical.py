"""Shared words: what the vectors blur (product names, acronyms, rare terms) the letters keep.

TF-IDF over character n-grams within words (`sklearn`'s ``char_wb``; McNamee & Mayfield 2004 on n-grams for languages
without clear word boundaries), one vocabulary per language, weights frozen when the pool is built. Two members
that share no language say nothing about each other here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from sklearn.feature_extraction.text import TfidfVectorizer

from matchmaker.domain.facets import Wording
from matchmaker.domain.member import LANGUAGES, Language

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
    """TF-IDF rows of a list of members per language, shape (members, terms); rows of unit length or empty."""

    rows: dict[Language, csr_matrix]

    def select(self, members: NDArray[np.intp]) -> WordMatrix:
        """The rows of some members."""
        return WordMatrix({language: rows[members] for language, rows in self.rows.items()})


@dataclass(frozen=True)
class Lexicon:
    """The frozen vocabularies of a pool."""

    vectorizers: dict[Language, TfidfVectorizer]

    @classmethod
    def learn(cls, documents: Sequence[Document]) -> tuple[Lexicon, WordMatrix]:
        """Learn vocabulary and inverse document frequencies per language; the documents' rows beside."""
        vectorizers, rows = {}, {}
        for language in LANGUAGES:
            texts = [document.get(language, "") for document in documents]
            if any(texts):
                vectorizer = TfidfVectorizer(
                    analyzer="char_wb", ngram_range=(3, 5), sublinear_tf=True, dtype=np.float64
                )
                rows[language] = vectorizer.fit_transform(texts)
                vectorizers[language] = vectorizer
        return cls(vectorizers), WordMatrix(rows)

    def encode(self, documents: Sequence[Document]) -> WordMatrix:
        """TF-IDF rows of some documents."""
        return WordMatrix(
            {
                language: vectorizer.transform([document.get(language, "") for document in documents])
                if documents
                else csr_matrix((0, len(vectorizer.vocabulary_)))
                for language, vectorizer in self.vectorizers.items()
            }
        )


def shared_words(one: WordMatrix, many: WordMatrix, count: int) -> NDArray[np.float64]:
    """Cosine of one member's words with ``count`` others', the best language counting; NaN where none is shared.

    Returns:
        Shape (count,), in [0, 1].
    """
    best = np.full(count, np.nan)
    for language, row in one.rows.items():
        if row.nnz:
            others = many.rows[language]
            cosine = (others @ row.T).toarray().ravel()
            cosine[np.diff(others.indptr) == 0] = np.nan
            best = np.fmax(best, cosine)
    return best
