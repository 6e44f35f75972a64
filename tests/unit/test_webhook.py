"""Webhooks: the signature, the schedule, and what is told of what happens."""

from __future__ import annotations

import base64
import hashlib
import hmac
import random
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from matchmaker.domain.access import Action
from matchmaker.domain.review import Move
from matchmaker.domain.trail import GENESIS, Entry, Scalar, chained
from matchmaker.domain.webhook import (
    FAILING_AFTER,
    JITTER,
    PAUSES,
    SECRET_BYTES,
    SUBSCRIBED,
    Answer,
    Endpoint,
    EventType,
    event_of_change,
    event_of_entry,
    new_event,
    new_secret,
    pause_after,
    sign,
    signed_headers,
)
from matchmaker.services import case_moves

NOW = datetime(2026, 12, 1, 9, tzinfo=UTC)
CASE: dict[str, Scalar] = {"kr": "kr-one", "sg": "sg-one", "purpose": "startup", "stage": "shortlisted"}


def entry(action: str, subject: str, details: Mapping[str, Scalar]) -> Entry:
    return chained(0, GENESIS, NOW, "a_1", action, subject, details)


def test_a_signature_is_the_one_of_the_standard() -> None:
    """The example of the Standard Webhooks reference implementations."""
    at = datetime.fromtimestamp(1614265330, UTC)
    signed = sign(
        "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
        "msg_p5jXN8AQM9LWM0D4loKWxJek",
        at,
        b'{"test": 2432232314}',
    )
    assert signed == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_a_secret_has_enough_random_bits() -> None:
    raw = base64.b64decode(new_secret().removeprefix("whsec_"))
    assert len(raw) == SECRET_BYTES
    assert new_secret() != new_secret()


def test_two_live_secrets_sign_both_and_the_old_one_ends() -> None:
    old, new = new_secret(), new_secret()
    endpoint = Endpoint("wh_1", "https://a.example.org", frozenset(), "k_1", new, NOW)
    rotated = replace(endpoint, previous_secret=old, previous_until=NOW + timedelta(hours=1))
    assert endpoint.live_secrets(NOW) == (new,)
    assert rotated.live_secrets(NOW) == (new, old)
    assert rotated.live_secrets(NOW + timedelta(hours=1)) == (new,)
    assert not any(secret in repr(rotated) for secret in (old, new))
    headers = signed_headers("evt_1", NOW, b"{}", rotated.live_secrets(NOW))
    content = f"evt_1.{headers['webhook-timestamp']}.{{}}".encode()
    for secret, signature in zip((new, old), headers["webhook-signature"].split(" "), strict=True):
        key = base64.b64decode(secret.removeprefix("whsec_"))
        mac = hmac.new(key, content, hashlib.sha256).digest()
        assert signature == f"v1,{base64.b64encode(mac).decode()}"


def test_ten_pauses_from_seconds_to_a_day_with_jitter() -> None:
    chance = random.Random(5)
    assert len(PAUSES) == 10
    assert (PAUSES[0], PAUSES[-1]) == (timedelta(seconds=5), timedelta(hours=24))
    assert list(PAUSES) == sorted(PAUSES)
    for attempt, whole in enumerate(PAUSES, 1):
        found = [pause_after(attempt, chance) for _ in range(20)]
        assert all(
            each is not None and whole * (1 - JITTER) <= each <= whole * (1 + JITTER) for each in found
        )
        assert len(set(found)) > 1
    assert pause_after(len(PAUSES) + 1, chance) is None
    assert sum(PAUSES, timedelta()) * (1 + JITTER) < FAILING_AFTER


@pytest.mark.parametrize(
    ("answer", "is_taken"),
    [
        (Answer(200, None, 1), True),
        (Answer(204, None, 1), True),
        (Answer(302, None, 1), False),
        (Answer(410, None, 1), False),
        (Answer(500, None, 1), False),
        (Answer(None, "timeout", 1), False),
    ],
)
def test_only_a_2xx_is_a_yes(answer: Answer, is_taken: bool) -> None:
    assert answer.is_taken is is_taken


def test_every_type_but_the_test_can_happen_and_needs_a_permission() -> None:
    assert all(isinstance(kind.needs, Action) for kind in EventType)
    changes = [event_of_change("kr-one", action, NOW) for action in ("registered", "revised", "withdrawn")]
    entries = [
        entry("shortlist", "case/1", CASE),
        *(entry(f"introduction-{what}", "introduction/1", {}) for what in ("asked", "answered", "accepted")),
        entry("round-published", "round/1", {}),
    ]
    found = [*changes, *map(event_of_entry, entries)]
    assert {event.type for event in found if event} == set(SUBSCRIBED)


@pytest.mark.parametrize("action", [*Move, case_moves.SUGGEST, case_moves.UNDO, case_moves.WITHDRAW])
def test_a_case_is_told_whenever_it_moves(action: str) -> None:
    event = event_of_entry(entry(action, "case/7", {**CASE, "score": 0.3, "note_hash": "secret"}))
    assert event is not None
    assert event.told == {"case": 7, "move": action, **CASE}


@pytest.mark.parametrize(
    ("action", "subject"),
    [("note", "case/1"), ("leave", "member/kr-one"), ("introduction-reminded", "introduction/1")],
)
def test_what_nobody_may_subscribe_to_is_not_told(action: str, subject: str) -> None:
    assert event_of_entry(entry(action, subject, {})) is None
    assert event_of_change("kr-one/sg-one", "partnership", NOW) is None


def test_a_body_is_the_same_for_every_try() -> None:
    event = new_event(EventType.MEMBER_REVISED, NOW, {"member": "kr-one"})
    assert event.body() == event.body()
    assert event.body() == (
        b'{"type":"member.revised","timestamp":"2026-12-01T09:00:00+00:00","data":{"member":"kr-one"}}'
    )
