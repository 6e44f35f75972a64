"""Nobody may ask too often."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass
from functools import cached_property

from limits import RateLimitItem, parse
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter

from matchmaker.errors import TooManyRequests


class Throttle:
    """At most so many times in any window of time, for example ``10/hour``. Counted in this process's memory.

    Raises:
        ValueError: the limit is not written as the library `limits` reads it.
    """

    def __init__(self, limit: str) -> None:
        self._limit: RateLimitItem = parse(limit)

    @cached_property
    def _window(self) -> MovingWindowRateLimiter:
        return MovingWindowRateLimiter(MemoryStorage())

    def check(self, *subjects: str) -> None:
        """Count one time for each subject.

        Raises:
            TooManyRequests: one of them has used up its times.
        """
        refused = [subject for subject in subjects if not self._window.hit(self._limit, subject)]
        if refused:
            resets = max(self._window.get_window_stats(self._limit, each).reset_time for each in refused)
            raise TooManyRequests(seconds=_until(resets))


@dataclass(frozen=True, slots=True)
class Allowance:
    """What a quota leaves somebody: ``remaining`` of ``quota`` per ``window`` seconds.

    ``resets``: seconds until more is allowed. ``is_spent``: this very time was one too many, and was not counted.
    """

    name: str
    quota: int
    window: int
    remaining: int
    resets: int
    is_spent: bool = False


class Quota:
    """At most so much in any window of time, told to whoever uses it. Counted in this process's memory.

    Raises:
        ValueError: the limit is not written as the library `limits` reads it.
    """

    def __init__(self, name: str, limit: str) -> None:
        self._name = name
        self._limit: RateLimitItem = parse(limit)

    @cached_property
    def _window(self) -> MovingWindowRateLimiter:
        return MovingWindowRateLimiter(MemoryStorage())

    def take(self, subject: str, cost: int = 1) -> Allowance:
        """Use some of it, all of it at most: what costs more than there ever is would otherwise never be let in."""
        is_taken = self._window.hit(self._limit, subject, cost=min(cost, self._limit.amount))
        found = self._window.get_window_stats(self._limit, subject)
        return Allowance(
            name=self._name,
            quota=self._limit.amount,
            window=self._limit.get_expiry(),
            remaining=max(0, found.remaining),
            resets=_until(found.reset_time),
            is_spent=not is_taken,
        )


@dataclass(frozen=True)
class Quotas:
    """How much anybody may ask, and how much of that may be writes; None: as much as they like."""

    requests: Quota | None
    writes: Quota | None


def _until(moment: float) -> int:
    """Seconds, at least one."""
    return max(1, math.ceil(moment - time.time()))
