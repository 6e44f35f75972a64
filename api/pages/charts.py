"""Pictures as SVG: drawn on the server, with attributes and classes alone, so that a strict policy holds.

Every function takes numbers and finished words and returns markup; colours and type come from ``charts.css``. A
picture's `<title>` says what it shows; its numbers stand beside it as a table.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from markupsafe import Markup, escape

WIDE = 1120
"""Units of a drawing over the full width of the page."""
NARROW = 328
"""Units of a drawing for phones."""
SHADES = (0.12, 0.24, 0.38, 0.66, 0.80, 0.95)
"""How dark a cell may be: none of the greys on which neither ink nor paper can be read."""
SOLID = 0.88
"""A large dark area, softened."""
LIGHT = 3
"""The first shades, which carry dark text."""
_DAY = timedelta(days=1)


def element(tag: str, content: object = "", /, **attributes: object) -> Markup:
    """One element; ``class_`` is ``class``, ``_`` in names is ``-``, None leaves an attribute out."""
    pairs = Markup("").join(
        Markup(' {}="{}"').format(_name(key), _number(value))
        for key, value in attributes.items()
        if value is not None
    )
    return Markup("<{0}{1}>{2}</{0}>").format(Markup(tag), pairs, content)


def drawing(
    key: str, title: str, width: float, height: float, parts: Iterable[Markup], kind: str = ""
) -> Markup:
    """A whole picture with its accessible title."""
    label = f"{key}-title"
    return element(
        "svg",
        element("title", title, id=label) + Markup("").join(parts),
        class_=f"chart {kind}".strip(),
        viewBox=f"0 0 {_number(width)} {_number(height)}",
        role="img",
        aria_labelledby=label,
    )


@dataclass(frozen=True, slots=True)
class Bar:
    """A step of a funnel: ``note`` says what share of the step before it is."""

    label: str
    count: int
    note: str


def funnel(key: str, title: str, bars: Sequence[Bar]) -> Markup:
    """Steps side by side, each as high as its count, with what is lost between them."""
    gap, top, tall = 16.0, 78.0, 88.0
    width = (WIDE - gap * (len(bars) - 1)) / len(bars)
    most = max((bar.count for bar in bars), default=0) or 1
    parts: list[Markup] = []
    for number, bar in enumerate(bars):
        x, height = number * (width + gap), _height(bar.count, most, tall)
        parts += [
            text(x, 14, bar.label),
            text(x, 40, f"{bar.count}", "big"),
            text(x, 60, bar.note, "faint"),
            rect(x, top + tall - height, width, height, "step", SOLID),
        ]
        if number + 1 < len(bars):
            following = _height(bars[number + 1].count, most, tall)
            parts.append(_slope(x + width, gap, top + tall, height, following))
    return drawing(key, title, WIDE, top + tall + 2, parts, "wide")


def funnel_narrow(key: str, title: str, bars: Sequence[Bar]) -> Markup:
    """The same steps below each other, for phones."""
    most = max((bar.count for bar in bars), default=0) or 1
    parts: list[Markup] = []
    for number, bar in enumerate(bars):
        y = number * 46.0
        words = [
            bar.label,
            element("tspan", f"{bar.count}", class_="strong", dx=6),
            element("tspan", bar.note, class_="faint", dx=6),
        ]
        parts += [
            text(0, y + 13, Markup("").join(map(escape, words))),
            rect(0, y + 20, _height(bar.count, most, NARROW), 10, "step", SOLID),
        ]
    return drawing(key, title, NARROW, len(bars) * 46.0 - 10, parts, "narrow")


@dataclass(frozen=True, slots=True)
class Line:
    """A row or column of a heat map: its name and how many members stand behind it."""

    label: str
    members: int


def heat_map(
    key: str,
    title: str,
    sides: tuple[str, str],
    rows: Sequence[Line],
    columns: Sequence[Line],
    values: Sequence[Sequence[int]],
) -> Markup:
    """Counts by row and column; the darker, the more. Empty cells stay pale and without a number."""
    left, top, high, gap = 132.0, 62.0, 34.0, 3.0
    width = (WIDE - left) / len(columns)
    most = max((value for row in values for value in row), default=0)
    parts = [
        element("circle", class_="sg", cx=left + 5, cy=8, r=4.5),
        text(left + 16, 12, sides[1], "strong"),
        element("circle", class_="kr", cx=5, cy=34, r=4.5),
        text(16, 38, sides[0], "strong"),
    ]
    for number, column in enumerate(columns):
        middle = left + number * width + (width - gap) / 2
        parts += [
            text(middle, 38, column.label, "dense", "middle"),
            text(middle, 54, f"{column.members}", "faint", anchor="middle"),
        ]
    for number, (row, line) in enumerate(zip(rows, values, strict=True)):
        y = top + number * high
        parts += [text(0, y + 20, row.label), text(left - 12, y + 20, f"{row.members}", "faint", "end")]
        for place, value in enumerate(line):
            parts += _cell(left + place * width, y, width - gap, high - gap, value, most)
    return drawing(key, title, WIDE, top + len(rows) * high, parts, "wide")


def histogram(
    key: str,
    title: str,
    labels: Sequence[str],
    above: tuple[str, Sequence[int]],
    below: tuple[str, Sequence[int]],
) -> Markup:
    """Two distributions back to back: Korea grows upwards, Singapore downwards, on one scale."""
    width, tall, axis = 480.0, 84.0, 24.0
    each = width / len(labels)
    most = max((*above[1], *below[1]), default=0) or 1
    middle = 24 + tall
    parts = []
    for place, label in enumerate(labels):
        x, bar = place * each, each - 6
        up, down = (_height(counts[place], most, tall) for counts in (above[1], below[1]))
        parts += [
            rect(x, middle - up, bar, up, "kr"),
            rect(x, middle + axis, bar, down, "sg"),
            text(x + bar / 2, middle + 16, label, anchor="middle"),
        ]
        parts += _count(x + bar / 2, middle - up - 5, above[1][place])
        parts += _count(x + bar / 2, middle + axis + down + 13, below[1][place])
    parts += [
        text(width - 6, 12, above[0], "strong", "end"),
        text(width - 6, middle + axis + tall + 28, below[0], "strong", "end"),
    ]
    return drawing(key, title, width, middle + axis + tall + 34, parts, "mid")


@dataclass(frozen=True, slots=True)
class Span:
    """A waiting time: what, how often, and from the median to where the slowest tenth begins, in words and days.

    ``median`` and ``slowest`` are None where there are too few; ``words`` then says so.
    """

    label: str
    note: str
    colour: str
    median: timedelta | None = None
    slowest: timedelta | None = None
    words: tuple[str, str] = ("", "")


def waits(key: str, title: str, spans: Sequence[Span], day: str) -> Markup:
    """Dot: median; line: up to the slowest tenth; one axis of days. ``day`` is a pattern for ticks."""
    left, right, top, row = 156.0, 474.0, 30.0, 46.0
    longest = max((span.slowest / _DAY for span in spans if span.slowest is not None), default=1.0)
    step = _tick(longest)
    ticks = max(math.ceil(longest / step), 1)
    scale = (right - left) / (ticks * step)
    bottom = top + row * len(spans)
    parts: list[Markup] = []
    for number in range(ticks + 1):
        x = left + number * step * scale
        parts += [
            element("path", class_="rule", d=f"M{_number(x)} 22V{_number(bottom)}"),
            text(x, 14, day % {"num": f"{number * step:g}"}, "faint", "middle"),
        ]
    for number, span in enumerate(spans):
        y = top + number * row + 24
        parts += [text(0, y - 2, span.label), text(0, y + 14, span.note, "faint")]
        parts += _whisker(span, left, scale, y)
    return drawing(key, title, 528, bottom, parts, "mid")


@dataclass(frozen=True, slots=True)
class Columns:
    """Where the two columns of the network stand, and how much of a name fits beside them."""

    width: int
    left: float
    right: float
    letters: int
    kind: str


BESIDE = Columns(WIDE, 376.0, 744.0, 46, "wide")
CLOSE = Columns(NARROW, 122.0, 206.0, 15, "narrow")


@dataclass(frozen=True, slots=True)
class Node:
    """A member in the network: its name, and how many rows from the top."""

    id: str
    name: str
    row: float


def network(
    key: str,
    title: str,
    sides: tuple[str, str],
    korea: Sequence[Node],
    singapore: Sequence[Node],
    ties: Iterable[tuple[str, str, str]],
    rows: float,
    columns: Columns = BESIDE,
) -> Markup:
    """Two columns of names and the ties between them, each a line of a class of its own; strong ones on top."""
    left, right, top, high = columns.left, columns.right, 26.0, 24.0
    at = {node.id: top + node.row * high for node in (*korea, *singapore)}
    lines = sorted(ties, key=lambda tie: (tie[2] == "agreed", tie))
    middle = (left + right) / 2
    parts = [
        element("path", class_=f"tie-line {kind}", d=_curve(left + 8, at[kr], middle, right - 8, at[sg]))
        for kr, sg, kind in lines
    ]
    parts += [text(left - 14, 14, sides[0], "strong", "end"), text(right + 14, 14, sides[1], "strong")]
    for column, x, colour, anchor, away in (
        (korea, left, "kr", "end", -14.0),
        (singapore, right, "sg", None, 14.0),
    ):
        for node in column:
            parts += [
                element("circle", class_=colour, cx=x, cy=at[node.id], r=4.5),
                text(x + away, at[node.id] + 4, shortened(node.name, columns.letters), anchor=anchor),
            ]
    return drawing(key, title, columns.width, top + rows * high + 2, parts, columns.kind)


def text(x: float, y: float, content: object, kind: str | None = None, anchor: str | None = None) -> Markup:
    """Words; without an anchor they start at x."""
    return element("text", content, class_=kind, x=x, y=y, text_anchor=anchor)


def rect(x: float, y: float, width: float, height: float, kind: str, opacity: float | None = None) -> Markup:
    """A bar with soft corners."""
    return element(
        "rect", class_=kind, x=x, y=y, width=max(width, 0.0), height=max(height, 0.0), rx=2, opacity=opacity
    )


def shortened(name: str, width: int) -> str:
    """A name cut to a width in Latin letters; Korean letters count for almost two."""
    used = 0.0
    for position, letter in enumerate(name):
        used += 1.85 if ord(letter) > 0x1100 else 1.0
        if used > width:
            return f"{name[:position].rstrip()}…"
    return name


def _cell(x: float, y: float, width: float, height: float, value: int, most: int) -> list[Markup]:
    if not value:
        return [rect(x, y, width, height, "none")]
    shade = min(math.ceil(value / most * len(SHADES)), len(SHADES)) - 1
    kind = "strong" if shade < LIGHT else "inv"
    return [
        rect(x, y, width, height, "cell", SHADES[shade]),
        text(x + width / 2, y + height / 2 + 4.5, f"{value}", kind, "middle"),
    ]


def _count(x: float, y: float, value: int) -> list[Markup]:
    return [text(x, y, f"{value}", "faint small", "middle")] if value else []


def _whisker(span: Span, left: float, scale: float, y: float) -> list[Markup]:
    if span.median is None or span.slowest is None:
        return [text(left + 10, y + 4, span.words[0], "faint")]
    middle, end = (left + at / _DAY * scale for at in (span.median, span.slowest))
    after = max(end, middle + 8) + 8
    return [
        element("path", class_="whisker", d=f"M{_number(middle)} {_number(y)}H{_number(end)}"),
        element("path", class_="whisker", d=f"M{_number(end)} {_number(y - 5)}v10"),
        element("circle", class_=span.colour, cx=middle, cy=y, r=6),
        text(max(middle, left + 10), y - 11, span.words[0], "strong", "middle"),
        text(after, y + 4, span.words[1], "faint"),
    ]


def _tick(longest: float) -> float:
    """A round number of days, so that there are at most six ticks."""
    choices = (0.25, 0.5, 1, 2, 3, 5, 7, 10, 14, 21, 30, 60, 90, 180)
    return next((step for step in choices if longest / step <= 6), math.ceil(longest / 6))


def _slope(x: float, gap: float, bottom: float, height: float, following: float) -> Markup:
    start, end, top, lower, base = map(_number, (x, x + gap, bottom - height, bottom - following, bottom))
    return element("path", class_="step", opacity=0.14, d=f"M{start} {top}L{end} {lower}V{base}H{start}Z")


def _curve(x: float, y: float, middle: float, end_x: float, end_y: float) -> str:
    x1, y1, m, x2, y2 = map(_number, (x, y, middle, end_x, end_y))
    return f"M{x1} {y1}C{m} {y1} {m} {y2} {x2} {y2}"


def _height(count: int, most: int, full: float) -> float:
    """As high as the count, and never quite invisible unless it is nothing."""
    return max(count / most * full, 2.0) if count else 0.0


def _name(key: str) -> str:
    return key.rstrip("_").replace("_", "-") if key != "viewBox" else key


def _number(value: object) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".") if isinstance(value, float) else str(value)
