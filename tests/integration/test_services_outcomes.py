"""Outcomes from a real database: what is chosen, what is left out, and what is read once."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from matchmaker.bootstrap import Matchmaker
from matchmaker.domain.member import Country, Purpose
from matchmaker.domain.outcome import LIST_SIZE, OutcomeChoice, TieKind, WaitFor
from matchmaker.domain.review import DeclineReason, Move
from matchmaker.domain.stories import Milestone
from matchmaker.errors import UnreadableFile
from matchmaker.scoring.needs import need_matches
from tests.factories import make_matchmaker
from tests.season import START, Season

HOUR = timedelta(hours=1)


@pytest.fixture
def season(matchmaker: Matchmaker) -> Season:
    return Season(matchmaker)


def suggested(season: Season, **choice: object) -> int:
    found = season.product.outcomes.snapshot(OutcomeChoice(**choice))  # type: ignore[arg-type]
    return found.funnel[Milestone.SUGGESTED].count


def test_nothing_is_counted_before_anything_happened(matchmaker: Matchmaker) -> None:
    found = matchmaker.outcomes.snapshot()
    assert {step.count for step in found.funnel.steps} == {0}
    assert found.first_at is None
    assert found.desk.waiting == 0
    assert found.network.ties == {("kr-chip", "sg-fab"): TieKind.KNOWN}
    assert found.network.isolated == len(found.members) - 2


def test_a_pair_that_agreed_is_seen_everywhere(season: Season) -> None:
    case = season.introduce(season.suggest("kr-one", "sg-one"), START + HOUR, (30, 20))
    case = season.move(case, Move.MEET, START + 100 * HOUR)
    season.move(case, Move.AGREE, START + 200 * HOUR, "mou")
    found = season.product.outcomes.snapshot()
    assert [step.count for step in found.funnel.steps] == [1] * 7
    assert found.by_purpose[Purpose.STARTUP][Milestone.AGREED].count == 1
    assert found.by_purpose[Purpose.TALENT][Milestone.SUGGESTED].count == 0
    assert found.network.ties["kr-one", "sg-one"] is TieKind.AGREED
    assert found.waits[WaitFor.KOREA].count == 1
    (shown,) = [m for m in found.exposure[Country.KR].members if m.member_id == "kr-one"]
    assert (shown.proposed, shown.introduced) == (1, 1)


def test_an_undone_decision_is_not_counted(season: Season) -> None:
    before = season.suggest("kr-one", "sg-one")
    declined = season.move(before, Move.DECLINE, START + HOUR, "competitors")
    season.undo(declined, before, START + 2 * HOUR)
    found = season.product.outcomes.snapshot()
    assert found.declines == {}
    assert found.funnel[Milestone.REVIEWED].count == 0
    assert found.waits[WaitFor.DECISION].count == 0
    assert found.desk.waiting == 1


def test_a_case_that_was_taken_back_with_its_round_is_not_counted(season: Season) -> None:
    case = season.suggest("kr-one", "sg-one", round_id=3)
    with season.product.store.writing() as work:
        work.cases.remove(case.id)
        work.commit()
    assert suggested(season) == 0


def test_cases_are_chosen_by_purpose_day_and_round(season: Season) -> None:
    season.suggest("kr-one", "sg-one", Purpose.STARTUP, START, round_id=1)
    season.suggest("kr-one", "sg-one", Purpose.RESEARCH, START + 48 * HOUR, round_id=2)
    case = season.suggest("kr-voice", "sg-fab", Purpose.RESEARCH, START + 72 * HOUR)
    season.move(case, Move.DECLINE, START + 80 * HOUR, "other")
    assert suggested(season) == 3
    assert suggested(season, purpose=Purpose.RESEARCH) == 2
    assert suggested(season, since=START + 24 * HOUR) == 2
    assert suggested(season, round_id=2) == 1
    assert suggested(season, purpose=Purpose.STARTUP, round_id=2) == 0
    research = season.product.outcomes.snapshot(OutcomeChoice(Purpose.RESEARCH))
    assert research.declines == {DeclineReason.OTHER: 1}


def test_exposure_rests_on_the_lists_that_members_see(matchmaker: Matchmaker) -> None:
    found = matchmaker.outcomes.snapshot(OutcomeChoice(Purpose.STARTUP))
    seen = {member.member_id: member.lists for side in found.exposure.values() for member in side.members}
    expected = dict.fromkeys(found.members, 0)
    for member_id in found.members:
        shown = matchmaker.suggestions.for_member(member_id, Purpose.STARTUP, limit=LIST_SIZE)
        for item in shown.items:
            expected[item.member.external_id] += 1
    assert seen == expected
    assert found.asked == len(found.members)


def test_lists_are_made_once_per_edition(matchmaker: Matchmaker) -> None:
    lists = matchmaker.suggestions.top_lists()
    assert matchmaker.suggestions.top_lists() is lists
    matchmaker.registration.withdraw("sg-quiet")
    assert "sg-quiet" not in matchmaker.suggestions.top_lists()


def test_a_need_is_met_only_by_who_is_open_to_its_purpose(matchmaker: Matchmaker) -> None:
    pool = matchmaker.catalogue.current().pool
    all_of_them = need_matches(pool)
    research = {match.member_id: match for match in need_matches(pool, Purpose.RESEARCH)}
    startup = [match for match in need_matches(pool, Purpose.STARTUP) if match.closest is not None]
    stated = sum(len(entry.member.needs) for side in pool.sides.values() for entry in side.entries)
    assert len(all_of_them) == stated
    assert set(research) == {"kr-voice"}
    assert "sg-quiet" not in {match.closest for match in startup}
    assert "sg-quiet" not in {match.member_id for match in startup}
    assert all(-1 <= match.similarity <= 1.0001 for match in all_of_them)


def test_what_comes_closest_is_the_best_of_all_wordings(matchmaker: Matchmaker) -> None:
    needs = {match.text.en: match for match in need_matches(matchmaker.catalogue.current().pool)}
    assert needs["chips for cameras"].closest == "kr-chip"
    assert needs["robots that deliver medicine"].closest == "kr-one"


def test_an_empty_alliance_has_a_dashboard_too(tmp_path: Path) -> None:
    found = make_matchmaker(tmp_path).outcomes.snapshot()
    assert found.members == {}
    assert found.needs == 0
    assert found.missing == ()


def test_a_broken_vocabulary_is_named(matchmaker: Matchmaker, tmp_path: Path) -> None:
    (tmp_path / "fields.yaml").write_text("fields: [", encoding="utf-8")
    broken = make_matchmaker(tmp_path / "other", alliance=tmp_path)
    with pytest.raises(UnreadableFile, match=r"fields\.yaml"):
        _ = broken.outcomes
