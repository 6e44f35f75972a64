"""What came of the suggestions: one call gathers everything that the dashboard shows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from matchmaker.domain.fields import Vocabulary
from matchmaker.domain.introduction import State
from matchmaker.domain.member import Member, Purpose
from matchmaker.domain.outcome import (
    NeedMatch,
    Outcome,
    OutcomeChoice,
    decline_reasons,
    desk_of,
    exposure_of,
    field_map,
    funnel_of,
    missing_partners,
    refusal_reasons,
    ties_of,
    waits_of,
)
from matchmaker.domain.stories import Story, stories_of
from matchmaker.scoring.needs import need_matches
from matchmaker.services.catalogue import Edition
from matchmaker.services.clock import utc_now
from matchmaker.services.network import laid_out
from matchmaker.services.suggestion import Suggestions
from matchmaker.storage.unit_of_work import Store


@dataclass(frozen=True)
class Outcomes:
    """The counts and pictures of the dashboard.

    Each call reads the cases asked for and the trail once. What rests on profiles alone (top lists, unmet needs) is
    made once per edition of the alliance.
    """

    store: Store
    suggestions: Suggestions
    vocabulary: Vocabulary
    now: Callable[[], datetime] = utc_now

    def snapshot(self, choice: OutcomeChoice | None = None) -> Outcome:
        """Everything at this moment, for all cases or for those chosen.

        Members, fields and missing partners are the alliance's of today whatever is chosen; a purpose narrows them.

        Raises:
            NotReady: the index is not built yet.
        """
        chosen = choice or OutcomeChoice()
        edition = self.suggestions.catalogue.current()
        members = _members(edition)
        stories = self._stories(chosen)
        lists = self.suggestions.top_lists(chosen.purpose)
        needs = _need_matches(edition, chosen.purpose)
        now = self.now()
        return Outcome(
            choice=chosen,
            as_of=now,
            first_at=min((story.case.opened_at for story in stories), default=None),
            members=members,
            desk=desk_of(stories, now),
            funnel=funnel_of(stories),
            by_purpose={each: funnel_of(_for_purpose(stories, each)) for each in Purpose},
            declines=decline_reasons(stories),
            refusals=refusal_reasons(stories),
            waits=waits_of(stories),
            exposure=exposure_of(members.values(), lists, stories),
            asked=len(lists),
            fields=field_map(list(members.values()), stories, self.vocabulary, chosen.purpose),
            vocabulary=self.vocabulary,
            missing=missing_partners(needs, members, self.vocabulary),
            needs=len(needs),
            network=laid_out(ties_of(stories, _known(edition, chosen.purpose)), members),
        )

    def _stories(self, choice: OutcomeChoice) -> tuple[Story, ...]:
        with self.store.reading() as work:
            cases = work.cases.list_of(purpose=choice.purpose, round_id=choice.round_id)
            since = choice.since
            refused = work.introductions.list_of(states=[State.DECLINED])
            return stories_of(
                [case for case in cases if since is None or case.opened_at >= since],
                work.trail.list_all(),
                {each.id: each.reason for each in refused if each.reason is not None},
            )


def _members(edition: Edition) -> dict[str, Member]:
    return {
        entry.member.external_id: entry.member
        for side in edition.pool.sides.values()
        for entry in side.entries
    }


def _need_matches(edition: Edition, purpose: Purpose | None) -> tuple[NeedMatch, ...]:
    if purpose not in edition.need_matches:
        edition.need_matches[purpose] = need_matches(edition.pool, purpose)
    return edition.need_matches[purpose]


def _known(edition: Edition, purpose: Purpose | None) -> list[tuple[str, str]]:
    return [
        (tie.kr, tie.sg)
        for tie in edition.partnerships
        if purpose is None or not tie.purposes or purpose in tie.purposes
    ]


def _for_purpose(stories: tuple[Story, ...], purpose: Purpose) -> list[Story]:
    return [story for story in stories if story.case.purpose is purpose]
