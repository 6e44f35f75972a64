"""The error tree is what its picture says, and every error tells a sentence."""

from __future__ import annotations

import re

import pytest

from matchmaker import errors
from matchmaker.errors import Fault, InvalidInput, MatchmakerError, UnknownMember, UnreadableFile


def subclasses(cls: type[MatchmakerError]) -> list[type[MatchmakerError]]:
    return [found for child in cls.__subclasses__() for found in (child, *subclasses(child))]


def drawn() -> list[tuple[int, str]]:
    """Depth and name of each class in the docstring's picture."""
    lines = re.findall(r"^    ([│ ]*[├└]── )(\w+)", errors.__doc__ or "", flags=re.MULTILINE)
    return [(len(branch) // 4, name) for branch, name in lines]


def test_the_picture_shows_every_error_under_its_parent() -> None:
    real = [
        (len(cls.__mro__) - len(MatchmakerError.__mro__), cls.__name__) for cls in subclasses(MatchmakerError)
    ]
    assert sorted(drawn()) == sorted(real)


def test_codes_are_unique() -> None:
    tree: list[type[MatchmakerError]] = [MatchmakerError, *subclasses(MatchmakerError)]
    codes = [cls.code for cls in tree]
    assert len(set(codes)) == len(codes)


@pytest.mark.parametrize("cls", subclasses(MatchmakerError))
def test_every_error_says_a_sentence_and_keeps_its_parameters(cls: type[MatchmakerError]) -> None:
    names = re.findall(r"%\((\w+)\)s", cls.template)
    params = {name: f"100% {name}" for name in names}
    error = cls(**params)
    assert error.params == params
    assert all(value in str(error) for value in params.values())
    assert cls.title != MatchmakerError.title


def test_faults_travel_with_the_error() -> None:
    fault = Fault("/names", "missing", "Field required")
    error = UnreadableFile("members.jsonl, line 3: /names: Field required", (fault,))
    assert isinstance(error, InvalidInput)
    assert error.faults == (fault,)
    assert str(error) == "members.jsonl, line 3: /names: Field required"


def test_an_error_says_what_to_do_next() -> None:
    assert "/v1/members?q=" in str(UnknownMember(external_id="nobody"))
