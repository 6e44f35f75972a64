"""Funding calls: who may apply together, and the proof, rule by rule, that some members could.

A verdict has three values. What no profile states (shareholding, shares of a budget, what a project asks for) is
``unknown``: the proof then says what to ask, and never takes it for fulfilled.
"""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from functools import lru_cache

from matchmaker.domain.member import Country, Kind, Member, Purpose, Status, Text

LARGEST_TEAM = 4


class Verdict(StrEnum):
    """Whether a rule holds for a team."""

    MET = "met"
    NOT_MET = "not-met"
    UNKNOWN = "unknown"


class Applicant(StrEnum):
    """What a call asks its applicants to be; ``any``: whoever is in the country."""

    COMPANY = "company"
    RESEARCH = "research"
    ANY = "any"

    def fits(self, kind: Kind) -> Verdict:
        """Whether a kind of organisation is one; unknown where some of that kind are and some are not."""
        if self is Applicant.ANY or kind in _SURE[self]:
            return Verdict.MET
        return Verdict.UNKNOWN if kind in _PERHAPS[self] else Verdict.NOT_MET


_SURE = {
    Applicant.COMPANY: frozenset({Kind.STARTUP, Kind.SME, Kind.CORPORATE, Kind.OPERATOR}),
    Applicant.RESEARCH: frozenset({Kind.UNIVERSITY, Kind.SCHOOL, Kind.INSTITUTE, Kind.LAB}),
}
_PERHAPS = {
    Applicant.COMPANY: frozenset({Kind.HOSPITAL, Kind.INVESTOR, Kind.ACCELERATOR}),
    Applicant.RESEARCH: frozenset({Kind.HOSPITAL, Kind.AGENCY}),
}


class CallState(StrEnum):
    """Where a call stands at a moment. ``planned``: announced in principle, rules not published."""

    OPEN = "open"
    UPCOMING = "upcoming"
    PLANNED = "planned"
    CLOSED = "closed"


class Currency(StrEnum):
    KRW = "KRW"
    SGD = "SGD"
    USD = "USD"


class Per(StrEnum):
    """What an amount is for."""

    PROJECT = "project"
    YEAR = "year"
    PROGRAMME = "programme"


class Share(StrEnum):
    """Whose part of a budget is bounded."""

    PARTNER = "partner"
    COUNTRY = "country"


@dataclass(frozen=True, slots=True)
class Source:
    """Where something about a call is published."""

    title: str
    url: str | None = None


@dataclass(frozen=True, slots=True)
class Basis:
    """What a statement about a call rests on: a source, or an assumption that says so in a sentence."""

    source: Source | None = None
    assumption: Text = field(default_factory=Text)


@dataclass(frozen=True, slots=True)
class Money:
    """An amount in a currency; ``country`` whose side it is for, None for both."""

    amount: Decimal
    currency: Currency
    per: Per
    country: Country | None = None


@dataclass(frozen=True, slots=True)
class Role:
    """A place in a team."""

    country: Country
    applicant: Applicant

    def fits(self, member: Member) -> Verdict:
        """Whether a member could take the place."""
        return self.applicant.fits(member.kind) if member.country is self.country else Verdict.NOT_MET


@dataclass(frozen=True, slots=True)
class Sector:
    """A field that a call names, and the words by which profiles are searched for it."""

    name: Text
    words: tuple[str, ...]


class FactCode(StrEnum):
    """What a verdict rests on; the words stand in `matchmaker.formats.call_phrasing`."""

    ROLES_FILLED = "roles-filled"
    ROLES_PERHAPS = "roles-perhaps"
    ROLES_MISSING = "roles-missing"
    NO_PLACE = "no-place"
    EXTRA_UNKNOWN = "extra-unknown"
    LEAD_FOUND = "lead-found"
    LEAD_PERHAPS = "lead-perhaps"
    LEAD_ABSENT = "lead-absent"
    SHARE_NOT_STATED = "share-not-stated"
    SHAREHOLDING_NOT_STATED = "shareholding-not-stated"
    PARTNER_MISSING = "partner-missing"
    SECTOR_NAMED = "sector-named"
    SECTOR_ON_ONE_SIDE = "sector-on-one-side"
    SECTOR_ABSENT = "sector-absent"
    SECTORS_OPEN = "sectors-open"
    SIZE_FITS = "size-fits"
    SIZE_NOT_STATED = "size-not-stated"
    SIZE_TOO_LARGE = "size-too-large"
    PURPOSE_AGREED = "purpose-agreed"
    PURPOSE_NOT_ASKED = "purpose-not-asked"
    PURPOSE_REFUSED = "purpose-refused"
    DURATION_NOT_STATED = "duration-not-stated"
    AMOUNT_NOT_STATED = "amount-not-stated"
    CONDITION_NOT_STATED = "condition-not-stated"
    WINDOW_OPEN = "window-open"
    WINDOW_AHEAD = "window-ahead"
    WINDOW_OVER = "window-over"
    WINDOW_UNKNOWN = "window-unknown"


@dataclass(frozen=True, slots=True)
class Fact:
    """One sentence of a proof: a code, the members it speaks of, and what is quoted."""

    code: FactCode
    members: tuple[Member, ...] = ()
    roles: tuple[Role, ...] = ()
    quote: str = ""
    sector: Text = field(default_factory=Text)


@dataclass(frozen=True, slots=True)
class Case:
    """Members that would apply together, and the places that they leave empty."""

    members: tuple[Member, ...]
    missing: tuple[Role, ...] = ()

    def of(self, country: Country | None) -> tuple[Member, ...]:
        """Those in a country; None means everybody."""
        return tuple(member for member in self.members if country in (None, member.country))

    def lacks(self, country: Country | None) -> bool:
        """Whether somebody in a country (None: anywhere) is still to be found."""
        return any(country in (None, role.country) for role in self.missing)


@dataclass(frozen=True, slots=True)
class Outcome:
    """A rule's verdict and the facts that it rests on."""

    verdict: Verdict
    facts: tuple[Fact, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule(ABC):
    """One rule of a call."""

    basis: Basis = Basis()

    @abstractmethod
    def weigh(self, case: Case) -> Outcome:
        """Whether the rule holds for a case."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TeamRule(Rule):
    """Who may apply together: ``roles`` must all be taken by different members; ``also`` says who else may join."""

    roles: tuple[Role, ...]
    also: tuple[Role, ...] = ()

    def weigh(self, case: Case) -> Outcome:
        """Met where members of a sure kind take every place; a doubtful kind leaves it unknown."""
        placing = place(self.roles, case.members)
        extras = tuple(member for member in case.members if member not in placing.taken.values())
        outcomes = [self._roles_outcome(placing), *map(self._extra_outcome, extras)]
        return Outcome(
            worst(outcome.verdict for outcome in outcomes),
            tuple(fact for outcome in outcomes for fact in outcome.facts),
        )

    def _roles_outcome(self, placing: Placing) -> Outcome:
        takers = tuple(placing.taken.values())
        if placing.missing:
            return Outcome(
                Verdict.NOT_MET, (Fact(FactCode.ROLES_MISSING, takers, tuple(sorted_roles(placing.missing))),)
            )
        doubtful = tuple(placing.taken[at] for at in placing.doubtful)
        if doubtful:
            return Outcome(Verdict.UNKNOWN, (Fact(FactCode.ROLES_PERHAPS, doubtful, self.roles),))
        return Outcome(Verdict.MET, (Fact(FactCode.ROLES_FILLED, takers, self.roles),))

    def _extra_outcome(self, member: Member) -> Outcome:
        verdict = best(role.fits(member) for role in (*self.roles, *self.also))
        if verdict is Verdict.NOT_MET:
            return Outcome(verdict, (Fact(FactCode.NO_PLACE, (member,)),))
        if verdict is Verdict.MET and any(role.fits(member) is Verdict.MET for role in self.also):
            return Outcome(verdict, ())
        return Outcome(Verdict.UNKNOWN, (Fact(FactCode.EXTRA_UNKNOWN, (member,)),))


@dataclass(frozen=True, slots=True, kw_only=True)
class LeadRule(Rule):
    """The team must be led by such an applicant, of one country or either."""

    applicant: Applicant
    country: Country | None = None

    def weigh(self, case: Case) -> Outcome:
        """Met where somebody could lead; who would is for the team to say."""
        by = {verdict: tuple(m for m in case.members if self._fits(m) is verdict) for verdict in Verdict}
        if by[Verdict.MET]:
            return Outcome(Verdict.MET, (Fact(FactCode.LEAD_FOUND, by[Verdict.MET]),))
        if by[Verdict.UNKNOWN]:
            return Outcome(Verdict.UNKNOWN, (Fact(FactCode.LEAD_PERHAPS, by[Verdict.UNKNOWN]),))
        if case.lacks(self.country):
            return Outcome(Verdict.UNKNOWN, (Fact(FactCode.PARTNER_MISSING),))
        return Outcome(Verdict.NOT_MET, (Fact(FactCode.LEAD_ABSENT),))

    def _fits(self, member: Member) -> Verdict:
        wanted = self.country in (None, member.country)
        return self.applicant.fits(member.kind) if wanted else Verdict.NOT_MET


@dataclass(frozen=True, slots=True, kw_only=True)
class BudgetShareRule(Rule):
    """The largest part of the budget, in percent, that one partner or one country may carry."""

    most: Decimal
    of: Share

    def weigh(self, case: Case) -> Outcome:
        """Always unknown: no profile states a budget."""
        return Outcome(Verdict.UNKNOWN, (Fact(FactCode.SHARE_NOT_STATED),))


@dataclass(frozen=True, slots=True, kw_only=True)
class ShareholdingRule(Rule):
    """The least part, in percent, of every company of a country that must be held locally."""

    country: Country
    least: Decimal

    def weigh(self, case: Case) -> Outcome:
        """Always unknown: no profile states its owners. A team without such a company has nobody to ask yet."""
        companies = tuple(
            member
            for member in case.of(self.country)
            if Applicant.COMPANY.fits(member.kind) is not Verdict.NOT_MET
        )
        code = FactCode.SHAREHOLDING_NOT_STATED if companies else FactCode.PARTNER_MISSING
        return Outcome(Verdict.UNKNOWN, (Fact(code, companies),))


@dataclass(frozen=True, slots=True, kw_only=True)
class SectorRule(Rule):
    """The fields of work. ``is_exclusive=False``: every field is welcome, these are in focus."""

    sectors: tuple[Sector, ...]
    is_exclusive: bool = True

    def weigh(self, case: Case) -> Outcome:
        """Met where every side names one of the fields, unknown where only one does, not met where nobody does."""
        named = {member: found for member in case.members if (found := _named_by(member, self.sectors))}
        facts = tuple(
            Fact(FactCode.SECTOR_NAMED, (member,), quote=word, sector=sector.name)
            for member, (sector, word) in named.items()
        )
        if not self.is_exclusive:
            return Outcome(Verdict.MET, (Fact(FactCode.SECTORS_OPEN), *facts))
        if not named:
            return Outcome(Verdict.NOT_MET, (Fact(FactCode.SECTOR_ABSENT, case.members),))
        if {member.country for member in named} == {member.country for member in case.members}:
            return Outcome(Verdict.MET, facts)
        silent = tuple(member for member in case.members if member not in named)
        return Outcome(Verdict.UNKNOWN, (*facts, Fact(FactCode.SECTOR_ON_ONE_SIDE, silent)))


@lru_cache(maxsize=4096)
def _named_by(member: Member, sectors: tuple[Sector, ...]) -> tuple[Sector, str] | None:
    """The first field that a profile names, and by which word; kept, because teams ask for it again and again."""
    texts = tuple(texts_of(member))
    for sector in sectors:
        for word in sector.words:
            if any(mentions(text, word) for text in texts):
                return sector, word
    return None


@dataclass(frozen=True, slots=True, kw_only=True)
class SizeRule(Rule):
    """The kinds of company that may apply, of one country or both; says nothing about who is no company."""

    kinds: frozenset[Kind]
    country: Country | None = None

    def weigh(self, case: Case) -> Outcome:
        """Met where every company is of such a kind; unknown where a profile does not say how large it is."""
        companies = [
            m for m in case.of(self.country) if Applicant.COMPANY.fits(m.kind) is not Verdict.NOT_MET
        ]
        if not companies:
            return Outcome(Verdict.UNKNOWN, (Fact(FactCode.PARTNER_MISSING),))
        facts = tuple(Fact(self._code(member), (member,)) for member in companies)
        return Outcome(worst(_SIZES[fact.code] for fact in facts), facts)

    def _code(self, member: Member) -> FactCode:
        if member.kind in self.kinds:
            return FactCode.SIZE_FITS
        stated = member.kind in (Kind.STARTUP, Kind.SME, Kind.CORPORATE)
        return FactCode.SIZE_TOO_LARGE if stated else FactCode.SIZE_NOT_STATED


_SIZES = {
    FactCode.SIZE_FITS: Verdict.MET,
    FactCode.SIZE_NOT_STATED: Verdict.UNKNOWN,
    FactCode.SIZE_TOO_LARGE: Verdict.NOT_MET,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class PurposeRule(Rule):
    """What the call is for: members must be open to at least one of the purposes."""

    purposes: frozenset[Purpose]

    def weigh(self, case: Case) -> Outcome:
        """By the consents of those who joined; who is only listed was never asked."""
        facts = tuple(Fact(self._code(member), (member,)) for member in case.members)
        return Outcome(worst(_PURPOSES[fact.code] for fact in facts), facts)

    def _code(self, member: Member) -> FactCode:
        if member.status is Status.LISTED:
            return FactCode.PURPOSE_NOT_ASKED
        return FactCode.PURPOSE_AGREED if self.purposes & member.consents else FactCode.PURPOSE_REFUSED


_PURPOSES = {
    FactCode.PURPOSE_AGREED: Verdict.MET,
    FactCode.PURPOSE_NOT_ASKED: Verdict.UNKNOWN,
    FactCode.PURPOSE_REFUSED: Verdict.NOT_MET,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class DurationRule(Rule):
    """The longest project, in months."""

    most: int

    def weigh(self, case: Case) -> Outcome:
        """Always unknown: no profile states a project."""
        return Outcome(Verdict.UNKNOWN, (Fact(FactCode.DURATION_NOT_STATED),))


@dataclass(frozen=True, slots=True, kw_only=True)
class AmountRule(Rule):
    """The most money that may be asked for."""

    most: Money

    def weigh(self, case: Case) -> Outcome:
        """Always unknown: no profile states a budget."""
        return Outcome(Verdict.UNKNOWN, (Fact(FactCode.AMOUNT_NOT_STATED),))


@dataclass(frozen=True, slots=True, kw_only=True)
class ConditionRule(Rule):
    """Something else that the call asks for and no profile can answer, in words."""

    text: Text

    def weigh(self, case: Case) -> Outcome:
        """Always unknown."""
        return Outcome(Verdict.UNKNOWN, (Fact(FactCode.CONDITION_NOT_STATED),))


@dataclass(frozen=True, slots=True)
class Moment:
    """When a call opens or closes, aware UTC; ``is_whole_day`` where no time of day is published."""

    at: datetime
    is_whole_day: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class WindowRule(Rule):
    """When applications are taken; a missing end is unknown."""

    opens: Moment | None
    closes: Moment | None
    now: datetime

    def weigh(self, case: Case) -> Outcome:
        """Met between opening and closing; before it, and where nothing is published, unknown."""
        code, verdict = _WINDOWS[state_at(self.opens, self.closes, self.now)]
        return Outcome(verdict, (Fact(code),))


_WINDOWS = {
    CallState.OPEN: (FactCode.WINDOW_OPEN, Verdict.MET),
    CallState.UPCOMING: (FactCode.WINDOW_AHEAD, Verdict.UNKNOWN),
    CallState.PLANNED: (FactCode.WINDOW_UNKNOWN, Verdict.UNKNOWN),
    CallState.CLOSED: (FactCode.WINDOW_OVER, Verdict.NOT_MET),
}


@dataclass(frozen=True, slots=True)
class Note:
    """Something worth knowing about a call that is no rule."""

    text: Text
    basis: Basis = Basis()


@dataclass(frozen=True, slots=True)
class Call:
    """A funding call. ``funders`` are ids of the directory; ``unknown`` is what nobody has published yet."""

    id: str
    names: Text
    summary: Text
    funders: tuple[str, ...]
    opens: Moment | None
    closes: Moment | None
    dates_basis: Basis
    volume: Money | None
    volume_basis: Basis
    rules: tuple[Rule, ...]
    notes: tuple[Note, ...]
    unknown: tuple[Text, ...]
    sources: tuple[Source, ...]
    fictional: bool = False

    @property
    def team_rule(self) -> TeamRule | None:
        """Who may apply together, where it is published."""
        return next((rule for rule in self.rules if isinstance(rule, TeamRule)), None)

    @property
    def roles(self) -> tuple[Role, ...]:
        """The places of a team; none where they are not published."""
        return self.team_rule.roles if self.team_rule else ()

    def state(self, now: datetime) -> CallState:
        """Where the call stands at a moment (aware)."""
        return state_at(self.opens, self.closes, now)


class Standing(StrEnum):
    """A proof in one word.

    ``ready``: every rule is met; ``ask``: nothing speaks against it, something is to be asked; ``incomplete``: partners
    are missing, else nothing speaks against it; ``ruled-out``: a rule is not met.
    """

    READY = "ready"
    ASK = "ask"
    INCOMPLETE = "incomplete"
    RULED_OUT = "ruled-out"


@dataclass(frozen=True, slots=True)
class Finding:
    """A rule and what came of it."""

    rule: Rule
    outcome: Outcome

    @property
    def verdict(self) -> Verdict:
        """Whether it holds."""
        return self.outcome.verdict


@dataclass(frozen=True, slots=True)
class Proof:
    """Whether some members could answer a call, rule by rule, and who is missing."""

    call: Call
    state: CallState
    members: tuple[Member, ...]
    findings: tuple[Finding, ...]
    missing: tuple[Role, ...]
    standing: Standing

    @property
    def is_possible(self) -> bool:
        """Whether no rule speaks against it."""
        return self.standing is not Standing.RULED_OUT


def prove(call: Call, members: Sequence[Member], now: datetime) -> Proof:
    """Weigh every rule of a call for some members; the dates come last.

    Args:
        now: the moment that the dates are compared with, aware.
    """
    case = case_of(call, members)
    window = WindowRule(basis=call.dates_basis, opens=call.opens, closes=call.closes, now=now)
    findings = tuple(Finding(rule, rule.weigh(case)) for rule in (*call.rules, window))
    return Proof(
        call, call.state(now), case.members, findings, case.missing, _standing(findings, case.missing)
    )


def case_of(call: Call, members: Sequence[Member]) -> Case:
    """Members as a case of a call."""
    return Case(tuple(members), tuple(sorted_roles(place(call.roles, members).missing)))


def rules_out(call: Call, members: Sequence[Member]) -> bool:
    """Whether a rule other than the dates speaks against some members, partners that are missing aside."""
    case = case_of(call, members)
    return any(_speaks_against(Finding(rule, rule.weigh(case))) for rule in call.rules)


def _speaks_against(finding: Finding) -> bool:
    if finding.verdict is not Verdict.NOT_MET:
        return False
    return any(fact.code is not FactCode.ROLES_MISSING for fact in finding.outcome.facts)


def _standing(findings: Iterable[Finding], missing: Sequence[Role]) -> Standing:
    found = tuple(findings)
    if any(map(_speaks_against, found)):
        return Standing.RULED_OUT
    if missing:
        return Standing.INCOMPLETE
    return Standing.READY if all(f.verdict is Verdict.MET for f in found) else Standing.ASK


@dataclass(frozen=True, slots=True)
class Placing:
    """Which member takes which place: positions of roles; ``doubtful`` are taken by somebody of an unsure kind."""

    taken: Mapping[int, Member]
    doubtful: tuple[int, ...]
    missing: tuple[Role, ...]


def place(roles: Sequence[Role], members: Sequence[Member]) -> Placing:
    """Give as many places as possible to different members, sure kinds before unsure ones.

    A maximum matching by augmenting paths (Kuhn, 1955): first over the sure kinds, then over all; a member that holds
    a place keeps holding one.
    """
    taken: dict[int, int] = {}
    for allowed in ({Verdict.MET}, {Verdict.MET, Verdict.UNKNOWN}):
        for number in range(len(members)):
            if number not in taken.values():
                _augment(number, roles, members, allowed, taken, set())
    doubtful = tuple(at for at in sorted(taken) if roles[at].fits(members[taken[at]]) is Verdict.UNKNOWN)
    return Placing(
        {at: members[taken[at]] for at in sorted(taken)},
        doubtful,
        tuple(role for at, role in enumerate(roles) if at not in taken),
    )


def _augment(
    number: int,
    roles: Sequence[Role],
    members: Sequence[Member],
    allowed: set[Verdict],
    taken: dict[int, int],
    seen: set[int],
) -> bool:
    for at, role in enumerate(roles):
        if at in seen or role.fits(members[number]) not in allowed:
            continue
        seen.add(at)
        if at not in taken or _augment(taken[at], roles, members, allowed, taken, seen):
            taken[at] = number
            return True
    return False


def sorted_roles(roles: Iterable[Role]) -> list[Role]:
    """Korean places first, companies first."""
    order = tuple(Applicant)
    return sorted(roles, key=lambda role: (role.country, order.index(role.applicant)))


def state_at(opens: Moment | None, closes: Moment | None, now: datetime) -> CallState:
    """Where a call with these dates stands; without any it is planned."""
    if opens is None and closes is None:
        return CallState.PLANNED
    if closes is not None and now >= closes.at:
        return CallState.CLOSED
    return CallState.UPCOMING if opens is not None and now < opens.at else CallState.OPEN


def worst(verdicts: Iterable[Verdict]) -> Verdict:
    """Not met before unknown before met; met for none."""
    found = set(verdicts)
    order = (Verdict.NOT_MET, Verdict.UNKNOWN)
    return next((verdict for verdict in order if verdict in found), Verdict.MET)


def best(verdicts: Iterable[Verdict]) -> Verdict:
    """Met before unknown before not met; not met for none."""
    found = set(verdicts)
    order = (Verdict.MET, Verdict.UNKNOWN)
    return next((verdict for verdict in order if verdict in found), Verdict.NOT_MET)


def texts_of(member: Member) -> Iterator[str]:
    """Everything a member says, every wording, fields of work first."""
    statements = (*member.offers, *member.needs)
    for text in (*member.domains, *(statement.text for statement in statements), member.summary):
        yield from filter(None, (text.en, text.ko))


def mentions(text: str, word: str) -> bool:
    """Whether a text holds a word: Latin letters as whole words, Korean anywhere (particles follow without a space)."""
    folded, wanted = text.casefold(), word.casefold()
    if not wanted.isascii():
        return wanted in folded
    return re.search(rf"(?<![a-z0-9]){re.escape(wanted)}(?![a-z0-9])", folded) is not None
