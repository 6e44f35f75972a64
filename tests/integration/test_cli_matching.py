"""suggest and pairs on the command line."""

from __future__ import annotations

import json
from typing import Any

import pytest

from matchmaker.bootstrap import Matchmaker
from matchmaker.cli import matching
from matchmaker.cli.console import Reader
from tests.factories import ScoredSuggestions

WEAK = "      Weak: little in the two profiles speaks for this pair."
MEANING = "Scores: of 100 pairs with 0.24, about 24 were judged worth an introduction when we tested it."
NEXT_STEP = "Nothing here fits well: state needs and offers more concretely, or try another --purpose."


@pytest.fixture
def ready(matchmaker: Matchmaker, monkeypatch: pytest.MonkeyPatch) -> Matchmaker:
    """The product that the commands of this file use."""
    monkeypatch.setattr(matching, "_ready", lambda: matchmaker)
    return matchmaker


def suggested(capsys: pytest.CaptureFixture[str], **options: Any) -> str:
    matching.suggest("kr-one", limit=4, lang=Reader.en, **options)
    return capsys.readouterr().out


def paired(capsys: pytest.CaptureFixture[str], **options: Any) -> str:
    matching.pairs(limit=4, lang=Reader.en, **options)
    return capsys.readouterr().out


@pytest.mark.parametrize("printed", [suggested, paired])
def test_the_word_stands_by_the_score(ready: Matchmaker, capsys: Any, printed: Any) -> None:
    ScoredSuggestions.put_into(ready, 0.24)
    lines = printed(capsys).splitlines()
    assert MEANING in lines
    assert [line.split("  ")[-1] for line in lines if line[:2].strip().isdecimal()] == [
        "0.24 good",
        "0.12 possible",
        "0.08 weak",
        "0.06 weak",
    ]
    assert lines.count(WEAK) == 2
    assert NEXT_STEP not in lines


@pytest.mark.parametrize("printed", [suggested, paired])
def test_a_weak_list_says_what_to_do_next(ready: Matchmaker, capsys: Any, printed: Any) -> None:
    ScoredSuggestions.put_into(ready, 0.09)
    lines = printed(capsys).splitlines()
    assert lines.count(WEAK) == 4
    assert lines.index(MEANING) < lines.index(NEXT_STEP) < lines.index(WEAK)


@pytest.mark.parametrize("printed", [suggested, paired])
def test_machines_get_it_too(ready: Matchmaker, capsys: Any, printed: Any) -> None:
    ScoredSuggestions.put_into(ready, 0.4)
    items = json.loads(printed(capsys, as_json=True))["items"]
    assert [item["confidence"] for item in items] == ["strong", "good", "possible", "possible"]
