"""Merge patches do what RFC 7396 says, example by example."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from matchmaker.errors import InvalidInput
from matchmaker.formats.merge_patch import merged, patched
from tests.factories import make_member

APPENDIX_A: list[tuple[Any, Any, Any]] = [
    ({"a": "b"}, {"a": "c"}, {"a": "c"}),
    ({"a": "b"}, {"b": "c"}, {"a": "b", "b": "c"}),
    ({"a": "b"}, {"a": None}, {}),
    ({"a": "b", "b": "c"}, {"a": None}, {"b": "c"}),
    ({"a": ["b"]}, {"a": "c"}, {"a": "c"}),
    ({"a": "c"}, {"a": ["b"]}, {"a": ["b"]}),
    ({"a": {"b": "c"}}, {"a": {"b": "d", "c": None}}, {"a": {"b": "d"}}),
    ({"a": [{"b": "c"}]}, {"a": [1]}, {"a": [1]}),
    (["a", "b"], ["c", "d"], ["c", "d"]),
    ({"a": "b"}, ["c"], ["c"]),
    ({"a": "foo"}, None, None),
    ({"a": "foo"}, "bar", "bar"),
    ({"e": None}, {"a": 1}, {"e": None, "a": 1}),
    ([1, 2], {"a": "b", "c": None}, {"a": "b"}),
    ({}, {"a": {"bb": {"ccc": None}}}, {"a": {"bb": {}}}),
]


@pytest.mark.parametrize(("target", "patch", "result"), APPENDIX_A)
def test_the_examples_of_the_standard(target: Any, patch: Any, result: Any) -> None:
    before = copy.deepcopy((target, patch))
    assert merged(target, patch) == result
    assert (target, patch) == before


def test_a_member_changes_where_the_patch_says_so_and_nowhere_else() -> None:
    member = make_member(website="https://ward.example")
    changed = patched(member, {"website": None, "summary": {"ko": None}})
    assert (changed.website, changed.summary.en, changed.summary.ko) == (None, member.summary.en, None)
    assert patched(member, {}) == member


def test_a_patch_may_not_break_a_rule() -> None:
    with pytest.raises(InvalidInput) as caught:
        patched(make_member(), {"country": None, "nickname": "x"})
    assert {fault.pointer for fault in caught.value.faults} == {"/country", "/nickname"}
