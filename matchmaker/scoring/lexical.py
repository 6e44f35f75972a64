"""Shared words: what the vectors blur (product names, acronyms, rare terms) the letters keep.

TF-IDF with weights frozen when the pool is built, in one or two views per language. English by words and pairs of
words, their lengths normalised half way to the average so that long documents are not punished for what else they say
(pivoted normalisation, Singhal, Buckley & Mitra 1996), and by character n-grams within words, which see through endings
(McNamee & Mayfield 2004). Korean by character n-grams alone, which need no analyser to see past particles. Each view is
measured in what two members usually share, so that views and languages can be compared. Two members that share no
language say nothing about each other.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix, diags_array, hstack
from sklearn.feature_extraction.text import TfidfVectorizer

from matchmaker.domain.facets import Wording
from matchmaker.domain.member import LANGUAGES, Language


@dataclass(frozen=True, slots=True)
class View:
    """One way to cut a text into terms. ``slope``: how far a document's own length counts, 1 is a cosine."""

    analysis: tuple[tuple[str, Any], ...]
    slope: float


VIEWS: dict[Language, tuple[View, ...]] = {
    "en": (
        View((("ngram_range", (1, 2)),), 0.5),
        View((("analyzer", "char_wb"), ("ngram_range", (3, 5))), 1.0),
    ),
    "ko": (View((("analyzer", "char_wb"), ("ngram_range", (2, 4))), 1.0),),
}

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
    """Rows of a list of members per language, shape (members, terms); an inner product says how much is shared."""

    rows: dict[Language, csr_matrix]

    def select(self, members: NDArray[np.intp]) -> WordMatrix:
        """The rows of some members (ascending ordinals); no copy if all are asked for."""
        if all(rows.shape[0] == len(members) for rows in self.rows.values()):
            return self
        return WordMatrix({language: rows[members] for language, rows in self.rows.items()})


@dataclass(frozen=True)
class Vocabulary:
    """The terms of one view with their weights.

    ``average``: length of a document. ``usual``: what two different documents share on average.
    """

    view: View
    vectorizer: TfidfVectorizer
    average: float
    usual: float = 1.0

    @classmethod
    def learn(cls, view: View, texts: Sequence[str]) -> Vocabulary:
        """Learn terms, inverse document frequencies, and what is usual."""
        vectorizer = TfidfVectorizer(sublinear_tf=True, norm=None, dtype=np.float64, **dict(view.analysis))
        lengths = _lengths(csr_matrix(vectorizer.fit_transform(texts)))
        vocabulary = cls(view, vectorizer, _steady(float(lengths[lengths > 0].mean())))
        return replace(vocabulary, usual=_steady(_usual(vocabulary.encode(texts))))

    def encode(self, texts: Sequence[str]) -> csr_matrix:
        """Rows of some texts, in units of what is usual."""
        if not texts:
            return csr_matrix((0, len(self.vectorizer.vocabulary_)))
        rows = csr_matrix(self.vectorizer.transform(texts))
        pivoted = (1.0 - self.view.slope) * self.average + self.view.slope * _lengths(rows)
        scale = np.sqrt(self.usual) * np.where(pivoted > 0.0, pivoted, 1.0)
        return csr_matrix(diags_array(1.0 / scale) @ rows)


def _steady(value: float) -> float:
    """Nine significant digits: what is left of a sum is the same on every machine."""
    return float(f"{value:.9g}")


def _usual(rows: csr_matrix) -> float:
    """Mean inner product of two different documents that are not empty; 1 where there are none."""
    count = int((np.diff(rows.indptr) > 0).sum())
    total = np.asarray(rows.sum(axis=0)).ravel()
    between = float(total @ total - rows.multiply(rows).sum())
    return between / (count * (count - 1)) if count > 1 and between > 1e-9 else 1.0


def _lengths(rows: csr_matrix) -> NDArray[np.float64]:
    return np.asarray(np.sqrt(rows.multiply(rows).sum(axis=1)), dtype=np.float64).ravel()


@dataclass(frozen=True)
class Lexicon:
    """The frozen vocabularies of a pool, one per view of each language that occurs."""

    vocabularies: dict[Language, tuple[Vocabulary, ...]]

    @classmethod
    def learn(cls, documents: Sequence[Document]) -> tuple[Lexicon, WordMatrix]:
        """Learn the views of every language that occurs; the documents' rows beside."""
        vocabularies = {}
        for language, views in VIEWS.items():
            texts = [document.get(language, "") for document in documents]
            learnt = tuple(Vocabulary.learn(view, texts) for view in views if _has_terms(view, texts))
            if learnt:
                vocabularies[language] = learnt
        lexicon = cls(vocabularies)
        return lexicon, lexicon.encode(documents)

    def encode(self, documents: Sequence[Document]) -> WordMatrix:
        """Rows of some documents: the views of a language side by side, counting alike."""
        return WordMatrix(
            {
                language: _side_by_side(views, [document.get(language, "") for document in documents])
                for language, views in self.vocabularies.items()
            }
        )


def _side_by_side(views: Sequence[Vocabulary], texts: Sequence[str]) -> csr_matrix:
    return csr_matrix(hstack([view.encode(texts) for view in views]) / np.sqrt(len(views)))


def _has_terms(view: View, texts: Sequence[str]) -> bool:
    analyse = TfidfVectorizer(**dict(view.analysis)).build_analyzer()
    return any(analyse(text) for text in texts)


def shared_words(one: WordMatrix, many: WordMatrix, count: int) -> NDArray[np.float64]:
    """How many times more than usual one member and ``count`` others share words; NaN where they share no language.

    The best language counts.

    Returns:
        Shape (count,), at least 0, 1 on average.
    """
    best = np.full(count, np.nan)
    for language, row in one.rows.items():
        if row.nnz:
            others = many.rows[language]
            shared = (others @ row.T).toarray().ravel()
            shared[np.diff(others.indptr) == 0] = np.nan
            best = np.fmax(best, shared)
    return best
