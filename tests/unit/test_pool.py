"""Ranking in a pool: the same score whoever asks, nobody lost, nothing that has expired."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from matchmaker.domain.facets import FacetKind
from matchmaker.domain.member import Country, Kind, Member, Need, Offer, Purpose, Text
from matchmaker.domain.suggestion import Direction
from matchmaker.scoring.pool import (
    LEAST_STATED,
    MOST_STATED,
    Pool,
    Ranking,
    breadth_of,
    snapshot_of,
    without_expired,
)
from matchmaker.scoring.profile import KINDS, Entry, FacetTable, Profile
from matchmaker.scoring.reasons import PER_DIRECTION, WEAK, reasons_for
from matchmaker.scoring.rule import Background
from matchmaker.services.profiling import Profiler
from tests.factories import TODAY, FakeEncoder, make_member, make_need, make_offer, make_partner, make_pool

WORDS_EN = ("robots", "hospital", "pilot", "credit", "law", "speech", "port", "chips", "care", "AI")
WORDS_KO = ("로봇", "병원", "실증", "금융", "법률", "음성", "항만", "반도체", "진료", "인공지능")
PROFILER = Profiler(FakeEncoder())


def phrases(words: Sequence[str]) -> st.SearchStrategy[str]:
    return st.lists(st.sampled_from(words), min_size=1, max_size=4).map(" ".join)


TEXTS = st.one_of(
    st.builds(Text, phrases(WORDS_EN), phrases(WORDS_KO)),
    st.builds(Text, en=phrases(WORDS_EN)),
    st.builds(Text, ko=phrases(WORDS_KO)),
)
PURPOSES = st.frozensets(st.sampled_from(Purpose), max_size=2)
UNTIL = st.sampled_from([None, TODAY, TODAY - timedelta(days=1)])


@st.composite
def members(draw: st.DrawFn, country: Country) -> Member:
    """A member that says something, be it one word in one language."""
    profile = {
        "domains": tuple(draw(st.lists(TEXTS, max_size=2))),
        "summary": draw(st.one_of(st.just(Text()), TEXTS)),
        "offers": tuple(draw(st.lists(st.builds(Offer, TEXTS, PURPOSES, UNTIL), max_size=3))),
        "needs": tuple(draw(st.lists(st.builds(Need, TEXTS, PURPOSES, UNTIL), max_size=3))),
    }
    if not any(profile.values()):
        profile["domains"] = (draw(TEXTS),)
    return make_member(country=country, kind=draw(st.sampled_from(Kind)), **profile)


@st.composite
def alliances(draw: st.DrawFn) -> list[Member]:
    """A few members of both countries, under ids that sort unlike their countries."""
    found = draw(st.lists(st.sampled_from(Country).flatmap(members), min_size=2, max_size=8))
    return [replace(member, external_id=f"m-{number}") for number, member in enumerate(found)]


def everybody(_member: Member) -> bool:
    return True


def profile(pool: Pool, external_id: str) -> Profile:
    found = pool.find(external_id)
    assert found is not None
    return found


def table(ranking: Ranking) -> dict[str, tuple[float, float, float]]:
    """(score, gives, gets) by candidate."""
    scores = ranking.scores
    rows = zip(scores.score.tolist(), scores.gives.tolist(), scores.gets.tolist(), strict=True)
    return {member.external_id: row for member, row in zip(ranking.members, rows, strict=True)}


def ids(ranking: Ranking) -> list[str]:
    return [member.external_id for member in ranking.members]


def market() -> list[Member]:
    """Five Korean and six Singapore members about different things."""
    return [
        *(
            make_member(
                external_id=f"kr-{number}",
                summary=Text(f"Builds {en}.", f"{ko}을 만든다."),
                offers=(make_offer(en, ko, Purpose.STARTUP),),
                needs=(make_need(f"{WORDS_EN[-number - 1]} abroad", None, Purpose.RESEARCH),),
            )
            for number, (en, ko) in enumerate(zip(WORDS_EN[:5], WORDS_KO, strict=False))
        ),
        *(
            make_partner(
                external_id=f"sg-{number}",
                summary=Text(f"Works on {en}."),
                offers=(make_offer(f"{en} pilots"),),
                needs=(make_need(WORDS_EN[number], None, Purpose.TALENT),),
            )
            for number, en in enumerate(WORDS_EN[4:])
        ),
    ]


@pytest.fixture
def market_pool() -> Pool:
    return make_pool(market())


@given(alliances(), st.sampled_from([None, *Purpose]))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_the_score_is_the_same_whoever_asks(alliance: list[Member], purpose: Purpose | None) -> None:
    pool = make_pool(alliance)
    tables = {
        m.external_id: table(pool.rank(profile(pool, m.external_id), everybody, purpose)) for m in alliance
    }
    for one in alliance:
        for other, (score, gives, gets) in tables[one.external_id].items():
            assert tables[other][one.external_id] == (score, gets, gives)
            assert all(0.0 <= value <= 1.0 for value in (score, gives, gets))


@given(alliances(), st.sampled_from([None, *Purpose]))
@settings(max_examples=30, deadline=None)
def test_one_candidate_alone_scores_as_among_many(alliance: list[Member], purpose: Purpose | None) -> None:
    pool = make_pool(alliance)
    asker = profile(pool, alliance[0].external_id)
    for external_id, row in table(pool.rank(asker, everybody, purpose)).items():
        alone = pool.rank(asker, lambda member, only=external_id: member.external_id == only, purpose)  # type: ignore[misc]
        assert table(alone) == {external_id: row}


@given(alliances(), st.sampled_from(Purpose))
@settings(max_examples=30, deadline=None)
def test_everybody_of_the_other_country_is_ranked(alliance: list[Member], purpose: Purpose) -> None:
    pool = make_pool(alliance)
    asker = alliance[0]
    partners = {m.external_id for m in alliance if m.country is asker.country.other}
    for asked in (None, purpose):
        assert set(ids(pool.rank(profile(pool, asker.external_id), everybody, asked))) == partners


@given(alliances())
@settings(max_examples=30, deadline=None)
def test_best_score_first_and_ties_by_id(alliance: list[Member]) -> None:
    twin = replace(alliance[-1], external_id="a-twin")
    pool = make_pool([*alliance, twin])
    ranking = pool.rank(profile(pool, alliance[0].external_id), everybody)
    rows = [(-score, external_id) for external_id, (score, _, _) in table(ranking).items()]
    assert rows == sorted(rows)


@given(alliances())
@settings(max_examples=30, deadline=None)
def test_a_great_depth_is_no_limit(alliance: list[Member]) -> None:
    pool = make_pool(alliance)
    asker = profile(pool, alliance[0].external_id)
    assert table(pool.rank(asker, everybody, depth=10_000)) == table(pool.rank(asker, everybody))


def test_a_small_depth_keeps_the_scores_of_whom_it_finds() -> None:
    pool = make_pool(market())
    asker = profile(pool, "kr-0")
    few, all_of_them = table(pool.rank(asker, everybody, depth=1)), table(pool.rank(asker, everybody))
    assert 0 < len(few) < len(all_of_them)
    assert few.items() <= all_of_them.items()


def test_who_is_refused_is_not_ranked() -> None:
    pool = make_pool(market())
    ranking = pool.rank(profile(pool, "kr-0"), lambda member: member.external_id != "sg-3")
    assert sorted(ids(ranking)) == ["sg-0", "sg-1", "sg-2", "sg-4", "sg-5"]


def test_a_balanced_fit_beats_a_one_sided_one() -> None:
    asker = make_member(
        offers=(make_offer("robots"),), needs=(make_need("hospital"),), domains=(), summary=Text()
    )

    def partner(external_id: str, offer: str, need: str) -> Member:
        return make_partner(
            external_id=external_id,
            offers=(make_offer(offer),),
            needs=(make_need(need),),
            domains=(),
            summary=Text(),
        )

    pool = make_pool(
        [asker, partner("sg-one-sided", "hospital", "credit"), partner("sg-both", "hospital", "robots")]
    )
    assert ids(pool.rank(profile(pool, "kr-one"), everybody))[0] == "sg-both"


@pytest.mark.parametrize("asker", ["kr-one", "sg-one"])
def test_who_states_no_needs_is_served_by_what_it_does(asker: str) -> None:
    pool = make_pool([make_member(needs=()), make_partner(needs=())])
    measured = pool.compare(profile(pool, asker), np.asarray([0]))
    assert measured.gives[0] > 0
    assert measured.gets[0] > 0
    assert pool.rank(profile(pool, asker), everybody).scores.score[0] > 0


def test_what_has_expired_counts_for_nothing() -> None:
    gone = make_need("port chips law", until=TODAY - timedelta(days=1))
    with_it = make_pool([make_member(needs=(*make_member().needs, gone)), *market()[5:]])
    without = make_pool([make_member(), *market()[5:]])
    assert table(with_it.rank(profile(with_it, "kr-one"), everybody)) == table(
        without.rank(profile(without, "kr-one"), everybody)
    )
    assert with_it.snapshot == without.snapshot


def test_a_need_counts_on_its_last_day() -> None:
    need = make_need("port chips law", until=TODAY)
    pool = make_pool([make_member(needs=(need,)), make_partner()])
    assert "port chips law" in [wording.text for wording in profile(pool, "kr-one").wordings]


def test_an_asker_from_outside_is_trimmed_too() -> None:
    pool = make_pool(market())
    gone = make_need("robots", until=TODAY - timedelta(days=1))
    stale = PROFILER.profile(make_member(needs=(*make_member().needs, gone)))
    assert table(pool.rank(stale, everybody)) == table(pool.rank(PROFILER.profile(make_member()), everybody))
    assert without_expired(stale, TODAY).vectors.shape[0] == stale.vectors.shape[0] - 1


@pytest.mark.parametrize(
    "alliance",
    [[], [make_member()], [make_partner()], [make_member(), make_member(external_id="kr-two")]],
    ids=["empty", "one", "other", "two of one country"],
)
def test_a_pool_without_partners_answers_with_nobody(alliance: list[Member]) -> None:
    pool = make_pool(alliance)
    assert len(pool) == len(alliance)
    for asker in (make_member(), make_partner()):
        ranking = pool.rank(PROFILER.profile(asker), lambda _: False)
        assert ids(ranking) == []
    assert pool.find("nobody") is None


@pytest.mark.parametrize("asker", ["kr-one", "sg-one"])
@pytest.mark.parametrize("text", [Text(en="robots"), Text(ko="로봇")])
def test_a_member_whose_every_word_has_expired_is_still_ranked(text: Text, asker: str) -> None:
    gone = Need(text, until=TODAY - timedelta(days=1))
    silent = make_partner(needs=(gone,), offers=(), domains=(), summary=Text())
    pool = make_pool([make_member(), silent])
    ranking = pool.rank(profile(pool, asker), everybody)
    assert len(ranking.members) == 1
    assert np.isfinite(ranking.scores.score).all()


def test_members_of_different_languages_are_compared() -> None:
    korean = make_member(
        domains=(),
        summary=Text(ko="로봇을 만든다."),
        offers=(make_offer(ko="로봇"),),
        needs=(make_need(ko="병원"),),
    )
    english = make_partner(
        domains=(), summary=Text(en="Care."), offers=(make_offer("hospital"),), needs=(make_need("robots"),)
    )
    pool = make_pool([korean, english])
    assert np.isnan(pool.compare(profile(pool, "kr-one"), np.asarray([0])).words).all()
    ranking = pool.rank(profile(pool, "kr-one"), everybody)
    assert np.isfinite(ranking.evidence.words).all()
    assert 0 < ranking.scores.score[0] < 1


def test_a_tiny_pool_has_a_constant_background() -> None:
    for alliance in ([], [make_member()], [make_member(), make_partner()]):
        assert make_pool(alliance).background == Background()


def test_a_larger_pool_measures_its_own() -> None:
    found, constant = make_pool(market()).background, Background()
    assert found.needs != constant.needs
    assert found.coverage != constant.coverage


def test_who_is_near_everybody_stands_high() -> None:
    everything = make_partner(
        external_id="sg-hub",
        summary=Text("Works on " + ", ".join(WORDS_EN) + "."),
        offers=tuple(make_offer(f"{en} pilots") for en in WORDS_EN),
        needs=tuple(make_need(en) for en in WORDS_EN),
    )
    pool = make_pool([*market(), everything])
    hub, usual = pool.sides[Country.SG].ordinal["sg-hub"], pool.standings[Country.SG].usual
    assert usual.gives.argmax() == usual.gets.argmax() == usual.covers.argmax() == hub


def test_the_order_of_arrival_changes_nothing() -> None:
    there, back = make_pool(market()), make_pool(reversed(market()))
    assert there.snapshot == back.snapshot
    assert there.background == back.background
    assert table(there.rank(profile(there, "kr-1"), everybody)) == table(
        back.rank(profile(back, "kr-1"), everybody)
    )


@pytest.mark.parametrize(
    "change",
    [
        {"country": Country.SG},
        {"kind": Kind.FUND},
        {"external_id": "kr-two"},
        {"needs": ()},
        {"offers": (make_offer("delivery robots for hospitals", "병원용 배송 로봇"),)},
        {"summary": Text("Builds robots.")},
    ],
    ids=lambda change: next(iter(change)),
)
def test_a_snapshot_is_named_by_what_scores_and_layout_depend_on(change: dict[str, object]) -> None:
    one, other = make_member(), make_member(**change)
    assert make_pool([one]).snapshot != make_pool([other]).snapshot


def test_a_snapshot_is_named_by_the_model_too() -> None:
    entries = [PROFILER.profile(make_member()).entry]
    assert snapshot_of(entries, "fake@1") != snapshot_of(entries, "fake@2")


def test_texts_cannot_imitate_other_texts_in_a_snapshots_name() -> None:
    two = make_member(needs=(make_need("a"), make_need("b")))
    one = make_member(needs=(make_need("a\nneed1en:b"),))
    imitations = [make_need(f"a\n{FacetKind.NEED}1en{','.join(sorted(Purpose))}b")]
    assert len({make_pool([m]).snapshot for m in (two, one, make_member(needs=tuple(imitations)))}) == 3


@given(st.lists(members(Country.KR), min_size=1, max_size=6), st.data())
@settings(max_examples=40, deadline=None)
def test_selecting_members_equals_building_from_them(alliance: list[Member], data: st.DataObject) -> None:
    profiles = PROFILER.profile_all(alliance)
    whole = FacetTable.of([p.wordings for p in profiles], np.concatenate([p.vectors for p in profiles]))
    chosen = sorted(data.draw(st.sets(st.integers(0, len(alliance) - 1))))
    selected = whole.select(np.asarray(chosen, dtype=np.intp))
    vectors = [np.zeros((0, 64), np.float32), *(profiles[i].vectors for i in chosen)]
    built = FacetTable.of([profiles[i].wordings for i in chosen], np.concatenate(vectors))
    np.testing.assert_array_equal(selected.vectors, built.vectors)
    np.testing.assert_array_equal(selected.row_start, built.row_start)
    for name in ("member", "kind", "purposes"):
        np.testing.assert_array_equal(getattr(selected.labels, name), getattr(built.labels, name))


def test_a_pool_hands_back_the_profiles_it_was_made_of() -> None:
    pool = make_pool(market())
    for made in PROFILER.profile_all(market()):
        kept = profile(pool, made.member.external_id)
        assert kept.entry == made.entry
        np.testing.assert_array_equal(kept.vectors, made.vectors)


def test_both_wordings_of_a_statement_are_one_facet() -> None:
    made = PROFILER.profile(make_member())
    facets = FacetTable.of([made.wordings], made.vectors)
    kinds = [KINDS[number] for number in facets.labels.kind]
    assert kinds == [FacetKind.OFFER, FacetKind.NEED, FacetKind.SUMMARY, FacetKind.SUMMARY, FacetKind.DOMAIN]
    assert np.diff(facets.row_start).tolist() == [2, 2, 1, 1, 2]


def test_breadth_counts_between_its_bounds() -> None:
    def stating(count: int) -> float:
        needs = tuple(make_need(f"need {number}") for number in range(count))
        return breadth_of(PROFILER.profile(make_member(domains=(), offers=(), needs=needs)).entry)

    assert stating(0) == stating(1) == stating(LEAST_STATED) < stating(LEAST_STATED + 1)
    assert stating(MOST_STATED) == stating(MOST_STATED + 5) > stating(MOST_STATED - 1)


def test_what_is_previewed_is_what_a_member_gets(market_pool: Pool) -> None:
    visitor = make_member(external_id="kr-0", domains=(), offers=(), needs=(make_need("speech pilots"),))
    guest = replace(visitor, external_id="somebody")
    one, other = (market_pool.rank(PROFILER.profile(asker), everybody) for asker in (visitor, guest))
    assert table(one) == table(other)


def test_reasons_are_the_same_for_both_sides_strongest_first() -> None:
    one, other = PROFILER.profile(make_member()), PROFILER.profile(make_partner())
    reasons = reasons_for(one, other, "en")
    assert reasons == reasons_for(other, one, "en")
    strengths = [reason.similarity for reason in reasons]
    assert strengths == sorted(strengths, reverse=True)
    assert min(strengths) >= WEAK
    for direction in Direction:
        assert 1 <= sum(reason.direction is direction for reason in reasons) <= PER_DIRECTION


def test_a_reason_quotes_what_one_has_and_the_other_wants() -> None:
    one, other = PROFILER.profile(make_member()), PROFILER.profile(make_partner())
    for reason in reasons_for(one, other, "en"):
        giver = "kr-one" if reason.direction is Direction.KR_TO_SG else "sg-one"
        assert reason.source.member_id == giver != reason.target.member_id
        assert reason.source.kind in (FacetKind.OFFER, FacetKind.SUMMARY)
        assert reason.target.kind is FacetKind.NEED


@pytest.mark.parametrize(("language", "expected"), [("en", "robots"), ("ko", "로봇")])
def test_quotes_are_in_the_readers_language(language: str, expected: str) -> None:
    bare = {"domains": (), "summary": Text()}
    one = PROFILER.profile(make_member(**bare, offers=(make_offer("robots", "로봇"),), needs=()))
    other = PROFILER.profile(make_partner(**bare, offers=(), needs=(make_need("robots", "로봇"),)))
    reason = reasons_for(one, other, "ko" if language == "ko" else "en")[0]
    assert (reason.source.text, reason.target.text) == (expected, expected)
    assert (reason.source.language, reason.source.is_translation) == (language, False)


def test_a_translated_quote_carries_its_original() -> None:
    bare = {"domains": (), "summary": Text()}
    offer = Offer(Text("robots", "로봇", frozenset({"en"})))
    one = PROFILER.profile(make_member(**bare, offers=(offer,), needs=()))
    other = PROFILER.profile(make_partner(**bare, offers=(), needs=(make_need("robots"),)))
    english, korean = (reasons_for(one, other, language)[0] for language in ("en", "ko"))
    assert (english.source.text, english.source.is_translation, english.source.original) == (
        "robots",
        True,
        "로봇",
    )
    assert (korean.source.text, korean.source.is_translation, korean.source.original) == ("로봇", False, None)
    assert korean.target.text == "robots"


def test_members_with_nothing_in_common_have_no_reasons() -> None:
    bare = {"domains": (), "summary": Text(), "needs": ()}
    one = PROFILER.profile(make_member(**bare, offers=(make_offer("qqqq"),)))
    silent = Profile(Entry(make_partner(), ()), np.zeros((0, 64), np.float32))
    assert reasons_for(one, silent, "en") == ()
