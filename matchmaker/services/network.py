"""Who works with whom, laid out as two columns.

Every tie joins Korea and Singapore, so the picture is bipartite: with the countries as columns no name covers another
and no line runs under a name, which a spring layout cannot promise. Each group that hangs together is a block of its
own, the largest on top. Within a block, both columns start in spectral order (networkx, a fixed seed) and then take the
mean height of their partners in turn (barycentre heuristic: Sugiyama, Tagawa & Toda 1981); the order with the fewest
crossings is kept. The same ties always give the same picture.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import networkx as nx

from matchmaker.domain.outcome import Network, Place, TieKind
from matchmaker.domain.round import PairKey

SEED = 7
DIGITS = 6
"""Digits at which positions in the spectral order count as equal."""
SWEEPS = 12
"""Passes of the barycentre heuristic; more change nothing at the alliance's size."""
APART = 0.6
"""Rows between two blocks."""


def laid_out(ties: Mapping[PairKey, TieKind], members: Iterable[str]) -> Network:
    """A place for every member with a tie; the rest are counted."""
    graph = nx.Graph(sorted(ties))
    koreans = frozenset(kr for kr, _ in ties)
    groups = sorted(map(sorted, nx.connected_components(graph)), key=lambda group: (-len(group), group))
    places: dict[str, Place] = {}
    top = 0.0
    for group in groups:
        columns = _ordered(_alone(graph, group), koreans)
        tall = max(map(len, columns))
        for x, column in enumerate(columns):
            places |= {
                node: Place(x, top + (row + 0.5) * tall / len(column)) for row, node in enumerate(column)
            }
        top += tall + APART
    isolated = sum(member not in places for member in members)
    return Network(ties, places, isolated, max(top - APART, 0.0))


def _alone(graph: nx.Graph, group: list[str]) -> nx.Graph:
    """A group by itself, its nodes in order: a view would hand them out in the order of a set."""
    alone = nx.Graph()
    alone.add_nodes_from(group)
    alone.add_edges_from((node, partner) for node in group for partner in sorted(graph[node]))
    return alone


def _ordered(graph: nx.Graph, koreans: frozenset[str]) -> tuple[list[str], list[str]]:
    start = _spectral(graph)
    left, right = [n for n in start if n in koreans], [n for n in start if n not in koreans]
    best, fewest = (left, right), _crossings(graph, left, right)
    for _ in range(SWEEPS):
        right = _by_partners(graph, right, left)
        left = _by_partners(graph, left, right)
        if (crossings := _crossings(graph, left, right)) < fewest:
            best, fewest = (left, right), crossings
    return best


def _spectral(graph: nx.Graph) -> list[str]:
    """Who hangs together stands together: in order of the Fiedler vector, equal ones by name."""
    if len(graph) <= 2:
        return list(graph)
    values = nx.fiedler_vector(graph, seed=SEED)
    return [
        node for _, node in sorted((round(float(v), DIGITS), n) for v, n in zip(values, graph, strict=True))
    ]


def _by_partners(graph: nx.Graph, column: Sequence[str], other: Sequence[str]) -> list[str]:
    at = {node: (row + 0.5) / len(other) for row, node in enumerate(other)}
    mean = {node: sum(at[partner] for partner in graph[node]) / graph.degree(node) for node in column}
    return sorted(column, key=lambda node: mean[node])


def _crossings(graph: nx.Graph, left: Sequence[str], right: Sequence[str]) -> int:
    """How many pairs of lines cross: inversions of the right ends, the left ends in order."""
    at = {node: row for row, node in enumerate(right)}
    ends = [end for node in left for end in sorted(at[partner] for partner in graph[node])]
    return sum(later < end for place, end in enumerate(ends) for later in ends[place + 1 :])
