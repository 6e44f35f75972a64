"""Safe retries: a write that is sent again is carried out once, and answered again as it was.

An attempt is claimed first, in a transaction of its own, so that nobody carries it out twice at a time. What it writes
and how it is answered are then kept in one transaction: after a crash there are both or neither, and in the second
case the claim lapses.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from matchmaker.domain.idempotency import Attempt, Claim, Reply
from matchmaker.errors import AttemptRunning
from matchmaker.services.clock import utc_now
from matchmaker.storage.holding import Hold, held_by
from matchmaker.storage.unit_of_work import Store

__all__ = ["Hold", "Idempotency", "held_by"]


@dataclass(frozen=True)
class Idempotency:
    """Recognises requests that were made before.

    Args:
        keeps: how long an answer is kept.
        lapses: after how long an attempt that was never answered may be taken up by a retry.
    """

    store: Store
    now: Callable[[], datetime] = utc_now
    keeps: timedelta = timedelta(hours=24)
    lapses: timedelta = timedelta(minutes=1)

    def claim(self, attempt: Attempt) -> Claim | Reply:
        """Take an attempt up, or learn how it was answered.

        Raises:
            KeyReused: another request came under this key.
            AttemptRunning: it is being carried out right now.
        """
        claim, now = Claim(attempt.id, secrets.token_hex(16)), self.now()
        with self.store.writing() as work:
            reply = work.attempts.claim(attempt, claim, now, now + self.lapses)
            work.commit()
        return claim if reply is None else reply

    def answer(self, claim: Claim, hold: Hold, reply: Reply) -> None:
        """Keep what was written through a hold together with the answer.

        Raises:
            AttemptRunning: it took so long that a retry has taken the attempt up; nothing is kept.
            StorageUnavailable: the database refuses; nothing is kept.
        """
        try:
            with held_by(hold), self.store.writing() as work:
                subjects = work.attempts.changed_members()
                if not work.attempts.answer(claim, reply, subjects, self.now() + self.keeps):
                    raise AttemptRunning(seconds=1)
                work.commit()
            self.store.keep(hold)
        finally:
            hold.drop()

    def release(self, claim: Claim, hold: Hold) -> None:
        """Keep nothing of a failed attempt: the next one starts afresh."""
        hold.drop()
        with self.store.writing() as work:
            work.attempts.release(claim)
            work.commit()

    def purge(self) -> int:
        """Forget answers that are too old; how many rows went."""
        with self.store.writing() as work:
            gone = work.attempts.purge(self.now())
            work.commit()
        return gone
