"""Where a webhook may not go, whoever asks for it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matchmaker.domain.webhook_target import is_public, parse_target
from matchmaker.errors import InvalidInput

HOSTILE = [
    ("https://127.0.0.1/", "not-public"),
    ("https://10.0.0.8/hook", "not-public"),
    ("https://192.168.1.1/", "not-public"),
    ("https://172.16.0.1/", "not-public"),
    ("https://169.254.169.254/latest/meta-data/", "not-public"),
    ("https://168.63.129.16/", "not-public"),
    ("https://100.64.0.1/", "not-public"),
    ("https://0.0.0.0/", "not-public"),
    ("https://255.255.255.255/", "not-public"),
    ("https://224.0.0.1/", "not-public"),
    ("https://2130706433/", "malformed"),
    ("https://0x7f000001/", "malformed"),
    ("https://0177.0.0.1/", "malformed"),
    ("https://127.1/", "malformed"),
    ("https://0x7f.0.0.1/", "malformed"),
    ("https://hooks.example.0x1/", "malformed"),
    ("https://[::1]/", "not-public"),
    ("https://[::]/", "not-public"),
    ("https://[fe80::1]/", "not-public"),
    ("https://[fe80::1%25eth0]/", "not-public"),
    ("https://[fd00::1]/", "not-public"),
    ("https://[::ffff:10.0.0.1]/", "not-public"),
    ("https://[::ffff:8.8.8.8]/", "not-public"),
    ("https://[::7f00:1]/", "not-public"),
    ("https://[64:ff9b::a00:1]/", "not-public"),
    ("https://[64:ff9b:1::a00:1]/", "not-public"),
    ("https://[2002:a00:1::]/", "not-public"),
    ("https://[2001:0:4136:e378:8000:63bf:3fff:fdd2]/", "not-public"),
    ("https://[ff02::1]/", "not-public"),
    ("https://localhost/", "malformed"),
    ("https://localhost./", "malformed"),
    ("https://printer.localhost/", "not-public"),
    ("https://database.internal/", "not-public"),
    ("https://hooks.example.org./", "malformed"),
    ("https://intranet/", "malformed"),
    ("https://hooks.example.org@10.0.0.1/", "userinfo"),
    ("https://user:secret@hooks.example.org/", "userinfo"),
    ("https://@hooks.example.org/", "userinfo"),
    ("https://hooks.example.org:22/", "port"),
    ("https://hooks.example.org:25/", "port"),
    ("https://hooks.example.org:80/", "port"),
    ("https://hooks.example.org:6379/", "port"),
    ("https://hooks.example.org:99999/", "malformed"),
    ("http://hooks.example.org/", "https-only"),
    ("ftp://hooks.example.org/", "https-only"),
    ("file:///etc/passwd", "https-only"),
    ("javascript:alert(1)", "https-only"),
    ("//hooks.example.org/", "https-only"),
    ("https:///", "https-only"),
    ("https://hooks.example.org/#x", "fragment"),
    ("https://hooks.example.org\\@10.0.0.1/", "malformed"),
    ("https://hooks.example.org/\r\nX-Injected: 1", "malformed"),
    ("https://hooks.example.org/ x", "malformed"),
    ("https://①②⑦.0.0.1/", "malformed"),
    ("https://훅.example.org/", "malformed"),
    ("https://-bad.example.org/", "malformed"),
    (f"https://hooks.example.org/{'x' * 2000}", "malformed"),
    ("https://[::1/", "malformed"),
]


@pytest.mark.parametrize(("url", "code"), HOSTILE)
def test_a_hostile_address_is_refused(url: str, code: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        parse_target(url)
    assert [(fault.pointer, fault.code) for fault in caught.value.faults] == [("/url", code)]


@pytest.mark.parametrize(
    ("url", "authority", "path"),
    [
        ("https://hooks.example.org", "hooks.example.org", "/"),
        ("https://Hooks.Example.ORG:443/a?b=c", "hooks.example.org", "/a?b=c"),
        ("https://hooks.example.org:8443/a", "hooks.example.org:8443", "/a"),
        ("https://xn--9k3b.example.org/", "xn--9k3b.example.org", "/"),
        ("https://8.8.8.8/", "8.8.8.8", "/"),
        ("https://[2606:4700::1111]/", "[2606:4700::1111]", "/"),
    ],
)
def test_a_public_address_is_taken_apart(url: str, authority: str, path: str) -> None:
    target = parse_target(url)
    assert (target.authority, target.path, target.is_secure) == (authority, path, True)


def test_this_machine_is_allowed_for_development_alone_and_nothing_else_with_it() -> None:
    own = parse_target("http://127.0.0.1:5000/", allows_loopback=True)
    assert (own.host, own.port, own.is_secure) == ("127.0.0.1", 5000, False)
    assert parse_target("http://localhost:5000/", allows_loopback=True).authority == "localhost:5000"
    for url in ("http://hooks.example.org/", "https://10.0.0.1/", "http://169.254.169.254/"):
        with pytest.raises(InvalidInput):
            parse_target(url, allows_loopback=True)


@given(st.ip_addresses(v=4, network="10.0.0.0/8") | st.ip_addresses(v=4, network="127.0.0.0/8"))
def test_no_private_address_hides_in_another(address: object) -> None:
    number = int(address)  # type: ignore[call-overload]
    groups = f"{number >> 16:x}:{number & 0xFFFF:x}"
    disguises = (f"{address}", f"::ffff:{groups}", f"64:ff9b::{groups}", f"2002:{groups}::", f"::{groups}")
    assert not any(map(is_public, disguises))


def test_what_is_no_address_is_not_public() -> None:
    assert not is_public("localhost")
    assert not is_public("")
