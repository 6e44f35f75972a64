"""Versions as entity tags: a member's ETag is its version in quotes (RFC 9110, 8.8 and 13.1)."""

from __future__ import annotations

import re
from typing import Annotated

from fastapi import Depends, Header

from api.errors import Refusal
from matchmaker.domain.records import Versions

_TAG = re.compile(r'(W/)?"([^"]*)"')


def etag_of(version: int) -> str:
    """The strong entity tag of a version."""
    return f'"{version}"'


def is_unchanged(if_none_match: str | None, version: int) -> bool:
    """Whether the reader has this version already (weak comparison, as RFC 9110 asks for If-None-Match)."""
    if if_none_match is None:
        return False
    return if_none_match.strip() == "*" or any(
        value == str(version) for _, value in _TAG.findall(if_none_match)
    )


def expected_version(
    if_match: Annotated[
        str | None,
        Header(
            description="The ETag of the version that is changed, or several of them; `*` for whichever is there.",
            examples=['"1"'],
        ),
    ] = None,
) -> Versions:
    """The versions that a change may be made to: any of those named, or None for ``*``.

    Compared strongly (RFC 9110, 13.1.1): a tag that is weak or none of ours matches no version.

    Raises:
        Refusal: ``precondition-required``: there is no If-Match.
    """
    if if_match is None:
        raise Refusal("precondition-required")
    if if_match.strip() == "*":
        return None
    tags = (value for weak, value in _TAG.findall(if_match) if not weak)
    return frozenset(int(value) for value in tags if re.fullmatch("[0-9]{1,18}", value))


ExpectedVersion = Annotated[Versions, Depends(expected_version)]
