"""Measure a model: ``python -m embeddings.training.evaluate --data FOLDER --model PATH [--json]``."""

import argparse
import json
import os
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

import numpy as np
import torch

from embeddings.training.errors import TrainingError
from embeddings.training.evaluation import Report, Vectors, evaluate, sentences_per_second

BUNDLED = Path(__file__).resolve().parent.parent / "bundled"
DEFAULT_DATA = Path("../shared/data/corpus/eval")


class SavedModel:
    """A sentence-transformers model from a folder (or by name, if it is in the local cache)."""

    def __init__(self, name_or_path: str) -> None:
        from sentence_transformers import SentenceTransformer

        self._model = SentenceTransformer(name_or_path, device="cpu", local_files_only=True)

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Return float32 unit vectors of shape (len(texts), dimension)."""
        vectors = self._model.encode(
            list(texts), batch_size=64, normalize_embeddings=True, show_progress_bar=False
        )
        return np.asarray(vectors, dtype=np.float32)


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print; 2 if there was nothing to measure."""
    parser = argparse.ArgumentParser(prog="python -m embeddings.training.evaluate", description=__doc__)
    parser.add_argument("--data", type=Path, default=DEFAULT_DATA, help="folder of the evaluation sets")
    parser.add_argument(
        "--model", default=str(BUNDLED), help="model folder or name (default: the bundled model)"
    )
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")
    options = parser.parse_args(arguments)
    os.environ.setdefault("HF_HUB_OFFLINE", "1")
    try:
        return _run(options.model, options.data, options.json)
    except (TrainingError, OSError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2


def _run(model: str, data: Path, as_json: bool) -> int:
    encoder = SavedModel(model)
    report = evaluate(encoder, data)
    torch.set_num_threads(1)
    os.environ["TOKENIZERS_PARALLELISM"] = "false"
    speed = sentences_per_second(encoder, data)
    print(_as_json(model, report, speed) if as_json else _as_table(model, report, speed))
    return 0 if report.measurements else 2


def _as_json(model: str, report: Report, speed: float | None) -> str:
    return json.dumps({"model": model, **asdict(report), "sentences_per_second": speed}, indent=2)


def _as_table(model: str, report: Report, speed: float | None) -> str:
    lines = [f"model: {model}"]
    lines += [
        f"{item.dataset:20} {item.metric:22} {item.value:8.3f}  (n={item.count})"
        for item in report.measurements
    ]
    lines += [f"{name:20} skipped: no such file in the data folder" for name in report.skipped]
    if speed is not None:
        lines.append(f"speed, one thread, half Korean: {speed:,.0f} sentences per second")
    return "\n".join(lines)


if __name__ == "__main__":
    raise SystemExit(main())
