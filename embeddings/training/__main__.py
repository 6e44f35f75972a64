"""Rebuild the bundled model: ``python -m embeddings.training --corpus FOLDER --output FOLDER``."""

import argparse
import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from embeddings.manifest import write_manifest
from embeddings.training.corpus import SOURCES, read_corpus
from embeddings.training.errors import TrainingError
from embeddings.training.lesson import prepare_lesson
from embeddings.training.pack import save_model
from embeddings.training.rows import is_english, readable, regressed_rows, taught_rows
from embeddings.training.teacher import MiniLmTeacher, Teacher, encode_cached, installed_folder
from embeddings.training.tokenizer import pieces_by_id, train_tokenizer
from embeddings.training.train import Recipe, train_average

MODEL_NAME = "alliance-static-ko-en"
MODEL_VERSION = "3"
DEFAULT_CORPUS = Path("../shared/data/corpus")
DEFAULT_SYNTHETIC = Path("data/encoder/synthetic.tsv")
DEFAULT_OUTPUT = Path("embeddings/bundled")
DEFAULT_CACHE = Path("var/teacher")
FAST_LIMIT, FAST_VOCABULARY, FAST_STEPS = 200, 2_000, 20


@dataclass(frozen=True, slots=True)
class Job:
    """Where a training run reads and writes, how much it reads, and how it trains."""

    corpus: Path
    synthetic: Path
    output: Path
    cache: Path
    limit: int | None
    recipe: Recipe


def build_model(job: Job, teacher: Teacher) -> None:
    """Run every step: corpus, vocabulary, teacher vectors, first rows, training, packing, manifest.

    Raises:
        CorpusError: the corpus is missing or malformed.
    """
    corpus = read_corpus(job.corpus, job.synthetic, job.limit)
    for key, count in corpus.rows_per_source().items():
        print(f"{key:10} {count:7,} rows  {SOURCES[key].licence}")
    tokenizer = train_tokenizer(corpus.tokenizer_texts(), job.recipe.vocabulary_size)
    pieces = pieces_by_id(tokenizer)
    english = np.array([is_english(piece) for piece in pieces])
    english_pieces = [readable(piece) for piece, chosen in zip(pieces, english, strict=True) if chosen]
    piece_vectors = encode_cached(teacher, english_pieces, job.cache, "Teacher reads the vocabulary")
    text_vectors = encode_cached(teacher, corpus.english_texts(), job.cache, "Teacher reads the corpus")
    lesson = prepare_lesson(corpus, tokenizer, text_vectors)
    generator = np.random.default_rng(job.recipe.seed)
    rows = taught_rows(english, piece_vectors, lesson.frequencies(len(pieces)), generator)
    rows = regressed_rows(
        rows, ~english, lesson.korean.all_bags(), lesson.english.all_bags(), lesson.teacher, lesson.weights
    )
    rows = train_average(rows, lesson, job.recipe)
    save_model(job.output, tokenizer, rows)
    write_manifest(job.output, MODEL_NAME, MODEL_VERSION)
    print(f"Saved {MODEL_NAME} {MODEL_VERSION} to {job.output}.")


def read_job(arguments: Sequence[str] | None = None) -> Job:
    """Turn command-line arguments into a job."""
    parser = argparse.ArgumentParser(prog="python -m embeddings.training", description=__doc__)
    parser.add_argument(
        "--corpus", type=Path, default=DEFAULT_CORPUS, help="folder that holds train/*.tsv.gz"
    )
    parser.add_argument(
        "--synthetic", type=Path, default=DEFAULT_SYNTHETIC, help="TSV file of this project's own lines"
    )
    parser.add_argument("--output", type=Path, default=DEFAULT_OUTPUT, help="folder to write the model to")
    parser.add_argument("--cache", type=Path, default=DEFAULT_CACHE, help="folder for the teacher's vectors")
    parser.add_argument("--seed", type=int, default=Recipe().seed, help="seed of all randomness")
    parser.add_argument("--steps", type=int, default=None, help="training steps instead of the recipe's")
    parser.add_argument("--limit", type=int, default=None, help="read at most this many rows of each source")
    parser.add_argument(
        "--fast", action="store_true", help="smoke test: few rows, small vocabulary, few steps"
    )
    options = parser.parse_args(arguments)
    recipe = replace(Recipe(), seed=options.seed)
    if options.fast:
        recipe = replace(recipe, vocabulary_size=FAST_VOCABULARY, steps=FAST_STEPS, runs=1)
    if options.steps is not None:
        recipe = replace(recipe, steps=options.steps)
    limit = FAST_LIMIT if options.fast and options.limit is None else options.limit
    return Job(options.corpus, options.synthetic, options.output, options.cache, limit, recipe)


def main(arguments: Sequence[str] | None = None) -> int:
    """Build; 2 with a message if something is missing."""
    job = read_job(arguments)
    os.environ.setdefault("HF_HUB_OFFLINE", "1")
    try:
        build_model(job, MiniLmTeacher(installed_folder()))
    except (TrainingError, OSError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
