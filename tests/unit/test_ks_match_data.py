"""The files in data/ks-match keep their promises: formats, rules of judgments and traps, numbers of the datasheet."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sized
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator, FormatChecker

from matchmaker.domain.eligibility import blockers_of, is_eligible
from matchmaker.domain.member import Country, Member, Text
from matchmaker.formats.benchmark_line import JudgmentLine, QueryLine, RunLine, TrapLine
from matchmaker.quality.ks_match import WORTH_IT, Benchmark

Row = dict[str, Any]

ROOT = Path(__file__).resolve().parents[2]
KS_MATCH = ROOT / "data" / "ks-match"
TRACKS = ("public", "industry", "research")
PURPOSES = ("startup", "research", "talent")
TRAPS = ("sense", "language", "ineligible", "expired", "one-sided", "competing")
SPLITS = ("dev", "test", None)


def read_rows(name: str) -> list[Row]:
    text = (KS_MATCH / f"{name}.jsonl").read_text(encoding="utf-8")
    return [json.loads(line) for line in text.split("\n") if line]


@cache
def validator(name: str) -> Draft202012Validator:
    schema = json.loads((ROOT / "data" / "schema" / name).read_text(encoding="utf-8"))
    return Draft202012Validator(schema, format_checker=FormatChecker())


def texts_of(member: Member) -> Iterator[Text]:
    yield from (member.names, member.summary, *member.domains)
    yield from (statement.text for statement in (*member.offers, *member.needs))


BENCHMARK = Benchmark.load(KS_MATCH)
PARTS = [BENCHMARK.part(split) for split in SPLITS]
MEMBERS = {member.external_id: member for member in BENCHMARK.members}
QUERIES = {query.query_id: query for query in BENCHMARK.queries}
DATASHEET = (KS_MATCH / "README.md").read_text(encoding="utf-8")


def may_be_suggested(query: QueryLine, candidate: str) -> bool:
    return is_eligible(MEMBERS[query.member], MEMBERS[candidate], BENCHMARK.ties, query.purpose)


def trap_id(trap: TrapLine) -> str:
    return f"{trap.query_id}-{trap.type}-{trap.trap}-{trap.better}"


# Shape


@pytest.mark.parametrize("member", read_rows("members"), ids=lambda member: member["external_id"])
def test_member_fits_schema(member: Row) -> None:
    assert [error.message for error in validator("member.schema.json").iter_errors(member)] == []


@pytest.mark.parametrize("pair", read_rows("partnerships"), ids=lambda pair: f"{pair['kr']}-{pair['sg']}")
def test_pair_fits_schema_and_joins_the_two_countries(pair: Row) -> None:
    assert [error.message for error in validator("pair.schema.json").iter_errors(pair)] == []
    assert MEMBERS[pair["kr"]].country is Country.KR
    assert MEMBERS[pair["sg"]].country is Country.SG
    assert pair["sources"] == ["KS-Match (fictional)"]


@pytest.mark.parametrize(
    ("name", "keys"),
    [
        ("queries", {"query_id", "member", "purpose", "looking_for", "sector", "split"}),
        ("judgments", {"query_id", "candidate", "grade", "passes", "reason"}),
        ("traps", {"query_id", "type", "trap", "better", "why"}),
    ],
)
def test_lines_have_the_keys_of_their_format(name: str, keys: set[str]) -> None:
    assert {frozenset(row) for row in read_rows(name)} == {frozenset(keys)}


def test_it_is_large_enough() -> None:
    assert len(BENCHMARK.members) >= 150
    assert len(BENCHMARK.queries) >= 60
    assert min(Counter(judgment.query_id for judgment in BENCHMARK.judgments).values()) >= 20
    assert {judgment.query_id for judgment in BENCHMARK.judgments} == QUERIES.keys()


def test_nothing_stands_twice() -> None:
    assert len(MEMBERS) == len(BENCHMARK.members)
    assert len(QUERIES) == len(BENCHMARK.queries)
    assert len({(j.query_id, j.candidate) for j in BENCHMARK.judgments}) == len(BENCHMARK.judgments)
    assert len({trap_id(trap) for trap in BENCHMARK.traps}) == len(BENCHMARK.traps)


@pytest.mark.parametrize("split", ["dev", "test"])
def test_each_split_has_every_purpose_country_track_and_kind_of_trap(split: str) -> None:
    part = BENCHMARK.part(split)
    askers = [MEMBERS[query.member] for query in part.queries]
    assert {query.purpose.value for query in part.queries} == set(PURPOSES)
    assert {asker.country for asker in askers} == set(Country)
    assert {asker.track.value for asker in askers} == set(TRACKS)
    assert {trap.type for trap in part.traps} == set(TRAPS)


def test_splits_share_neither_sector_nor_asker() -> None:
    rows = read_rows("queries")
    for key in ("sector", "member"):
        dev, test = ({row[key] for row in rows if row["split"] == split} for split in ("dev", "test"))
        assert not dev & test
    assert set(Counter(row["sector"] for row in rows).values()) == {4}


# Members and queries


def test_every_text_is_in_both_languages() -> None:
    for member in BENCHMARK.members:
        for text in texts_of(member):
            assert text.en, member.external_id
            assert text.ko, member.external_id
            assert not text.translated, member.external_id
            assert re.search("[가-힣]", text.ko), text.ko
            assert not re.search("[가-힣]", text.en), text.en
    for query in BENCHMARK.queries:
        assert re.search("[가-힣]", query.looking_for.ko)
        assert not re.search("[가-힣]", query.looking_for.en)


def test_every_member_is_marked_as_fictional() -> None:
    for member in BENCHMARK.members:
        assert member.fictional
        assert not member.verified
        assert not member.sources
        assert member.external_id.startswith(f"ksm-{member.country.value.lower()}-")
        assert str(member.names.en).endswith(" (fictional)")
        assert str(member.names.ko).endswith(" (가상)")


@pytest.mark.parametrize("language", ["en", "ko"])
def test_names_are_distinct(language: str) -> None:
    names = Counter(member.names.en if language == "en" else member.names.ko for member in BENCHMARK.members)
    assert max(names.values()) == 1


def test_no_contact_data() -> None:
    contact = re.compile(
        r"\w@\w|https?:|www\.|\+\d{2}[\s-]?\d|\b0\d{1,2}-\d{3,4}-\d{4}\b|\b[689]\d{3} \d{4}\b"
    )
    for name in ("members", "partnerships", "queries", "judgments", "traps"):
        text = (KS_MATCH / f"{name}.jsonl").read_text(encoding="utf-8")
        assert contact.findall(text) == [], name


def test_askers_consent_to_what_they_ask_for() -> None:
    for query in BENCHMARK.queries:
        assert query.purpose in MEMBERS[query.member].consents


# Judgments


def test_candidates_are_members_of_the_other_country() -> None:
    for judgment in BENCHMARK.judgments:
        asker = MEMBERS[QUERIES[judgment.query_id].member]
        assert MEMBERS[judgment.candidate].country is asker.country.other


def test_grade_is_the_lower_pass() -> None:
    assert [j for j in BENCHMARK.judgments if j.grade != min(j.passes)] == []


def test_who_may_not_be_suggested_has_grade_0() -> None:
    def blocked(judgment: JudgmentLine) -> bool:
        return not may_be_suggested(QUERIES[judgment.query_id], judgment.candidate)

    assert [j for j in BENCHMARK.judgments if blocked(j) and j.grade] == []


def test_reasons_are_one_short_line() -> None:
    for judgment in BENCHMARK.judgments:
        assert 0 < len(judgment.reason.split()) <= 20, judgment.reason
        assert judgment.reason.isprintable()
        assert judgment.reason.endswith(".")


def test_every_query_has_somebody_worth_it() -> None:
    worth_it = {judgment.query_id for judgment in BENCHMARK.judgments if judgment.grade >= WORTH_IT}
    assert worth_it == QUERIES.keys()


# Traps


@pytest.mark.parametrize("trap", BENCHMARK.traps, ids=trap_id)
def test_trap_agrees_with_the_grades(trap: TrapLine) -> None:
    grades = BENCHMARK.grades[trap.query_id]
    assert grades[trap.better] >= WORTH_IT > grades[trap.trap]
    assert trap.why.endswith(".")


@pytest.mark.parametrize("trap", BENCHMARK.traps, ids=trap_id)
def test_only_ineligible_traps_are_blocked(trap: TrapLine) -> None:
    query = QUERIES[trap.query_id]
    found = blockers_of(MEMBERS[query.member], MEMBERS[trap.trap], BENCHMARK.ties, query.purpose)
    assert any(blocker.is_hard for blocker in found) == (trap.type == "ineligible")
    assert may_be_suggested(query, trap.better)


def test_expired_traps_have_an_ended_statement_for_the_purpose() -> None:
    for trap in BENCHMARK.traps:
        if trap.type == "expired":
            member, purpose = MEMBERS[trap.trap], QUERIES[trap.query_id].purpose
            ended = [s for s in (*member.offers, *member.needs) if s.has_expired(BENCHMARK.about.as_of)]
            assert any(statement.serves(purpose) for statement in ended), trap_id(trap)


# The datasheet


def in_all_splits(values_of: Callable[[Benchmark], Iterable[object]], wanted: object) -> str:
    return " | ".join(str(list(values_of(part)).count(wanted)) for part in PARTS)


def sizes(values_of: Callable[[Benchmark], Sized]) -> str:
    return " | ".join(str(len(values_of(part))) for part in PARTS)


def test_datasheet_names_version_and_day() -> None:
    about = BENCHMARK.about
    assert DATASHEET.startswith(f"# {about.name} {about.version}: datasheet")
    assert f"everything is judged: {about.as_of}" in DATASHEET


def test_datasheet_states_the_sizes() -> None:
    for name in ("members", "partnerships", "queries", "judgments", "traps"):
        assert f"| `{name}.jsonl` | {len(read_rows(name)):,} |" in DATASHEET
    for country, name in (("KR", "Korea"), ("SG", "Singapore"), ("", "both")):
        tracks = Counter(m.track.value for m in BENCHMARK.members if country in ("", m.country.value))
        row = [tracks[track] for track in TRACKS]
        assert f"| {name} | {row[0]} | {row[1]} | {row[2]} | {sum(row)} |" in DATASHEET
    kinds = Counter((member.country, member.kind.value) for member in BENCHMARK.members)
    for kind in {kind for _, kind in kinds}:
        assert f"| {kind} | {kinds[Country.KR, kind]} | {kinds[Country.SG, kind]} |" in DATASHEET


def test_datasheet_states_the_statements() -> None:
    day = BENCHMARK.about.as_of
    flat = " ".join(DATASHEET.split())
    fields, offers, needs = (
        sum(len(getattr(member, key)) for member in BENCHMARK.members)
        for key in ("domains", "offers", "needs")
    )
    dated = [s for m in BENCHMARK.members for s in (*m.offers, *m.needs) if s.until is not None]
    over = sum(statement.has_expired(day) for statement in dated)
    assert f"They state {fields} fields of work, {offers} offers and {needs} needs; {len(dated)} of" in flat
    assert f"have a last day, which is over for {over}." in flat
    assert f"{sum(not member.needs for member in BENCHMARK.members)} members state no need." in flat
    assert f"{sum(len(m.consents) < 3 for m in BENCHMARK.members)} do not consent to all three" in flat
    assert f"{sum(m.parent is not None for m in BENCHMARK.members)} belong to a group" in flat


def test_datasheet_states_the_counts_of_each_split() -> None:
    assert f"| queries | {sizes(lambda part: part.queries)} |" in DATASHEET
    assert f"| judged candidates | {sizes(lambda part: part.judgments)} |" in DATASHEET
    assert f"| traps | {sizes(lambda part: part.traps)} |" in DATASHEET
    for country, name in ((Country.KR, "Korean"), (Country.SG, "Singapore")):
        row = in_all_splits(lambda part: (MEMBERS[query.member].country for query in part.queries), country)
        assert f"| asked by {name} members | {row} |" in DATASHEET
    for purpose in PURPOSES:
        row = in_all_splits(lambda part: (query.purpose.value for query in part.queries), purpose)
        assert f"| purpose {purpose} | {row} |" in DATASHEET
    for grade in range(4):
        row = in_all_splits(lambda part: (judgment.grade for judgment in part.judgments), grade)
        assert f"| grade {grade} | {row} |" in DATASHEET
    for kind in TRAPS:
        row = in_all_splits(lambda part: (trap.type for trap in part.traps), kind)
        assert f"| trap {kind} | {row} |" in DATASHEET


def test_datasheet_states_the_counts_of_a_query() -> None:
    flat = " ".join(DATASHEET.split())
    judged = Counter(j.query_id for j in BENCHMARK.judgments).values()
    fit = Counter(j.query_id for j in BENCHMARK.judgments if j.grade >= WORTH_IT).values()
    traps = Counter(trap.query_id for trap in BENCHMARK.traps).values()
    assert f"{min(judged)} to {max(judged)} judged candidates, of which {min(fit)} to {max(fit)}" in flat
    assert f"{min(traps)} to {max(traps)} traps" in flat
    assert f"{sum(fit)} of {len(BENCHMARK.judgments):,} judged candidates have at least grade 2" in flat


def test_datasheet_lists_the_sectors() -> None:
    sectors = {
        split: [row["sector"] for row in read_rows("queries") if row["split"] == split] for split in SPLITS
    }
    for dev, test in zip(dict.fromkeys(sectors["dev"]), dict.fromkeys(sectors["test"]), strict=True):
        assert f"| {dev} | {test} |" in DATASHEET


def test_datasheet_states_the_agreement() -> None:
    flat = " ".join(DATASHEET.split())
    dev, test, both = (part.agreement() for part in PARTS)
    kappas = [agreement["weighted_kappa"] for agreement in (both, dev, test)]
    assert "weighted kappa {:.4f} (dev {:.4f}, test {:.4f})".format(*kappas) in flat
    assert f"equal grades for {both['equal']:.2%} of the candidates, never more than one grade apart" in flat
    assert both["within_one"] == 1.0
    table: Counter[tuple[int, int]] = Counter(judgment.passes for judgment in BENCHMARK.judgments)
    for one in range(4):
        row = " | ".join(str(table[one, other]) for other in range(4))
        assert f"| {one} | {row} |" in DATASHEET
    others = len(BENCHMARK.judgments) - table[0, 0]
    equal = sum(table[grade, grade] for grade in (1, 2, 3)) / others
    assert f"grade 0 to {table[0, 0]} of the {len(BENCHMARK.judgments)} candidates" in flat
    assert f"Of the {others} others, {equal:.2%} have equal grades" in flat


def test_example_of_a_run_is_one() -> None:
    lines = [
        RunLine.model_validate(json.loads(line))
        for line in DATASHEET.split("\n")
        if line.startswith('{"query_id"')
    ]
    assert lines
    for line in lines:
        assert QUERIES[line.query_id].split == "test"
        assert line.candidate in BENCHMARK.grades[line.query_id]
