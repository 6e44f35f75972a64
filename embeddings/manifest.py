"""The list of a model folder's files with their hashes: what was published is what is loaded."""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

MANIFEST_FILE = "manifest.json"
MODEL_SUFFIXES = frozenset({".json", ".safetensors"})


class ManifestError(ValueError):
    """A model folder is not what its manifest says."""


@dataclass(frozen=True, slots=True)
class Manifest:
    """A model's name and version, and the SHA-256 of each of its files by path relative to its folder."""

    name: str
    version: str
    files: dict[str, str]


def write_manifest(folder: Path, name: str, version: str) -> Manifest:
    """Hash the model files in ``folder`` and write ``manifest.json`` beside them."""
    files = {path.relative_to(folder).as_posix(): _sha256(path) for path in _model_files(folder)}
    manifest = Manifest(name, version, files)
    (folder / MANIFEST_FILE).write_text(json.dumps(asdict(manifest), indent=2) + "\n", encoding="utf-8")
    return manifest


def read_manifest(folder: Path) -> Manifest:
    """Read ``manifest.json`` in ``folder``.

    Raises:
        ManifestError: it is missing or malformed.
    """
    path = folder / MANIFEST_FILE
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        return Manifest(str(content["name"]), str(content["version"]), dict(content["files"]))
    except FileNotFoundError:
        raise ManifestError(f"{path} is missing. {_remedy()}") from None
    except (ValueError, KeyError, TypeError) as error:
        raise ManifestError(f"{path} is not a valid manifest ({error!r}). {_remedy()}") from error


def verify_manifest(folder: Path) -> Manifest:
    """Check every model file in ``folder`` against the manifest, and return the manifest.

    Raises:
        ManifestError: a file is missing, altered or not listed.
    """
    manifest = read_manifest(folder)
    present = {path.relative_to(folder).as_posix() for path in _model_files(folder)}
    for problem, names in (
        ("missing", manifest.files.keys() - present),
        ("not listed", present - manifest.files.keys()),
    ):
        if names:
            raise ManifestError(
                f"Model files in {folder} are {problem}: {', '.join(sorted(names))}. {_remedy()}"
            )
    for name, expected in manifest.files.items():
        if _sha256(folder / name) != expected:
            raise ManifestError(
                f"The model file {folder / name} differs from its published hash. {_remedy()}"
            )
    return manifest


def _model_files(folder: Path) -> Iterator[Path]:
    """Files that take part in loading, in path order; documents and the manifest itself do not."""
    paths = sorted(folder.rglob("*"))
    return (path for path in paths if path.suffix in MODEL_SUFFIXES and path != folder / MANIFEST_FILE)


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _remedy() -> str:
    return (
        "Restore the folder from a fresh checkout or release, "
        "or rebuild it with `python -m embeddings.training` if the change is intended."
    )
