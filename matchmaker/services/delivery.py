"""Letters leave: each is claimed by one worker, checked once more, sent, and its fate is kept.

A letter that was handed to the server while the worker died before noting it is sent again when its lease is over:
SMTP offers no way to know (RFC 5321, 4.5.4.1 and RFC 1047). Its Message-ID is the same both times.
"""

from __future__ import annotations

import hashlib
import logging
import random
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email.message import EmailMessage

from matchmaker.domain.access import SYSTEM, Actor
from matchmaker.domain.introduction import Answer, Introduction, State
from matchmaker.domain.member import Status
from matchmaker.domain.outbox import MAX_ATTEMPTS, LetterKind, LetterState, Posted, pause_after
from matchmaker.errors import MailUnavailable
from matchmaker.services.introduction_moves import IntroductionMoves
from matchmaker.services.letters import Letters, id_in, side_of
from matchmaker.services.mailing import Mailer
from matchmaker.storage.unit_of_work import Store, UnitOfWork

LEASE = timedelta(minutes=10)
"""How long a worker may take for one letter; far longer than the mail server's timeout."""
NO_CONTACT = "no-contact"

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Delivery:
    """Sends what is due. Without a mailer, letters wait for a coordinator's hand."""

    store: Store
    moves: IntroductionMoves
    letters: Letters
    mailer: Mailer | None
    now: Callable[[], datetime]
    lease: timedelta = LEASE
    chance: random.Random = field(default_factory=random.Random)

    def deliver(self) -> int:
        """Try every letter that is due; how many left."""
        if self.mailer is None:
            self._show_waiting()
            return 0
        with self.store.reading() as work:
            due = work.outbox.list_due(self.now())
        return sum(self._send(letter_id, self.mailer) for letter_id in due)

    def _show_waiting(self) -> None:
        with self.store.reading() as work:
            is_due = bool(work.outbox.list_due(self.now()))
        if is_due:
            with self.store.writing() as work:
                work.outbox.show_waiting(self.now())
                work.commit()

    def _send(self, letter_id: int, mailer: Mailer) -> bool:
        claimed = self._claim(letter_id)
        if claimed is None:
            return False
        letter, message = claimed
        try:
            mailer.send(message)
        except MailUnavailable as error:
            self._failed(letter, error)
            return False
        self._sent(letter)
        return True

    def _claim(self, letter_id: int) -> tuple[Posted, EmailMessage] | None:
        with self.store.writing() as work:
            letter = work.outbox.claim(letter_id, self.now(), self.now() + self.lease)
            message = self.prepare(work, letter, SYSTEM) if letter is not None else None
            work.commit()
        return (letter, message) if letter is not None and message is not None else None

    def prepare(self, work: UnitOfWork, letter: Posted, actor: Actor) -> EmailMessage | None:
        """The mail for a letter that leaves now; None, and the letter is stopped, if it may not."""
        introduction = work.introductions.get(letter.introduction_id, lock=True)
        if not self.may_leave(work, letter, introduction):
            _stop(work, letter)
            if not introduction.state.is_over:
                self.moves.cancel_if_fallen(work, introduction)
            return None
        message = self.compose(work, letter, introduction)
        if message is None:
            work.outbox.move(letter.id, LetterState.FAILED, error=NO_CONTACT)
        elif letter.kind is LetterKind.ASK and introduction.state is State.HELD:
            self.moves.asked(work, introduction, actor)
        return message

    def may_leave(self, work: UnitOfWork, letter: Posted, introduction: Introduction) -> bool:
        """Whether a letter still says what is so, and goes to somebody who has joined."""
        is_open = not introduction.state.is_over
        return not (is_open and self.moves.has_fallen(work, introduction)) and _is_true(
            work, letter, introduction
        )

    def compose(self, work: UnitOfWork, letter: Posted, introduction: Introduction) -> EmailMessage | None:
        """The mail for a letter, with a link of its own; None if a contact is missing."""
        country = side_of(introduction, letter.member_id)
        contact = work.contacts.find(letter.member_id)
        is_accepted = letter.kind is LetterKind.ACCEPTED and introduction.reveals_contacts
        partner = work.contacts.find(id_in(introduction, country.other)) if is_accepted else None
        if contact is None or (is_accepted and partner is None):
            return None
        token = None
        if letter.kind in (LetterKind.ASK, LetterKind.REMINDER):
            token = secrets.token_urlsafe(32)
            work.answer_links.add(hash_of(token), introduction.id, country)
        return self.letters.message(letter, contact, token=token, partner=partner)

    def _sent(self, letter: Posted) -> None:
        with self.store.writing() as work:
            work.outbox.move(letter.id, LetterState.SENT, sent_at=self.now())
            work.commit()

    def _failed(self, letter: Posted, error: MailUnavailable) -> None:
        code = str(error.params.get("code", "unknown"))[:40]
        is_final = bool(error.params.get("is_final")) or letter.attempts >= MAX_ATTEMPTS
        log.warning("letter %s was not taken (%s), attempt %s", letter.id, code, letter.attempts)
        with self.store.writing() as work:
            current = work.outbox.get(letter.id, lock=True)
            introduction = work.introductions.get(letter.introduction_id)
            if not self.may_leave(work, current, introduction):
                _stop(work, letter)
            elif is_final:
                work.outbox.move(letter.id, LetterState.FAILED, error=code)
            else:
                pause = pause_after(letter.attempts, self.chance)
                work.outbox.move(
                    letter.id, LetterState.WAITING, error=code, next_attempt_at=self.now() + pause
                )
            work.commit()


def hash_of(token: str) -> str:
    """What is kept of a token: SHA-256 in hex. It has 256 random bits, so no slow hash is needed."""
    return hashlib.sha256(token.encode()).hexdigest()


def _is_true(work: UnitOfWork, letter: Posted, introduction: Introduction) -> bool:
    found = work.members.find_many([introduction.kr, introduction.sg])
    recipient = found.get(letter.member_id)
    if recipient is None or recipient.member.status is not Status.MEMBER or not letter.body:
        return False
    if letter.kind is LetterKind.ACCEPTED:
        joined = [each for each in found.values() if each.member.status is Status.MEMBER]
        return introduction.reveals_contacts and len(joined) == 2
    if letter.kind in (LetterKind.ASK, LetterKind.REMINDER):
        is_silent = introduction.answer_of(side_of(introduction, letter.member_id)) is Answer.OPEN
        return not introduction.state.is_over and is_silent
    return True


def _stop(work: UnitOfWork, letter: Posted) -> None:
    work.outbox.move(letter.id, LetterState.CANCELLED)
