"""Posts one message to an address that others chose, without being led anywhere else.

The name is resolved once, every address must be public, and the connection goes to one that was looked at: what the
name resolves to a moment later does not matter (DNS rebinding). The certificate is checked against the name. Nothing
is followed, no proxy of the environment is used, and what is answered beyond the status is thrown away.
"""

from __future__ import annotations

import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException

from matchmaker.domain.webhook import Answer
from matchmaker.domain.webhook_target import Target, is_loopback, is_public, parse_target
from matchmaker.errors import InvalidInput

MAX_ANSWER = 16 * 1024
"""Bytes of an answer that are read before it is thrown away."""
MAX_ADDRESSES = 4
"""Addresses of a name that are tried before giving up."""

Resolver = Callable[[str, int], Sequence[str]]
"""IP addresses of a host, raising OSError where it has none."""


def resolve(host: str, port: int) -> Sequence[str]:
    """The addresses of a host, as the system finds them, each once.

    Raises:
        OSError: it has none.
    """
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return tuple(dict.fromkeys(str(entry[4][0]) for entry in found))


@dataclass(frozen=True)
class HttpsPoster:
    """Posts to public addresses.

    Args:
        allows_loopback: also to this very machine, for tests and development.
        connect_timeout: seconds until a connection must stand.
        timeout: seconds until the whole exchange must be over; a slow answer does not extend it.
        context: which certificates are trusted; default the system's.
    """

    allows_loopback: bool = False
    connect_timeout: float = 5.0
    timeout: float = 15.0
    resolve: Resolver = resolve
    context: ssl.SSLContext = field(default_factory=ssl.create_default_context)

    def post(self, url: str, headers: Mapping[str, str], body: bytes) -> Answer:
        """Try once; whatever goes wrong is told in the answer."""
        began = time.monotonic()
        status, error = self._outcome(url, headers, body)
        return Answer(status, error, round((time.monotonic() - began) * 1000))

    def _outcome(self, url: str, headers: Mapping[str, str], body: bytes) -> tuple[int | None, str | None]:
        try:
            return self._exchange(url, headers, body), None
        except InvalidInput:
            return None, "target-refused"
        except _Unresolved:
            return None, "unresolved"
        except TimeoutError:
            return None, "timeout"
        except ssl.SSLCertVerificationError:
            return None, "certificate"
        except ssl.SSLError:
            return None, "tls"
        except ConnectionError:
            return None, "connection"
        except HTTPException:
            return None, "not-http"
        except (OSError, ValueError):
            return None, "connection"

    def _exchange(self, url: str, headers: Mapping[str, str], body: bytes) -> int:
        target = parse_target(url, allows_loopback=self.allows_loopback)
        ends = time.monotonic() + self.timeout
        connected = self._connected(target, self._addresses(target))
        sent = {**headers, "Host": target.authority, "Connection": "close"}
        with closing(_on_socket(target, connected)) as connection, _deadline(connected, ends) as over:
            connection.request("POST", target.path, body, sent)
            response = connection.getresponse()
            if over.is_set():  # what was read so far looks like a whole answer
                raise TimeoutError
            with suppress(OSError, HTTPException):  # its status counts, whatever becomes of the rest
                response.read(MAX_ANSWER)
            return response.status

    def _addresses(self, target: Target) -> Sequence[str]:
        try:
            found = self.resolve(target.host, target.port)
        except (OSError, UnicodeError) as error:
            raise _Unresolved from error
        if not found:
            raise _Unresolved
        if not all(is_public(each) or (self.allows_loopback and is_loopback(each)) for each in found):
            raise InvalidInput("the name leads to an address that is not one of the public internet")
        return found[:MAX_ADDRESSES]

    def _connected(self, target: Target, addresses: Sequence[str]) -> socket.socket:
        ends = time.monotonic() + self.connect_timeout
        *first, last = addresses
        for address in first:
            try:
                return self._connect(target, address, ends)
            except (ConnectionError, TimeoutError):
                continue
        return self._connect(target, last, ends)

    def _connect(self, target: Target, address: str, ends: float) -> socket.socket:
        left = ends - time.monotonic()
        if left <= 0:
            raise TimeoutError
        raw = socket.create_connection((address, target.port), left)
        if not target.is_secure:
            return raw
        try:
            return self.context.wrap_socket(raw, server_hostname=target.host)
        except BaseException:
            raw.close()
            raise


class _Unresolved(Exception):
    """The name has no address."""


def _on_socket(target: Target, connected: socket.socket) -> HTTPConnection:
    """A connection that uses a socket which stands already, and will not open another."""
    connection = HTTPConnection(target.host, target.port)
    connection.auto_open = 0
    connection.sock = connected
    return connection


@contextmanager
def _deadline(connected: socket.socket, ends: float) -> Iterator[threading.Event]:
    """Cut a connection off when its time is over, also one that answers a byte at a time; yields whether it was.

    Raises:
        TimeoutError: it failed because it was cut off.
    """
    over = threading.Event()
    left = max(ends - time.monotonic(), 0.001)
    connected.settimeout(left)

    def cut() -> None:
        over.set()
        with suppress(OSError):
            socket.socket.shutdown(connected, socket.SHUT_RDWR)

    timer = threading.Timer(left, cut)
    timer.daemon = True
    timer.start()
    try:
        yield over
    except (OSError, HTTPException) as error:
        if over.is_set():
            raise TimeoutError from error
        raise
    finally:
        timer.cancel()
        timer.join()
