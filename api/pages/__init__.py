"""HTML for people: one module, one frozen context and one template per page."""

from __future__ import annotations

from pathlib import Path

from fastapi import APIRouter

from api.pages import errors

STATIC = Path(__file__).resolve().parent / "static"
"""What is served under /static."""

router = APIRouter(include_in_schema=False)

__all__ = ["STATIC", "errors", "router"]
