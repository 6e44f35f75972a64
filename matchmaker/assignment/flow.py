"""The balanced round as a minimum-cost flow: the largest total within all capacities, exact and in milliseconds.

Every introduction is one unit of flow from a hub through a Korean and a Singapore member back to the hub (a
transportation problem, Hitchcock 1941; Ahuja, Magnanti & Orlin, *Network Flows*, 1993). The arcs of a member carry at
most ``most`` units; ``least`` units are forced through by the usual transformation of lower bounds into supplies, so
that no artificial bonus blurs the costs. That a member meets at most one of a group is one more node between the member
and that group's pairs, with room for one unit. All these sets nest, so the network has an integral optimum, and the
cost-scaling push-relabel method of OR-tools (Goldberg 1997) finds it. Paper-reviewer assignment with loads and demands
is the same problem (Taylor 2008; Charlin & Zemel 2013).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from ortools.graph.python.min_cost_flow import SimpleMinCostFlow

from matchmaker.assignment.errors import NoAssignment, SolvingCancelled
from matchmaker.assignment.pins import settled
from matchmaker.assignment.problem import (
    Assignment,
    Cancelled,
    Integers,
    Mask,
    Problem,
    Progress,
    Weights,
    chosen,
)

MOST_BITS = 34
"""Weights become integers of at most this many bits: a ten-thousandth of a millionth of the largest."""
PRICE_BITS = 60
"""Prices of nodes grow to nodes² times the largest cost at worst, and must fit 64 bits."""

Nodes = NDArray[np.int32]


def balanced(
    problem: Problem,
    *,
    time_limit: float,
    progress: Progress | None = None,
    cancelled: Cancelled | None = None,
) -> Assignment:
    """The assignment of the largest total. Rivals that are no capacity of a network are not looked at (`is_flow`).

    Args:
        time_limit: not needed: a flow takes milliseconds.

    Raises:
        NoAssignment: the rules cannot all hold.
        SolvingCancelled: ``cancelled`` said so before it began.
    """
    if cancelled is not None and cancelled():
        raise SolvingCancelled
    pairs = best_pairs(problem)
    if progress is not None:
        progress(1.0, "flow")
    best = chosen(problem, pairs)
    return chosen(problem, pairs, bound=best.total)


def best_pairs(problem: Problem) -> Mask:
    """The pairs of the largest total, shape (kr, sg).

    Raises:
        NoAssignment: the rules cannot all hold.
    """
    remaining = settled(problem)
    network = _network(remaining)
    solver = SimpleMinCostFlow()
    solver.add_arcs_with_capacity_and_unit_cost(network.tails, network.heads, network.room, network.costs)
    solver.set_nodes_supplies(np.arange(len(network.supplies), dtype=np.int32), network.supplies)
    status = solver.solve()
    if status == solver.INFEASIBLE:
        raise NoAssignment("the capacities and minimums cannot all hold", is_proven=True)
    if status != solver.OPTIMAL:
        raise RuntimeError(f"the flow solver stopped with {status.name}")
    flows = solver.flows(np.arange(len(network.rows), dtype=np.int32))
    pairs = problem.pinned.copy()
    pairs[network.rows, network.columns] = flows > 0
    return pairs


@dataclass(frozen=True, eq=False)
class Network:
    """Arcs and supplies. The first arcs are the open pairs, in the order of ``rows`` and ``columns``."""

    rows: NDArray[np.intp]
    columns: NDArray[np.intp]
    tails: Nodes
    heads: Nodes
    room: Integers
    costs: Integers
    supplies: Integers


@dataclass(frozen=True, eq=False)
class Gates:
    """Nodes that let one unit pass between a member and its pairs with one clique of the other side.

    ``nodes`` and ``members``: shape (gates,); ``passed``: the node that each pair starts or ends at, shape (pairs,).
    """

    nodes: NDArray[np.intp]
    members: NDArray[np.intp]
    passed: NDArray[np.intp]


def _network(problem: Problem) -> Network:
    kr, sg = problem.shape
    rows, columns = np.nonzero(problem.allowed)
    hub = kr + sg
    leaving = _gates(rows, columns, problem.sg.cliques, hub + 1)
    entering = _gates(kr + columns, rows, problem.kr.cliques, hub + 1 + len(leaving.nodes))
    size = hub + 1 + len(leaving.nodes) + len(entering.nodes)
    hubs, members = np.full(hub, hub), np.arange(hub)
    tails = (leaving.passed, hubs[:kr], members[kr:], leaving.members, entering.nodes)
    heads = (entering.passed, members[:kr], hubs[kr:], leaving.nodes, entering.members)
    spare = (problem.kr_most - problem.kr_least, problem.sg_most - problem.sg_least)
    room = (np.ones(len(rows), np.int64), *spare, np.ones(size - hub - 1, np.int64))
    costs = np.zeros(sum(map(len, room)), dtype=np.int64)
    costs[: len(rows)] = _costs(problem.weights[rows, columns], size)
    supplies = np.zeros(size, dtype=np.int64)
    supplies[:kr], supplies[kr:hub] = problem.kr_least, -problem.sg_least
    supplies[hub] = -supplies.sum()
    return Network(
        rows,
        columns,
        np.concatenate(tails).astype(np.int32),
        np.concatenate(heads).astype(np.int32),
        np.concatenate(room),
        costs,
        supplies,
    )


def _gates(nodes: NDArray[np.intp], others: NDArray[np.intp], cliques: Integers | None, first: int) -> Gates:
    """Gates for the pairs of ``nodes`` with ``others``, numbered from ``first``, where a clique offers a choice."""
    if cliques is None or len(np.unique(cliques)) == len(cliques):
        nobody = np.zeros(0, dtype=np.intp)
        return Gates(nobody, nobody, nodes)
    keys = nodes * (int(cliques.max()) + 1) + cliques[others]
    _, firsts, inverse, sizes = np.unique(keys, return_index=True, return_inverse=True, return_counts=True)
    is_gate = sizes > 1
    numbers = first + np.cumsum(is_gate) - 1
    passed = np.where(is_gate[inverse], numbers[inverse], nodes)
    return Gates(numbers[is_gate], nodes[firsts[is_gate]], passed)


def _costs(weights: Weights, nodes: int) -> Integers:
    """Weights as integer costs: as they are where they are small whole numbers, else on a fine binary grid."""
    largest = float(np.abs(weights).max(initial=0.0))
    bits = min(MOST_BITS, PRICE_BITS - 2 * nodes.bit_length())
    if largest < 2.0**bits and np.array_equal(weights, np.rint(weights)):
        return (-weights).astype(np.int64)
    grid: Integers = -np.rint(np.ldexp(weights, bits - math.frexp(largest)[1])).astype(np.int64)
    return grid
