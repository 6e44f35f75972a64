"""What a browser sees when something went wrong: one sentence, one action."""

from __future__ import annotations

from html import escape

from fastapi import Request
from fastapi.responses import HTMLResponse, Response


def render_error(request: Request, status: int, title: str, detail: str) -> Response:
    """The page for an error; ``title`` and ``detail`` are already in the reader's language."""
    return HTMLResponse(f"<h1>{escape(title)}</h1><p>{escape(detail)}</p>", status)
