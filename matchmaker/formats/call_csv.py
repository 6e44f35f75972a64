"""Calls and proofs as CSV for a spreadsheet, in one language. No cell can be taken for a formula."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from datetime import datetime
from io import StringIO

from matchmaker.domain.call import Call, Proof
from matchmaker.domain.member import Language
from matchmaker.formats.call_phrasing import (
    STANDINGS,
    STATES,
    VERDICTS,
    basis_in_words,
    exact_in_words,
    facts_in_words,
    money_in_words,
    names_in_words,
    roles_in_words,
    rule_in_words,
    say,
    title_of,
)

_FORMULA = ("=", "+", "-", "@", "\t", "\r")
CALL_COLUMNS = ("id", "name", "state", "opens", "closes", "volume", "partners", "fictional", "sources")
PROOF_COLUMNS = ("call", "name", "standing", "members", "rule", "asks", "verdict", "facts", "basis", "url")


def calls_as_csv(calls: Iterable[Call], now: datetime, language: Language) -> str:
    """A line per call."""
    return _csv(CALL_COLUMNS, (_call_row(call, now, language) for call in calls))


def proofs_as_csv(proofs: Iterable[Proof], language: Language) -> str:
    """A line per rule of every proof."""
    return _csv(PROOF_COLUMNS, (row for proof in proofs for row in _proof_rows(proof, language)))


def _call_row(call: Call, now: datetime, language: Language) -> Sequence[str]:
    return (
        call.id,
        say(call.names, language),
        say(STATES[call.state(now)], language),
        exact_in_words(call.opens) if call.opens else "",
        exact_in_words(call.closes) if call.closes else "",
        money_in_words(call.volume, language) if call.volume else "",
        roles_in_words(call.roles, language),
        "yes" if call.fictional else "no",
        " ".join(source.url or source.title for source in call.sources),
    )


def _proof_rows(proof: Proof, language: Language) -> Iterable[Sequence[str]]:
    for finding in proof.findings:
        basis = finding.rule.basis
        yield (
            proof.call.id,
            say(proof.call.names, language),
            say(STANDINGS[proof.standing], language),
            names_in_words(proof.members, language),
            title_of(finding.rule, language),
            rule_in_words(finding.rule, language),
            say(VERDICTS[finding.verdict], language),
            " ".join(facts_in_words(finding, language)),
            basis_in_words(basis, language),
            (basis.source.url or "") if basis.source else "",
        )


def _csv(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    written = StringIO()
    writer = csv.writer(written, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows([_safe(cell) for cell in row] for row in rows)
    return written.getvalue()


def _safe(cell: str) -> str:
    return f"'{cell}" if cell.startswith(_FORMULA) else cell
