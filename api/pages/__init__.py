"""HTML for people: one module, one frozen context and one template per page."""

from __future__ import annotations

from fastapi import APIRouter

from api.pages import about, dashboard, directory, errors, home, member, pairs, profile_form, shortlist
from api.pages.rendering import STATIC

router = APIRouter(include_in_schema=False)
for page in (home, directory, member, profile_form, shortlist, pairs, dashboard, about):
    router.include_router(page.router)

__all__ = ["STATIC", "errors", "router"]
