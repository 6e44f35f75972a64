"""The chain holds, and whatever is done to it is found."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matchmaker.domain.trail import GENESIS, Entry, Scalar, chained, first_break, salted_hash

NOW = datetime(2026, 12, 1, 9, tzinfo=UTC)
SCALARS = st.none() | st.booleans() | st.integers(-(2**50), 2**50) | st.floats(0, 1) | st.text(max_size=20)
DETAILS = st.dictionaries(st.text(min_size=1, max_size=8), SCALARS, max_size=4)


def trail_of(details: list[Mapping[str, Scalar]]) -> list[Entry]:
    seq, last = 0, GENESIS
    entries = []
    for number, each in enumerate(details):
        entry = chained(
            seq, last, NOW + timedelta(minutes=number), "a_1", "decide", f"case/{number % 3}", each
        )
        entries.append(entry)
        seq, last = entry.seq, entry.hash
    return entries


@given(st.lists(DETAILS, max_size=8))
def test_an_untouched_trail_holds(details: list[Mapping[str, Scalar]]) -> None:
    entries = trail_of(details)
    assert first_break(entries, entries[-1].hash if entries else None) is None


@given(st.lists(DETAILS, min_size=2, max_size=8), st.data())
def test_an_altered_entry_is_found_where_it_stands(
    details: list[Mapping[str, Scalar]], draw: st.DataObject
) -> None:
    entries = trail_of(details)
    place = draw.draw(st.integers(0, len(entries) - 1))
    entries[place] = replace(entries[place], details={**entries[place].details, "code": "altered"})
    found = first_break(entries)
    assert found is not None
    assert found.seq == place + 1


@pytest.mark.parametrize("place", [0, 2, 4])
def test_a_removed_entry_is_found(place: int) -> None:
    entries = trail_of([{"n": number} for number in range(5)])
    last = entries[-1].hash
    del entries[place]
    found = first_break(entries, last)
    assert found is not None
    assert found.seq == place + 1


def test_a_rewritten_tail_is_found_by_who_kept_the_latest_hash() -> None:
    entries = trail_of([{"n": 1}, {"n": 2}])
    forged = [entries[0], chained(1, entries[0].hash, NOW, "a_2", "decide", "case/1", {"n": 3})]
    assert first_break(forged) is None
    assert first_break(forged, entries[-1].hash) is not None


def test_a_note_leaves_nothing_readable() -> None:
    digest = salted_hash("전화하지 말 것", "salt")
    assert digest != salted_hash("전화하지 말 것", "other")
    assert len(digest) == 64
