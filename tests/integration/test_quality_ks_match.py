"""Judging rankings on a small benchmark: gains, traps, chances, runs of others, and files that are wrong."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from embeddings.exact_index import ExactIndex
from matchmaker.domain.member import Partnership, Purpose
from matchmaker.errors import InvalidInput, UnreadableFile
from matchmaker.formats.member_line import MemberLine
from matchmaker.formats.pair_line import PairLine
from matchmaker.quality.calibrating import FEWEST, calibrated, fit_calibration
from matchmaker.quality.ks_match import Benchmark, Judged, KsMatch, load_run, ndcg_of, report_on, traps_passed
from matchmaker.scoring.rule import Calibration, Rule
from matchmaker.services.profiling import Profiler
from tests.factories import FakeEncoder, make_member, make_need, make_offer, make_partner

QUERY = {
    "query_id": "q1",
    "member": "kr-robots",
    "purpose": "startup",
    "looking_for": {"en": "a hospital for robot trials", "ko": "로봇 실증 병원"},
    "split": "dev",
}
GRADES = {"sg-hospital": 3, "sg-bank": 0, "sg-partner": 0, "sg-quiet": 1}
TRAPS = [
    {"query_id": "q1", "type": "sense", "trap": "sg-bank", "better": "sg-hospital"},
    {"query_id": "q1", "type": "ineligible", "trap": "sg-partner", "better": "sg-hospital"},
    {"query_id": "q1", "type": "language", "trap": "sg-bank", "better": "sg-hospital"},
]


def members() -> list[Any]:
    return [
        make_member(external_id="kr-robots"),
        make_partner(
            external_id="sg-hospital",
            offers=(make_offer("a hospital for robot trials", "로봇 실증 병원", Purpose.STARTUP),),
        ),
        make_partner(
            external_id="sg-bank", offers=(make_offer("credit", "금융"),), needs=(make_need("law", "법률"),)
        ),
        make_partner(
            external_id="sg-partner", offers=(make_offer("a hospital for robot trials", "로봇 실증 병원"),)
        ),
        make_partner(external_id="sg-quiet", consents=frozenset({Purpose.RESEARCH})),
    ]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    judged = [
        {"query_id": "q1", "candidate": name, "grade": grade, "passes": [grade, grade]}
        for name, grade in GRADES.items()
    ]
    tie = Partnership("kr-robots", "sg-partner", frozenset({Purpose.STARTUP}))
    files: dict[str, list[str]] = {
        "members.jsonl": [MemberLine.of(member).model_dump_json(exclude_none=True) for member in members()],
        "partnerships.jsonl": [PairLine.of(tie).model_dump_json()],
        "queries.jsonl": [json.dumps(QUERY), json.dumps({**QUERY, "query_id": "q2", "split": "test"})],
        "judgments.jsonl": [
            json.dumps(line) for line in (*judged, *({**line, "query_id": "q2"} for line in judged))
        ],
        "traps.jsonl": [json.dumps(trap) for trap in TRAPS],
    }
    for name, lines in files.items():
        (tmp_path / name).write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    about = {"name": "Small", "version": "1", "as_of": "2026-11-01"}
    (tmp_path / "benchmark.json").write_text(json.dumps(about), encoding="utf-8")
    return tmp_path


@pytest.fixture
def dev(folder: Path) -> KsMatch:
    return KsMatch(Benchmark.load(folder).part("dev"), Profiler(FakeEncoder()), ExactIndex)


def test_a_split_keeps_its_own_lines(folder: Path) -> None:
    whole = Benchmark.load(folder)
    dev, test = whole.part("dev"), whole.part("test")
    assert ([q.query_id for q in dev.queries], [q.query_id for q in test.queries]) == (["q1"], ["q2"])
    assert (len(dev.traps), len(test.traps)) == (3, 0)
    assert whole.part(None) is whole


def test_who_may_not_be_suggested_is_not_ranked(dev: KsMatch) -> None:
    assert set(dev.ranked().scores["q1"]) == {"sg-hospital", "sg-bank"}


def test_what_is_looked_for_stands_among_the_needs(dev: KsMatch) -> None:
    asker = dev.askers["q1"].member
    assert asker.needs[-1].text.en == QUERY["looking_for"]["en"]  # type: ignore[index]
    assert asker.needs[-1].purposes == {Purpose.STARTUP}


def test_a_good_ranking_gains_and_falls_for_no_trap(dev: KsMatch) -> None:
    report = report_on(dev.benchmark, dev.ranked())
    assert report["ndcg_at_10"]["mean"] > 0.9
    assert report["traps"]["all"] == {"count": 2, "passed": 1.0}
    assert report["calibration"]["pairs"] == 2


def test_language_traps_are_looked_up_where_everybody_speaks_their_own(dev: KsMatch) -> None:
    report = report_on(dev.benchmark, dev.ranked(), dev.ranked_in_own_languages())
    assert report["traps"]["language"] == {"count": 1, "passed": 0.0}, "the fake encoder knows no translation"


def test_a_bad_ranking_falls_for_every_trap(dev: KsMatch) -> None:
    worst = {"q1": {"sg-bank": 0.9, "sg-partner": 0.8, "sg-hospital": 0.1}}
    assert traps_passed(dev.benchmark, worst, worst)["all"] == {"count": 3, "passed": 0.0}
    assert ndcg_of(dev.benchmark, worst)["q1"] < 0.7


def test_equal_scores_do_not_pass_a_trap(dev: KsMatch) -> None:
    flat = {"q1": {"sg-bank": 0.5, "sg-hospital": 0.5}}
    assert traps_passed(dev.benchmark, flat, None)["sense"]["passed"] == 0.0


def test_a_run_of_another_system_is_scored(folder: Path, tmp_path: Path) -> None:
    run = tmp_path / "run.jsonl"
    lines = [
        {"query_id": "q1", "candidate": "sg-hospital", "score": 7.5, "chance": 0.9},
        {"query_id": "q1", "candidate": "sg-bank", "score": -2, "chance": 0.1},
    ]
    run.write_text("".join(json.dumps(line) + "\n" for line in lines))
    benchmark = Benchmark.load(folder).part("dev")
    judged = load_run(run, benchmark)
    report = report_on(benchmark, judged)
    assert report["ndcg_at_10"]["mean"] > 0.9
    assert report["calibration"]["brier_score"] == pytest.approx(0.01)
    assert "language" not in report["traps"]


def test_chances_of_pairs_that_nobody_judged_have_no_calibration(dev: KsMatch) -> None:
    nobody = {"q1": {"sg-else": 0.5}}
    assert "calibration" not in report_on(dev.benchmark, Judged(nobody, nobody))


def test_a_run_without_chances_has_no_calibration(dev: KsMatch) -> None:
    assert "calibration" not in report_on(dev.benchmark, Judged({"q1": {"sg-hospital": 1.0}}))


def test_a_run_that_leaves_a_query_out_is_refused(folder: Path, tmp_path: Path) -> None:
    run = tmp_path / "run.jsonl"
    run.write_text(json.dumps({"query_id": "q1", "candidate": "sg-bank", "score": 1}) + "\n")
    with pytest.raises(InvalidInput, match="no line for 1 of the queries, the first is q2"):
        load_run(run, Benchmark.load(folder))


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        ([("kr-robots", 1.0, None)], "line 1: “kr-robots” is of the asker's own country"),
        ([("sg-bank", 1.0, None), ("sg-bnak", 2.0, None)], "line 2: the benchmark has no member “sg-bnak”"),
        ([("sg-bank", 1.0, None), ("sg-bank", 2.0, None)], "line 2: q1 has “sg-bank” already"),
        ([("sg-bank", 1.0, 0.5), ("sg-hospital", 2.0, None)], "some lines have a chance and some have none"),
    ],
)
def test_a_run_that_contradicts_itself_is_refused(
    folder: Path, tmp_path: Path, lines: list[tuple[str, float, float | None]], message: str
) -> None:
    run = tmp_path / "run.jsonl"
    rows = [{"query_id": "q1", "candidate": c, "score": s, "chance": p} for c, s, p in lines]
    run.write_text("".join(json.dumps(row) + "\n" for row in rows))
    with pytest.raises(InvalidInput, match=message):
        load_run(run, Benchmark.load(folder).part("dev"))


def test_a_score_that_is_no_number_is_refused(folder: Path, tmp_path: Path) -> None:
    run = tmp_path / "run.jsonl"
    run.write_text('{"query_id": "q1", "candidate": "sg-bank", "score": NaN}\n')
    with pytest.raises(UnreadableFile, match="line 1"):
        load_run(run, Benchmark.load(folder).part("dev"))


def test_a_split_that_is_not_there_is_named(folder: Path) -> None:
    with pytest.raises(InvalidInput, match="no queries of the split “final”"):
        Benchmark.load(folder).part("final")


def _drop(name: str) -> Callable[[Path], None]:
    return lambda folder: (folder / name).unlink()


def _append(name: str, line: dict[str, object]) -> Callable[[Path], None]:
    def add(folder: Path) -> None:
        with (folder / name).open("a", encoding="utf-8") as file:
            file.write(json.dumps(line) + "\n")

    return add


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (_drop("benchmark.json"), "does not exist; name the folder"),
        (_drop("queries.jsonl"), "queries.jsonl does not exist"),
        (
            _append("queries.jsonl", {**QUERY, "query_id": "q9", "member": "nobody"}),
            "q9 is by the unknown member nobody",
        ),
        (
            _append("judgments.jsonl", {"query_id": "q1", "candidate": "x", "grade": 5, "passes": [5, 5]}),
            "line 9",
        ),
        (
            _append("judgments.jsonl", {"query_id": "q1", "candidate": "x", "grade": 1, "passes": [1, 1]}),
            "candidate x",
        ),
        (_append("traps.jsonl", {**TRAPS[0], "query_id": "q7"}), "names the unknown query q7"),
        (_append("queries.jsonl", {**QUERY, "query_id": "q9"}), "q9 has no candidate with a grade above 0"),
        (
            _append(
                "judgments.jsonl", {"query_id": "q1", "candidate": "kr-robots", "grade": 0, "passes": [0, 0]}
            ),
            "of the asker's own country",
        ),
    ],
)
def test_a_folder_that_is_wrong_is_refused_by_name(
    folder: Path, spoil: Callable[[Path], None], message: str
) -> None:
    spoil(folder)
    with pytest.raises(UnreadableFile, match=message):
        Benchmark.load(folder)


def test_fitted_chances_come_true() -> None:
    generator = np.random.default_rng(7)
    affinities = generator.uniform(0.05, 0.95, 4000)
    truth = Calibration(1.6, -0.5, 0.6)
    outcomes = (generator.random(4000) < truth.apply(affinities)).astype(np.float64)
    found = fit_calibration(affinities, outcomes)
    assert found.ceiling == pytest.approx(truth.ceiling, abs=0.06)
    assert found.apply(affinities) == pytest.approx(truth.apply(affinities), abs=0.05)


@pytest.mark.parametrize(
    ("count", "worth"),
    [(FEWEST - 1, 10), (FEWEST, 0), (FEWEST, FEWEST)],
    ids=["few", "none worth it", "all worth it"],
)
def test_too_little_to_fit_is_refused(count: int, worth: int) -> None:
    outcomes = np.zeros(count)
    outcomes[:worth] = 1.0
    with pytest.raises(InvalidInput, match="calibration needs at least"):
        fit_calibration(np.full(count, 0.5), outcomes)


def test_a_benchmark_too_small_calibrates_nothing(dev: KsMatch) -> None:
    with pytest.raises(InvalidInput):
        calibrated(dev)


def test_a_calibration_changes_the_numbers_and_not_the_order(dev: KsMatch) -> None:
    plain, moved = (
        dev.ranked(Rule(calibration=c)).scores["q1"] for c in (Calibration(), Calibration(0.4, -2.0))
    )
    assert sorted(plain, key=plain.__getitem__) == sorted(moved, key=moved.__getitem__)
    assert all(moved[name] < plain[name] for name in plain)
