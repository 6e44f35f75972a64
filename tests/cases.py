"""Cases of the small alliance for the review desk."""

from __future__ import annotations

from itertools import product
from typing import Any

from starlette.testclient import TestClient

from matchmaker.bootstrap import Matchmaker
from matchmaker.domain.access import SYSTEM
from matchmaker.domain.member import Purpose
from matchmaker.domain.review import Case
from matchmaker.services.case_moves import suggest_case
from tests.visitors import new_browser, sign_in

KR = ("kr-one", "kr-chip", "kr-voice")
SG = ("sg-one", "sg-clinic", "sg-fab", "sg-quiet")


def add_cases(matchmaker: Matchmaker, count: int) -> list[Case]:
    """That many suggested cases, the best first, at most 36."""
    keys = [(kr, sg, purpose) for purpose, kr, sg in product(Purpose, KR, SG)][:count]
    with matchmaker.store.writing() as work:
        cases = [
            suggest_case(
                work,
                kr,
                sg,
                purpose,
                SYSTEM,
                matchmaker.now(),
                score=0.9 - place / 50,
                rule="1",
                snapshot="0" * 12,
            )
            for place, (kr, sg, purpose) in enumerate(keys)
        ]
        work.commit()
    return cases


def at_the_desk(client: TestClient, role: Any, language: str = "en") -> TestClient:
    """A browser of its own, signed in with a role."""
    assert client.app is not None
    browser = new_browser(client.app)  # type: ignore[arg-type]
    browser.headers["Accept-Language"] = language
    sign_in(browser, role)
    return browser
