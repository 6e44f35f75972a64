"""The ladder on the project's own data: what the default owes to its rungs, parity, and the page."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from matchmaker.bootstrap import build_evaluation, build_ks_match
from matchmaker.formats.json_lines import load_members, load_pairs
from matchmaker.quality.ks_match import Benchmark, KsMatch, report_on
from matchmaker.quality.parity import Parity
from matchmaker.scoring.rule import Calibration
from tools.quality.bm25 import Tokens
from tools.quality.judging import confidence, traps_by_rung
from tools.quality.ladder import Climb, climb, left_out, per_organisation
from tools.quality.plots import draw
from tools.quality.report import page
from tools.quality.rungs import ALTERNATIVES, BASELINES, BELOW_BREADTH, BELOW_ROLES, RAW, STEPS
from tools.quality.yardsticks import judged_yardstick, partner_yardstick

DATA = Path(__file__).parents[2] / "data"
MEMBERS = load_members(DATA / "alliance" / "members.jsonl")
PAIRS = load_pairs(DATA / "alliance" / "partnerships.jsonl")


def silent(_line: str) -> None:
    """No progress."""


@pytest.fixture(scope="module")
def partners() -> Climb:
    pool = build_evaluation().pool_of(MEMBERS)
    return climb(partner_yardstick("partners", "Known partners", pool, PAIRS), Tokens(), None, silent)


@pytest.fixture(scope="module")
def dev() -> KsMatch:
    return build_ks_match(Benchmark.load(DATA / "ks-match").part("dev"))


def test_every_rung_is_tried_but_the_one_that_needs_a_transformer(partners: Climb) -> None:
    every = {rung.key for rung in (*BASELINES, *STEPS, *ALTERNATIVES)}
    assert set(partners.values) == every - {"reranked"}
    assert len(partners.column("breadth")) == 72


def test_the_last_step_is_the_product(partners: Climb) -> None:
    report = build_evaluation().evaluate(MEMBERS, PAIRS)
    assert partners.estimate("breadth").mean == pytest.approx(report["mrr"], abs=1e-4)
    assert partners.estimate("single").mean == pytest.approx(
        report["baselines"]["single_vector"]["mrr"], abs=1e-4
    )


def test_the_last_step_is_the_product_on_judged_queries_too(dev: KsMatch) -> None:
    found = climb(judged_yardstick("ks_dev", "KS-Match, dev queries", dev), Tokens(), None, silent)
    report = report_on(dev.benchmark, dev.ranked())
    assert found.estimate("breadth").mean == pytest.approx(report["ndcg_at_10"]["mean"], abs=1e-6)


def test_rungs_rank_by_affinities_so_that_other_evidence_can_be_added() -> None:
    assert RAW.calibration == Calibration()
    assert all(step.calibration == Calibration() for step in (BELOW_ROLES, BELOW_BREADTH))


def test_the_default_beats_chance_and_the_single_vector_on_known_partners(partners: Climb) -> None:
    assert partners.difference("breadth", "random").low > 0
    assert partners.difference("breadth").low > 0
    assert partners.difference("single").mean == 0.0


def test_choosing_by_the_rows_themselves_is_reported_honestly(partners: Climb) -> None:
    keys = [rung.key for rung in STEPS]
    found = left_out(partners, keys)
    assert found["mrr"] <= max(partners.estimate(key).mean for key in keys) + 1e-9
    assert sum(found["chosen"].values()) == 18
    assert 0 < per_organisation(partners, "breadth")["mrr"] < 1


def test_korean_alone_keeps_most_of_what_english_finds() -> None:
    report = Parity(build_evaluation(), MEMBERS, PAIRS).report()
    assert report["studied"] == 30
    assert report["others_as_they_are"]["kept"] >= 0.85
    assert report["others_in_english"]["kept"] >= 0.75
    for found in (report["others_as_they_are"], report["others_in_english"]):
        assert 0 <= found["share_of_their_top_10_that_changes"] < 0.5


def test_the_hard_rules_keep_every_ineligible_trap_out(dev: KsMatch) -> None:
    report = report_on(dev.benchmark, dev.ranked(), dev.ranked_in_own_languages())
    assert report["traps"]["ineligible"]["passed"] == 1.0
    assert report["traps"]["expired"]["passed"] >= 0.8


def test_chances_hold_on_queries_they_were_not_fitted_on(dev: KsMatch) -> None:
    test = build_ks_match(Benchmark.load(DATA / "ks-match").part("test"))
    found = report_on(test.benchmark, test.ranked())["calibration"]
    assert found["expected_calibration_error"] <= 0.08
    assert found["brier_score"] < found["brier_score_of_base_rate"]


def test_the_page_holds_every_figure_and_the_picture_is_the_same_again(
    partners: Climb, dev: KsMatch, tmp_path: Path
) -> None:
    tokens = Tokens()
    judged = climb(judged_yardstick("ks_dev", "KS-Match, dev queries", dev), tokens, None, silent)
    figures: dict[str, Any] = {
        "date": "2026-11-24",
        "model": "m",
        "rule": "r",
        "ladder": {"partners": partners.as_dict(), "ks_dev": judged.as_dict()},
        "partners": {
            "organisations": 18,
            "per_organisation": per_organisation(partners, "breadth"),
            "chosen_leaving_one_out": left_out(partners, ["breadth", "roles"]),
        },
        "parity": Parity(build_evaluation(), MEMBERS, PAIRS).report(),
        "traps": traps_by_rung(dev, tokens),
        "confidence": confidence(dev, dev),
        "learning": None,
        "skipped": ["something that is not at hand"],
    }
    text = page(figures, "quality.svg")
    for part in (
        "## Known partners",
        "## KS-Match, dev queries",
        "## Parity",
        "## Traps",
        "## Chances",
        "not at hand",
    ):
        assert part in text
    assert f"{partners.estimate('breadth').mean:.3f}" in text
    pictures = [tmp_path / name for name in ("one.svg", "two.svg")]
    for picture in pictures:
        draw(figures, picture)
    assert pictures[0].read_bytes() == pictures[1].read_bytes()
    assert b"<text" in pictures[0].read_bytes()
