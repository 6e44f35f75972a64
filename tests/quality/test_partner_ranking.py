"""How well known partners rank on the project's own directory: floors that no change may fall below."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from matchmaker.bootstrap import build_evaluation
from matchmaker.domain.member import Member, Purpose, Text
from matchmaker.formats.json_lines import load_members, load_pairs
from matchmaker.quality.partners import Evaluation

ALLIANCE = Path(__file__).parents[2] / "data" / "alliance"
MEMBERS = load_members(ALLIANCE / "members.jsonl")
PAIRS = load_pairs(ALLIANCE / "partnerships.jsonl")


@pytest.fixture(scope="module")
def evaluation() -> Evaluation:
    return build_evaluation()


@pytest.fixture(scope="module")
def report(evaluation: Evaluation) -> dict[str, Any]:
    return evaluation.evaluate(MEMBERS, PAIRS)


def test_partners_rank_far_above_chance_and_above_one_vector(report: dict[str, Any]) -> None:
    assert report["queries"] == 72
    assert report["mrr"] >= 0.38
    assert report["recall_at_10"] >= 0.66
    assert report["mrr"] > report["baselines"]["single_vector"]["mrr"] > report["baselines"]["random"]["mrr"]


def test_every_purpose_is_reported(report: dict[str, Any]) -> None:
    assert set(report["per_purpose"]) == {purpose.value for purpose in Purpose}


@pytest.mark.parametrize("external_id", ["vuno", "seadronix", "rebellions", "pier71", "cgh"])
@pytest.mark.parametrize("language", ["en", "ko"])
def test_a_member_in_one_language_finds_much_the_same_partners(
    evaluation: Evaluation, external_id: str, language: str
) -> None:
    member = next(member for member in MEMBERS if member.external_id == external_id)
    pool = evaluation.pool_of(MEMBERS)
    whole = pool.find(external_id)
    part = evaluation.profiler.profile(only(member, language))
    assert whole is not None
    in_both, in_one = (
        [found.external_id for found in pool.rank(query, lambda _member: True).members]
        for query in (whole, part)
    )
    assert len(set(in_both[:5]) & set(in_one[:10])) >= 2


def only(member: Member, language: str) -> Member:
    """The member as if it had written in one language."""

    def cut(text: Text) -> Text:
        return Text(en=text.en) if language == "en" else Text(ko=text.ko)

    return replace(
        member,
        external_id="someone-new",
        domains=tuple(cut(domain) for domain in member.domains),
        summary=cut(member.summary),
        offers=tuple(replace(offer, text=cut(offer.text)) for offer in member.offers),
        needs=tuple(replace(need, text=cut(need.text)) for need in member.needs),
    )
