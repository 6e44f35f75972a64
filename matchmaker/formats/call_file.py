"""Funding calls as YAML files, one call each. Unknown keys are refused; every statement names its source.

A date without a time of day counts for the whole day in its zone. Neither Korea nor Singapore keeps summer time, so the
two zones are fixed and need no time zone database.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from enum import StrEnum
from itertools import chain
from pathlib import Path
from typing import Annotated, Any, Literal, Self

import yaml
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StrictInt, model_validator

from matchmaker.domain.call import (
    AmountRule,
    Applicant,
    Basis,
    BudgetShareRule,
    Call,
    ConditionRule,
    Currency,
    DurationRule,
    LeadRule,
    Moment,
    Money,
    Note,
    Per,
    PurposeRule,
    Role,
    Rule,
    Sector,
    SectorRule,
    Share,
    ShareholdingRule,
    SizeRule,
    Source,
    TeamRule,
)
from matchmaker.domain.member import Country, Kind, Purpose, Text
from matchmaker.errors import InvalidInput, UnreadableFile
from matchmaker.formats.member_line import Identifier, WebAddress
from matchmaker.formats.validation import validated

FICTIONAL = {"en": "(fictional)", "ko": "(가상)"}
"""How the names of an invented call end."""

Words = Annotated[str, Field(min_length=1, max_length=2000)]
Percent = Annotated[Decimal, Field(gt=0, le=100)]
Amount = Annotated[StrictInt, Field(gt=0)]
Sources = dict[str, Source]


class _Closed(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class BothTexts(_Closed):
    """A text in English and Korean; calls are our own words, so both are there."""

    en: Words
    ko: Words

    def to_domain(self) -> Text:
        """As the product knows it."""
        return Text(self.en, self.ko)


class Zone(StrEnum):
    """Where a date holds."""

    KST = "KST"
    SGT = "SGT"
    UTC = "UTC"


_HOURS = {Zone.KST: 9, Zone.SGT: 8, Zone.UTC: 0}


class SourceFields(_Closed):
    """Something published: a title and, where it is on the web, its address."""

    title: Words
    url: WebAddress | None = None


class _Grounded(_Closed):
    """A statement that names a source, or says in a sentence what is assumed."""

    source: str | None = Field(default=None, description="Key of `sources`.")
    basis: Literal["source", "assumption"] = "source"
    assumption: BothTexts | None = Field(default=None, description="The sentence of an assumption.")

    @model_validator(mode="after")
    def _rests_on_one_thing(self) -> Self:
        if self.basis == "source" and (self.source is None or self.assumption is not None):
            raise ValueError("name a source, or set basis: assumption and write the assumption in en and ko")
        if self.basis == "assumption" and (self.assumption is None or self.source is not None):
            raise ValueError("an assumption needs its sentence (assumption: en, ko) and no source")
        return self

    def basis_in(self, sources: Sources) -> Basis:
        """What it rests on."""
        if self.assumption is not None:
            return Basis(None, self.assumption.to_domain())
        return Basis(sources[self.source or ""])


class RoleFields(_Closed):
    """A place in a team."""

    country: Country
    applicant: Applicant

    def to_domain(self) -> Role:
        """As the product knows it."""
        return Role(self.country, self.applicant)


class TeamFields(_Grounded):
    """Who may apply together."""

    kind: Literal["team"]
    roles: list[RoleFields] = Field(min_length=2, max_length=4, description="Each taken by another member.")
    also: list[RoleFields] = Field(default_factory=list, description="Who else may join.")

    def to_rule(self, sources: Sources) -> Rule:
        """As the product knows it."""
        roles, also = (tuple(role.to_domain() for role in each) for each in (self.roles, self.also))
        return TeamRule(basis=self.basis_in(sources), roles=roles, also=also)


class LeadFields(_Grounded):
    """Who must lead."""

    kind: Literal["lead"]
    applicant: Applicant
    country: Country | None = None

    def to_rule(self, sources: Sources) -> Rule:
        """As the product knows it."""
        return LeadRule(basis=self.basis_in(sources), applicant=self.applicant, country=self.country)


class BudgetShareFields(_Grounded):
    """The largest part of the budget, in percent."""

    kind: Literal["budget-share"]
    most: Percent
    of: Share

    def to_rule(self, sources: Sources) -> Rule:
        """As the product knows it."""
        return BudgetShareRule(basis=self.basis_in(sources), most=self.most, of=self.of)


class ShareholdingFields(_Grounded):
    """The least local shareholding, in percent."""

    kind: Literal["shareholding"]
    country: Country
    least: Percent

    def to_rule(self, sources: Sources) -> Rule:
        """As the product knows it."""
        return ShareholdingRule(basis=self.basis_in(sources), country=self.country, least=self.least)


class SectorFields(_Closed):
    """A field of work."""

    name: BothTexts
    words: list[Words] = Field(
        min_length=1, description="Words by which profiles are searched, either language."
    )


class SectorsFields(_Grounded):
    """The fields of work."""

    kind: Literal["sectors"]
    exclusive: bool = Field(description="False: every field is welcome, these are in focus.")
    sectors: list[SectorFields] = Field(min_length=1)

    def to_rule(self, sources: Sources) -> Rule:
        """As the product knows it."""
        sectors = tuple(Sector(each.name.to_domain(), tuple(each.words)) for each in self.sectors)
        return SectorRule(basis=self.basis_in(sources), sectors=sectors, is_exclusive=self.exclusive)


class SizeFields(_Grounded):
    """The kinds of company that may apply."""

    kind: Literal["size"]
    kinds: list[Literal[Kind.STARTUP, Kind.SME, Kind.CORPORATE, Kind.OPERATOR]] = Field(min_length=1)
    country: Country | None = None

    def to_rule(self, sources: Sources) -> Rule:
        """As the product knows it."""
        return SizeRule(basis=self.basis_in(sources), kinds=frozenset(self.kinds), country=self.country)


class PurposesFields(_Grounded):
    """What the call is for."""

    kind: Literal["purposes"]
    purposes: list[Purpose] = Field(min_length=1)

    def to_rule(self, sources: Sources) -> Rule:
        """As the product knows it."""
        return PurposeRule(basis=self.basis_in(sources), purposes=frozenset(self.purposes))


class DurationFields(_Grounded):
    """The longest project, in months."""

    kind: Literal["duration"]
    most: Annotated[StrictInt, Field(gt=0, le=240)]

    def to_rule(self, sources: Sources) -> Rule:
        """As the product knows it."""
        return DurationRule(basis=self.basis_in(sources), most=self.most)


class AmountFields(_Grounded):
    """The most money that may be asked for, in whole units of the currency."""

    kind: Literal["amount"]
    amount: Amount
    currency: Currency
    per: Per
    country: Country | None = None

    def to_rule(self, sources: Sources) -> Rule:
        """As the product knows it."""
        money = Money(Decimal(self.amount), self.currency, self.per, self.country)
        return AmountRule(basis=self.basis_in(sources), most=money)


class ConditionFields(_Grounded):
    """Something else that is asked for."""

    kind: Literal["condition"]
    text: BothTexts

    def to_rule(self, sources: Sources) -> Rule:
        """As the product knows it."""
        return ConditionRule(basis=self.basis_in(sources), text=self.text.to_domain())


AnyRule = Annotated[
    TeamFields
    | LeadFields
    | BudgetShareFields
    | ShareholdingFields
    | SectorsFields
    | SizeFields
    | PurposesFields
    | DurationFields
    | AmountFields
    | ConditionFields,
    Field(discriminator="kind"),
]


def _as_text(value: Any) -> Any:
    if not isinstance(value, str):
        raise ValueError("give a date as text: YYYY-MM-DD or YYYY-MM-DDTHH:MM")
    return value


Day = Annotated[str, BeforeValidator(_as_text), Field(pattern=r"^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2})?$")]


class DatesFields(_Grounded):
    """Opening and closing, in one zone."""

    opens: Day | None = Field(default=None, description="YYYY-MM-DD, or with a time: YYYY-MM-DDTHH:MM.")
    closes: Day | None = Field(
        default=None, description="As `opens`; a day without a time counts to its end."
    )
    zone: Zone

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        opens, closes = self.moment("opens"), self.moment("closes")
        if opens is None and closes is None:
            raise ValueError("give opens, closes or both; leave dates out where none is published")
        if opens is not None and closes is not None and opens.at >= closes.at:
            raise ValueError("closes must come after opens")
        return self

    def moment(self, which: Literal["opens", "closes"]) -> Moment | None:
        """One of the two in UTC; a whole closing day ends at the next midnight."""
        written = getattr(self, which)
        if written is None:
            return None
        zone = timezone(timedelta(hours=_HOURS[self.zone]))
        is_day = "T" not in written
        start = (
            datetime.combine(date.fromisoformat(written), time())
            if is_day
            else datetime.fromisoformat(written)
        )
        end = timedelta(days=1) if is_day and which == "closes" else timedelta()
        return Moment((start + end).replace(tzinfo=zone).astimezone(UTC), is_day)


class VolumeFields(_Grounded):
    """What the whole programme has to give."""

    amount: Amount
    currency: Currency


class NoteFields(_Grounded):
    """Something worth knowing that is no rule."""

    text: BothTexts


class CallFile(_Closed):
    """One funding call."""

    id: Identifier = Field(description="The call's name in every address; the file is called so too.")
    names: BothTexts
    summary: BothTexts
    status: Literal["announced", "planned"] = Field(
        description="`planned`: announced in principle, rules not published; `unknown` then says what is not known."
    )
    fictional: bool = Field(default=False, description="Invented; the names say so.")
    as_of: Annotated[date, BeforeValidator(_as_text)] = Field(
        description="The day of the last look at the sources."
    )
    funders: list[Identifier] = Field(default_factory=list, description="external_ids of the directory.")
    sources: dict[str, SourceFields] = Field(min_length=1)
    dates: DatesFields | None = None
    volume: VolumeFields | None = None
    rules: list[AnyRule] = Field(default_factory=list)
    notes: list[NoteFields] = Field(default_factory=list)
    unknown: list[BothTexts] = Field(default_factory=list, description="What nobody has published yet.")

    @model_validator(mode="after")
    def _agrees_with_itself(self) -> Self:
        for problem in chain(self._wrong_sources(), self._wrong_status(), self._wrong_names()):
            raise ValueError(problem)
        return self

    def to_domain(self) -> Call:
        """As the product knows it."""
        sources = {key: Source(each.title, each.url) for key, each in self.sources.items()}
        return Call(
            id=self.id,
            names=self.names.to_domain(),
            summary=self.summary.to_domain(),
            funders=tuple(self.funders),
            opens=self.dates.moment("opens") if self.dates else None,
            closes=self.dates.moment("closes") if self.dates else None,
            dates_basis=self.dates.basis_in(sources) if self.dates else Basis(),
            volume=_volume(self.volume),
            volume_basis=self.volume.basis_in(sources) if self.volume else Basis(),
            rules=tuple(rule.to_rule(sources) for rule in self.rules),
            notes=tuple(Note(note.text.to_domain(), note.basis_in(sources)) for note in self.notes),
            unknown=tuple(text.to_domain() for text in self.unknown),
            sources=tuple(sources.values()),
            fictional=self.fictional,
        )

    def _grounded(self) -> list[_Grounded]:
        return [*self.rules, *self.notes, *(each for each in (self.dates, self.volume) if each is not None)]

    def _wrong_sources(self) -> list[str]:
        named = {each.source for each in self._grounded() if each.source is not None}
        wrong = [f"source “{key}” is not under sources" for key in sorted(named - set(self.sources))]
        if not self.fictional and not any(each.url for each in self.sources.values()):
            wrong.append("a real call needs at least one source with a url")
        return wrong

    def _wrong_status(self) -> list[str]:
        teams = sum(rule.kind == "team" for rule in self.rules)
        if self.status == "planned":
            found = [] if self.unknown else ["a planned call says under unknown what is not published"]
            return found + (["a planned call has no dates yet"] if self.dates else [])
        if self.dates is None or self.dates.closes is None:
            return ["an announced call needs dates with a closing day; without them its status is planned"]
        return [] if teams == 1 else ["an announced call needs one rule of kind team"]

    def _wrong_names(self) -> list[str]:
        ends = [name.endswith(FICTIONAL[key]) for key, name in (("en", self.names.en), ("ko", self.names.ko))]
        if self.fictional and not all(ends):
            return ["the names of a fictional call end with (fictional) and (가상)"]
        return ["only a fictional call's names may end so"] if any(ends) and not self.fictional else []


def _volume(fields: VolumeFields | None) -> Money | None:
    return Money(Decimal(fields.amount), fields.currency, Per.PROGRAMME) if fields else None


class _Loader(yaml.SafeLoader):
    """YAML with dates as text and no key twice."""

    yaml_implicit_resolvers = {  # noqa: RUF012
        first: [(tag, pattern) for tag, pattern in rules if tag != "tag:yaml.org,2002:timestamp"]
        for first, rules in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        """A mapping; a key that stands twice is an error, not the last one's victory."""
        keys = [self.construct_object(key, deep=True) for key, _ in node.value]
        for at, key in enumerate(keys):
            if key in keys[:at]:
                raise yaml.constructor.ConstructorError(
                    None, None, f"the key “{key}” stands twice", node.value[at][0].start_mark
                )
        return super().construct_mapping(node, deep)


def read_call(path: Path) -> Call:
    """A call from a file.

    Raises:
        UnreadableFile: it is missing, no YAML, or breaks a rule of the format; the message names file and place.
    """
    try:
        value = yaml.load(path.read_text(encoding="utf-8"), _Loader)
        call = validated(CallFile, value).to_domain()
    except OSError as error:
        raise UnreadableFile(f"{path} cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise UnreadableFile(f"{path} is not UTF-8; save it again as UTF-8") from error
    except yaml.YAMLError as error:
        raise UnreadableFile(f"{_place(path, error)} is no YAML: {_problem(error)}") from error
    except (RecursionError, TypeError) as error:
        raise UnreadableFile(f"{path} is no usable YAML: {error}") from error
    except InvalidInput as error:
        raise UnreadableFile(f"{path} is no usable call: {error}", error.faults) from error
    if call.id != path.stem:
        raise UnreadableFile(f"{path} is no usable call: /id: the file must be called {call.id}.yaml")
    return call


def read_calls(folder: Path) -> tuple[Call, ...]:
    """All calls of a folder (``*.yaml``), in order of id.

    Raises:
        UnreadableFile: a file is not usable, or there is no such folder.
    """
    if not folder.is_dir():
        raise UnreadableFile(f"{folder} is no folder; it should hold one YAML file per call")
    return tuple(read_call(path) for path in sorted(folder.glob("*.yaml")))


def _place(path: Path, error: yaml.YAMLError) -> str:
    mark = error.problem_mark if isinstance(error, yaml.MarkedYAMLError) else None
    return f"{path}:{mark.line + 1}:{mark.column + 1}" if mark else str(path)


def _problem(error: yaml.YAMLError) -> str:
    problem = error.problem if isinstance(error, yaml.MarkedYAMLError) else None
    return problem or str(error)
