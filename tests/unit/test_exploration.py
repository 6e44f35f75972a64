"""Drawing lists: every candidate's chance is known, and is what really happens."""

from __future__ import annotations

from dataclasses import replace
from itertools import permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matchmaker.errors import InvalidInput, UnknownMember
from matchmaker.scoring.exploration import draw_slate, inclusion, logits_of
from matchmaker.scoring.pool import Pool
from matchmaker.scoring.profile import Profile
from matchmaker.scoring.rule import DECIMALS, Calibration, score
from matchmaker.scoring.shown import CHANNELS, channels_of, evidence_of, written
from tests.factories import make_member, make_partner, make_pool

LOGS = st.lists(st.floats(-4.0, 4.0), min_size=1, max_size=6)


def by_enumeration(logs: list[float], size: int) -> list[float]:
    """The same from the definition: all lists with their probabilities."""
    weights = np.exp(logs)
    found = np.zeros(len(logs))
    for order in permutations(range(len(logs)), min(size, len(logs))):
        chance, left = 1.0, weights.sum()
        for row in order:
            chance *= weights[row] / left
            left -= weights[row]
        found[list(order)] += chance
    return [float(value) for value in found]


@given(LOGS, st.integers(1, 6))
@settings(deadline=None)
def test_chances_are_those_of_the_definition(logs: list[float], size: int) -> None:
    assert inclusion(np.asarray(logs), size).tolist() == pytest.approx(by_enumeration(logs, size), abs=1e-6)


@given(st.integers(1, 120), st.integers(1, 15), st.floats(0.2, 3.0), st.integers(0, 99))
@settings(deadline=None, max_examples=30)
def test_chances_sum_to_the_size_of_the_list_and_follow_the_scores(
    count: int, size: int, temperature: float, seed: int
) -> None:
    scores = np.random.default_rng(seed).normal(size=count)
    found = inclusion(scores / temperature, size)
    assert found.sum() == pytest.approx(min(size, count), abs=1e-3)
    assert ((found > 0) & (found <= 1)).all()
    assert (np.diff(found[np.argsort(scores)]) >= -1e-6).all()


def test_lists_do_not_depend_on_how_scores_are_calibrated(pool: Pool) -> None:
    evidence = pool.rank(asker(pool), lambda _member: True).evidence
    other = replace(pool.rule, calibration=Calibration(3.0, 1.0, 0.1))
    assert logits_of(evidence, other).tolist() == logits_of(evidence, pool.rule).tolist()


def test_chances_are_what_happens() -> None:
    generator = np.random.default_rng(7)
    scores = generator.normal(size=12)
    slates = [draw_slate(scores, 4, 0.7, generator) for _ in range(4000)]
    seen = np.bincount([row for slate in slates for row in slate.rows], minlength=12) / len(slates)
    assert seen == pytest.approx(slates[0].propensities, abs=0.03)


def test_a_list_is_the_same_for_the_same_seed_and_has_nobody_twice() -> None:
    scores = np.linspace(-2.0, 2.0, 30)
    one, other = (draw_slate(scores, 10, 1.0, np.random.default_rng(3)) for _ in range(2))
    assert one.rows == other.rows
    assert len(set(one.rows)) == 10


def test_a_cold_list_keeps_the_order_and_a_short_pool_is_shown_whole() -> None:
    scores = np.asarray([0.1, 0.9, 0.5])
    assert draw_slate(scores, 2, 1e-3, np.random.default_rng(0)).rows == (1, 2)
    assert draw_slate(scores, 5, 1.0, np.random.default_rng(0)).propensities.tolist() == [1.0, 1.0, 1.0]
    assert draw_slate(np.zeros(0), 5, 1.0, np.random.default_rng(0)).rows == ()


@pytest.mark.parametrize(("size", "temperature"), [(0, 1.0), (1, 0.0), (1, float("inf")), (1, float("nan"))])
def test_impossible_lists_are_refused(size: int, temperature: float) -> None:
    with pytest.raises(InvalidInput, match="at least 1"):
        draw_slate(np.ones(3) / 2, size, temperature, np.random.default_rng(0))


@pytest.fixture
def pool() -> Pool:
    others = [make_partner(external_id=f"sg-{name}", needs=()) for name in ("two", "three")]
    return make_pool([make_member(), make_partner(), *others])


def asker(pool: Pool) -> Profile:
    found = pool.find("kr-one")
    assert found is not None
    return found


def test_evidence_is_what_the_ranking_saw_in_the_order_asked_for(pool: Pool) -> None:
    ranking = pool.rank(asker(pool), lambda _member: True)
    names = [member.external_id for member in ranking.members]
    assert evidence_of(pool, asker(pool), names) == written(ranking.evidence)
    assert evidence_of(pool, asker(pool), names[::-1]) == written(ranking.evidence)[::-1]


def test_evidence_that_was_written_down_scores_the_same(pool: Pool) -> None:
    ranking = pool.rank(asker(pool), lambda _member: True)
    again = channels_of(written(ranking.evidence))
    assert set(CHANNELS) == set(vars(again))
    assert score(again).score == pytest.approx(ranking.scores.score, abs=10**-DECIMALS * 2)


@pytest.mark.parametrize("name", ["nobody", "kr-one"])
def test_evidence_needs_a_candidate_of_the_other_country(name: str, pool: Pool) -> None:
    with pytest.raises(UnknownMember, match=name):
        evidence_of(pool, asker(pool), [name])
