"""OR-tools alone on a plain assignment: a source, a sink, and nothing else."""

from __future__ import annotations

import numpy as np
from ortools.graph.python.min_cost_flow import SimpleMinCostFlow

from matchmaker.assignment.problem import Integers, Mask, Weights

SCALE = 1_000_000
"""For weights that are not whole numbers."""


def bare_flow(weights: Weights, allowed: Mask, kr_most: Integers, sg_demand: Integers) -> float:
    """The largest total that fills every column's demand within every row's capacity."""
    kr, sg = weights.shape
    source, sink = kr + sg, kr + sg + 1
    rows, columns = np.nonzero(allowed)
    ends = np.arange(kr + sg)
    tails = np.concatenate((rows, np.full(kr, source), ends[kr:])).astype(np.int32)
    heads = np.concatenate((kr + columns, ends[:kr], np.full(sg, sink))).astype(np.int32)
    room = np.concatenate((np.ones(len(rows), np.int64), kr_most, sg_demand))
    costs = np.zeros(len(room), dtype=np.int64)
    scale = 1 if np.array_equal(weights, np.rint(weights)) else SCALE
    costs[: len(rows)] = -np.rint(weights[rows, columns] * scale)
    solver = SimpleMinCostFlow()
    solver.add_arcs_with_capacity_and_unit_cost(tails, heads, room, costs)
    solver.set_node_supply(source, int(sg_demand.sum()))
    solver.set_node_supply(sink, -int(sg_demand.sum()))
    if solver.solve() != solver.OPTIMAL:
        raise RuntimeError("no assignment fills every demand")
    flows = solver.flows(np.arange(len(rows), dtype=np.int32))
    return float(weights[rows, columns] @ flows)
