"""The trail in a real database: appended in one chain, and closed to changes."""

from __future__ import annotations

import threading
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from matchmaker.bootstrap import Matchmaker
from matchmaker.domain.member import Purpose
from matchmaker.domain.review import Stage
from matchmaker.domain.trail import first_break
from matchmaker.errors import AlreadyDecided, UnknownRecord
from tests.factories import make_matchmaker

NOW = datetime(2026, 12, 1, 9, tzinfo=UTC)


@pytest.fixture
def product(tmp_path: Path) -> Matchmaker:
    return make_matchmaker(tmp_path)


def append(product: Matchmaker, count: int) -> None:
    for number in range(count):
        with product.store.writing() as work:
            work.trail.append(NOW, "a_1", "decide", f"case/{number % 2}", {"score": 0.1 + 0.2, "n": number})
            work.commit()


def test_it_is_one_chain_and_holds_when_read_back(product: Matchmaker) -> None:
    append(product, 5)
    with product.store.reading() as work:
        entries = list(work.trail.list_all())
        seq, last = work.trail.head()
        assert [entry.details["n"] for entry in work.trail.list_of("case/1")] == [1, 3]
    assert seq == 5
    assert entries[0].at == NOW
    assert first_break(entries, last) is None


@pytest.mark.parametrize("change", ["UPDATE trail SET actor = 'x' WHERE seq = 2", "DELETE FROM trail"])
def test_the_database_refuses_to_change_it(product: Matchmaker, change: str) -> None:
    append(product, 3)
    with (
        pytest.raises(IntegrityError, match="append-only"),
        product.store.engine.begin() as connection,
    ):
        connection.execute(text(change))


def test_a_row_altered_behind_its_back_is_found(product: Matchmaker) -> None:
    append(product, 4)
    with product.store.engine.begin() as connection:
        connection.execute(text("DROP TRIGGER trail_keeps_content"))
        connection.execute(text("UPDATE trail SET details = replace(details, '2', '7') WHERE seq = 3"))
    with product.store.reading() as work:
        found = first_break(work.trail.list_all())
    assert found is not None
    assert found.seq == 3


def test_writers_at_once_make_one_chain(product: Matchmaker) -> None:
    threads = [threading.Thread(target=append, args=(product, 10)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with product.store.reading() as work:
        entries = list(work.trail.list_all())
    assert len(entries) == 40
    assert first_break(entries) is None


def test_of_two_who_decide_on_one_version_one_is_told_so(product: Matchmaker) -> None:
    with product.store.writing() as work:
        case = work.cases.add("kr", "sg", Purpose.STARTUP, score=0.3, rule="2", snapshot="s", at=NOW)
        work.commit()
    with product.store.writing() as work:
        saved = work.cases.save(case, expected_version=1)
        work.commit()
    assert saved.version == 2
    with product.store.writing() as work, pytest.raises(AlreadyDecided):
        work.cases.save(case, expected_version=1)
    with product.store.reading() as work:
        assert work.cases.find("kr", "sg", Purpose.STARTUP) == saved
        assert work.cases.list_of(stages=[Stage.SUGGESTED], member_id="sg") == [saved]
        with pytest.raises(UnknownRecord):
            work.cases.get(99)
