"""What the use cases ask of HTTP."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from matchmaker.domain.webhook import Answer


class Poster(Protocol):
    """Takes a message to an address that others chose."""

    def post(self, url: str, headers: Mapping[str, str], body: bytes) -> Answer:
        """Try once, follow nothing; whatever goes wrong is told in the answer."""
