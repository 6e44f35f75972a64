"""The training loop: a table of token vectors learns to say in two languages what the teacher says in one."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from tokenizers import Tokenizer
from torch import Tensor
from tqdm import trange

from embeddings.training.batches import BatchSampler, Rows, same_texts
from embeddings.training.corpus import SOURCES, Corpus
from embeddings.training.losses import cosent_loss, imitation_loss, ranking_loss, relational_loss
from embeddings.training.table import TokenTable, Vectors
from embeddings.training.tokenizer import TokenizedTexts


@dataclass(frozen=True, slots=True)
class Recipe:
    """Everything that may be turned in training; the defaults made the bundled model."""

    vocabulary_size: int = 32_000
    steps: int = 900
    batch_size: int = 512
    scored_batch_size: int = 256
    learning_rate: float = 0.004
    single_source_share: float = 0.5
    token_dropout: float = 0.0
    ranking_weight: float = 1.0
    imitation_weight: float = 1.0
    relational_weight: float = 2.0
    scored_weight: float = 0.0
    scored_every: int = 2
    seed: int = 1


class PairTask:
    """Learning from translations: find the own translation, imitate the teacher, keep its geometry."""

    def __init__(
        self,
        corpus: Corpus,
        tokenizer: Tokenizer,
        taught: dict[str, int],
        teacher: Vectors,
        recipe: Recipe,
        generator: np.random.Generator,
    ) -> None:
        """Tokenize the pairs; ``taught`` maps each English text to its row of ``teacher``."""
        self._recipe, self._generator, self._teacher = recipe, generator, teacher
        self._korean = TokenizedTexts(tokenizer, (pair.korean for pair in corpus.pairs))
        self._english = TokenizedTexts(tokenizer, (pair.english for pair in corpus.pairs))
        self._english_ids: Rows = np.array([taught[pair.english] for pair in corpus.pairs], dtype=np.int64)
        numbers: dict[str, int] = {}
        self._korean_ids: Rows = np.array(
            [numbers.setdefault(pair.korean, len(numbers)) for pair in corpus.pairs], dtype=np.int64
        )
        self._sampler = BatchSampler(
            sources=[pair.source for pair in corpus.pairs],
            weights={key: source.weight for key, source in SOURCES.items()},
            size=recipe.batch_size,
            single_source_share=recipe.single_source_share,
            generator=generator,
        )

    def loss(self, table: TokenTable) -> Tensor:
        """The weighted losses of one fresh batch."""
        rows = self._sampler.draw()
        drop = self._recipe.token_dropout
        bags = self._korean.bags(rows).followed_by(self._english.bags(rows))
        korean, english = table(bags.without(drop, self._generator)).chunk(2)
        teacher = torch.from_numpy(self._teacher[self._english_ids[rows]])
        same = torch.from_numpy(same_texts(self._korean_ids[rows], self._english_ids[rows]))
        imitation = imitation_loss(korean, teacher) + imitation_loss(english, teacher)
        return (
            self._recipe.ranking_weight * ranking_loss(korean, english, same)
            + self._recipe.imitation_weight * imitation
            + self._recipe.relational_weight * relational_loss(korean, english, teacher)
        )


class ScoredTask:
    """Learning from human similarity scores, each text in a language drawn by chance."""

    def __init__(
        self, corpus: Corpus, tokenizer: Tokenizer, recipe: Recipe, generator: np.random.Generator
    ) -> None:
        """Tokenize both texts of every scored pair in both languages."""
        self._recipe, self._generator = recipe, generator
        scored = corpus.scored
        self._count = len(scored)
        self._texts = [
            TokenizedTexts(
                tokenizer, [pair.korean[side] for pair in scored] + [pair.english[side] for pair in scored]
            )
            for side in (0, 1)
        ]
        self._scores = np.array([pair.score for pair in scored], dtype=np.float32)

    def loss(self, table: TokenTable) -> Tensor:
        """The weighted loss of one fresh batch."""
        size = min(self._recipe.scored_batch_size, self._count)
        rows = self._generator.choice(self._count, size=size, replace=False)
        left, right = (self._encode(table, texts, rows) for texts in self._texts)
        return self._recipe.scored_weight * cosent_loss(left, right, torch.from_numpy(self._scores[rows]))

    def _encode(self, table: TokenTable, texts: TokenizedTexts, rows: Rows) -> Tensor:
        in_english = self._generator.integers(2, size=len(rows))
        bags = texts.bags(rows + in_english * self._count)
        vectors: Tensor = table(bags.without(self._recipe.token_dropout, self._generator))
        return vectors


def train_rows(
    start: Vectors,
    corpus: Corpus,
    tokenizer: Tokenizer,
    teacher: Vectors,
    recipe: Recipe,
    observe: Callable[[int, TokenTable], None] | None = None,
) -> Vectors:
    """Train the table and return its rows.

    Args:
        start: the first rows, shape (tokens, dimension).
        corpus: translated and scored pairs.
        tokenizer: gives the ids that are the row numbers of ``start``.
        teacher: vectors of ``corpus.english_texts()``, in that order.
        recipe: weights, sizes and seed.
        observe: called after every step with the step's number and the table.
    """
    torch.manual_seed(recipe.seed)
    generator = np.random.default_rng(recipe.seed)
    taught = {text: row for row, text in enumerate(corpus.english_texts())}
    pairs = PairTask(corpus, tokenizer, taught, teacher, recipe, generator)
    scored = ScoredTask(corpus, tokenizer, recipe, generator) if corpus.scored else None
    table = TokenTable(start)
    optimizer = torch.optim.Adam(table.parameters(), lr=recipe.learning_rate, fused=True)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: 1.0 - step / recipe.steps)
    progress = trange(recipe.steps, desc="Training", unit="step")
    for step in progress:
        loss = pairs.loss(table)
        if scored is not None and step % recipe.scored_every == 0:
            loss = loss + scored.loss(table)
        optimizer.zero_grad()
        torch.autograd.backward(loss)
        optimizer.step()
        schedule.step()
        progress.set_postfix(loss=f"{loss.item():.3f}", refresh=False)
        if observe is not None:
            observe(step + 1, table)
    return table.rows()
