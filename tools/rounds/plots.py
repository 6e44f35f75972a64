"""The picture beside the tables: matches against who is left unseen. Same bytes for the same figures."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

INK, ACCENT, MUTED = "#1f2430", "#2456a6", "#9aa1ad"
SHORT = {
    "random": "at random",
    "one_sided": "one-sided",
    "reciprocal": "reciprocal",
    "equilibrium": "equilibrium ranking",
    "equilibrium_round": "equilibrium round",
    "balanced": "balanced round",
    "balanced_everybody": "balanced, at least 1",
    "fair": "fair round",
}
ROUNDS = ("balanced", "balanced_everybody", "fair", "equilibrium_round")


def draw(figures: Mapping[str, Any], path: Path) -> None:
    """Write the picture as SVG."""
    import matplotlib as mpl

    mpl.use("svg")
    mpl.rcParams.update(
        {
            "svg.hashsalt": "rounds",
            "svg.fonttype": "none",
            "font.family": "sans-serif",
            "font.size": 9,
            "axes.spines.top": False,
            "axes.spines.right": False,
            "axes.edgecolor": MUTED,
            "text.color": INK,
        }
    )
    from matplotlib.figure import Figure

    figure = Figure(figsize=(10.5, 5.6), layout="constrained")
    axes = figure.subplots(2, 2, width_ratios=[3, 2])
    titles = {"introductions": "Same number of introductions", "lists": "Lists of one's own"}
    for (matches, unseen), (regime, title) in zip(axes, titles.items(), strict=True):
        _bars(matches, figures[regime], f"{title}: expected mutual matches")
        _unseen(unseen, figures[regime])
    figure.savefig(path, format="svg", metadata={"Date": None})


def _bars(axis: Any, ways: Mapping[str, Any], title: str) -> None:
    names = [way for way in SHORT if way in ways]
    for place, way in enumerate(names):
        found, colour = ways[way]["mutual"], ACCENT if way in ROUNDS else MUTED
        axis.barh(place, found["mean"], color=colour, height=0.6)
        axis.plot([found["low"], found["high"]], [place, place], color=INK, linewidth=1.2)
    _dress(axis, [SHORT[way] for way in names], len(names), title)


def _unseen(axis: Any, ways: Mapping[str, Any]) -> None:
    names = [way for way in SHORT if way in ways]
    for side, marker, colour in (("kr", "o", ACCENT), ("sg", "s", "#c8102e")):
        shares = [100 * ways[way][f"{side}_never"]["mean"] for way in names]
        axis.plot(
            shares, range(len(names)), marker, color=colour, markersize=5, label=f"{side.upper()} members"
        )
    axis.legend(frameon=False, loc="lower right")
    _dress(axis, [], len(names), "never shown, %")
    axis.set_xlim(left=-1)


def _dress(axis: Any, labels: list[str], rows: int, title: str) -> None:
    axis.set_yticks(range(len(labels)), labels)
    axis.set_ylim(rows - 0.5, -0.5)
    axis.grid(axis="x", color="#e6e8ec", linewidth=0.8)
    axis.set_axisbelow(True)
    axis.tick_params(length=0)
    axis.set_title(title, loc="left", fontweight="bold")
