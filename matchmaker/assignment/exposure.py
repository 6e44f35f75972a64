"""How introductions spread over members, and what lists of suggestions lead to."""

from __future__ import annotations

from matchmaker.assignment.problem import Integers
from matchmaker.domain.round import Exposure


def exposure(counts: Integers) -> Exposure:
    """How alike members are shown. ``counts``: introductions of each member, shape (members,)."""
    raise NotImplementedError
