"""Files that jobs read and write, and uploads on their way to one: in a folder of their own, for their owner alone."""

from __future__ import annotations

import os
import re
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

_NAME = re.compile(r"[0-9a-f]{32}(?:\.[a-z]{1,10})?")


@dataclass(frozen=True)
class JobFiles:
    """All processes that share the work must see the same folder."""

    folder: Path

    def create(self, suffix: str = "") -> tuple[str, BinaryIO]:
        """A new file that nobody else can read, open for writing, and its name, which cannot be guessed."""
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        name = secrets.token_hex(16) + suffix
        return name, os.fdopen(os.open(self.folder / name, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600), "w+b")

    def path(self, name: str) -> Path | None:
        """Where a file lies; None if it is none of ours or gone."""
        if not _NAME.fullmatch(name):
            return None
        path = self.folder / name
        return path if path.is_file() else None

    def remove(self, *names: str | None) -> None:
        """Forget files."""
        for name in names:
            if name and _NAME.fullmatch(name):
                (self.folder / name).unlink(missing_ok=True)

    def list_older(self, than: datetime) -> Iterator[str]:
        """Names of files that nobody wrote to since a time."""
        if self.folder.is_dir():
            for path in self.folder.iterdir():
                if _NAME.fullmatch(path.name) and path.stat().st_mtime < than.timestamp():
                    yield path.name
