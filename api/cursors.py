"""Where a page of results continues, in a form that only this service can make."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
import os
import secrets
from collections.abc import Callable
from contextlib import suppress
from functools import cached_property
from pathlib import Path

from api.errors import Refusal

KEY_FILE = "secret.key"
KEY_BYTES = 32
_MAC_BYTES = 16


class Cursors:
    """Signs and reads cursors. ``load_key`` is called when the key is first needed."""

    def __init__(self, load_key: Callable[[], bytes]) -> None:
        self._load_key = load_key

    @cached_property
    def _key(self) -> bytes:
        return self._load_key()

    def sign(self, after: str, scope: object) -> str:
        """A cursor that continues after an id, for one filter (``scope``: anything that JSON can write)."""
        return base64.urlsafe_b64encode(self._mac(after, scope) + after.encode()).decode().rstrip("=")

    def read(self, cursor: str, scope: object) -> str:
        """The id that a cursor continues after.

        Raises:
            Refusal: ``bad-cursor``: it is altered, or was made for another filter.
        """
        try:
            raw = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
            after = raw[_MAC_BYTES:].decode()
        except (binascii.Error, ValueError) as error:
            raise Refusal("bad-cursor") from error
        if not hmac.compare_digest(raw[:_MAC_BYTES], self._mac(after, scope)):
            raise Refusal("bad-cursor")
        return after

    def _mac(self, after: str, scope: object) -> bytes:
        message = json.dumps([after, scope], ensure_ascii=True, sort_keys=True).encode()
        return hmac.new(self._key, message, hashlib.sha256).digest()[:_MAC_BYTES]


def load_key(folder: Path) -> bytes:
    """The key kept in a folder: made on first use, readable by its owner alone, the same for all processes."""
    path = folder / KEY_FILE
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        fresh = folder / f"{KEY_FILE}.{secrets.token_hex(8)}"
        with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(secrets.token_bytes(KEY_BYTES))
        with suppress(FileExistsError):
            path.hardlink_to(fresh)
        fresh.unlink()
    key = path.read_bytes()
    if len(key) == KEY_BYTES:
        return key
    path.unlink(missing_ok=True)
    return load_key(folder)
