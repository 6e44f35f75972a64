"""Letters: every sentence is a fixed pattern around texts that stand in a profile, in both languages."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matchmaker.domain.facets import wordings_of
from matchmaker.domain.letter import MAX_TEXT, Fill, Letter, Occasion, day, sign_in_letter, written
from matchmaker.domain.letter_patterns import COUNTRIES, KINDS, LANGUAGE_NAMES, PATTERNS, PURPOSES
from matchmaker.domain.member import LANGUAGES, Country, Kind, Language, Member, Purpose, Text
from matchmaker.domain.outbox import CONTACT, LINK, LetterKind
from matchmaker.domain.particles import Particle
from matchmaker.domain.plain_text import plain
from matchmaker.domain.suggestion import Reason
from matchmaker.services.profiling import Profiler
from tests.factories import FakeEncoder, make_member, make_need, make_offer, make_partner

SITE = "https://match.example"
UNTIL = date(2026, 12, 15)
PROFILER = Profiler(FakeEncoder())
SLOT = re.compile(r"\{(~?)(\w+)(!?)(?::(\w+))?\}")


def reasons(one: Member, other: Member) -> dict[Language, tuple[Reason, ...]]:
    from matchmaker.scoring.reasons import reasons_for

    first, second = PROFILER.profile_all([one, other])
    return {language: reasons_for(first, second, language, Purpose.STARTUP) for language in LANGUAGES}


def occasion(own: Member | None = None, partner: Member | None = None, **changes: object) -> Occasion:
    own, partner = own or make_member(), partner or make_partner()
    made = Occasion(
        own, partner, Purpose.STARTUP, "ko", SITE, UNTIL, date(2026, 12, 1), reasons(own, partner)
    )
    return replace(made, **changes)  # type: ignore[arg-type]


def texts_of(member: Member) -> dict[tuple[str, int, Language], str]:
    found = {
        (str(wording.kind), wording.number, wording.language): wording.text for wording in wordings_of(member)
    }
    for language in LANGUAGES:
        found["name", 0, language] = member.names.get(language) or ""
    return found


def is_verbatim(fill: Fill, members: dict[str, Member]) -> bool:
    """A text of the profile that the fill names, whole or cut at its end; a name may stand in both languages."""
    assert fill.origin is not None
    texts = texts_of(members[fill.origin.member_id])
    text = plain(texts[fill.origin.kind, fill.origin.number, fill.origin.language])
    if fill.origin.kind == "name":
        names = [plain(texts["name", 0, language]) for language in LANGUAGES]
        return all(any(part in name for name in names) for part in re.split(r" \((?=.)|\)$", fill.text))
    return fill.text == text or (fill.text.endswith("…") and text.startswith(fill.text[:-1]))


def own_words() -> set[str]:
    """What the product itself fills in."""
    tables = (*KINDS.values(), *COUNTRIES.values(), *PURPOSES.values())
    dates = [day(UNTIL, language) for language in LANGUAGES]
    return {word for table in tables for word in table.values()} | {
        "귀사",
        "귀 기관",
        LINK,
        CONTACT,
        SITE,
        *dates,
    }


def check(letter: Letter, *members: Member) -> None:
    by_id = {member.external_id: member for member in members}
    for sentence in letter.sentences:
        assert sentence.sources[0] in PATTERNS
        for fill in sentence.fills.values():
            assert is_verbatim(fill, by_id) if fill.origin else fill.text in own_words(), fill
    lines = {line for each in letter.sentences for line in (each.mark + each.text).splitlines()}
    assert set(letter.body.splitlines()) <= lines | {""}


@pytest.mark.parametrize("kind", LetterKind)
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_sentence_is_a_pattern_around_the_words_of_a_profile(
    kind: LetterKind, language: Language
) -> None:
    about = occasion(language=language)
    assert about.partner is not None
    check(written(kind, about), about.own, about.partner)


@given(st.text(max_size=600), st.text(min_size=1, max_size=60))
def test_whatever_a_profile_says_stays_inside_its_quotation(said: str, name: str) -> None:
    partner = make_partner(
        names=Text(name, None),
        offers=(make_offer(said or "x", None, Purpose.STARTUP),),
        needs=(make_need(None, said or "x", Purpose.STARTUP),),
    )
    own = make_member()
    letter = written(LetterKind.ASK, occasion(own, partner, reasons={}))
    check(letter, own, partner)
    assert "\n" not in letter.subject
    assert not set(letter.body) & set("\r\u202e\u200b\x00\x1b")
    assert letter.body.count(LINK) == 2
    assert CONTACT not in letter.body


def test_the_recipients_language_comes_first_and_the_other_below() -> None:
    for language, first, second in (("ko", "담당자님께", "Dear"), ("en", "Dear", "담당자님께")):
        body = written(LetterKind.ASK, occasion(language=language)).body
        assert 0 < body.index(first) < body.index(second)


def test_it_says_why_in_the_words_of_both_profiles() -> None:
    body = written(LetterKind.ASK, occasion()).body
    for text in ("해외 실증 병원", "로봇 실증 병원", "a hospital abroad for a pilot"):
        assert f"“{text}”" in body


def test_a_text_in_the_other_language_says_so() -> None:
    partner = make_partner(offers=(make_offer(None, "로봇 실증 병원", Purpose.STARTUP),))
    body = written(LetterKind.ASK, occasion(partner=partner)).body
    assert "“로봇 실증 병원” (in Korean)" in body
    assert "“로봇 실증 병원” (한국어)" not in body


def test_what_serves_another_purpose_or_is_over_is_left_out() -> None:
    partner = make_partner(
        offers=(
            make_offer("a trial ward", None, until=date(2026, 11, 1)),
            make_offer("interns", None, Purpose.TALENT),
        )
    )
    body = written(LetterKind.ASK, occasion(partner=partner, reasons={})).body
    assert "a trial ward" not in body
    assert "interns" not in body


def test_a_long_text_is_cut_at_a_word() -> None:
    partner = make_partner(offers=(make_offer("robots and " * 60, None, Purpose.STARTUP),))
    letter = written(LetterKind.ASK, occasion(partner=partner))
    longest = max(len(fill.text) for each in letter.sentences for fill in each.fills.values())
    assert longest <= MAX_TEXT


def test_a_partner_that_is_gone_is_not_named() -> None:
    about = occasion(partner=None)
    letter = written(LetterKind.WITHDRAWN, replace(about, partner=None, reasons={}))
    assert "Harbour" not in letter.body


def test_both_languages_have_every_pattern_and_fill_the_same() -> None:
    for name, wordings in PATTERNS.items():
        assert set(wordings) == set(LANGUAGES), name
        for wording in wordings.values():
            assert "%" not in wording
            for _, _, _, particle in SLOT.findall(wording):
                assert particle in ("", *get_args(Particle))
    for table in (KINDS, COUNTRIES, PURPOSES, LANGUAGE_NAMES):
        assert all(set(words) == set(LANGUAGES) for words in table.values())
    assert (set(KINDS), set(COUNTRIES), set(PURPOSES)) == (set(Kind), set(Country), set(Purpose))


def test_a_link_to_sign_in_stands_in_both_languages() -> None:
    letter = sign_in_letter("https://match.example/sign-in/x", "en")
    assert letter.body.count("https://match.example/sign-in/x") == 2
    assert letter.subject == "Your link to sign in"
