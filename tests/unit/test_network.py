"""The picture of who works with whom: always the same, and nothing over anything else."""

from __future__ import annotations

import os
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from matchmaker.domain.outcome import TieKind
from matchmaker.domain.round import PairKey
from matchmaker.services.network import laid_out

ROOT = Path(__file__).resolve().parents[2]
PAIRS = st.sets(st.tuples(st.sampled_from("abcdef"), st.sampled_from("uvwxyz")), max_size=14)


def ties(*pairs: PairKey) -> dict[PairKey, TieKind]:
    return dict.fromkeys(pairs, TieKind.KNOWN)


@given(PAIRS)
def test_everybody_with_a_tie_has_a_place_of_its_own(pairs: set[PairKey]) -> None:
    found = laid_out(ties(*pairs), "abcdefuvwxyz")
    assert set(found.places) == {member for pair in pairs for member in pair}
    assert found.isolated == 12 - len(found.places)
    for column in (0, 1):
        rows = sorted(place.row for place in found.places.values() if place.column == column)
        assert all(later - earlier >= 0.99 for earlier, later in pairwise(rows))
        assert all(0 <= row <= found.rows for row in rows)


@given(PAIRS)
def test_the_same_ties_give_the_same_picture(pairs: set[PairKey]) -> None:
    assert laid_out(ties(*pairs), "") == laid_out(ties(*sorted(pairs, reverse=True)), "")


def test_the_picture_does_not_depend_on_the_process() -> None:
    code = (
        "from matchmaker.services.network import laid_out\n"
        "ids = [(f'kr-{n * n % 11}', f'sg-{n * 5 % 13}') for n in range(40)]\n"
        "print(sorted(laid_out(dict.fromkeys(ids, 'known'), []).places.items()))"
    )
    pictures = {
        subprocess.run(
            [sys.executable, "-c", code],
            env={**os.environ, "PYTHONHASHSEED": seed},
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(pictures) == 1


def test_a_chain_is_drawn_without_crossings() -> None:
    chain = [("a", "z"), ("b", "z"), ("b", "u"), ("c", "u"), ("c", "y"), ("d", "y")]
    places = laid_out(ties(*chain), "").places
    ends = sorted((places[kr].row, places[sg].row) for kr, sg in chain)
    assert [sg for _, sg in ends] == sorted(sg for _, sg in ends)


def test_groups_are_blocks_the_largest_on_top() -> None:
    places = laid_out(ties(("a", "u"), ("b", "v"), ("b", "w")), "").places
    assert places["b"].row < places["a"].row
    assert places["a"].row == places["u"].row
