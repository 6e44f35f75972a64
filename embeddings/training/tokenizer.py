"""The vocabulary: one Unigram model for both languages.

Unigram language-model segmentation: Kudo 2018, "Subword Regularization", arXiv:1804.10959. Text is composed
(NFKC) and lower-cased first. Decomposing normalisers such as the one of uncased BERT would split Hangul
syllables into single letters, so none is used.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from tokenizers import Regex, Tokenizer
from tokenizers.models import Unigram
from tokenizers.normalizers import NFKC, Lowercase, Replace, Strip
from tokenizers.normalizers import Sequence as NormalizerSequence
from tokenizers.pre_tokenizers import Metaspace, Punctuation
from tokenizers.pre_tokenizers import Sequence as PreTokenizerSequence
from tokenizers.trainers import UnigramTrainer

UNKNOWN = "<unk>"
WORD_START = "▁"


def train_tokenizer(texts: Iterable[str], size: int, show_progress: bool = True) -> Tokenizer:
    """Learn a Unigram vocabulary of at most ``size`` pieces (fewer if the texts do not hold as many)."""
    tokenizer = Tokenizer(Unigram())
    tokenizer.normalizer = NormalizerSequence([NFKC(), Lowercase(), Replace(Regex(r"\s+"), " "), Strip()])
    tokenizer.pre_tokenizer = PreTokenizerSequence(
        [Metaspace(replacement=WORD_START, prepend_scheme="always", split=True), Punctuation()]
    )
    trainer = UnigramTrainer(
        vocab_size=size,
        special_tokens=[UNKNOWN],
        unk_token=UNKNOWN,
        max_piece_length=16,
        show_progress=show_progress,
    )
    tokenizer.train_from_iterator(texts, trainer=trainer)
    return tokenizer


def pieces_by_id(tokenizer: Tokenizer) -> list[str]:
    """Every piece of the vocabulary; the position is the token id."""
    vocabulary = tokenizer.get_vocab()
    return sorted(vocabulary, key=vocabulary.__getitem__)


@dataclass(frozen=True, slots=True)
class Bags:
    """The token ids of some texts in a row: text ``i`` begins at ``offsets[i]`` of ``ids``."""

    ids: NDArray[np.int64]
    offsets: NDArray[np.int64]

    def followed_by(self, other: "Bags") -> "Bags":
        """These texts and then the others."""
        offsets = np.concatenate([self.offsets, other.offsets + len(self.ids)])
        return Bags(np.concatenate([self.ids, other.ids]), offsets)

    def without(self, share: float, generator: np.random.Generator) -> "Bags":
        """Leave out each token with chance ``share``, so that no text hangs on a single piece (word dropout).

        Iyyer et al. 2015, "Deep Unordered Composition Rivals Syntactic Methods for Text Classification".
        """
        if share <= 0.0:
            return self
        kept = generator.random(len(self.ids)) >= share
        kept_before = np.concatenate([np.zeros(1, dtype=np.int64), np.cumsum(kept)])
        return Bags(self.ids[kept], kept_before[self.offsets])

    def means(self, vocabulary_size: int) -> csr_matrix:
        """The matrix that takes a table's rows to the mean row of each text, shape (texts, vocabulary_size)."""
        ends = np.append(self.offsets, len(self.ids))
        lengths = np.diff(ends)
        shares = np.repeat(1.0 / np.maximum(lengths, 1), lengths).astype(np.float32)
        return csr_matrix((shares, self.ids, ends), shape=(len(lengths), vocabulary_size))


class TokenizedTexts:
    """The token ids of many texts in one flat array, cut into bags on demand.

    ``ids`` has shape (total tokens,); text ``i`` owns ``ids[starts[i] : starts[i + 1]]``.
    """

    def __init__(self, tokenizer: Tokenizer, texts: Iterable[str]) -> None:
        encodings = tokenizer.encode_batch_fast(list(texts), add_special_tokens=False)
        lengths = np.array([len(encoding.ids) for encoding in encodings], dtype=np.int64)
        self.starts: NDArray[np.int64] = np.concatenate([np.zeros(1, dtype=np.int64), np.cumsum(lengths)])
        self.ids: NDArray[np.int64] = np.array(
            [token for encoding in encodings for token in encoding.ids], dtype=np.int64
        )

    def __len__(self) -> int:
        return len(self.starts) - 1

    def frequencies(self, vocabulary_size: int, repeats: NDArray[np.int64]) -> NDArray[np.int64]:
        """Occurrences of each token id, text ``i`` counted ``repeats[i]`` times; shape (vocabulary_size,)."""
        weights = np.repeat(repeats, np.diff(self.starts))
        return np.bincount(self.ids, weights=weights, minlength=vocabulary_size).astype(np.int64)

    def all_bags(self) -> Bags:
        """The token ids of all texts."""
        return Bags(self.ids, self.starts[:-1])

    def bags(self, rows: NDArray[np.int64]) -> Bags:
        """The token ids of the texts ``rows``, in this order."""
        begins, ends = self.starts[rows], self.starts[rows + 1]
        lengths = ends - begins
        offsets = np.concatenate([np.zeros(1, dtype=np.int64), np.cumsum(lengths)[:-1]])
        positions = np.arange(int(lengths.sum()), dtype=np.int64) + np.repeat(begins - offsets, lengths)
        return Bags(self.ids[positions], offsets)
