"""Who partners with whom: how well two kinds of organisation suit each other, before a word is read.

Reasoned from what each kind does, not learned from known pairs: a regulator's counterpart is a regulator, a fund
commits to managers, a manager invests in companies, a company needs sites, operators and customers, a university
works with universities and with those who apply its research.
"""

from __future__ import annotations

from itertools import product

from matchmaker.domain.member import Kind

NEUTRAL = 0.4
"""Compatibility of kinds that nothing is said about."""

_RULES: tuple[tuple[str, str, float], ...] = (
    ("ministry", "ministry", 1.0),
    ("ministry", "agency", 0.7),
    ("agency", "agency", 0.8),
    ("ministry agency", "association fund institute", 0.6),
    ("ministry agency", "startup sme corporate", 0.5),
    ("agency", "accelerator corporate", 0.6),
    ("agency", "operator", 0.5),
    ("fund", "fund investor", 1.0),
    ("fund", "startup accelerator", 0.5),
    ("investor", "investor", 0.6),
    ("investor", "startup", 0.9),
    ("investor", "corporate sme", 0.5),
    ("investor", "accelerator", 0.7),
    ("investor fund", "hospital university school institute lab operator", 0.2),
    ("investor", "ministry agency association", 0.3),
    ("university school institute lab", "university school institute lab", 1.0),
    ("university school institute lab", "corporate startup hospital", 0.7),
    ("university school institute lab", "operator sme agency", 0.5),
    ("startup sme", "corporate operator", 0.9),
    ("startup sme", "hospital", 0.8),
    ("startup", "startup", 0.5),
    ("sme", "startup sme", 0.6),
    ("corporate", "corporate operator", 0.8),
    ("corporate operator", "hospital", 0.6),
    ("operator", "operator", 0.6),
    ("hospital", "hospital", 0.9),
    ("association", "association", 1.0),
    ("association", "accelerator", 0.7),
    ("association", "corporate startup sme", 0.5),
    ("accelerator", "accelerator", 0.9),
    ("accelerator", "startup sme", 0.7),
    ("accelerator", "corporate operator", 0.6),
)


def _table() -> dict[tuple[Kind, Kind], float]:
    table = dict.fromkeys(product(Kind, Kind), NEUTRAL)
    for ones, others, value in _RULES:
        for one, other in product(ones.split(), others.split()):
            table[Kind(one), Kind(other)] = table[Kind(other), Kind(one)] = value
    return table


COMPATIBILITY = _table()
"""Symmetric, in [0, 1], for every two kinds."""
