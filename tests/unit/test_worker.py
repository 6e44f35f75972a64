"""The work that comes round ends when it is told to."""

from __future__ import annotations

import threading

import pytest

from matchmaker.services.worker import Worker


def test_a_worker_that_is_stopped_while_it_starts_stops(monkeypatch: pytest.MonkeyPatch) -> None:
    begins, start = threading.Event(), threading.Thread.start
    others = threading.enumerate()

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
    assert [thread for thread in threading.enumerate() if thread not in others] == []
