"""Where a webhook may go: public https addresses alone, so that nobody makes the service call its own network.

An address is looked at twice. `parse_target` reads it as it is given, when an endpoint is made and before each try;
`is_public` judges what its name resolves to, each time, and the connection then goes to exactly that address.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address, ip_network
from urllib.parse import SplitResult, urlsplit

from matchmaker.errors import Fault, InvalidInput

MAX_URL = 2000
PORTS = (443, 8443)
"""Where https is spoken: other ports speak something else, and would be spoken to."""
LOCAL_NAMES = ("localhost", "local", "internal", "intranet", "lan", "home.arpa", "onion", "test", "invalid")
"""Names that no public resolver knows."""

_NAME = re.compile(r"(?!-)[a-z0-9-]{1,63}(?<!-)(\.(?!-)[a-z0-9-]{1,63}(?<!-))*")
_NUMERIC = re.compile(r"(\d+|0x[0-9a-f]*)")
_ALLOWED = re.compile(r"[!-~]+")
_UNICAST = IPv6Network("2000::/3")
_NAT64 = IPv6Network("64:ff9b::/96")
_SPECIAL = tuple(
    map(
        ip_network,
        (
            "168.63.129.16/32",  # a cloud's own services, on an address that looks public
            "192.88.99.0/24",  # relays from IPv4 to 6to4
            "2001::/23",  # protocols, Teredo among them, which hides an IPv4 address
        ),
    )
)


@dataclass(frozen=True, slots=True)
class Target:
    """An address taken apart. ``path`` begins with a slash and includes the query."""

    host: str
    port: int
    path: str
    is_secure: bool

    @property
    def authority(self) -> str:
        """The Host header: the port is named where it is not the scheme's own."""
        name = f"[{self.host}]" if ":" in self.host else self.host
        return name if self.port == (443 if self.is_secure else 80) else f"{name}:{self.port}"


def parse_target(url: str, *, allows_loopback: bool = False) -> Target:
    """Take an address apart.

    Args:
        allows_loopback: also http and https on this very machine, for tests and development.

    Raises:
        InvalidInput: it is no address that a webhook may have.
    """
    parts = _split(url)
    host, port = (parts.hostname or "").lower(), parts.port
    is_secure = parts.scheme == "https"
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    if allows_loopback and _is_own(host):
        return Target(host, port or (443 if is_secure else 80), path, is_secure)
    if not is_secure:
        raise _refusal("https-only", "a webhook's address begins with https://")
    _check_host(host)
    if (port or 443) not in PORTS:
        raise _refusal("port", f"a webhook's port is one of {', '.join(map(str, PORTS))}")
    return Target(host, port or 443, path, True)


def is_public(address: str) -> bool:
    """Whether an IP address may be connected to: global unicast, and so is an IPv4 address that it embeds."""
    try:
        found = ip_address(address)
    except ValueError:
        return False
    if any(found in network for network in _SPECIAL if network.version == found.version):
        return False
    return _is_public_v4(found) if isinstance(found, IPv4Address) else _is_public_v6(found)


def is_loopback(address: str) -> bool:
    """Whether an IP address is this machine itself."""
    try:
        return ip_address(address).is_loopback
    except ValueError:
        return False


def _is_public_v4(address: IPv4Address) -> bool:
    return address.is_global and not (address.is_multicast or address.is_reserved)


def _is_public_v6(address: IPv6Address) -> bool:
    if address.scope_id is not None:
        return False
    if address in _NAT64:
        return is_public(str(IPv4Address(int(address) & 0xFFFFFFFF)))
    if address.sixtofour is not None:
        return is_public(str(address.sixtofour))
    return address in _UNICAST and address.is_global and not address.is_multicast


def _split(url: str) -> SplitResult:
    if len(url) > MAX_URL or not _ALLOWED.fullmatch(url) or "\\" in url:
        reason = (
            f"an address has at most {MAX_URL} characters, all of them printable ASCII (xn-- for other names)"
        )
        raise _refusal("malformed", reason)
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError as error:
        raise _refusal("malformed", "the address cannot be read") from error
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise _refusal("https-only", "a webhook's address begins with https:// and a host")
    if "@" in parts.netloc:
        raise _refusal("userinfo", "an address carries no user name or password")
    if parts.fragment:
        raise _refusal("fragment", "an address has no part after #")
    return parts


def _check_host(host: str) -> None:
    if _is_literal(host):
        if not is_public(host):
            raise _refusal("not-public", "the address is not one of the public internet")
        return
    last = host.rpartition(".")[2]
    if not _NAME.fullmatch(host) or len(host) > 253 or "." not in host or _NUMERIC.fullmatch(last):
        raise _refusal("malformed", "the host is no full name, such as hooks.example.org")
    if any(host == name or host.endswith(f".{name}") for name in LOCAL_NAMES):
        raise _refusal("not-public", "the name is one of a local network")


def _is_literal(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


def _is_own(host: str) -> bool:
    return host == "localhost" or is_loopback(host)


def _refusal(code: str, reason: str) -> InvalidInput:
    return InvalidInput(reason, (Fault("/url", code, reason),))
