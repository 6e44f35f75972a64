"""From a trained table to the folder that sentence-transformers loads without custom code."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import save_file
from sentence_transformers import SentenceTransformer
from sentence_transformers.sentence_transformer.modules import Normalize, StaticEmbedding
from tokenizers import Tokenizer
from torch.nn import Module

WEIGHTS_FILE = "model.safetensors"
TOKENIZER_FILE = "tokenizer.json"
LARGEST = 127


@dataclass(frozen=True, slots=True)
class PackedRows:
    """A table in eight bits: row ``i`` is ``embeddings[i] * weights[i]``.

    ``embeddings`` is int8 of shape (tokens, dimension), ``weights`` float32 of shape (tokens,).
    ``StaticEmbedding`` (sentence-transformers from 6.2) folds these two keys back into float32 rows when it
    loads them.
    """

    embeddings: NDArray[np.int8]
    weights: NDArray[np.float32]

    def unpack(self) -> NDArray[np.float32]:
        """The float32 rows, shape (tokens, dimension)."""
        return self.embeddings.astype(np.float32) * self.weights[:, None]


def pack_rows(rows: NDArray[np.float32]) -> PackedRows:
    """Round each row to int8 with a scale of its own; the error is at most half a scale per coordinate."""
    scales = np.abs(rows).max(axis=1) / LARGEST
    scales = np.where(scales > 0, scales, 1.0).astype(np.float32)
    return PackedRows(np.rint(rows / scales[:, None]).astype(np.int8), scales)


def save_model(folder: Path, tokenizer: Tokenizer, rows: NDArray[np.float32]) -> None:
    """Write tokenizer, packed rows and module list into ``folder`` (made if absent; other files stay)."""
    packed = pack_rows(rows)
    modules: list[Module] = [StaticEmbedding(tokenizer, embedding_weights=packed.unpack()), Normalize()]
    model = SentenceTransformer(modules=modules, device="cpu")
    folder.mkdir(parents=True, exist_ok=True)
    model.save(str(folder), create_model_card=False)
    tensors: dict[str, NDArray[Any]] = {"embeddings": packed.embeddings, "weights": packed.weights}
    tokenizer.save(str(folder / TOKENIZER_FILE), pretty=False)
    save_file(tensors, folder / WEIGHTS_FILE, metadata={"format": "pt"})
    (folder / WEIGHTS_FILE).chmod(0o644)
