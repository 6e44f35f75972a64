"""Encoders of the sentence-transformers library. The only file that imports it."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from sentence_transformers import SentenceTransformer

from embeddings.manifest import MANIFEST_FILE, ManifestError, verify_manifest
from embeddings.protocols import EncoderError, Progress, Vectors


class SentenceTransformerEncoder:
    """Any sentence-transformers model: a folder, or a Hub name with a pinned revision.

    Safetensors only and no remote code; a folder with a manifest is checked against it before anything is read.
    The model's own query and document prompts are used.
    """

    def __init__(
        self, model: str, revision: str | None = None, batch_size: int = 256, threads: int = 1
    ) -> None:
        """Load the model.

        Raises:
            EncoderError: missing or altered files, a Hub name without a revision, or nothing that loads.
        """
        torch.set_num_threads(threads)
        folder = Path(model)
        if folder.is_dir():
            self.name = _name_of_folder(folder)
        elif revision is None or folder.is_absolute() or model.startswith("."):
            raise EncoderError(_advice(model))
        else:
            self.name = f"{model}@{revision}"
        self._batch_size = batch_size
        self._model = _load(model, revision)
        self.dimensions = int(self._model.get_embedding_dimension() or 0)

    def encode_query(self, texts: Sequence[str], progress: Progress | None = None) -> Vectors:
        """Unit vectors of what is searched with."""
        return self._encode(texts, "query", progress)

    def encode_document(self, texts: Sequence[str], progress: Progress | None = None) -> Vectors:
        """Unit vectors of what is searched through."""
        return self._encode(texts, "document", progress)

    def _encode(self, texts: Sequence[str], role: str, progress: Progress | None) -> Vectors:
        encode = self._model.encode_query if role == "query" else self._model.encode_document
        batches = []
        for start in range(0, len(texts), self._batch_size):
            batch = list(texts[start : start + self._batch_size])
            batches.append(
                encode(batch, batch_size=self._batch_size, normalize_embeddings=True, show_progress_bar=False)
            )
            if progress is not None:
                progress(min(start + self._batch_size, len(texts)), len(texts))
        if not batches:
            return np.zeros((0, self.dimensions), dtype=np.float32)
        return _unit(np.concatenate(batches).astype(np.float32, copy=False))


def _load(model: str, revision: str | None) -> SentenceTransformer:
    try:
        return SentenceTransformer(
            model,
            revision=revision,
            device="cpu",
            trust_remote_code=False,
            local_files_only=Path(model).is_dir(),
            model_kwargs={"use_safetensors": True},
        )
    except Exception as error:  # the library raises many kinds, from four packages
        raise EncoderError(f"{_advice(model)} ({type(error).__name__}: {error})") from error


def _advice(model: str) -> str:
    return (
        f"no usable sentence-transformers model at {model!r}. Give a folder that holds one, or a Hub name together "
        "with MATCHMAKER_MODEL_REVISION; unset MATCHMAKER_MODEL for the bundled model"
    )


def _name_of_folder(folder: Path) -> str:
    """A name that changes with the weights: the model's or folder's name and a digest of the files."""
    digest = hashlib.sha256()
    for file in sorted(folder.rglob("*")):
        if file.suffix in {".json", ".safetensors", ".txt", ".model"} and file.is_file():
            digest.update(file.relative_to(folder).as_posix().encode())
            digest.update(file.read_bytes())
    return f"{_published_name(folder)}@{digest.hexdigest()[:12]}"


def _published_name(folder: Path) -> str:
    """Name and version of a manifest that the files agree with, or the folder's name where there is none."""
    if not (folder / MANIFEST_FILE).exists():
        return folder.resolve().name
    try:
        manifest = verify_manifest(folder)
    except ManifestError as error:
        raise EncoderError(str(error)) from error
    return f"{manifest.name}-{manifest.version}"


def _unit(vectors: Vectors) -> Vectors:
    """Rows of length one. A text without a known token has no direction: it gets the first axis, like nothing else."""
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    if not np.isfinite(lengths).all():
        raise EncoderError("the model gave a vector that is not finite; its files may be damaged")
    empty = lengths[:, 0] < 1e-6
    unit = np.asarray(vectors / np.where(lengths < 1e-6, 1.0, lengths), dtype=np.float32)
    unit[empty] = 0.0
    unit[empty, 0] = 1.0
    return unit
