"""Rounds: stated, solved, published into the review queue, taken back. A round sends nothing to anybody."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Protocol

from matchmaker.assignment.errors import NoAssignment, SolvingCancelled
from matchmaker.domain.access import SYSTEM, Action, Actor, authorise
from matchmaker.domain.member import Member, Purpose
from matchmaker.domain.round import (
    MAY_REVISE,
    PairKey,
    Proposal,
    Relaxation,
    Round,
    RoundRules,
    RoundState,
    Undone,
)
from matchmaker.domain.trail import Scalar, salted_hash
from matchmaker.errors import Fault, IllegalMove, InvalidInput, MatchmakerError, StaleVersion, TooLate
from matchmaker.formats.round_rules import contradictions, faults_among, refuse
from matchmaker.services.catalogue import Catalogue, Edition
from matchmaker.services.round_publishing import Meanwhile, publish_pairs, take_back
from matchmaker.services.round_relaxing import relaxed
from matchmaker.services.round_solving import Watch, attempt
from matchmaker.storage.unit_of_work import Store, UnitOfWork

LONGEST_NAME = 120

log = logging.getLogger(__name__)


class Voices(Protocol):
    """What members said about partners."""

    def ruled_out(self, purpose: Purpose | None = None) -> set[PairKey]:
        """Pairs that one of the two does not want."""


@dataclass(frozen=True)
class NobodySpoke:
    """`Voices` where members are not asked."""

    def ruled_out(self, purpose: Purpose | None = None) -> set[PairKey]:
        """None."""
        return set()


@dataclass(frozen=True)
class Rounds:
    """See the module. ``voices``: pairs that a member does not want are never proposed."""

    store: Store
    catalogue: Catalogue
    voices: Voices
    now: Callable[[], datetime]
    running: dict[int, threading.Thread] = field(default_factory=dict, compare=False, repr=False)

    def list(self, *states: RoundState) -> tuple[Round, ...]:
        """All rounds, or those in some states; the newest first."""
        with self.store.reading() as work:
            return tuple(work.rounds.list_all(*states))

    def get(self, round_id: int) -> Round:
        """One round.

        Raises:
            UnknownRecord: there is none of this number.
        """
        with self.store.reading() as work:
            return work.rounds.get(round_id)

    def open(self, name: str, rules: RoundRules, actor: Actor) -> Round:
        """A new round, a draft.

        Raises:
            SignInRequired, Forbidden: the actor runs no rounds.
            InvalidInput: a rule contradicts another or the directory; one fault per place.
        """
        authorise(actor, Action.RUN_ROUNDS)
        self._check(rules)
        with self.store.writing() as work:
            opened = work.rounds.add(_named(name), rules, actor.id, self.now())
            self._note(work, actor, "round-opened", opened, _stated(work, opened))
            work.commit()
        return opened

    def revise(
        self,
        round_id: int,
        rules: RoundRules,
        actor: Actor,
        expected_version: int | None = None,
        name: str | None = None,
    ) -> Round:
        """Other rules, or another name; what was proposed under the old ones is forgotten.

        Raises:
            SignInRequired, Forbidden: the actor runs no rounds.
            InvalidInput: a rule contradicts another or the directory; one fault per place.
            UnknownRecord: there is no such round.
            StaleVersion: it is at another version than expected.
            IllegalMove: it is being solved, or published, or withdrawn.
        """
        return self._revise("round-revised", round_id, rules, actor, expected_version, name)

    def apply_relaxation(self, round_id: int, actor: Actor, expected_version: int | None = None) -> Round:
        """Give up the rules that the way out names; the round is a draft then, to be solved again.

        Raises:
            IllegalMove: the round has no way out to take; otherwise see `revise`.
        """
        found = self.get(round_id)
        if found.state is not RoundState.INFEASIBLE or found.relaxation is None:
            raise IllegalMove(move="relax", stage=found.state, possible="solve")
        version = found.version if expected_version is None else expected_version
        rules = relaxed(found.rules, found.relaxation)
        return self._revise("round-relaxed", round_id, rules, actor, version, None)

    def solve(self, round_id: int, actor: Actor) -> Round:
        """Start solving in the background; `get` tells the progress.

        Raises:
            SignInRequired, Forbidden: the actor runs no rounds.
            UnknownRecord: there is no such round.
            IllegalMove: it is being solved already, or published, or withdrawn.
            InvalidInput: a rule contradicts the directory as it is by now.
        """
        begun = self._begin(round_id, actor)
        thread = threading.Thread(
            target=self._run, args=(begun, actor), name=f"round-{round_id}", daemon=True
        )
        self.running[round_id] = thread
        thread.start()
        return begun

    def solve_now(self, round_id: int, actor: Actor) -> Round:
        """Solve and wait for what comes out.

        Raises:
            See `solve`.
        """
        begun = self._begin(round_id, actor)
        self.running[round_id] = threading.current_thread()
        self._run(begun, actor)
        return self.get(round_id)

    def wait(self, round_id: int, timeout: float | None = None) -> Round:
        """The round, once this process no longer works on it or the time, in seconds, is over."""
        thread = self.running.get(round_id)
        if thread is not None and thread is not threading.current_thread():
            thread.join(timeout)
        return self.get(round_id)

    def cancel(self, round_id: int, actor: Actor) -> None:
        """Ask whoever solves the round to stop; it is a draft again shortly after.

        Raises:
            SignInRequired, Forbidden: the actor runs no rounds.
            UnknownRecord: there is no such round.
            IllegalMove: nobody solves it.
        """
        authorise(actor, Action.RUN_ROUNDS)
        with self.store.writing() as work:
            held = work.rounds.hold(round_id)
            _require("cancel", held, RoundState.SOLVING)
            work.rounds.request_cancel(round_id)
            self._note(work, actor, "round-cancelled", held, {})
            work.commit()

    def publish(self, round_id: int, actor: Actor, expected_version: int | None = None) -> int:
        """Bring the chosen pairs into the review queue, in one transaction.

        Pairs that became impossible meanwhile are left out; `Round.skipped` says which, and why.

        Returns:
            How many cases were opened or opened again.

        Raises:
            SignInRequired, Forbidden: the actor runs no rounds.
            UnknownRecord: there is no such round.
            StaleVersion: it is at another version than expected.
            IllegalMove: it has nothing to publish.
        """
        authorise(actor, Action.RUN_ROUNDS)
        edition = self.catalogue.current()
        unwanted = self.voices.ruled_out(self.get(round_id).rules.purpose)
        with self.store.writing() as work:
            held = _held(work, round_id, expected_version)
            if held.state is not RoundState.PROPOSED or held.proposal is None:
                raise IllegalMove(move="publish", stage=held.state, possible=_possible(held.state))
            meanwhile = Meanwhile(edition, unwanted, self.now())
            cases, skipped = publish_pairs(work, held, held.proposal, meanwhile, actor)
            published = replace(held, state=RoundState.PUBLISHED, published_at=meanwhile.now, skipped=skipped)
            work.rounds.save(published, held.version)
            work.rounds.keep_published(round_id, cases)
            counts: dict[str, Scalar] = {
                "cases": len(cases),
                "skipped": len(skipped),
                "snapshot": held.proposal.snapshot,
            }
            self._note(work, actor, "round-published", held, counts)
            work.commit()
        return len(cases)

    def undo_publish(self, round_id: int, actor: Actor, expected_version: int | None = None) -> Undone:
        """Take back the published cases that nobody has decided about; the round is proposed again.

        Raises:
            SignInRequired, Forbidden: the actor runs no rounds.
            UnknownRecord: there is no such round.
            StaleVersion: it is at another version than expected.
            IllegalMove: it is not published.
            TooLate: every case has been decided about.
        """
        authorise(actor, Action.RUN_ROUNDS)
        with self.store.writing() as work:
            held = _held(work, round_id, expected_version)
            _require("undo", held, RoundState.PUBLISHED)
            undone = take_back(work, round_id, actor, self.now())
            if undone.staying and not undone.taken_back:
                raise TooLate(what=f"Round {round_id}", reason="every pair has been decided about")
            again = replace(held, state=RoundState.PROPOSED, published_at=None, skipped=())
            work.rounds.save(again, held.version)
            work.rounds.keep_published(round_id, ())
            counts: dict[str, Scalar] = {"taken_back": undone.taken_back, "staying": undone.staying}
            self._note(work, actor, "round-undone", held, counts)
            work.commit()
        return undone

    def discard(self, round_id: int, actor: Actor, expected_version: int | None = None) -> Round:
        """Put a round away for good.

        Raises:
            SignInRequired, Forbidden: the actor runs no rounds.
            UnknownRecord: there is no such round.
            StaleVersion: it is at another version than expected.
            IllegalMove: it is being solved, or published, or withdrawn already.
        """
        authorise(actor, Action.RUN_ROUNDS)
        with self.store.writing() as work:
            held = _held(work, round_id, expected_version)
            _require("discard", held, *MAY_REVISE)
            withdrawn = work.rounds.save(replace(held, state=RoundState.WITHDRAWN), held.version)
            self._note(work, actor, "round-withdrawn", held, {})
            work.commit()
        return withdrawn

    def recover(self) -> int:
        """Mark the rounds that a restart interrupted as failed, so that they can be solved again; how many.

        To be called when the service starts. An attempt of another process that still runs is stopped by it.
        """
        count = 0
        with self.store.writing() as work:
            for each in work.rounds.list_all(RoundState.SOLVING):
                thread = self.running.get(each.id)
                if thread is None or not thread.is_alive():
                    work.rounds.save(
                        replace(each, state=RoundState.FAILED, stage="interrupted"), each.version
                    )
                    self._note(work, SYSTEM, "round-failed", each, {"code": "interrupted"})
                    count += 1
            work.commit()
        return count

    def _check(self, rules: RoundRules) -> None:
        refuse(contradictions(rules))
        refuse(faults_among(rules, _everybody(self.catalogue.current())))

    def _revise(
        self,
        action: str,
        round_id: int,
        rules: RoundRules,
        actor: Actor,
        expected_version: int | None,
        name: str | None,
    ) -> Round:
        authorise(actor, Action.RUN_ROUNDS)
        self._check(rules)
        with self.store.writing() as work:
            held = _held(work, round_id, expected_version)
            _require("revise", held, *MAY_REVISE)
            changed = replace(
                _emptied(held),
                name=held.name if name is None else _named(name),
                rules=rules,
                state=RoundState.DRAFT,
            )
            saved = work.rounds.save(changed, held.version)
            self._note(work, actor, action, saved, _stated(work, saved))
            work.commit()
        return saved

    def _begin(self, round_id: int, actor: Actor) -> Round:
        authorise(actor, Action.RUN_ROUNDS)
        self._check(self.get(round_id).rules)
        with self.store.writing() as work:
            held = work.rounds.hold(round_id)
            _require("solve", held, *MAY_REVISE)
            solving = replace(_emptied(held), state=RoundState.SOLVING, stage="scoring")
            begun = work.rounds.save(solving, held.version)
            self._note(work, actor, "round-solving", begun, {"method": held.rules.method.value})
            work.commit()
        return begun

    def _run(self, begun: Round, actor: Actor) -> None:
        """An attempt to its end, whatever that is: a thread has no caller to tell."""
        try:
            self._finish(self._outcome(begun), actor)
        except SolvingCancelled:
            self._finish(replace(begun, state=RoundState.DRAFT, stage="cancelled", progress=0.0), actor)
        except NoAssignment as error:
            stage = "no-way-out" if error.is_proven else "out-of-time"
            self._finish(replace(begun, state=RoundState.FAILED, stage=stage), actor)
        except MatchmakerError as error:
            log.error("round %d failed: %s", begun.id, error.code)
            self._finish(replace(begun, state=RoundState.FAILED, stage=error.code), actor)
        except Exception as error:
            log.exception("round %d failed: %s", begun.id, type(error).__name__)
            self._finish(replace(begun, state=RoundState.FAILED, stage="failed"), actor)
        finally:
            self.running.pop(begun.id, None)

    def _outcome(self, begun: Round) -> Round:
        purpose = begun.rules.purpose
        with self.store.reading() as work:
            cases = work.cases.list_of(purpose=purpose)
        watch = Watch(self.store, begun.id, begun.version)
        edition, unwanted = self.catalogue.current(), self.voices.ruled_out(purpose)
        found = attempt(begun, edition, cases, unwanted, self.now(), watch)
        done = replace(begun, stage=None, progress=1.0)
        if isinstance(found, Relaxation):
            return replace(done, state=RoundState.INFEASIBLE, relaxation=found)
        return replace(done, state=RoundState.PROPOSED, proposal=found)

    def _finish(self, done: Round, actor: Actor) -> None:
        with self.store.writing() as work:
            held = work.rounds.hold(done.id)
            if held.state is not RoundState.SOLVING or held.version != done.version:
                return  # somebody gave this attempt up (see `recover`)
            work.rounds.save(done, done.version)
            self._note(work, actor, f"round-{done.state}", done, _come_to(done))
            work.commit()

    def _note(
        self, work: UnitOfWork, actor: Actor, action: str, about: Round, details: Mapping[str, Scalar]
    ) -> None:
        work.trail.append(self.now(), actor.id, action, f"round/{about.id}", details)


def _everybody(edition: Edition) -> dict[str, Member]:
    sides = edition.pool.sides.values()
    return {entry.member.external_id: entry.member for side in sides for entry in side.entries}


def _named(name: str) -> str:
    shown = " ".join(name.split())
    if not 0 < len(shown) <= LONGEST_NAME:
        reason = f"give the round a name of at most {LONGEST_NAME} characters"
        raise InvalidInput(reason, (Fault("/name", "length", reason),))
    return shown


def _held(work: UnitOfWork, round_id: int, expected_version: int | None) -> Round:
    held = work.rounds.hold(round_id)
    if expected_version is not None and held.version != expected_version:
        raise StaleVersion(external_id=f"round {round_id}", current=held.version, expected=expected_version)
    return held


def _require(move: str, held: Round, *states: RoundState) -> None:
    if held.state not in states:
        raise IllegalMove(move=move, stage=held.state, possible=_possible(held.state))


def _possible(state: RoundState) -> str:
    if state is RoundState.SOLVING:
        return "cancel"
    if state is RoundState.PUBLISHED:
        return "undo"
    if state is RoundState.WITHDRAWN:
        return "nothing"
    return "publish, revise, solve, discard" if state is RoundState.PROPOSED else "revise, solve, discard"


def _emptied(held: Round) -> Round:
    return replace(held, proposal=None, relaxation=None, stage=None, progress=0.0, skipped=())


def _stated(work: UnitOfWork, opened: Round) -> dict[str, Scalar]:
    """What the trail keeps of rules: counts, codes, and salted hashes of the private reasons."""
    rules, salts = opened.rules, work.rounds.salts(opened.id)
    hashes = {
        f"avoid {'/'.join(each.pair)}": salted_hash(each.reason, salts[each.pair])
        for each in rules.avoid
        if each.pair in salts
    }
    return {
        "purpose": rules.purpose.value,
        "method": rules.method.value,
        "least": rules.usual.least,
        "most": rules.usual.most,
        "capacities": len(rules.capacities),
        "members": len(rules.members),
        "pins": len(rules.pins),
        "forbidden": len(rules.forbidden),
        "avoid": len(rules.avoid),
        "cool_down_days": rules.cool_down_days,
        "one_per_group": rules.one_per_group,
        "keep_rivals_apart": rules.keep_rivals_apart,
        "min_score": rules.min_score,
        **hashes,
    }


def _come_to(done: Round) -> dict[str, Scalar]:
    if isinstance(proposal := done.proposal, Proposal):
        return {
            "pairs": len(proposal.chosen),
            "expected": proposal.expected,
            "left_out": len(proposal.left_out),
            "rule": proposal.rule,
            "snapshot": proposal.snapshot,
        }
    if done.relaxation is not None:
        return {"give_up": len(done.relaxation.rules), "is_proven": done.relaxation.is_proven}
    return {"code": done.stage}
