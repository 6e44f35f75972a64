"""Suggestions: who may be suggested, to whom, with which reasons, the same in every process."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from matchmaker.bootstrap import Matchmaker
from matchmaker.domain.eligibility import Blocker
from matchmaker.domain.facets import FacetKind
from matchmaker.domain.member import Language, Member, Purpose, Status, Text, Track
from matchmaker.domain.suggestion import Pair, SuggestionList
from matchmaker.errors import InvalidInput, UnknownMember
from matchmaker.services.suggestion import PER_FAMILY
from tests.factories import make_matchmaker, make_member, make_need, make_offer, make_partner

TOPICS = (
    ("delivery robots for hospitals", "병원용 배송 로봇"),
    ("credit scoring for small shops", "소상공인 신용평가"),
    ("speech recognition in Korean", "한국어 음성 인식"),
    ("legal advice on data law", "데이터 법률 자문"),
    ("berth planning in ports", "항만 선석 계획"),
    ("chips for edge computing", "엣지 컴퓨팅 반도체"),
)


def topic_member(number: int, **overrides: object) -> Member:
    """A Korean member about one topic that needs the next one."""
    (en, ko), (need_en, need_ko) = TOPICS[number], TOPICS[(number + 1) % len(TOPICS)]
    fields: dict[str, object] = {
        "external_id": f"kr-{number}",
        "domains": (Text(en, ko),),
        "summary": Text(f"Offers {en}.", f"{ko}을 제공한다."),
        "offers": (make_offer(en, ko),),
        "needs": (make_need(need_en, need_ko),),
    }
    return make_member(**fields | overrides)


def topic_partner(number: int, **overrides: object) -> Member:
    """A Singapore member about one topic that needs the previous one."""
    (need_en, need_ko) = TOPICS[number - 1]
    fields = {"external_id": f"sg-{number}", "needs": (make_need(need_en, need_ko),)}
    partner = make_partner()
    own = {"country": partner.country, "kind": partner.kind, "track": partner.track}
    return topic_member(number, **own | fields | overrides)


def alliance() -> list[Member]:
    return [make(number) for make in (topic_member, topic_partner) for number in range(len(TOPICS))]


def register(matchmaker: Matchmaker, *members: Member) -> Matchmaker:
    for member in members:
        matchmaker.registration.register(member)
    return matchmaker


@pytest.fixture
def matchmaker(tmp_path: Path) -> Matchmaker:
    return register(make_matchmaker(tmp_path / "var"), *alliance())


def tie(matchmaker: Matchmaker, tmp_path: Path, *pairs: tuple[str, str]) -> None:
    path = tmp_path / "pairs.jsonl"
    path.write_text("".join(f'{{"kr": "{kr}", "sg": "{sg}"}}\n' for kr, sg in pairs))
    matchmaker.importing.import_partnerships(path)


def ids(found: SuggestionList) -> list[str]:
    return [item.member.external_id for item in found.items]


def table(pairs: Sequence[Pair]) -> list[tuple[str, str, float]]:
    return [(pair.kr.external_id, pair.sg.external_id, pair.score) for pair in pairs]


def test_who_offers_what_is_needed_comes_first(matchmaker: Matchmaker) -> None:
    for number in range(len(TOPICS)):
        following = (number + 1) % len(TOPICS)
        assert ids(matchmaker.suggestions.for_member(f"kr-{number}"))[0] == f"sg-{following}"
        assert ids(matchmaker.suggestions.for_member(f"sg-{following}"))[0] == f"kr-{number}"


def test_a_list_says_for_whom_and_with_what_it_was_made(matchmaker: Matchmaker) -> None:
    found = matchmaker.suggestions.for_member("kr-0", Purpose.RESEARCH)
    assert found.member == topic_member(0)
    assert (found.purpose, found.model) == (Purpose.RESEARCH, "fake@1")
    assert found.snapshot == matchmaker.catalogue.current().pool.snapshot


def test_a_list_is_sorted_and_cut(matchmaker: Matchmaker) -> None:
    whole = matchmaker.suggestions.for_member("kr-0").items
    assert len(whole) == len(TOPICS)
    assert [(-item.score, item.member.external_id) for item in whole] == sorted(
        (-item.score, item.member.external_id) for item in whole
    )
    assert matchmaker.suggestions.for_member("kr-0", limit=2).items == whole[:2]
    assert matchmaker.suggestions.for_member("kr-0", limit=0).items == ()


def test_nobody_gets_no_list(matchmaker: Matchmaker) -> None:
    with pytest.raises(UnknownMember, match="nobody"):
        matchmaker.suggestions.for_member("nobody")


def test_partners_are_listed_apart_and_not_suggested(matchmaker: Matchmaker, tmp_path: Path) -> None:
    tie(matchmaker, tmp_path, ("kr-0", "sg-1"), ("kr-0", "gone"), ("kr-1", "sg-2"))
    found = matchmaker.suggestions.for_member("kr-0")
    assert "sg-1" not in ids(found)
    assert [member.external_id for member in found.known] == ["sg-1"]
    other_side = matchmaker.suggestions.for_member("sg-1")
    assert "kr-0" not in ids(other_side)
    assert [member.external_id for member in other_side.known] == ["kr-0"]


def test_partners_are_suggested_on_request_and_marked(matchmaker: Matchmaker, tmp_path: Path) -> None:
    before = ids(matchmaker.suggestions.for_member("kr-0"))
    tie(matchmaker, tmp_path, ("kr-0", "sg-1"))
    found = matchmaker.suggestions.for_member("kr-0", include_known=True)
    assert ids(found) == before
    marked = [item.member.external_id for item in found.items if Blocker.ALREADY_PARTNERS in item.blockers]
    assert marked == ["sg-1"]


def test_the_family_of_a_partner_is_not_suggested(matchmaker: Matchmaker, tmp_path: Path) -> None:
    register(
        matchmaker,
        topic_partner(1, external_id="sg-child", parent="sg-group"),
        topic_partner(1, external_id="sg-sibling", parent="sg-group"),
        topic_partner(1, external_id="sg-group"),
    )
    tie(matchmaker, tmp_path, ("kr-0", "sg-child"))
    assert not {"sg-child", "sg-sibling", "sg-group"} & set(ids(matchmaker.suggestions.for_member("kr-0")))
    assert {"sg-child", "sg-sibling"} & set(ids(matchmaker.suggestions.for_member("kr-1")))


def test_of_a_family_few_siblings_are_shown(matchmaker: Matchmaker) -> None:
    siblings = [topic_partner(1, external_id=f"sg-sibling-{number}", parent="sg-1") for number in range(4)]
    register(matchmaker, *siblings)
    shown = ids(matchmaker.suggestions.for_member("kr-0", limit=50))
    family = [external_id for external_id in shown if external_id == "sg-1" or "sibling" in external_id]
    assert len(family) == PER_FAMILY
    assert {f"sg-{number}" for number in (0, 2, 3, 4, 5)} <= set(shown)


def test_a_track_is_a_filter(matchmaker: Matchmaker) -> None:
    register(matchmaker, topic_partner(3, external_id="sg-research", track=Track.RESEARCH))
    assert ids(matchmaker.suggestions.for_member("kr-0", track=Track.RESEARCH)) == ["sg-research"]
    assert "sg-research" not in ids(matchmaker.suggestions.for_member("kr-0", track=Track.PUBLIC))
    assert ids(matchmaker.suggestions.for_member("kr-0", track=Track.INDUSTRY)) == []


def test_who_did_not_consent_is_absent_on_both_sides(matchmaker: Matchmaker) -> None:
    matchmaker.registration.revise("sg-1", topic_partner(1, consents=frozenset()))
    assert "sg-1" not in ids(matchmaker.suggestions.for_member("kr-0"))
    assert ids(matchmaker.suggestions.for_member("sg-1")) == []


def test_consent_to_one_purpose_is_none_to_another(matchmaker: Matchmaker) -> None:
    matchmaker.registration.revise("sg-1", topic_partner(1, consents=frozenset({Purpose.TALENT})))
    assert "sg-1" in ids(matchmaker.suggestions.for_member("kr-0", Purpose.TALENT))
    assert "sg-1" in ids(matchmaker.suggestions.for_member("kr-0"))
    assert "sg-1" not in ids(matchmaker.suggestions.for_member("kr-0", Purpose.STARTUP))


@pytest.mark.parametrize("purpose", Purpose)
def test_a_purpose_empties_no_list(purpose: Purpose, matchmaker: Matchmaker) -> None:
    research_only = make_offer("joint papers", None, Purpose.RESEARCH)
    register(matchmaker, topic_partner(2, external_id="sg-lab", offers=(research_only,), needs=()))
    assert len(matchmaker.suggestions.for_member("kr-0", purpose).items) == len(TOPICS) + 1


def test_a_purpose_moves_up_who_serves_it(tmp_path: Path) -> None:
    partners = [
        topic_partner(1, external_id=f"sg-{purpose}", offers=(make_offer(*TOPICS[1], purpose),), parent=None)
        for purpose in Purpose
    ]
    matchmaker = register(make_matchmaker(tmp_path), topic_member(0), *partners)
    for purpose in Purpose:
        assert ids(matchmaker.suggestions.for_member("kr-0", purpose))[0] == f"sg-{purpose}"


def test_every_process_gives_the_same_list(matchmaker: Matchmaker, tmp_path: Path) -> None:
    restarted = make_matchmaker(tmp_path / "var")
    elsewhere = register(make_matchmaker(tmp_path / "elsewhere"), *reversed(alliance()))
    for member in alliance():
        here = matchmaker.suggestions.for_member(member.external_id)
        assert restarted.suggestions.for_member(member.external_id) == here
        assert elsewhere.suggestions.for_member(member.external_id) == here


def test_both_sides_read_the_same_score(matchmaker: Matchmaker) -> None:
    for item in matchmaker.suggestions.for_member("kr-0").items:
        back = matchmaker.suggestions.for_member(item.member.external_id).items
        mirrored = next(other for other in back if other.member.external_id == "kr-0")
        assert (mirrored.score, mirrored.gives, mirrored.gets) == (item.score, item.gets, item.gives)
        assert mirrored.reasons == item.reasons
        pair = matchmaker.suggestions.explain("kr-0", item.member.external_id)
        assert (pair.score, pair.kr_to_sg, pair.sg_to_kr) == (item.score, item.gives, item.gets)
        assert (pair.parts, pair.reasons, pair.blockers) == (item.parts, item.reasons, item.blockers)


def test_who_is_not_stored_gets_the_list_of_who_is(matchmaker: Matchmaker) -> None:
    asked = matchmaker.suggestions.for_profile(topic_member(0, external_id="kr-visitor"))
    stored = matchmaker.suggestions.for_member("kr-0")
    assert [(i.member, i.score) for i in asked.items] == [(i.member, i.score) for i in stored.items]
    with pytest.raises(UnknownMember):
        matchmaker.directory.get("kr-visitor")


def test_an_expired_need_is_no_reason(matchmaker: Matchmaker) -> None:
    expired = make_need(*TOPICS[1], until=date(2020, 1, 1))
    visitor = topic_member(0, external_id="kr-visitor", needs=(expired,))
    register(matchmaker, replace(visitor, external_id="kr-expired"))
    for found in (
        matchmaker.suggestions.for_profile(visitor),
        matchmaker.suggestions.for_member("kr-expired"),
    ):
        for item in found.items:
            assert Blocker.NO_NEEDS_STATED in item.blockers
            quotes = [quote for reason in item.reasons for quote in (reason.source, reason.target)]
            ours = [quote for quote in quotes if quote.member_id == found.member.external_id]
            assert FacetKind.NEED not in {quote.kind for quote in ours}


def test_a_member_who_writes_korean_only_finds_partners(matchmaker: Matchmaker) -> None:
    korean = topic_member(
        0,
        external_id="kr-korean",
        names=Text(ko="병동로봇 (가상)"),
        domains=(Text(ko="병원 로봇"),),
        summary=Text(ko="병원용 배송 로봇을 만든다."),
        offers=(make_offer(ko="병원용 배송 로봇"),),
        needs=(make_need(ko="소상공인 신용평가"),),
    )
    register(matchmaker, korean)
    found = matchmaker.suggestions.for_member("kr-korean", language="en")
    assert len(found.items) == len(TOPICS)
    assert ids(found)[0] == "sg-1"
    quotes = {q.member_id: q for r in found.items[0].reasons for q in (r.source, r.target)}
    assert quotes["kr-korean"].language == "ko"
    assert quotes["sg-1"].language == "en"


@pytest.mark.parametrize("language", ["en", "ko"])
def test_quotes_are_in_the_readers_language(language: Language, matchmaker: Matchmaker) -> None:
    found = matchmaker.suggestions.for_member("kr-0", language=language)
    quotes = [q for item in found.items for r in item.reasons for q in (r.source, r.target)]
    assert quotes
    assert {quote.language for quote in quotes} == {language}


def test_what_to_check_first_is_told(matchmaker: Matchmaker) -> None:
    register(
        matchmaker,
        topic_partner(
            1,
            external_id="sg-listed",
            status=Status.LISTED,
            consents=frozenset(),
            verified=False,
            needs=(),
        ),
        topic_partner(0, external_id="sg-rival"),
    )
    blockers = {
        item.member.external_id: set(item.blockers)
        for item in matchmaker.suggestions.for_member("kr-0", limit=50).items
    }
    assert blockers["sg-1"] == set()
    assert {Blocker.NOT_A_MEMBER, Blocker.UNVERIFIED, Blocker.NO_NEEDS_STATED} <= blockers["sg-listed"]
    assert Blocker.OVERLAPPING_OFFER in blockers["sg-rival"]


def test_thin_evidence_is_told(tmp_path: Path) -> None:
    bare = {"domains": (), "summary": Text(), "needs": ()}
    matchmaker = register(
        make_matchmaker(tmp_path),
        make_member(**bare, offers=(make_offer("zzz"),)),
        make_partner(**bare, offers=(make_offer("한국어 음성 인식"),)),
    )
    (item,) = matchmaker.suggestions.for_member("kr-one").items
    assert Blocker.THIN_EVIDENCE in item.blockers


def test_a_pair_is_explained_even_if_it_may_not_be_suggested(matchmaker: Matchmaker, tmp_path: Path) -> None:
    tie(matchmaker, tmp_path, ("kr-0", "sg-1"))
    pair = matchmaker.suggestions.explain("kr-0", "sg-1", language="ko")
    assert pair.blockers[0] is Blocker.ALREADY_PARTNERS
    assert pair.reasons
    assert set(pair.parts) == {"needs", "coverage", "words", "roles", "breadth"}


def test_a_pair_is_a_korean_and_a_singapore_member(matchmaker: Matchmaker) -> None:
    with pytest.raises(InvalidInput, match="give the Korean member first"):
        matchmaker.suggestions.explain("sg-1", "kr-0")
    with pytest.raises(InvalidInput, match="“kr-1” is in KR, not SG"):
        matchmaker.suggestions.explain("kr-0", "kr-1")
    with pytest.raises(UnknownMember, match="nobody"):
        matchmaker.suggestions.explain("kr-0", "nobody")


def test_the_best_pairs_are_the_heads_of_all_lists(matchmaker: Matchmaker) -> None:
    rows = [
        (-item.score, kr, item.member.external_id)
        for kr in (f"kr-{number}" for number in range(len(TOPICS)))
        for item in matchmaker.suggestions.for_member(kr).items
    ]
    expected = [(kr, sg, -negative) for negative, kr, sg in sorted(rows)]
    assert table(matchmaker.suggestions.best_pairs(limit=5)) == expected[:5]
    assert table(matchmaker.suggestions.best_pairs(limit=100)) == expected


def test_the_best_pairs_obey_the_hard_rules(matchmaker: Matchmaker, tmp_path: Path) -> None:
    best = matchmaker.suggestions.best_pairs(limit=1)[0]
    tie(matchmaker, tmp_path, (best.kr.external_id, best.sg.external_id))
    matchmaker.registration.revise("sg-3", topic_partner(3, consents=frozenset({Purpose.TALENT})))
    pairs = matchmaker.suggestions.best_pairs(Purpose.RESEARCH, limit=100)
    assert not any(blocker.is_hard for pair in pairs for blocker in pair.blockers)
    assert len(pairs) == len(TOPICS) * (len(TOPICS) - 1) - (best.sg.external_id != "sg-3")


def test_one_member_may_be_kept_from_filling_the_list(matchmaker: Matchmaker) -> None:
    pairs = matchmaker.suggestions.best_pairs(limit=100, per_member=1)
    assert len(pairs) == len({pair.kr.external_id for pair in pairs}) == len(TOPICS)
    assert len({pair.sg.external_id for pair in pairs}) == len(TOPICS)


def test_a_bound_per_member_still_fills_the_list(tmp_path: Path) -> None:
    count = 24
    matchmaker = make_matchmaker(tmp_path)
    for number in range(count):
        topic = number % len(TOPICS)
        register(
            matchmaker,
            topic_member(topic, external_id=f"kr-{number:02}"),
            topic_partner(1, external_id=f"sg-{number:02}"),
        )
    assert len(matchmaker.suggestions.best_pairs(limit=20, per_member=1)) == 20


def test_the_best_pairs_follow_every_write_and_day(matchmaker: Matchmaker, tmp_path: Path) -> None:
    best, *rest = table(matchmaker.suggestions.best_pairs(limit=100))
    tie(matchmaker, tmp_path, best[:2])
    assert table(matchmaker.suggestions.best_pairs(limit=100)) == rest
    matchmaker.registration.withdraw(best[0])
    assert best[0] not in {kr for kr, _, _ in table(matchmaker.suggestions.best_pairs(limit=100))}


def test_no_pair_no_list(tmp_path: Path) -> None:
    matchmaker = make_matchmaker(tmp_path)
    assert matchmaker.suggestions.best_pairs() == ()
    assert matchmaker.suggestions.for_profile(make_member()).items == ()
