"""HTML for people: one module, one frozen context and one template per page."""

from __future__ import annotations

from fastapi import APIRouter

from api.pages import (
    about,
    accounts,
    calls,
    contacts,
    dashboard,
    directory,
    errors,
    home,
    importing,
    introduce,
    introductions,
    member,
    my_profile,
    outbox,
    own_home,
    own_introductions,
    own_suggestions,
    pairs,
    profile_form,
    review,
    review_exports,
    round_exports,
    rounds,
    shortlist,
    sign_in,
    timetable_exports,
    timetable_sheet,
    timetables,
    trail,
)
from api.pages.rendering import STATIC

router = APIRouter(include_in_schema=False)
PAGES = (
    home,
    directory,
    member,
    profile_form,
    shortlist,
    pairs,
    calls,
    about,
    sign_in,
    accounts,
    my_profile,
    review_exports,
    own_home,
    own_suggestions,
    own_introductions,
    review,
    round_exports,
    rounds,
    dashboard,
    trail,
    introduce,
    introductions,
    outbox,
    contacts,
    timetables,
    timetable_sheet,
    timetable_exports,
    importing,
)
for page in PAGES:
    router.include_router(page.router)

__all__ = ["STATIC", "errors", "router"]
