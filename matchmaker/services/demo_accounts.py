"""One account per role for a demonstration; the member's accounts belong to fictional organisations."""

from __future__ import annotations

from dataclasses import dataclass

from matchmaker.domain.access import Role
from matchmaker.domain.account import Account
from matchmaker.domain.member import Country, Kind, Language, Member, Status
from matchmaker.domain.records import MemberFilter
from matchmaker.services.accounts import MAX_LABEL, Accounts
from matchmaker.services.directory import Directory

STAFF: tuple[tuple[Role, str, Language], ...] = (
    (Role.COORDINATOR_KR, "Demo: Korea desk", "ko"),
    (Role.COORDINATOR_SG, "Demo: Singapore desk", "en"),
    (Role.ADMINISTRATOR, "Demo: administrator", "en"),
)
LANGUAGES: tuple[tuple[Country, Language], ...] = ((Country.KR, "ko"), (Country.SG, "en"))


@dataclass(frozen=True)
class DemoAccounts:
    """Makes the accounts that are missing."""

    accounts: Accounts
    directory: Directory

    def ensure(self) -> tuple[Account, ...]:
        """The demonstration's accounts: both desks, an administrator, a startup of each country if there is one."""
        wanted: list[tuple[Role, str | None, str, Language]] = [
            (role, None, label, language) for role, label, language in STAFF
        ]
        for country, language in LANGUAGES:
            if member := self._startup(country):
                label = f"Demo: {member.names.best('en')[0]}"[:MAX_LABEL]
                wanted.append((Role.MEMBER, member.external_id, label, language))
        known = {(each.role, each.member_id, each.label): each for each in self.accounts.list_all()}
        return tuple(
            known.get((role, member_id, label))
            or self.accounts.create(role, member_id=member_id, label=label, language=language)
            for role, member_id, label, language in wanted
        )

    def _startup(self, country: Country) -> Member | None:
        chosen = MemberFilter(country, kind=Kind.STARTUP, status=Status.MEMBER)
        found = (stored.member for stored in self.directory.list_page(chosen).items)
        return next((member for member in found if member.fictional), None)
