"""Members' own words, sorted by a vocabulary that people can read."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from matchmaker.domain.fields import OTHER, Field, Vocabulary
from matchmaker.domain.member import Text
from matchmaker.errors import UnreadableFile
from matchmaker.formats.field_file import FIELDS, read_vocabulary
from matchmaker.formats.member_line import MemberLine
from matchmaker.settings import Settings
from tests.factories import make_member

ALLIANCE = Settings(_env_file=None).alliance
HEALTH = Field("health", Text("Health", "의료"), ("hospital", "medic*"), ("병원", "의료"))
ROBOTS = Field("robots", Text("Robots", "로봇"), ("robot*",), ("로봇",))
WORDS = Vocabulary((HEALTH, ROBOTS))


@pytest.mark.parametrize(
    ("text", "marks"),
    [
        (Text("Two hospitals and a Hospital"), {"health": 1}),
        (Text("hospitality"), {}),
        (Text("medical robotics"), {"health": 1, "robots": 1}),
        (Text(None, "병원에서 쓰는 로봇"), {"health": 1, "robots": 1}),
        (Text("a hospital", "병원"), {"health": 1}),
        (Text("hospital medicine"), {"health": 2}),
        (Text("fishing"), {}),
    ],
)
def test_words_mark_fields_in_both_languages(text: Text, marks: dict[str, int]) -> None:
    assert WORDS.marks(text) == Counter(marks)


def test_a_member_stands_where_most_of_its_domains_are_and_the_first_decides_a_tie() -> None:
    two_to_one = make_member(domains=(Text("robots"), Text("hospital care"), Text("medicine")))
    tie = make_member(domains=(Text("robotics"), Text("hospitals")))
    assert WORDS.of_member(two_to_one) == "health"
    assert WORDS.of_member(tie) == "robots"


def test_who_states_no_domain_stands_by_its_summary_and_else_apart() -> None:
    assert WORDS.of_member(make_member(domains=(), summary=Text("We run a hospital."))) == "health"
    assert WORDS.of_member(make_member(domains=(Text("fishing"),))) == OTHER


@pytest.mark.parametrize(
    ("text", "own", "spoken_of"),
    [
        ("robots for hospitals", "robots", "health"),
        ("hospital medicine with robots", "health", "health"),
        ("anything at all", "robots", "robots"),
        ("a hospital", OTHER, "health"),
    ],
)
def test_a_statement_speaks_of_another_field_where_its_words_do(text: str, own: str, spoken_of: str) -> None:
    assert WORDS.of_statement(Text(text), own) == spoken_of


def test_the_alliances_vocabulary_places_almost_everybody() -> None:
    vocabulary = read_vocabulary(ALLIANCE / FIELDS)
    members = [
        MemberLine.model_validate_json(line).to_domain()
        for line in (ALLIANCE / "members.jsonl").read_text(encoding="utf-8").splitlines()
    ]
    found = Counter(vocabulary.of_member(member) for member in members)
    assert len(vocabulary.fields) <= 10
    assert found[OTHER] <= 0.05 * len(members)
    assert set(found) == set(vocabulary.codes)
    assert all(each.name.en and each.name.ko for each in vocabulary.fields)


def test_without_a_file_everything_is_other(tmp_path: Path) -> None:
    assert read_vocabulary(tmp_path / FIELDS).codes == (OTHER,)


@pytest.mark.parametrize(
    "content",
    [
        "fields: 3",
        "fields: [",
        "fields:\n  - {code: other, en: A, ko: 가, words: {}}",
        "fields:\n  - {code: a, en: A, ko: 가, words: {}}\n  - {code: a, en: B, ko: 나, words: {}}",
        "fields:\n  - {code: a, en: A, ko: 가, words: {fr: [un]}}",
    ],
)
def test_a_file_that_cannot_be_used_is_refused(tmp_path: Path, content: str) -> None:
    path = tmp_path / FIELDS
    path.write_text(content, encoding="utf-8")
    with pytest.raises(UnreadableFile, match=r"fields\.yaml"):
        read_vocabulary(path)
