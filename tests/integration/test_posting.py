"""Posting to addresses that others chose: real sockets and certificates; only the resolver is a fake."""

from __future__ import annotations

import shutil
import socket
import ssl
import subprocess
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest

from matchmaker.posting.https import HttpsPoster, resolve
from tests.webhooks import Receiver, receiving

BODY = b'{"type":"webhook.test"}'
HOOK = "hooks.example.org"


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as found:
        yield found


def resolving(*addresses: str) -> Callable[[str, int], Sequence[str]]:
    """A resolver that knows one answer."""
    return lambda host, port: addresses


@contextmanager
def serving(serve: Callable[[socket.socket], None]) -> Iterator[int]:
    """A server on a free port that treats each connection in its own way."""
    listener = socket.create_server(("127.0.0.1", 0))

    def run() -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            with connection:
                try:
                    serve(connection)
                except OSError:
                    continue

    thread = threading.Thread(target=run)
    thread.start()
    try:
        yield listener.getsockname()[1]
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join()


@pytest.mark.parametrize(
    "addresses",
    [
        ("10.0.0.1",),
        ("127.0.0.1",),
        ("169.254.169.254",),
        ("100.64.0.1",),
        ("::1",),
        ("fe80::1%eth0",),
        ("::ffff:192.168.0.1",),
        ("64:ff9b::7f00:1",),
        ("2002:7f00:1::1",),
        ("93.184.215.14", "10.0.0.1"),
        ("2606:4700::1111", "fd00::1"),
    ],
)
def test_a_name_that_leads_inside_is_refused_even_if_it_also_leads_outside(addresses: Sequence[str]) -> None:
    answer = HttpsPoster(resolve=resolving(*addresses)).post(f"https://{HOOK}/", {}, BODY)
    assert (answer.status, answer.error) == (None, "target-refused")


def test_a_name_is_resolved_once_so_that_it_cannot_change_its_mind(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """DNS rebinding: public when it is looked at, inside when it is connected to."""
    answers = [("93.184.215.14",), ("127.0.0.1",)]
    connected: list[object] = []

    def connect(address: object, timeout: float) -> socket.socket:
        connected.append(address)
        raise ConnectionRefusedError

    monkeypatch.setattr(socket, "create_connection", connect)
    poster = HttpsPoster(resolve=lambda host, port: answers.pop(0))
    assert poster.post(f"https://{HOOK}/", {}, BODY).error == "connection"
    assert connected == [("93.184.215.14", 443)]
    assert poster.post(f"https://{HOOK}/", {}, BODY).error == "target-refused"
    assert len(connected) == 1


def test_a_name_without_address_is_told() -> None:
    def nothing(host: str, port: int) -> Sequence[str]:
        raise socket.gaierror

    for resolver in (nothing, resolving()):
        assert HttpsPoster(resolve=resolver).post(f"https://{HOOK}/", {}, BODY).error == "unresolved"


def test_an_address_that_was_accepted_once_is_looked_at_again() -> None:
    assert HttpsPoster().post("http://127.0.0.1:5000/", {}, BODY).error == "target-refused"


def test_no_proxy_of_the_environment_is_used(receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    with receiving() as proxy:
        for name in ("http_proxy", "HTTP_PROXY", "https_proxy", "ALL_PROXY"):
            monkeypatch.setenv(name, proxy.url)
        answer = HttpsPoster(allows_loopback=True).post(receiver.url, {"webhook-id": "evt_1"}, BODY)
        assert (answer.status, len(receiver.received), proxy.received) == (204, 1, [])


def test_the_next_address_is_tried_where_one_is_silent(receiver: Receiver) -> None:
    port = int(receiver.url.rsplit(":", 1)[1].strip("/"))
    poster = HttpsPoster(allows_loopback=True, resolve=resolving("127.0.0.2", "127.0.0.1"))
    assert poster.post(f"http://localhost:{port}/", {}, BODY).status == 204
    assert receiver.received[0].headers["Host"] == f"localhost:{port}"


def test_an_answer_that_never_ends_is_cut_off() -> None:
    stop = threading.Event()

    def drip(connection: socket.socket) -> None:
        connection.recv(65536)
        connection.sendall(b"HTTP/1.1 200 OK\r\nX-Slow: ")
        while not stop.wait(0.05):
            connection.sendall(b"x")

    with serving(drip) as port:
        answer = HttpsPoster(allows_loopback=True, timeout=0.5).post(f"http://127.0.0.1:{port}/", {}, BODY)
        stop.set()
    assert (answer.status, answer.error) == (None, "timeout")


def test_a_silent_receiver_times_out() -> None:
    stop = threading.Event()

    def wait(connection: socket.socket) -> None:
        stop.wait(10)

    with serving(wait) as port:
        answer = HttpsPoster(allows_loopback=True, timeout=0.3).post(f"http://127.0.0.1:{port}/", {}, BODY)
        stop.set()
    assert answer.error == "timeout"


def test_a_long_answer_is_thrown_away() -> None:
    read = threading.Event()

    def flood(connection: socket.socket) -> None:
        connection.recv(65536)
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000000\r\n\r\n")
        try:
            while True:
                connection.sendall(b"x" * 65536)
        finally:
            read.set()

    with serving(flood) as port:
        answer = HttpsPoster(allows_loopback=True).post(f"http://127.0.0.1:{port}/", {}, BODY)
        assert (answer.status, answer.error) == (200, None)
        assert read.wait(10), "the connection was not closed"


@pytest.mark.parametrize("said", [b"", b"220 mail.example.org ESMTP\r\n", b"HTTP/1.1 abc\r\n\r\n"])
def test_what_does_not_speak_http_is_told(said: bytes) -> None:
    def talk(connection: socket.socket) -> None:
        connection.recv(65536)
        connection.sendall(said)

    with serving(talk) as port:
        answer = HttpsPoster(allows_loopback=True).post(f"http://127.0.0.1:{port}/", {}, BODY)
    assert answer.error in ("not-http", "connection")


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A certificate for the hook's name, signed by itself, and its key."""
    if shutil.which("openssl") is None:
        pytest.skip("absent: openssl")
    folder = tmp_path_factory.mktemp("certificate")
    made, key = folder / "certificate.pem", folder / "key.pem"
    subprocess.run(
        [
            *("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"),
            *("-keyout", str(key), "-out", str(made), "-subj", f"/CN={HOOK}"),
            *("-addext", f"subjectAltName=DNS:{HOOK}"),
        ],
        check=True,
        capture_output=True,
    )
    return made, key


@contextmanager
def secured(certificate: tuple[Path, Path]) -> Iterator[tuple[int, list[str | None], list[bytes]]]:
    """An https server: its port, the names it was asked for, and what it received."""
    asked: list[str | None] = []
    received: list[bytes] = []
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*certificate)
    context.sni_callback = lambda _socket, name, _context: asked.append(name)

    def serve(connection: socket.socket) -> None:
        with context.wrap_socket(connection, server_side=True) as inner:
            read = b""
            while not read.endswith(BODY):
                read += inner.recv(65536)
            received.append(read)
            inner.sendall(b"HTTP/1.1 204 No Content\r\n\r\n")

    with serving(serve) as port:
        yield port, asked, received


def to_port(port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Lead connections to a public address to this machine, as a network would."""
    connect = socket.create_connection

    def connected(address: tuple[str, int], timeout: float) -> socket.socket:
        assert address == ("93.184.215.14", 443)
        return connect(("127.0.0.1", port), timeout)

    monkeypatch.setattr(socket, "create_connection", connected)


def poster_for(certificate: tuple[Path, Path]) -> HttpsPoster:
    trusting = ssl.create_default_context(cafile=str(certificate[0]))
    return HttpsPoster(resolve=resolving("93.184.215.14"), context=trusting)


def test_the_connection_goes_to_the_address_and_the_certificate_is_the_names(
    certificate: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    with secured(certificate) as (port, asked, received):
        to_port(port, monkeypatch)
        answer = poster_for(certificate).post(f"https://{HOOK}/a?b=c", {"webhook-id": "evt_1"}, BODY)
    assert (answer.status, answer.error) == (204, None)
    assert asked == [HOOK]
    head = received[0].split(b"\r\n")
    assert head[0] == b"POST /a?b=c HTTP/1.1"
    assert f"Host: {HOOK}".encode() in head
    assert sum(line.lower().startswith(b"host:") for line in head) == 1


def test_a_certificate_of_another_name_is_refused(
    certificate: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    with secured(certificate) as (port, _, received):
        to_port(port, monkeypatch)
        answer = poster_for(certificate).post("https://other.example.org/", {}, BODY)
        assert (answer.status, answer.error) == (None, "certificate")
    assert received == []


def test_a_certificate_that_nobody_vouches_for_is_refused(
    certificate: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    with secured(certificate) as (port, _, received):
        to_port(port, monkeypatch)
        answer = HttpsPoster(resolve=resolving("93.184.215.14")).post(f"https://{HOOK}/", {}, BODY)
        assert answer.error == "certificate"
    assert received == []


def test_the_system_resolves_this_machine() -> None:
    assert set(resolve("localhost", 443)) <= {"127.0.0.1", "::1"}
