"""A round's pairs taken along, as tables for spreadsheets."""

from __future__ import annotations

from fastapi import APIRouter, Response

from api.dependencies import Product, RecordNumber
from api.pages import round_labels
from api.pages.downloads import table_of, workbook_of
from api.pages.rendering import Reader, Reading
from api.security import requires
from matchmaker.bootstrap import Matchmaker
from matchmaker.domain.access import Action
from matchmaker.domain.round import Round
from matchmaker.services.round_tables import Sheet, sheets_of

router = APIRouter(prefix="/rounds/{round_id}", dependencies=[requires(Action.RUN_ROUNDS)])


@router.get("/pairs.csv")
def pairs_as_csv(reader: Reading, matchmaker: Product, round_id: RecordNumber) -> Response:
    """The proposed pairs and those that stand by."""
    return table_of(_sheets(reader, matchmaker, round_id)[0][1], f"round-{round_id}")


@router.get("/pairs.xlsx")
def pairs_as_xlsx(reader: Reading, matchmaker: Product, round_id: RecordNumber) -> Response:
    """The pairs, who is left out, what the rules cost and how introductions spread."""
    return workbook_of(_sheets(reader, matchmaker, round_id), f"round-{round_id}")


def _sheets(reader: Reader, matchmaker: Matchmaker, round_id: int) -> list[Sheet]:
    found = matchmaker.rounds.get(round_id)
    known = matchmaker.directory.find_many(_members_in(found))

    def name_of(member_id: str) -> str:
        return known[member_id].member.names.best(reader.language)[0] if member_id in known else member_id

    def say(kind: str, code: str) -> str:
        return reader.words.gettext(round_labels.TABLE_WORDS[kind].get(code, code))

    return sheets_of(found, name_of, say)


def _members_in(found: Round) -> list[str]:
    if found.proposal is None:
        return []
    paired = {member_id for pair in found.proposal.pairs for member_id in (pair.kr, pair.sg)}
    return sorted(paired | {each.member_id for each in found.proposal.left_out})
