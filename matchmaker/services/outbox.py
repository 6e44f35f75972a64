"""The outbox as coordinators see it: what is on its way, what failed, and what they send by hand."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from datetime import datetime

from matchmaker.domain.access import Action, Actor, authorise
from matchmaker.domain.outbox import CONTACT, LINK, LetterState, Posted
from matchmaker.domain.trail import Scalar
from matchmaker.errors import Conflict, IllegalMove
from matchmaker.services.delivery import Delivery
from matchmaker.storage.unit_of_work import Store, UnitOfWork

BY_HAND = (LetterState.WAITING, LetterState.FAILED)
"""What a coordinator may send in the product's place."""


@dataclass(frozen=True)
class Outbox:
    """Letters by state. Their texts never show a link that answers, nor a contact."""

    store: Store
    delivery: Delivery
    now: Callable[[], datetime]

    def list_of(
        self, actor: Actor, states: Collection[LetterState] = (), introduction_id: int | None = None
    ) -> list[Posted]:
        """Letters, of one introduction or of all, the latest first.

        Raises:
            SignInRequired, Forbidden: the actor is no coordinator.
        """
        authorise(actor, Action.INTRODUCE)
        with self.store.reading() as work:
            return [
                _shown(letter)
                for letter in work.outbox.list_of(introduction_id=introduction_id, states=states)
            ]

    def get(self, letter_id: int, actor: Actor) -> Posted:
        """One letter.

        Raises:
            SignInRequired, Forbidden: the actor is no coordinator.
            UnknownRecord: there is none of this number.
        """
        authorise(actor, Action.INTRODUCE)
        with self.store.reading() as work:
            return _shown(work.outbox.get(letter_id))

    def download_eml(self, letter_id: int, actor: Actor) -> bytes:
        """A waiting or failed letter as a message file (RFC 5322), addressed, for sending by hand.

        Its link answers once the letter is marked as sent. Only the recipient's side may have it: it holds an address.

        Raises:
            SignInRequired, Forbidden: the actor may not see the recipient's contact.
            UnknownRecord: there is none of this number.
            IllegalMove: it is not waiting.
            Conflict: it may not leave any more, or a contact is missing.
        """
        with self.store.writing() as work:
            letter = self._for_hand(work, letter_id, actor)
            introduction = work.introductions.get(letter.introduction_id)
            if not self.delivery.may_leave(work, letter, introduction):
                raise Conflict(reason=f"letter {letter_id} may not leave any more")
            message = self.delivery.compose(work, letter, introduction)
            if message is None:
                raise Conflict(reason=f"letter {letter_id} lacks a contact; enter one first")
            work.commit()
        return message.as_bytes()

    def mark_sent(self, letter_id: int, actor: Actor) -> Posted:
        """A coordinator sent a waiting or failed letter by hand: it counts like one that the product sent.

        Raises:
            SignInRequired, Forbidden: the actor may not see the recipient's contact.
            UnknownRecord: there is none of this number.
            IllegalMove: it is not waiting.
            Conflict: it may not leave any more, or a contact is missing.
        """
        with self.store.writing() as work:
            letter = self._for_hand(work, letter_id, actor)
            if self.delivery.prepare(work, letter, actor) is None:
                work.commit()
                raise Conflict(reason=f"letter {letter_id} may not leave any more")
            marked = work.outbox.move(letter_id, LetterState.MANUAL, sent_at=self.now())
            self._note(work, letter, actor, "letter-sent-by-hand")
            work.commit()
        return _shown(marked)

    def resend(self, letter_id: int, actor: Actor) -> Posted:
        """Try a failed letter anew.

        Raises:
            SignInRequired, Forbidden: the actor is no coordinator.
            UnknownRecord: there is none of this number.
            IllegalMove: it has not failed.
        """
        authorise(actor, Action.INTRODUCE)
        with self.store.writing() as work:
            letter = work.outbox.get(letter_id, lock=True)
            if letter.state is not LetterState.FAILED:
                raise IllegalMove(move="resend", stage=letter.state, possible="nothing")
            fresh = work.outbox.move(letter_id, LetterState.WAITING, attempts=0)
            self._note(work, letter, actor, "letter-resent")
            work.commit()
        return _shown(fresh)

    def _for_hand(self, work: UnitOfWork, letter_id: int, actor: Actor) -> Posted:
        authorise(actor, Action.INTRODUCE)
        letter = work.outbox.get(letter_id, lock=True)
        stored = work.members.find_many([letter.member_id]).get(letter.member_id)
        if stored is not None:
            authorise(actor, Action.READ_CONTACTS, country=stored.member.country)
        if letter.state not in BY_HAND:
            raise IllegalMove(move="send by hand", stage=letter.state, possible="nothing")
        return letter

    def _note(self, work: UnitOfWork, letter: Posted, actor: Actor, action: str) -> None:
        subject = f"introduction/{letter.introduction_id}"
        details: dict[str, Scalar] = {"letter": letter.id, "kind": letter.kind, "to": letter.member_id}
        work.trail.append(self.now(), actor.id, action, subject, details)


def _shown(letter: Posted) -> Posted:
    return replace(letter, body=letter.body.replace(LINK, "[…]").replace(CONTACT, "[…]"))
