"""Cases and their trail as review and introductions write them, for tests of what is read from them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from random import Random

from matchmaker.bootstrap import Matchmaker
from matchmaker.domain.introduction import RefusalReason
from matchmaker.domain.member import Country, Purpose
from matchmaker.domain.review import Agreement, Case, CloseReason, DeclineReason, Move, next_stage
from matchmaker.domain.stories import ANSWERED, ASKED, UNDO
from matchmaker.domain.trail import Entry, Scalar

START = datetime(2026, 10, 1, 1, tzinfo=UTC)
ACTOR = "a_1"


@dataclass
class Season:
    """Writes what happened into a product's database."""

    product: Matchmaker
    introductions: int = 0

    def suggest(
        self,
        kr: str,
        sg: str,
        purpose: Purpose = Purpose.STARTUP,
        at: datetime = START,
        round_id: int | None = None,
        score: float = 0.3,
    ) -> Case:
        """A new case."""
        with self.product.store.writing() as work:
            case = work.cases.add(
                kr, sg, purpose, score=score, rule="r", snapshot="s", at=at, round_id=round_id
            )
            work.trail.append(at, ACTOR, "suggest", f"case/{case.id}", {"kr": kr, "sg": sg})
            work.commit()
        return case

    def move(self, case: Case, move: Move, at: datetime, code: str | None = None, **extra: Scalar) -> Case:
        """A move and its entry."""
        stage = next_stage(case.stage, move)
        details: Mapping[str, Scalar] = {
            "stage": stage.value,
            "from": case.stage.value,
            "code": code,
            **extra,
        }
        return self._saved(replace(case, stage=stage, code=code, changed_at=at), move, at, details)[0]

    def undo(self, case: Case, before: Case, at: datetime) -> Case:
        """Take the last move back: the case is as it was before."""
        with self.product.store.reading() as work:
            last = [e for e in work.trail.list_of(f"case/{case.id}") if e.action in set(Move)][-1]
        back = replace(case, stage=before.stage, code=before.code, changed_at=at)
        return self._saved(back, UNDO, at, {"undoes": last.seq, "undone": last.action})[0]

    def ask(self, case: Case, at: datetime) -> int:
        """Letters leave; the introduction's number."""
        self.introductions += 1
        self._tell(ASKED, self.introductions, at, {"case": case.id})
        return self.introductions

    def answer(
        self, number: int, country: Country, accepts: bool, at: datetime, reason: RefusalReason | None = None
    ) -> None:
        """One side says yes or no."""
        details = {
            "side": country.value,
            "answer": "accepted" if accepts else "declined",
            "reason": reason,
        }
        self._tell(ANSWERED, number, at, details)

    def end(self, number: int, how: str, at: datetime) -> None:
        """An introduction expires or is cancelled."""
        self._tell(f"introduction-{how}", number, at, {})

    def introduce(self, case: Case, at: datetime, hours: tuple[float, float] = (30, 30)) -> Case:
        """Shortlisted, introduced, asked, and accepted by both after some hours."""
        moved = self.move(self.move(case, Move.SHORTLIST, at), Move.INTRODUCE, at)
        number = self.ask(moved, at)
        for country, wait in zip(Country, hours, strict=True):
            self.answer(number, country, True, at + timedelta(hours=wait))
        return moved

    def _saved(
        self, case: Case, action: str, at: datetime, details: Mapping[str, Scalar]
    ) -> tuple[Case, Entry]:
        with self.product.store.writing() as work:
            saved = work.cases.save(case, case.version)
            entry = work.trail.append(at, ACTOR, action, f"case/{case.id}", details)
            work.commit()
        return saved, entry

    def _tell(self, action: str, number: int, at: datetime, details: Mapping[str, Scalar]) -> None:
        with self.product.store.writing() as work:
            work.trail.append(at, ACTOR, action, f"introduction/{number}", details)
            work.commit()


def play(season: Season, pairs: list[tuple[str, str, Purpose]], seed: int = 7) -> None:
    """A whole season over some pairs: most are read, a third are kept, some meet, a few agree."""
    luck = Random(seed)
    for number, (kr, sg, purpose) in enumerate(pairs):
        at = START + timedelta(days=luck.randrange(44), hours=luck.randrange(9))
        case = season.suggest(kr, sg, purpose, at, round_id=1 + number % 2)
        decided = at + timedelta(hours=luck.expovariate(1 / 14))
        fate = luck.random()
        if fate < 0.10:
            continue
        if fate < 0.45:
            weights = [5, 2, 4, 3, 1, 1]
            season.move(case, Move.DECLINE, decided, luck.choices(list(DeclineReason), weights)[0])
            continue
        case = season.move(case, Move.SHORTLIST, decided)
        if fate > 0.55:
            _introduced(season, case, decided + timedelta(hours=20), luck)


def _introduced(season: Season, case: Case, at: datetime, luck: Random) -> None:
    case = season.move(case, Move.INTRODUCE, at)
    number = season.ask(case, at)
    for country, mean in ((Country.KR, 40), (Country.SG, 28)):
        if luck.random() < 0.12:
            return
        answered = at + timedelta(hours=2 + luck.expovariate(1 / mean))
        if luck.random() < 0.15:
            season.answer(number, country, False, answered, luck.choice(list(RefusalReason)))
            season.move(case, Move.CLOSE, answered, CloseReason.DECLINED_BY_MEMBER)
            return
        season.answer(number, country, True, answered)
    if luck.random() < 0.25:
        return
    case = season.move(case, Move.MEET, at + timedelta(days=6 + luck.expovariate(1 / 5)))
    if luck.random() < 0.6:
        season.move(case, Move.AGREE, at + timedelta(days=20), luck.choice(list(Agreement)))
