"""The page about rounds: tables from figures. Nothing is computed here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

WAYS = {
    "random": "at random",
    "one_sided": "one-sided: what the member itself would like",
    "reciprocal": "reciprocal: harmonic mean of both sides",
    "equilibrium": "equilibrium ranking",
    "equilibrium_round": "equilibrium round, at least 1 each",
    "balanced": "balanced round",
    "balanced_everybody": "balanced round, at least 1 each",
    "fair": "fair round",
}

SOLVERS = (
    (
        "balanced, the default",
        "`flow`: minimum-cost flow (OR-tools, cost-scaling push-relabel)",
        "always, unless rivals form chains; groups and rivals that all mind each other are capacities too",
        "optimum",
        "Hitchcock 1941; Ahuja, Magnanti & Orlin 1993; Goldberg 1997",
    ),
    (
        "balanced, rivals in chains",
        "`exact`: CP-SAT, started from the flow",
        "A rivals B, B rivals C, but A and C do not mind each other",
        "optimum, or the best in time with a bound",
        "Perron & Didier (CP-SAT)",
    ),
    (
        "fair",
        "`linear`: bound by a linear programme, then mixed-integer programmes (HiGHS)",
        "nobody served may be sacrificed for the total",
        "highest floor, then the largest total; both bounded",
        "Stelmakh, Shah & Singh 2019; Kobren, Saha & McCallum 2019; Huangfu & Hall 2018",
    ),
    (
        "equilibrium",
        "`equilibrium`: proportional fitting in logarithms, then the flow",
        "lists that members act on by themselves; a round that leans on what both sides would settle on",
        "unique equilibrium to 1e-9; the rounding is the optimum for its mass",
        "Choo & Siow 2006; Galichon & Salanié 2022; Tomita et al. 2023",
    ),
    (
        "when not all rules can hold",
        "`relaxing`: CP-SAT, three aims in order",
        "which rules to give up: fewest, then by the least, then the best total",
        "proven smallest, or says that it is not",
        "Amaldi & Kann 1995; Chinneck 2008",
    ),
)


def page(figures: Mapping[str, Any], picture: str) -> str:
    """Markdown of the whole page."""
    parts = (
        _head(figures, picture),
        _reading(figures),
        _introductions(figures),
        _lists(figures),
        _solvers(),
        _timings(figures["timings"]),
        _limits(),
    )
    return "\n\n".join(parts) + "\n"


def _head(figures: Mapping[str, Any], picture: str) -> str:
    members = figures["members"]
    return f"""# Rounds: balancing a whole market at once

Measured on {figures["date"]} with `{figures["command"]}` (`python -m tools.rounds`), which writes this page, the same figures
as [JSON](rounds.json) and the picture. {figures["seeds"]} simulated markets of {members["kr"]} Korean and {members["sg"]} Singapore
members; cells are means with 95% t-intervals over markets.

In these markets some members are popular with everybody. A member's yes has a logit of -1.5, plus the other's popularity
(standard deviation 1.0), plus how well the two fit (0.7, the same for both), plus a taste of its own (0.7). Every way of
choosing sees these logits blurred by noise (0.5); what is reported is computed with the true chances.

![Expected mutual matches against the share of Singapore members that nobody is shown]({picture})"""


def _reading(figures: Mapping[str, Any]) -> str:
    told = figures["introductions"]
    one, both, fair = (told[way] for way in ("one_sided", "reciprocal", "fair"))
    balanced, listed = told["balanced_everybody"], figures["lists"]["equilibrium"]
    return f"""## What it says

- With the same number of introductions the balanced round leads to {_number(balanced["mutual"])} expected mutual matches, the
  reciprocal ranking to {_number(both["mutual"])} and the one-sided ranking to {_number(one["mutual"])}. Market by market that is
  {_percent(balanced["gain"])} more than the reciprocal ranking.
- One-sided ranking leaves {_percent(one["sg_never"])} of the Singapore side without any introduction, reciprocal ranking
  {_percent(both["sg_never"])}. The balanced round with a minimum of one leaves **nobody** unseen on either side
  ({_percent(balanced["kr_never"])} and {_percent(balanced["sg_never"])}), and the minimum costs next to nothing of the total.
- The fair round lifts the worst off and pays for it with {_loss(balanced, fair)} of the expected matches.
- Where members act on lists by themselves, ranking by the equilibrium leads to {_percent(listed["gain"])} more expected mutual
  matches than the reciprocal ranking, and its lists leave {_percent(listed["sg_never"])} of the Singapore side unseen instead of
  {_percent(figures["lists"]["reciprocal"]["sg_never"])}."""


def _introductions(figures: Mapping[str, Any]) -> str:
    room = figures["room"]
    number = figures["introductions"]["balanced"]["shown"]["mean"]
    return f"""## A round with a fixed number of introductions

Room for at most {room["kr"]} introductions of a Korean and {room["sg"]} of a Singapore member. Every way makes the same number,
{number:.0f} in all: rankings give each Korean member its best {room["kr"]} and keep the best {number:.0f} of those, rounds choose all pairs
at once. A ranking does not stop at a member's room: who gets too many introductions takes up the {room["sg"]} it likes best
(kind to the rankings: it knows its own mind), the others come to nothing. A match needs both to say yes.

{_table(figures["introductions"])}"""


def _lists(figures: Mapping[str, Any]) -> str:
    room = figures["room"]
    return f"""## Lists that members act on by themselves

Everybody gets a list of at most {room["list"]} and looks at a place with chance 1/rank. A match needs that each finds the other in
its own list, in time, and says yes. Rankings fill every list (600 places on the Korean side); a round's pairs are shown to
both sides, each list ordered by the product's estimate (400 pairs at most, as nobody is in more than {room["list"]}).

{_table(figures["lists"])}"""


def _table(ways: Mapping[str, Any]) -> str:
    columns = (
        "",
        "expected mutual matches",
        "against reciprocal",
        "KR never shown",
        "SG never shown",
        "Gini KR",
        "Gini SG",
        "most SG",
    )
    rows = [
        (
            title,
            f"{_number(ways[way]['mutual'])} {_range(ways[way]['mutual'])}",
            "" if way == "reciprocal" else _signed(ways[way]["gain"]),
            _percent(ways[way]["kr_never"]),
            _percent(ways[way]["sg_never"]),
            f"{ways[way]['kr_gini']['mean']:.2f}",
            f"{ways[way]['sg_gini']['mean']:.2f}",
            _number(ways[way]["sg_most"]),
        )
        for way, title in WAYS.items()
        if way in ways
    ]
    return _markdown(columns, rows)


def _solvers() -> str:
    columns = ("round", "solver", "when", "what is proven", "paper")
    return f"""## Which solver when

`matchmaker.assignment.solving.solve` chooses; each module's first paragraph explains its method.

{_markdown(columns, SOLVERS)}"""


def _timings(timings: Sequence[Mapping[str, Any]]) -> str:
    columns = ("instance", "open pairs", "optimum", "OR-tools alone", "front door ms", "alone ms", "ratio")
    rows = [
        (
            each["name"],
            f"{each['pairs']:,}",
            f"{each['optimum']:.4f}",
            f"{each['bare_optimum']:.4f}",
            f"{each['ours_ms']:.2f}",
            f"{each['bare_ms']:.2f}",
            f"{each['ratio']:.2f}",
        )
        for each in timings
    ]
    return f"""## The front door against OR-tools alone

Fastest of 31 turns, taken alternately in one process. The front door includes making and checking the problem; OR-tools
alone includes filling its arrays. MIDL: Kobren, Saha & McCallum 2019; PrefLib: MD-00002. With at least two papers each, MIDL's
optimum is 150.0431 (`tests/quality/test_assignment_optima.py`).

{_markdown(columns, rows)}"""


def _limits() -> str:
    return """## What this does not say

The markets are simulated: how skewed popularity is, how blurred the estimates are and how members read lists are assumptions,
stated above. The order of the ways is what to take from it, not the size of the figures. Both sides say yes independently
of each other and of how many introductions they have had. A round knows nothing about the next one."""


def _markdown(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = (columns, ["---"] * len(columns), *rows)
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _number(found: Mapping[str, float]) -> str:
    return f"{found['mean']:.1f}"


def _range(found: Mapping[str, float]) -> str:
    return f"[{found['low']:.1f}; {found['high']:.1f}]"


def _percent(found: Mapping[str, float]) -> str:
    return f"{100 * found['mean']:.1f}%"


def _signed(found: Mapping[str, float]) -> str:
    return f"{100 * found['mean']:+.1f}% [{100 * found['low']:+.1f}; {100 * found['high']:+.1f}]"


def _loss(whole: Mapping[str, Any], part: Mapping[str, Any]) -> str:
    return f"{100 * (1 - part['mutual']['mean'] / whole['mutual']['mean']):.1f}%"
