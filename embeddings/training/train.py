"""The training loop: a table of token vectors learns to say in two languages what the teacher says in one."""

from dataclasses import dataclass, replace

import numpy as np
import torch
from torch import Tensor
from tqdm import trange

from embeddings.training.batches import BatchSampler, Rows, same_texts
from embeddings.training.lesson import Lesson, ScoredTexts
from embeddings.training.losses import correlation_loss, imitation_loss, ranking_loss, relational_loss
from embeddings.training.table import TokenTable, Vectors


@dataclass(frozen=True, slots=True)
class Recipe:
    """Everything that may be turned in training; the defaults made the bundled model.

    ``runs`` trainings differ in their batches alone and are averaged; no two values of ``seed`` share one.
    """

    vocabulary_size: int = 32_000
    runs: int = 2
    steps: int = 900
    batch_size: int = 512
    learning_rate: float = 0.004
    single_source_share: float = 0.5
    token_dropout: float = 0.1
    ranking_weight: float = 1.0
    imitation_weight: float = 1.0
    relational_weight: float = 2.0
    correlation_weight: float = 3.0
    scored_size: int = 192
    seed: int = 1


def train_average(start: Vectors, lesson: Lesson, recipe: Recipe) -> Vectors:
    """The mean of the rows of all runs: it beats each of them at no cost to the encoder.

    Wortsman et al. 2022, "Model soups", arXiv:2203.05482. All runs leave from ``start``, so that their rows are
    comparable.
    """
    runs = [replace(recipe, seed=recipe.seed * recipe.runs + run) for run in range(recipe.runs)]
    rows = np.mean([train_rows(start, lesson, run) for run in runs], axis=0)
    return np.asarray(rows, dtype=np.float32)


def train_rows(start: Vectors, lesson: Lesson, recipe: Recipe) -> Vectors:
    """Train a table that starts from ``start``, shape (tokens, dimension), and return its rows."""
    generator = np.random.default_rng(recipe.seed)
    sampler = BatchSampler(
        lesson.sources, lesson.weights, recipe.batch_size, recipe.single_source_share, generator
    )
    table = TokenTable(start)
    optimizer = torch.optim.Adam(table.parameters(), lr=recipe.learning_rate, fused=True)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: 1.0 - step / recipe.steps)
    progress = trange(recipe.steps, desc=f"Training, seed {recipe.seed}", unit="step")
    for _ in progress:
        loss = batch_loss(table, lesson, sampler, recipe, generator)
        optimizer.zero_grad()
        torch.autograd.backward(loss)
        optimizer.step()
        schedule.step()
        progress.set_postfix(loss=f"{loss.item():.3f}", refresh=False)
    return table.rows()


def batch_loss(
    table: TokenTable, lesson: Lesson, sampler: BatchSampler, recipe: Recipe, generator: np.random.Generator
) -> Tensor:
    """The weighted losses of a fresh batch of translations and a fresh batch of scored pairs."""
    rows = sampler.draw()
    scored = draw_scored(lesson.scored, recipe.scored_size, generator)
    bags = lesson.korean.bags(rows).followed_by(lesson.english.bags(rows))
    bags = bags.followed_by(lesson.scored.bags(scored))
    vectors = table(bags.without(recipe.token_dropout, generator))
    translations, exam = vectors[: 2 * len(rows)], vectors[2 * len(rows) :]
    loss = translation_loss(translations, lesson, rows, recipe)
    if len(scored) > 1:
        loss = loss + recipe.correlation_weight * scored_loss(exam, lesson.scored.scores[scored])
    return loss


def translation_loss(vectors: Tensor, lesson: Lesson, rows: Rows, recipe: Recipe) -> Tensor:
    """Find the translation, imitate the teacher, keep its geometry; all Korean texts come first."""
    korean, english = vectors.chunk(2)
    teacher = torch.from_numpy(lesson.teacher[rows])
    same = torch.from_numpy(same_texts(lesson.korean_ids[rows], lesson.english_ids[rows]))
    imitation = imitation_loss(korean, teacher) + imitation_loss(english, teacher)
    return (
        recipe.ranking_weight * ranking_loss(korean, english, same)
        + recipe.imitation_weight * imitation
        + recipe.relational_weight * relational_loss(korean, english, teacher)
    )


def scored_loss(vectors: Tensor, scores: Vectors) -> Tensor:
    """How far the similarities are from human scores, in each language and across, on average.

    ``vectors`` holds the first Korean texts, the second ones, the first English texts and the second ones.
    """
    korean, other_korean, english, other_english = vectors.chunk(4)
    pairs = (
        (korean, other_korean),
        (english, other_english),
        (korean, other_english),
        (english, other_korean),
    )
    wanted = torch.from_numpy(scores)
    return torch.stack([correlation_loss((a * b).sum(dim=1), wanted) for a, b in pairs]).mean()


def draw_scored(scored: ScoredTexts, size: int, generator: np.random.Generator) -> Rows:
    """Numbers of scored pairs, distinct, shape (at most ``size``,)."""
    return generator.choice(len(scored.scores), size=min(size, len(scored.scores)), replace=False)
