"""What tests of webhooks are made of: a real receiver on this machine, and a product that may call it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from matchmaker.bootstrap import Matchmaker
from matchmaker.domain.access import Actor, Role
from matchmaker.posting.https import HttpsPoster

ABSENT = "absent: standardwebhooks"


@dataclass
class Clock:
    """A time that the test moves; it begins now, for verifiers compare with the real one."""

    at: datetime = field(default_factory=lambda: datetime.now(UTC))

    def __call__(self) -> datetime:
        return self.at

    def forward(self, **span: float) -> None:
        """Let time pass."""
        self.at += timedelta(**span)


@dataclass(frozen=True)
class Received:
    """One request as it arrived."""

    path: str
    headers: Mapping[str, str]
    body: bytes


@dataclass
class Receiver:
    """A portal: keeps what arrives; ``answers`` are the statuses of the next requests, then 204."""

    received: list[Received] = field(default_factory=list)
    answers: list[int] = field(default_factory=list)
    url: str = ""

    def take(self, request: Received) -> int:
        """Keep a request and say its status."""
        self.received.append(request)
        return self.answers.pop(0) if self.answers else 204


@contextmanager
def receiving() -> Iterator[Receiver]:
    """A real HTTP server on a free port."""
    receiver = Receiver()

    class Door(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            status = receiver.take(Received(self.path, dict(self.headers.items()), body))
            self.send_response(status)
            if 300 <= status < 400:
                self.send_header("Location", f"{receiver.url}elsewhere")
            self.send_header("Content-Length", "0")
            self.end_headers()

        def do_GET(self) -> None:
            receiver.take(Received(self.path, {}, b""))
            self.send_response(200)
            self.end_headers()

        def log_message(self, format: str, *args: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Door)
    receiver.url = f"http://127.0.0.1:{server.server_address[1]}/"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield receiver
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def prepare(product: Matchmaker, clock: Callable[[], datetime]) -> None:
    """Set a product's clock, and let it call this machine."""
    settings = product.settings.model_copy(update={"webhook_insecure": True})
    vars(product).update(now=clock, settings=settings, poster=HttpsPoster(allows_loopback=True))


def portal(product: Matchmaker, role: Role = Role.PORTAL_WRITE) -> Actor:
    """A program with a key of its own."""
    key, _ = product.keys.create(role, "portal")
    return Actor(key.id, key.role)


def verified(secret: str, request: Received) -> Any:
    """What a request says, after the independent package has verified its signature."""
    package = pytest.importorskip("standardwebhooks", reason=ABSENT)
    return package.Webhook(secret).verify(request.body, dict(request.headers))
