"""Nobody may ask too often."""

from __future__ import annotations

import math
import time
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
            raise TooManyRequests(seconds=max(1, math.ceil(resets - time.time())))
