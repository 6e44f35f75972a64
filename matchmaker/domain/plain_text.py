"""Texts of members in letters: data on one line, never layout, never instructions."""

from __future__ import annotations

import unicodedata

_UNWANTED = frozenset({"Cc", "Cf", "Co", "Cs", "Cn"})
"""Unicode categories of control, format (bidirectional, zero-width), private, surrogate and unassigned characters."""


def plain(text: str) -> str:
    """A text on one line with single spaces and without characters that nobody sees."""
    spaced = "".join(" " if letter.isspace() else letter for letter in text)
    visible = "".join(letter for letter in spaced if unicodedata.category(letter) not in _UNWANTED)
    return " ".join(visible.split())


def shortened(text: str, limit: int) -> str:
    """A text cut at a word to at most ``limit`` characters."""
    if len(text) <= limit:
        return text
    return text[: limit - 1].rsplit(" ", 1)[0].rstrip(" ,;:") + "…"
