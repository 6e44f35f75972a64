"""Documents lead somewhere: every relative link of a Markdown file in the repository names a file that is there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
DOCUMENTS = sorted(
    path
    for folder in (".", "docs", "data", "embeddings")
    for path in (ROOT / folder).rglob("*.md")
    if not {".venv", "node_modules", "var"} & set(path.relative_to(ROOT).parts)
)
_LINK = re.compile(r"\]\((?!https?:|#|mailto:)([^)#\s]+)")


@pytest.mark.parametrize(
    "document", sorted(set(DOCUMENTS)), ids=lambda path: path.relative_to(ROOT).as_posix()
)
def test_every_relative_link_leads_to_a_file(document: Path) -> None:
    targets = _LINK.findall(document.read_text(encoding="utf-8"))
    assert [target for target in targets if not (document.parent / target).exists()] == []
