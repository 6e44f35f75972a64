"""Who works with whom, laid out as two columns.

Every tie joins Korea and Singapore, so the picture is bipartite: with the countries as columns no name covers another
and no line runs under a name, which a spring layout cannot promise. The largest group stands on top; within a group
members stand at the mean height of their partners (barycentre heuristic: Sugiyama, Tagawa & Toda 1981), which leaves
few crossings. The same ties always give the same picture.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import networkx as nx

from matchmaker.domain.outcome import Network, Place, TieKind
from matchmaker.domain.round import PairKey

SWEEPS = 24
"""Passes of the barycentre heuristic; more change nothing at the alliance's size."""


def laid_out(ties: Mapping[PairKey, TieKind], members: Iterable[str]) -> Network:
    """A place for every member with a tie; the rest are counted."""
    graph = nx.Graph(sorted(ties))
    korea, singapore = _columns(graph, frozenset(kr for kr, _ in ties))
    places = {**_placed(graph, korea, 0.0), **_placed(graph, singapore, 1.0)}
    return Network(ties, places, sum(member not in places for member in members))


def _columns(graph: nx.Graph, koreans: frozenset[str]) -> tuple[list[str], list[str]]:
    korea: list[str] = []
    singapore: list[str] = []
    groups = sorted(map(sorted, nx.connected_components(graph)), key=lambda group: (-len(group), group))
    for group in groups:
        left, right = _ordered(graph, group, koreans)
        korea.extend(left)
        singapore.extend(right)
    return korea, singapore


def _ordered(graph: nx.Graph, group: list[str], koreans: frozenset[str]) -> tuple[list[str], list[str]]:
    left = sorted((n for n in group if n in koreans), key=lambda n: (-graph.degree(n), n))
    right = [n for n in group if n not in koreans]
    for _ in range(SWEEPS):
        right = _by_partners(graph, right, left)
        left = _by_partners(graph, left, right)
    return left, right


def _by_partners(graph: nx.Graph, column: list[str], other: list[str]) -> list[str]:
    at = {node: position for position, node in enumerate(other)}
    mean = {n: sum(at[p] for p in graph[n]) / graph.degree(n) for n in column}
    return sorted(column, key=lambda n: (mean[n], n))


def _placed(graph: nx.Graph, column: list[str], x: float) -> dict[str, Place]:
    """Evenly from top to bottom; a column's own order is what `networkx.bipartite_layout` keeps."""
    if not column:
        return {}
    raw = nx.bipartite_layout(graph.subgraph(column), column, scale=1.0) if len(column) > 1 else {}
    lowest = min((float(at[1]) for at in raw.values()), default=0.0)
    highest = max((float(at[1]) for at in raw.values()), default=1.0)
    span = highest - lowest or 1.0
    return {node: Place(x, (float(raw[node][1]) - lowest) / span if node in raw else 0.5) for node in column}
