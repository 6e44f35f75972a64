"""The corpus made ready for learning: tokenized, weighted, with the teacher's vector beside each pair."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer

from embeddings.training.batches import Rows
from embeddings.training.corpus import SOURCES, Corpus, ScoredPair
from embeddings.training.table import Vectors
from embeddings.training.tokenizer import Bags, TokenizedTexts


@dataclass(frozen=True, slots=True)
class ScoredTexts:
    """Pairs of texts with a human score in [0, 1]; ``scores`` has shape (pairs,).

    The first text of pair ``i`` is text ``i`` of each language, the second is text ``pairs + i``.
    """

    korean: TokenizedTexts
    english: TokenizedTexts
    scores: Vectors

    def bags(self, pairs: Rows) -> Bags:
        """First Korean texts, second Korean texts, first English texts, second English texts of ``pairs``."""
        both = np.concatenate([pairs, pairs + len(self.scores)])
        return self.korean.bags(both).followed_by(self.english.bags(both))


@dataclass(frozen=True, slots=True)
class Lesson:
    """Translated pairs, one a row in every field.

    ``korean_ids`` and ``english_ids`` are equal where two rows share the text; ``weights`` and ``repeats`` are those
    of the rows' sources (float32 and int64, shape (pairs,)); ``teacher`` has shape (pairs, dimension).
    """

    sources: tuple[str, ...]
    korean: TokenizedTexts
    english: TokenizedTexts
    korean_ids: Rows
    english_ids: Rows
    teacher: Vectors
    weights: Vectors
    repeats: Rows
    scored: ScoredTexts

    def frequencies(self, vocabulary_size: int) -> NDArray[np.int64]:
        """Occurrences of each piece in both languages, sources repeated as for the tokenizer."""
        return self.korean.frequencies(vocabulary_size, self.repeats) + self.english.frequencies(
            vocabulary_size, self.repeats
        )


def prepare_lesson(corpus: Corpus, tokenizer: Tokenizer, text_vectors: Vectors) -> Lesson:
    """Tokenize the pairs and give each its teacher vector.

    ``text_vectors`` holds the teacher's vectors of ``corpus.english_texts()``, in that order.
    """
    numbers_of_english = {text: number for number, text in enumerate(corpus.english_texts())}
    numbers_of_korean: dict[str, int] = {}
    english_ids = np.array([numbers_of_english[pair.english] for pair in corpus.pairs], dtype=np.int64)
    korean_ids = [numbers_of_korean.setdefault(pair.korean, len(numbers_of_korean)) for pair in corpus.pairs]
    return Lesson(
        sources=tuple(pair.source for pair in corpus.pairs),
        korean=TokenizedTexts(tokenizer, (pair.korean for pair in corpus.pairs)),
        english=TokenizedTexts(tokenizer, (pair.english for pair in corpus.pairs)),
        korean_ids=np.array(korean_ids, dtype=np.int64),
        english_ids=english_ids,
        teacher=text_vectors[english_ids],
        weights=np.array([SOURCES[pair.source].weight for pair in corpus.pairs], dtype=np.float32),
        repeats=np.array([SOURCES[pair.source].tokenizer_repeats for pair in corpus.pairs], dtype=np.int64),
        scored=_scored_texts(corpus.scored, tokenizer),
    )


def _scored_texts(pairs: Sequence[ScoredPair], tokenizer: Tokenizer) -> ScoredTexts:
    sides = (0, 1)
    return ScoredTexts(
        korean=TokenizedTexts(tokenizer, (pair.korean[side] for side in sides for pair in pairs)),
        english=TokenizedTexts(tokenizer, (pair.english[side] for side in sides for pair in pairs)),
        scores=np.array([pair.score for pair in pairs], dtype=np.float32),
    )
