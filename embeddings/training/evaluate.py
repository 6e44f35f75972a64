"""Measure models: ``python -m embeddings.training.evaluate --data FOLDER --model PATH [--model PATH ...] [--json]``.

Several models, such as one recipe trained with several seeds, give mean and spread. ``--against-teacher`` adds how
many times faster the first model is than the English teacher, each at its best batch size on one thread.
"""

import argparse
import json
import os
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path

import numpy as np
import torch

from embeddings.training.errors import TrainingError
from embeddings.training.evaluation import (
    Report,
    Summary,
    Vectors,
    english_sentences,
    evaluate,
    sentences_per_second,
    summarise,
)
from embeddings.training.teacher import NAME as TEACHER_NAME
from embeddings.training.teacher import installed_folder

BUNDLED = Path(__file__).resolve().parent.parent / "bundled"
DEFAULT_DATA = Path("../shared/data/corpus/eval")
BATCH_SIZES = (16, 32, 64, 128, 512)


class SavedModel:
    """A sentence-transformers model from a folder (or by name, if it is in the local cache)."""

    def __init__(self, name_or_path: str) -> None:
        from sentence_transformers import SentenceTransformer

        self._model = SentenceTransformer(name_or_path, device="cpu", local_files_only=True)

    def encode(self, texts: Sequence[str], batch_size: int = 64) -> Vectors:
        """Return float32 unit vectors of shape (len(texts), dimension)."""
        vectors = self._model.encode(
            list(texts), batch_size=batch_size, normalize_embeddings=True, show_progress_bar=False
        )
        return np.asarray(vectors, dtype=np.float32)


@dataclass(frozen=True, slots=True)
class Speed:
    """English sentences per second on one thread, at the batch size that suits the model best."""

    model: str
    sentences_per_second: float
    batch_size: int


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print; 2 if there was nothing to measure."""
    parser = argparse.ArgumentParser(prog="python -m embeddings.training.evaluate", description=__doc__)
    parser.add_argument("--data", type=Path, default=DEFAULT_DATA, help="folder of the evaluation sets")
    parser.add_argument(
        "--model", action="append", help="model folder or name (default: the bundled model); may be repeated"
    )
    parser.add_argument("--set", action="append", help="measure on this set alone; may be repeated")
    parser.add_argument("--against-teacher", action="store_true", help="time the English teacher as well")
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")
    options = parser.parse_args(arguments)
    os.environ.setdefault("HF_HUB_OFFLINE", "1")
    try:
        return _run(options)
    except (TrainingError, OSError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2


def _run(options: argparse.Namespace) -> int:
    torch.set_num_threads(1)
    os.environ["TOKENIZERS_PARALLELISM"] = "false"
    models: list[str] = options.model or [str(BUNDLED)]
    reports = [evaluate(SavedModel(model), options.data, options.set) for model in models]
    timed = [models[0], str(installed_folder())] if options.against_teacher else models[:1]
    speeds = [speed for model in timed if (speed := measure_speed(model, options.data))]
    print(_as_json(models, reports, speeds) if options.json else _as_table(models, reports, speeds))
    return 0 if any(report.measurements for report in reports) else 2


def measure_speed(model: str, folder: Path) -> Speed | None:
    """The speed of a model at the best of ``BATCH_SIZES``, or None without sentences in ``folder``."""
    texts = english_sentences(folder)
    if not texts:
        return None
    encoder = SavedModel(model)
    rates = {
        size: sentences_per_second(partial(encoder.encode, batch_size=size), texts) for size in BATCH_SIZES
    }
    best = max(rates, key=rates.__getitem__)
    return Speed(model, rates[best], best)


def _as_json(models: Sequence[str], reports: Sequence[Report], speeds: Sequence[Speed]) -> str:
    measured = [{"model": model, **asdict(report)} for model, report in zip(models, reports, strict=True)]
    return json.dumps({"models": measured, "speeds": [asdict(speed) for speed in speeds]}, indent=2)


def _as_table(models: Sequence[str], reports: Sequence[Report], speeds: Sequence[Speed]) -> str:
    lines = [f"model: {model}" for model in models]
    lines += [_as_line(summary) for summary in summarise(reports)]
    lines += [f"{name:20} skipped: no such file in the data folder" for name in reports[0].skipped]
    lines += [
        f"speed, one thread, English: {speed.sentences_per_second:,.0f} sentences per second "
        f"at batch size {speed.batch_size} ({speed.model})"
        for speed in speeds
    ]
    if len(speeds) > 1:
        ratio = speeds[0].sentences_per_second / speeds[1].sentences_per_second
        lines.append(f"{ratio:.1f} times as fast as {TEACHER_NAME}")
    return "\n".join(lines)


def _as_line(summary: Summary) -> str:
    spread = f"  ({summary.lowest:.3f} to {summary.highest:.3f})" if summary.models > 1 else ""
    return f"{summary.dataset:20} {summary.metric:22} {summary.mean:8.3f}{spread}  (n={summary.count})"


if __name__ == "__main__":
    raise SystemExit(main())
