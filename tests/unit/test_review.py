"""A pair's life allows legal moves only."""

from __future__ import annotations

import pytest

from matchmaker.domain.review import LEGAL, UNDOABLE, Move, Stage, next_stage, possible_moves
from matchmaker.errors import IllegalMove


@pytest.mark.parametrize("stage", Stage)
@pytest.mark.parametrize("move", Move)
def test_a_move_leads_on_or_is_refused_with_what_is_possible(stage: Stage, move: Move) -> None:
    if (stage, move) in LEGAL:
        assert next_stage(stage, move) is LEGAL[stage, move]
        assert move in possible_moves(stage)
    else:
        with pytest.raises(IllegalMove) as refused:
            next_stage(stage, move)
        assert all(possible in str(refused.value) for possible in possible_moves(stage))


def test_every_stage_can_be_reached_from_suggested() -> None:
    reached = {Stage.SUGGESTED}
    while fresh := {goal for (start, _), goal in LEGAL.items() if start in reached} - reached:
        reached |= fresh
    assert reached == set(Stage)


def test_nobody_is_introduced_without_being_shortlisted_first() -> None:
    assert {start for (start, move) in LEGAL if move is Move.INTRODUCE} == {Stage.SHORTLISTED}


def test_what_has_happened_between_members_is_not_undone() -> None:
    assert not UNDOABLE & {Move.MEET, Move.AGREE, Move.CLOSE}
