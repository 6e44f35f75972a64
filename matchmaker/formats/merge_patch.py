"""JSON Merge Patch (RFC 7396): null takes a field away, an object changes a part of one, anything else replaces it."""

from __future__ import annotations

from typing import Any

from matchmaker.domain.member import Member
from matchmaker.formats.member_line import MemberLine, parse_member


def merged(target: Any, patch: Any) -> Any:
    """Decoded JSON with a patch applied; neither is changed."""
    if not isinstance(patch, dict):
        return patch
    result = dict(target) if isinstance(target, dict) else {}
    for name, value in patch.items():
        if value is None:
            result.pop(name, None)
        else:
            result[name] = merged(result.get(name), value)
    return result


def patched(member: Member, patch: dict[str, Any]) -> Member:
    """A member with a patch applied.

    Raises:
        InvalidInput: the result breaks a rule.
    """
    line = MemberLine.of(member).model_dump(mode="json", exclude_none=True)
    return parse_member(merged(line, patch))
