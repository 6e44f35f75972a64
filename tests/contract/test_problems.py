"""Every error has a status and words in both languages."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from api.errors import REFUSALS, STATUS, STATUS_OF_CODE
from api.problems import ENGLISH, KOREAN
from api.schemas.suggestions import BLOCKERS
from matchmaker.domain.eligibility import Blocker
from matchmaker.errors import MatchmakerError

HANGUL = re.compile("[가-힣]")
PLACEHOLDER = re.compile(r"%\((\w+)\)s")


def error_tree(root: type[MatchmakerError] = MatchmakerError) -> Iterator[type[MatchmakerError]]:
    """A class and everything below it."""
    yield root
    for branch in root.__subclasses__():
        if branch.__module__ == "matchmaker.errors":
            yield from error_tree(branch)


def test_every_error_of_the_product_has_a_status() -> None:
    assert set(STATUS) == set(error_tree())


def test_codes_are_unique() -> None:
    codes = [error.code for error in error_tree()] + list(REFUSALS)
    assert len(codes) == len(set(codes))


def test_every_code_has_words_in_both_languages() -> None:
    assert set(ENGLISH) == set(KOREAN) == set(STATUS_OF_CODE)


@pytest.mark.parametrize("code", sorted(KOREAN))
def test_both_languages_say_the_same(code: str) -> None:
    english, korean = ENGLISH[code], KOREAN[code]
    assert HANGUL.search(korean.title)
    assert HANGUL.search(korean.detail)
    assert not HANGUL.search(english.title + english.detail)
    assert set(PLACEHOLDER.findall(english.detail)) == set(PLACEHOLDER.findall(korean.detail))


@pytest.mark.parametrize("error", list(error_tree()))
def test_words_ask_for_nothing_that_the_error_lacks(error: type[MatchmakerError]) -> None:
    wanted = set(PLACEHOLDER.findall(ENGLISH[error.code].detail))
    assert wanted <= set(PLACEHOLDER.findall(error.template))


@pytest.mark.parametrize("code", ["storage-unavailable", "model-unavailable", "snapshot-corrupt"])
def test_what_a_server_keeps_to_itself_is_not_told(code: str) -> None:
    assert not PLACEHOLDER.search(ENGLISH[code].detail)


@pytest.mark.parametrize("blocker", list(Blocker))
def test_every_blocker_has_words_in_both_languages(blocker: Blocker) -> None:
    assert HANGUL.search(BLOCKERS[blocker]["ko"])
    assert BLOCKERS[blocker]["en"].endswith(".")
