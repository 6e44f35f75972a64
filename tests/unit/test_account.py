"""How secrets are written, and what is kept of them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matchmaker.domain.access import Role
from matchmaker.domain.account import (
    BASE62,
    SECRET_LENGTH,
    SHOWN,
    ApiKey,
    base62,
    digest_of,
    is_intact,
    new_id,
    new_key,
    new_token,
    normal_email,
)

NOW = datetime(2026, 12, 1, tzinfo=UTC)


def test_a_key_says_what_it_is_and_checks_itself() -> None:
    key = new_key()
    assert key.startswith("amk_")
    assert len(key) == 4 + SECRET_LENGTH + 6
    assert set(key[4:]) <= set(BASE62)
    assert is_intact(key)


@given(st.integers(0, 52), st.sampled_from(BASE62))
def test_one_wrong_character_is_noticed(place: int, letter: str) -> None:
    key = KEY[:place] + letter + KEY[place + 1 :]
    assert is_intact(key) is (key == KEY)


KEY = new_key()


@given(st.integers(0, 52))
def test_a_key_that_was_cut_off_is_noticed(length: int) -> None:
    assert not is_intact(KEY[:length])


@pytest.mark.parametrize("text", ["", "amk_", "amk_한글", KEY.lower() + "é", KEY[4:], f" {KEY}"])
def test_other_texts_are_no_keys(text: str) -> None:
    assert not is_intact(text)


@given(st.integers(0, 2**256 - 1))
def test_256_bits_fit_and_stay_apart(number: int) -> None:
    text = base62(number, SECRET_LENGTH)
    assert sum(BASE62.index(digit) * 62**power for power, digit in enumerate(reversed(text))) == number


def test_secrets_and_ids_are_never_alike() -> None:
    assert len({new_token() for _ in range(1000)}) == len({new_id("a") for _ in range(1000)}) == 1000


def test_a_digest_does_not_contain_the_secret() -> None:
    token = new_token()
    assert len(digest_of(token)) == 64
    assert token not in digest_of(token)


@pytest.mark.parametrize(
    ("text", "address"),
    [
        (" Desk@Example.ORG ", "desk@example.org"),
        ("a.b+c@sub.example.org", "a.b+c@sub.example.org"),
        ("desk", None),
        ("desk@example", None),
        ("desk@ex ample.org", None),
        ("a@b@example.org", None),
        ("desk@example.org\r\nBcc: all@example.org", None),
        ("x" * 250 + "@example.org", None),
        ("a,b@example.org", None),
        ("<desk@example.org>", None),
        ("a..b@example.org", None),
        ("데스크@example.org", None),
        ("", None),
    ],
)
def test_an_email_is_compared_in_one_form(text: str, address: str | None) -> None:
    assert normal_email(text) == address


@pytest.mark.parametrize(
    ("expires", "revoked", "is_valid"),
    [(None, None, True), (1, None, True), (0, None, False), (-1, None, False), (None, -1, False)],
)
def test_a_key_is_valid_until_it_ends(expires: int | None, revoked: int | None, is_valid: bool) -> None:
    moments = [NOW + timedelta(days=days) if days is not None else None for days in (expires, revoked)]
    key = ApiKey("k_1", KEY[:SHOWN], Role.PORTAL_READ, "portal", NOW, moments[0], None, moments[1])
    assert key.is_valid(NOW) is is_valid
