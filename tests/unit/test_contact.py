"""What may stand in a letter's head, pauses between tries, and a worker that nothing stops."""

from __future__ import annotations

import random
import threading
from dataclasses import replace
from datetime import timedelta

import pytest

from matchmaker.domain.contact import Contact, checked
from matchmaker.domain.outbox import FIRST_PAUSE, LONGEST_PAUSE, pause_after
from matchmaker.errors import InvalidInput, InvalidSetting
from matchmaker.services.worker import Worker
from matchmaker.settings import read_settings

GOOD = Contact("fic-one", "desk+ai@ward.example", "ko", "대외협력팀", "+82 2 555 0101")


def test_a_plain_contact_passes() -> None:
    assert checked(GOOD) == GOOD
    assert checked(replace(GOOD, name=None, phone=None)).name is None


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("email", "desk@ward.example\r\nBcc: all@evil.example"),
        ("email", "desk@ward.example\n"),
        ("email", "desk@ward.example, other@evil.example"),
        ("email", "Desk <desk@ward.example>"),
        ("email", "desk@ward"),
        ("email", "desk@@ward.example"),
        ("email", "데스크@ward.example"),
        ("email", f"desk@{'a' * 63}.{'b' * 63}.{'c' * 63}.{'d' * 63}.example"),
        ("name", "Desk\r\nBcc: all@evil.example"),
        ("name", "Desk\u202e"),
        ("name", ""),
        ("name", "x" * 81),
        ("phone", "call me"),
        ("phone", "+65 1\n2 3 4 5 6"),
        ("language", "fr"),
    ],
)
def test_what_would_bend_a_letters_head_is_refused(field: str, value: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        checked(replace(GOOD, **{field: value}))  # type: ignore[arg-type]
    assert [fault.pointer for fault in caught.value.faults] == [f"/{field}"]


def test_pauses_grow_and_differ() -> None:
    chance = random.Random(1)
    pauses = [pause_after(attempt, chance) for attempt in range(1, 20)]
    assert FIRST_PAUSE / 2 <= pauses[0] <= FIRST_PAUSE
    assert max(pauses) <= LONGEST_PAUSE
    assert len({pause_after(3, chance) for _ in range(5)}) == 5
    assert sum(pauses[:7], timedelta()) > timedelta(hours=1)


def test_a_task_that_fails_hinders_no_other_and_its_text_stays_out_of_the_log(
    caplog: pytest.LogCaptureFixture,
) -> None:
    done = threading.Event()

    def fail() -> None:
        raise ValueError("a secret text of a profile")

    worker = Worker({"first": fail, "second": done.set}, interval=60)
    worker.start()
    assert done.wait(10)
    worker.stop()
    assert "task first failed: ValueError" in caplog.text
    assert "secret" not in caplog.text


def test_a_worker_that_never_started_can_be_stopped() -> None:
    Worker({}, 1).stop()


def test_expiry_before_the_reminder_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MATCHMAKER_EXPIRE_DAYS", "3")
    with pytest.raises(InvalidSetting):
        read_settings()


@pytest.mark.parametrize(
    "sender", ["", "nobody", "a@x.example, b@x.example", "Desk <desk@x.example>\nBcc: a@b.c"]
)
def test_a_mail_server_needs_one_sender(sender: str, monkeypatch: pytest.MonkeyPatch) -> None:
    from matchmaker.bootstrap import build_matchmaker

    monkeypatch.setenv("MATCHMAKER_SMTP_HOST", "localhost")
    monkeypatch.setenv("MATCHMAKER_MAIL_FROM", sender)
    with pytest.raises(InvalidSetting):
        _ = build_matchmaker().mailer


def test_a_worker_that_is_stopped_while_it_starts_stops(monkeypatch: pytest.MonkeyPatch) -> None:
    begins, start = threading.Event(), threading.Thread.start

    def start_slowly(thread: threading.Thread) -> None:
        if thread.name == "worker":
            begins.set()
            threading.Event().wait(0.1)
        start(thread)

    monkeypatch.setattr(threading.Thread, "start", start_slowly)
    worker = Worker({}, 60.0)
    starting = threading.Thread(target=worker.start)
    starting.start()
    assert begins.wait(10)
    worker.stop()
    starting.join(10)
    assert not any(thread.name == "worker" and thread.is_alive() for thread in threading.enumerate())
