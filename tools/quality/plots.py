"""The picture beside the tables: rungs with intervals, a reliability diagram. Same bytes for the same figures."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tools.quality.report import SHOWN

INK, ACCENT, MUTED = "#1f2430", "#2456a6", "#9aa1ad"
COLOURS = {"baseline": MUTED, "step": ACCENT, "alternative": "#c9ced6"}


def draw(figures: Mapping[str, Any], path: Path) -> None:
    """Write the picture as SVG."""
    import matplotlib as mpl

    mpl.use("svg")
    mpl.rcParams.update(
        {
            "svg.hashsalt": "quality",
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

    ladders = list(figures["ladder"].values())
    figure = Figure(figsize=(10.5, 3.4 * len(ladders) + 3.6), layout="constrained")
    axes = figure.subplots(len(ladders) + 1, 1, height_ratios=[3.4] * len(ladders) + [3.0])
    for axis, ladder in zip(axes, ladders, strict=False):
        _rungs(axis, ladder)
    _reliability(axes[-1], figures["confidence"]["test"])
    figure.savefig(path, format="svg", metadata={"Date": None})


def _rungs(axis: Any, ladder: Mapping[str, Any]) -> None:
    rungs = list(ladder["rungs"].values())
    for place, rung in enumerate(rungs):
        found = rung[ladder["measure"]]
        colour = COLOURS[rung["kind"]]
        axis.plot(
            [found["low"], found["high"]], [place, place], color=colour, linewidth=2, solid_capstyle="round"
        )
        axis.plot(found["mean"], place, "o", color=colour, markersize=6)
    axis.set_yticks(range(len(rungs)), [rung["title"] for rung in rungs])
    axis.invert_yaxis()
    axis.set_xlim(left=0)
    axis.grid(axis="x", color="#e6e8ec", linewidth=0.8)
    axis.set_title(f"{ladder['title']}: {SHOWN[ladder['measure']]}", loc="left", fontweight="bold")
    axis.tick_params(length=0)


def _reliability(axis: Any, report: Mapping[str, Any]) -> None:
    bins = report["bins"]
    axis.plot([0, 1], [0, 1], color=MUTED, linewidth=1)
    sizes = [10 + 160 * part["count"] / report["pairs"] for part in bins]
    axis.scatter(
        [b["predicted"] for b in bins], [b["observed"] for b in bins], s=sizes, color=ACCENT, zorder=3
    )
    axis.set_xlabel("chance that was said")
    axis.set_ylabel("share that came true")
    axis.set_title("KS-Match test: chances come true (area: number of pairs)", loc="left", fontweight="bold")
    axis.set_xlim(0, 1)
    axis.set_ylim(0, 1)
    axis.set_aspect("equal", adjustable="box", anchor="W")
    axis.tick_params(length=0)
