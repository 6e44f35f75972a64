"""Rounds in the database."""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from matchmaker.domain.round import Avoid, PairKey, Round, RoundRules, RoundState
from matchmaker.errors import StaleVersion, UnknownRecord
from matchmaker.formats import round_results
from matchmaker.formats.round_rules import RoundRulesFile, rules_as_json
from matchmaker.storage.tables import AvoidReasonRow, RoundRow
from matchmaker.storage.times import kept, told


@dataclass(frozen=True, slots=True)
class PublishedCase:
    """A case that publishing made or reopened, at the version it had then. ``reopened_from``: when it had ended."""

    case_id: int
    version: int
    reopened_from: datetime | None = None


class RoundBook:
    """One row per round; the private reasons of its avoid-list apart, so that they can be erased."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def add(self, name: str, rules: RoundRules, opened_by: str, at: datetime) -> Round:
        """A new round, a draft."""
        row = RoundRow(
            name=name,
            rules=_rules_text(rules),
            state=RoundState.DRAFT,
            version=1,
            opened_by=opened_by,
            opened_at=kept(at),
            progress=0.0,
            cancel_requested=False,
        )
        self._session.add(row)
        self._session.flush()
        self._keep_reasons(row.id, rules)
        return self._round(row)

    def get(self, round_id: int) -> Round:
        """One round.

        Raises:
            UnknownRecord: there is none of this number.
        """
        return self._round(self._row(round_id))

    def hold(self, round_id: int) -> Round:
        """One round that nobody else can change until this transaction ends.

        Raises:
            UnknownRecord: there is none of this number.
        """
        return self._round(self._row(round_id, lock=True))

    def list_all(self, *states: RoundState) -> list[Round]:
        """All rounds, or those in some states; the newest first."""
        query = select(RoundRow).order_by(RoundRow.id.desc())
        if states:
            query = query.where(RoundRow.state.in_(states))
        return [self._round(row) for row in self._session.scalars(query)]

    def save(self, changed: Round, expected_version: int) -> Round:
        """Write a round anew; its version becomes the next one, and a wish to cancel is forgotten.

        Raises:
            UnknownRecord: it is not there any more.
            StaleVersion: it is at another version than expected.
        """
        row = self._row(changed.id, lock=True)
        if row.version != expected_version:
            raise StaleVersion(
                external_id=f"round {changed.id}", current=row.version, expected=expected_version
            )
        row.version += 1
        _fill(row, changed)
        if _rules_text(changed.rules) != row.rules or changed.rules.avoid != self._avoids(row):
            row.rules = _rules_text(changed.rules)
            self._keep_reasons(row.id, changed.rules)
        self._session.flush()
        return self._round(row)

    def report(self, round_id: int, version: int, progress: float, stage: str) -> bool:
        """Note how far a round's solving is; whether it shall go on."""
        row = self._row(round_id, lock=True)
        if row.version != version or row.state != RoundState.SOLVING or row.cancel_requested:
            return False
        row.progress, row.stage = progress, stage
        self._session.flush()
        return True

    def request_cancel(self, round_id: int) -> None:
        """Ask whoever solves the round to stop."""
        self._row(round_id, lock=True).cancel_requested = True
        self._session.flush()

    def keep_published(self, round_id: int, cases: Sequence[PublishedCase]) -> None:
        """Remember which cases publishing made; none forgets them."""
        self._row(round_id).published = json.dumps([_published(case) for case in cases]) if cases else None
        self._session.flush()

    def list_published(self, round_id: int) -> list[PublishedCase]:
        """The cases that publishing made."""
        return [_told(each) for each in json.loads(self._row(round_id).published or "[]")]

    def salts(self, round_id: int) -> Mapping[PairKey, str]:
        """The salt of each reason that has not been erased."""
        return {(row.kr, row.sg): row.salt for row in self._reasons(round_id)}

    def erase_reasons_of(self, member_id: str) -> int:
        """Erase all private reasons that concern a member; returns how many. The pairs stay avoided."""
        query = select(AvoidReasonRow).where(
            (AvoidReasonRow.kr == member_id) | (AvoidReasonRow.sg == member_id)
        )
        rows = list(self._session.scalars(query))
        for row in rows:
            self._session.delete(row)
        self._session.flush()
        return len(rows)

    def _keep_reasons(self, round_id: int, rules: RoundRules) -> None:
        known = {(row.kr, row.sg, row.reason): row.salt for row in self._reasons(round_id)}
        self._session.execute(delete(AvoidReasonRow).where(AvoidReasonRow.round_id == round_id))
        for avoid in rules.avoid:
            if avoid.reason:
                kr, sg = avoid.pair
                salt = known.get((kr, sg, avoid.reason)) or secrets.token_hex(16)
                row = AvoidReasonRow(round_id=round_id, kr=kr, sg=sg, reason=avoid.reason, salt=salt)
                self._session.add(row)
        self._session.flush()

    def _reasons(self, round_id: int) -> list[AvoidReasonRow]:
        query = select(AvoidReasonRow).where(AvoidReasonRow.round_id == round_id)
        return list(self._session.scalars(query))

    def _avoids(self, row: RoundRow) -> tuple[Avoid, ...]:
        return self._round(row).rules.avoid

    def _round(self, row: RoundRow) -> Round:
        rules = RoundRulesFile.model_validate_json(row.rules).to_domain()
        if rules.avoid:
            reasons = {(each.kr, each.sg): each.reason for each in self._reasons(row.id)}
            avoid = tuple(Avoid(each.pair, reasons.get(each.pair, "")) for each in rules.avoid)
            rules = replace(rules, avoid=avoid)
        return Round(
            row.id,
            row.name,
            rules,
            RoundState(row.state),
            row.version,
            row.opened_by,
            told(row.opened_at),
            row.progress,
            row.stage,
            round_results.read_proposal(row.proposal) if row.proposal else None,
            round_results.read_relaxation(row.relaxation) if row.relaxation else None,
            told(row.published_at),
            round_results.read_skipped(row.skipped) if row.skipped else (),
        )

    def _row(self, round_id: int, *, lock: bool = False) -> RoundRow:
        row = self._session.get(RoundRow, round_id, with_for_update=lock or None, populate_existing=lock)
        if row is None:
            raise UnknownRecord(kind="round", id=round_id)
        return row


def _fill(row: RoundRow, changed: Round) -> None:
    row.name, row.state = changed.name, changed.state
    row.progress, row.stage = changed.progress, changed.stage
    row.proposal = round_results.write_proposal(changed.proposal) if changed.proposal else None
    row.relaxation = round_results.write_relaxation(changed.relaxation) if changed.relaxation else None
    row.published_at = kept(changed.published_at)
    row.skipped = round_results.write_skipped(changed.skipped) if changed.skipped else None
    row.cancel_requested = False


def _rules_text(rules: RoundRules) -> str:
    return json.dumps(rules_as_json(rules, with_reasons=False), ensure_ascii=False)


def _published(case: PublishedCase) -> dict[str, Any]:
    ended = case.reopened_from.isoformat() if case.reopened_from is not None else None
    return {"case": case.case_id, "version": case.version, "ended": ended}


def _told(value: Mapping[str, Any]) -> PublishedCase:
    ended = datetime.fromisoformat(value["ended"]) if value["ended"] is not None else None
    return PublishedCase(value["case"], value["version"], ended)
