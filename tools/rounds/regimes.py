"""Two ways in which suggestions reach members, and what each way of choosing them leads to."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
from numpy.typing import NDArray

from matchmaker.assignment.equilibrium import equilibrium
from matchmaker.assignment.exposure import attention, expected_mutual, exposure, top_lists
from matchmaker.assignment.problem import Mask, Problem
from matchmaker.assignment.solving import solve
from matchmaker.domain.round import Method
from tools.rounds.market import Chances, Market

LIST = 5
"""Places of a member's list."""
KR_ROOM, SG_ROOM = 3, 4
"""Introductions that a member takes part in, in a round."""
SECONDS = 60.0

Figures = dict[str, float]


def lists(market: Market) -> dict[str, Figures]:
    """Everybody acts on a list of their own: a pair is made if each finds the other in time and says yes."""
    mass = equilibrium(_problem(market, LIST, LIST)).mass
    ranked: Mapping[str, tuple[Chances, Chances]] = {
        "one_sided": (market.kr_seems, market.sg_seems),
        "reciprocal": (market.harmonic, market.harmonic),
        "equilibrium": (mass, mass),
    }
    found = {
        name: _from_lists(market, top_lists(kr, LIST), top_lists(sg.T, LIST).T)
        for name, (kr, sg) in {"random": _by_chance(market), **ranked}.items()
    }
    for name, rounded in _rounds(market, LIST, LIST).items():
        kr = top_lists(market.mutual, LIST, rounded)
        found[name] = _from_lists(market, kr, top_lists(market.mutual.T, LIST, rounded.T).T)
    return found


def introductions(market: Market) -> dict[str, Figures]:
    """The same number of introductions for every way; whoever gets too many takes up those it likes best."""
    rounded = _rounds(market, KR_ROOM, SG_ROOM)
    number = int(rounded["balanced"].sum())
    mass = equilibrium(_problem(market, KR_ROOM, SG_ROOM)).mass
    scores = {
        "random": _by_chance(market)[0],
        "one_sided": market.kr_seems,
        "reciprocal": market.harmonic,
        "equilibrium": mass,
    }
    tables = {name: _best(score, number) for name, score in scores.items()} | rounded
    return {name: _from_introductions(market, table) for name, table in tables.items()}


def _rounds(market: Market, kr: int, sg: int) -> dict[str, Mask]:
    """The product's own rounds, as tables."""
    ways: Mapping[str, Callable[[], tuple[Problem, Method]]] = {
        "balanced": lambda: (_problem(market, kr, sg), Method.BALANCED),
        "balanced_everybody": lambda: (_problem(market, kr, sg, least=1), Method.BALANCED),
        "fair": lambda: (_problem(market, kr, sg), Method.FAIR),
        "equilibrium_round": lambda: (_problem(market, kr, sg, least=1), Method.EQUILIBRIUM),
    }
    tables = {}
    for name, way in ways.items():
        problem, method = way()
        found = solve(problem, method, time_limit=SECONDS)
        tables[name] = np.zeros(problem.shape, dtype=np.bool_)
        tables[name][found.rows, found.columns] = True
    return tables


def _problem(market: Market, kr: int, sg: int, least: int = 0) -> Problem:
    return Problem.of(market.mutual, kr_most=kr, sg_most=sg, kr_least=least, sg_least=least)


def _by_chance(market: Market) -> tuple[Chances, Chances]:
    rng = np.random.default_rng(int(market.kr_seems[0, 0] * 1e9))
    return rng.random(market.mutual.shape), rng.random(market.mutual.shape)


def _best(scores: Chances, number: int) -> Mask:
    """Each Korean member's best partners, and of all those the best ``number``."""
    listed = top_lists(scores, KR_ROOM) > 0
    flat = np.where(listed, scores, -np.inf).ravel()
    table = np.zeros(scores.size, dtype=np.bool_)
    table[np.argsort(-flat, kind="stable")[:number]] = True
    return table.reshape(scores.shape)


def _from_lists(market: Market, kr: NDArray[np.int64], sg: NDArray[np.int64]) -> Figures:
    mutual = expected_mutual(attention(kr) * market.kr_accepts, attention(sg) * market.sg_accepts)
    return {"mutual": mutual, "shown": float((kr > 0).sum()), **_spread(sg > 0, kr > 0)}


def _from_introductions(market: Market, table: Mask) -> Figures:
    kr = top_lists(market.kr_accepts, KR_ROOM, table) > 0
    sg = top_lists(market.sg_accepts.T, SG_ROOM, table.T).T > 0
    mutual = expected_mutual(kr * market.kr_accepts, sg * market.sg_accepts)
    return {"mutual": mutual, "shown": float(table.sum()), **_spread(table, table)}


def _spread(kr_shown: Mask, sg_shown: Mask) -> Figures:
    """How Korean members are shown to Singapore's and the other way round."""
    sides = {"kr": exposure(kr_shown.sum(axis=1)), "sg": exposure(sg_shown.sum(axis=0))}
    return {
        f"{side}_{name}": float(value)
        for side, found in sides.items()
        for name, value in (("never", found.never_shown), ("gini", found.gini), ("most", found.most))
    }
