"""Index files on disk, so that a start need not read every vector from the database."""

from __future__ import annotations

import errno
import hashlib
import json
import shutil
import tempfile
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from embeddings.protocols import IndexFileError, VectorIndex
from matchmaker.domain.facets import FacetKind
from matchmaker.domain.member import Country
from matchmaker.errors import SnapshotCorrupt
from matchmaker.scoring.pool import PartitionKey, Pool
from matchmaker.scoring.profile import KINDS

MANIFEST = "manifest.json"


@dataclass(frozen=True)
class SnapshotFiles:
    """Saves and loads the indexes of a pool. One snapshot is kept; a file that fails its hash is never read."""

    folder: Path
    read_index: Callable[[Path], VectorIndex]

    def save(self, pool: Pool) -> None:
        """Write the pool's indexes beside the old ones, then put them in their place.

        Raises:
            OSError: the folder cannot be written; what was there before may be gone, which costs a rebuild.
        """
        self.folder.parent.mkdir(parents=True, exist_ok=True)
        fresh = Path(tempfile.mkdtemp(prefix=f"{self.folder.name}-", dir=self.folder.parent))
        try:
            self._write(pool, fresh)
            self._put(fresh)
        finally:
            shutil.rmtree(fresh, ignore_errors=True)

    def _put(self, fresh: Path) -> None:
        """Swap the folders; a writer that was faster is left alone, its snapshot is as whole as ours."""
        retired = fresh.with_name(f"{fresh.name}.old")
        with suppress(FileNotFoundError):
            self.folder.rename(retired)
        try:
            fresh.rename(self.folder)
        except OSError as error:
            if error.errno not in (errno.EEXIST, errno.ENOTEMPTY):
                raise
        finally:
            shutil.rmtree(retired, ignore_errors=True)

    def _write(self, pool: Pool, fresh: Path) -> None:
        hashes = {}
        for country, side in pool.sides.items():
            for kind, partition in zip(KINDS, side.partitions, strict=True):
                if partition.index is not None:
                    path = fresh / _file_name((country, kind))
                    partition.index.save(path)
                    hashes[path.name] = _sha256(path)
        manifest = {"snapshot": pool.snapshot, "model": pool.model, "files": hashes}
        (fresh / MANIFEST).write_text(json.dumps(manifest, indent=2) + "\n", encoding="utf-8")

    def load(self, snapshot: str) -> Mapping[PartitionKey, VectorIndex] | None:
        """The indexes of a snapshot; None where another one, or none, is kept.

        Raises:
            SnapshotCorrupt: a file is missing, altered or unreadable.
        """
        path = self.folder / MANIFEST
        if not path.exists():
            return None
        try:
            manifest = json.loads(path.read_text(encoding="utf-8"))
            if manifest["snapshot"] != snapshot:
                return None
            files: dict[str, str] = dict(manifest["files"])
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise SnapshotCorrupt(path=self.folder, reason="its manifest is not readable") from error
        keys = [
            (country, kind) for country in Country for kind in KINDS if _file_name((country, kind)) in files
        ]
        if len(keys) != len(files):
            raise SnapshotCorrupt(path=self.folder, reason="its manifest names unknown files")
        return {key: self._read(_file_name(key), files[_file_name(key)]) for key in keys}

    def _read(self, name: str, expected: str) -> VectorIndex:
        path = self.folder / name
        if not path.exists() or _sha256(path) != expected:
            raise SnapshotCorrupt(path=self.folder, reason=f"{name} is missing or altered")
        try:
            return self.read_index(path)
        except (IndexFileError, OSError) as error:
            raise SnapshotCorrupt(path=self.folder, reason=str(error)) from error


def _file_name(key: tuple[Country, FacetKind]) -> str:
    return f"{key[0].value.lower()}-{key[1].value}.faiss"


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
