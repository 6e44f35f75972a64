"""Funding calls, and who could answer them."""

from __future__ import annotations

from datetime import datetime
from typing import Self

from pydantic import BaseModel, Field

from api.schemas.members import MemberName, TextRead
from matchmaker.domain.call import (
    Applicant,
    Basis,
    Call,
    CallState,
    Currency,
    FactCode,
    Finding,
    Moment,
    Money,
    Note,
    Per,
    Proof,
    Role,
    Rule,
    Source,
    Standing,
    Verdict,
)
from matchmaker.domain.member import Country, Language
from matchmaker.formats.call_phrasing import (
    STANDINGS,
    fact_in_words,
    role_in_words,
    rule_in_words,
    say,
    title_of,
)
from matchmaker.services.calls import Vacancy


class CallSourceRead(BaseModel):
    """Where something is published."""

    title: str = Field(examples=["Eureka, Singapore South Korea call for innovative projects (2022)"])
    url: str | None

    @classmethod
    def of(cls, source: Source) -> Self:
        """As it looks outside."""
        return cls(title=source.title, url=source.url)


class BasisRead(BaseModel):
    """What a statement rests on: a source, or an assumption in a sentence. Both null: nothing is published."""

    source: CallSourceRead | None
    assumption: str | None = Field(description="In the reader's language.")

    @classmethod
    def of(cls, basis: Basis, language: Language) -> Self:
        """As it looks outside."""
        return cls(
            source=CallSourceRead.of(basis.source) if basis.source else None,
            assumption=say(basis.assumption, language) or None,
        )


class MomentRead(BaseModel):
    """When a call opens or closes."""

    at: datetime = Field(description="UTC.", examples=["2027-12-15T09:00:00Z"])
    whole_day: bool = Field(
        description="No time of day is published: the whole day counts where it is meant."
    )

    @classmethod
    def of(cls, moment: Moment | None) -> Self | None:
        """As it looks outside."""
        return cls(at=moment.at, whole_day=moment.is_whole_day) if moment else None


class MoneyRead(BaseModel):
    """An amount; `country` is the side that it is for, null for both."""

    amount: str = Field(description="A decimal number, exact.", examples=["50000000000"])
    currency: Currency
    per: Per
    country: Country | None

    @classmethod
    def of(cls, money: Money | None) -> Self | None:
        """As it looks outside."""
        if money is None:
            return None
        return cls(amount=f"{money.amount:f}", currency=money.currency, per=money.per, country=money.country)


class RoleRead(BaseModel):
    """A place in a team."""

    country: Country
    applicant: Applicant
    text: str = Field(description="In the reader's language.", examples=["a company in Singapore"])

    @classmethod
    def of(cls, role: Role, language: Language) -> Self:
        """As it looks outside."""
        return cls(country=role.country, applicant=role.applicant, text=role_in_words(role, language))


class CallRuleRead(BaseModel):
    """A rule of a call in the reader's language."""

    title: str = Field(examples=["Local shareholding"])
    text: str = Field(examples=["Companies in Singapore must be held locally by at least 30%."])
    basis: BasisRead

    @classmethod
    def of(cls, rule: Rule, language: Language) -> Self:
        """As it looks outside."""
        return cls(
            title=title_of(rule, language),
            text=rule_in_words(rule, language),
            basis=BasisRead.of(rule.basis, language),
        )


class CallNoteRead(BaseModel):
    """Something worth knowing about a call that is no rule, in the reader's language."""

    text: str
    basis: BasisRead

    @classmethod
    def of(cls, note: Note, language: Language) -> Self:
        """As it looks outside."""
        return cls(text=say(note.text, language), basis=BasisRead.of(note.basis, language))


class CallRead(BaseModel):
    """A funding call: who may apply together, by which rules, and what each rests on."""

    id: str = Field(examples=["eureka-kr-sg-2022"])
    names: TextRead
    summary: TextRead
    state: CallState = Field(description="`planned`: announced in principle, no rules or dates published.")
    fictional: bool = Field(description="Invented, to show how a call is proved.")
    opens: MomentRead | None
    closes: MomentRead | None
    dates_basis: BasisRead
    volume: MoneyRead | None
    volume_basis: BasisRead
    roles: list[RoleRead] = Field(description="Who must apply together; empty where it is not published.")
    rules: list[CallRuleRead]
    notes: list[CallNoteRead]
    unknown: list[str] = Field(description="What nobody has published yet, in the reader's language.")
    funders: list[str] = Field(description="external_ids of the directory.", examples=[["esg", "kiat"]])
    sources: list[CallSourceRead]

    @classmethod
    def of(cls, call: Call, now: datetime, language: Language) -> Self:
        """As it looks outside."""
        return cls(
            id=call.id,
            names=TextRead.of(call.names),
            summary=TextRead.of(call.summary),
            state=call.state(now),
            fictional=call.fictional,
            opens=MomentRead.of(call.opens),
            closes=MomentRead.of(call.closes),
            dates_basis=BasisRead.of(call.dates_basis, language),
            volume=MoneyRead.of(call.volume),
            volume_basis=BasisRead.of(call.volume_basis, language),
            roles=[RoleRead.of(role, language) for role in call.roles],
            rules=[CallRuleRead.of(rule, language) for rule in call.rules],
            notes=[CallNoteRead.of(note, language) for note in call.notes],
            unknown=[say(text, language) for text in call.unknown],
            funders=list(call.funders),
            sources=[CallSourceRead.of(source) for source in call.sources],
        )


class CallListRead(BaseModel):
    """All calls: open ones first, then those to come, the planned and the closed."""

    items: list[CallRead]
    next: str | None = Field(description="Send it as `cursor` for what follows; null at the end.")


class CallFactRead(BaseModel):
    """One sentence that a verdict rests on."""

    code: FactCode
    text: str = Field(description="In the reader's language.")
    members: list[str] = Field(description="external_ids of those it speaks of.")


class FindingRead(BaseModel):
    """A rule and whether it is met; `unknown` where no profile states it: ask."""

    rule: CallRuleRead
    verdict: Verdict
    facts: list[CallFactRead]

    @classmethod
    def of(cls, finding: Finding, language: Language) -> Self:
        """As it looks outside."""
        return cls(
            rule=CallRuleRead.of(finding.rule, language),
            verdict=finding.verdict,
            facts=[
                CallFactRead(
                    code=fact.code,
                    text=fact_in_words(fact, language),
                    members=[member.external_id for member in fact.members],
                )
                for fact in finding.outcome.facts
            ],
        )


class CandidateRead(BaseModel):
    """Somebody who could fill an empty place."""

    member: MemberName
    score: float = Field(description="Mean score with the team's partners abroad.", examples=[0.24])
    sure: bool = Field(
        description="False: ask whether this kind of organisation counts as such an applicant."
    )


class VacancyRead(BaseModel):
    """An empty place and the best candidates for it."""

    role: RoleRead
    candidates: list[CandidateRead]
    needs_partner: bool = Field(
        description="Nobody can be ranked: the team has no partner in the other country yet."
    )

    @classmethod
    def of(cls, vacancy: Vacancy, language: Language) -> Self:
        """As it looks outside."""
        return cls(
            role=RoleRead.of(vacancy.role, language),
            candidates=[
                CandidateRead(member=MemberName.of(each.member), score=each.score, sure=each.is_sure)
                for each in vacancy.candidates
            ],
            needs_partner=vacancy.needs_partner,
        )


class ProofRead(BaseModel):
    """Whether some members could answer a call, rule by rule, what is missing and who could fill it."""

    call: str = Field(examples=["eureka-kr-sg-2022"])
    state: CallState
    members: list[MemberName]
    standing: Standing
    detail: str = Field(description="The standing in a sentence, in the reader's language.")
    findings: list[FindingRead]
    missing: list[VacancyRead]

    @classmethod
    def of(cls, proof: Proof, vacancies: tuple[Vacancy, ...], language: Language) -> Self:
        """As it looks outside."""
        return cls(
            call=proof.call.id,
            state=proof.state,
            members=[MemberName.of(member) for member in proof.members],
            standing=proof.standing,
            detail=say(STANDINGS[proof.standing], language),
            findings=[FindingRead.of(finding, language) for finding in proof.findings],
            missing=[VacancyRead.of(vacancy, language) for vacancy in vacancies],
        )
