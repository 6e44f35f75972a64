"""What a solver may say instead of an assignment.

These are answers, not faults of a request: whoever opens a round catches them and tells the coordinator in the words of
the round. Hence they stand outside the tree of `matchmaker.errors`.
"""

from __future__ import annotations


class NoAssignment(Exception):
    """No assignment that keeps every rule.

    Attributes:
        is_proven: there is none; otherwise none was found in the time allowed.
    """

    def __init__(self, reason: str, *, is_proven: bool) -> None:
        self.is_proven = is_proven
        super().__init__(reason)


class SolvingCancelled(Exception):
    """Whoever asked for the assignment no longer wants it."""
