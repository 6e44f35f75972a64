"""A round's proposal as tables for spreadsheets."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from matchmaker.domain.round import Proposal, Round
from matchmaker.errors import IllegalMove
from matchmaker.formats.spreadsheet import Cell

Sheet = tuple[str, list[list[Cell]]]
Say = Callable[[str, str], str]
"""Words for a ``sheet``, a ``heading``, a ``reason``, a ``rule`` or a ``side``, by its code."""


def sheets_of(found: Round, name_of: Callable[[str], str], say: Say = lambda kind, code: code) -> list[Sheet]:
    """A workbook's sheets: pairs first, then who is left out, what the rules cost, how introductions spread.

    Args:
        name_of: a member's name by its id.
        say: headings and codes in a reader's words; as they are unless given.

    Raises:
        IllegalMove: nothing has been proposed yet.
    """
    proposal = found.proposal
    if proposal is None:
        raise IllegalMove(move="export", stage=found.state, possible="solve")
    return [
        _sheet("Pairs", PAIRS, _pairs(proposal, name_of, say), say),
        _sheet("Left out", LEFT_OUT, _left_out(proposal, name_of, say), say),
        _sheet("Costs", COSTS, _costs(proposal, say), say),
        _sheet("Exposure", EXPOSURE, _exposure(proposal, say), say),
    ]


PAIRS = ("rank", "kr", "korean member", "sg", "singapore member", "score", "pinned")
LEFT_OUT = ("member", "name", "reason", "best partner", "best score")
COSTS = ("rule", "subject", "expected without", "cost")
EXPOSURE = ("who", "gini", "never shown", "most", "participants")


def _sheet(name: str, head: Sequence[str], rows: Iterator[list[Cell]], say: Say) -> Sheet:
    return say("sheet", name), [[say("heading", each) for each in head], *rows]


def _pairs(proposal: Proposal, name_of: Callable[[str], str], say: Say) -> Iterator[list[Cell]]:
    for each in proposal.pairs:
        pinned = say("heading", "yes") if each.is_pinned else ""
        score = round(each.score, 4)
        yield [each.rank, each.kr, name_of(each.kr), each.sg, name_of(each.sg), score, pinned]


def _left_out(proposal: Proposal, name_of: Callable[[str], str], say: Say) -> Iterator[list[Cell]]:
    for each in proposal.left_out:
        best = round(each.best_score or 0.0, 4)
        yield [
            each.member_id,
            name_of(each.member_id),
            say("reason", each.reason),
            each.best_partner or "",
            best,
        ]


def _costs(proposal: Proposal, say: Say) -> Iterator[list[Cell]]:
    for each in proposal.costs:
        yield [
            say("rule", each.rule),
            each.subject or "",
            round(each.expected_without, 4),
            round(each.cost, 4),
        ]


def _exposure(proposal: Proposal, say: Say) -> Iterator[list[Cell]]:
    for who, each in proposal.exposure.items():
        gini, never = round(each.gini, 4), round(each.never_shown, 4)
        yield [say("side", who), gini, never, each.most, each.participants]
