"""Members as a table that the importer reads back: one row each, lists as lines with bullets."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from matchmaker.domain.member import Language, Member, Status, Text
from matchmaker.formats.column_mapping import Target

COLUMNS = (
    Target.ID,
    Target.PARENT,
    Target.NAME_EN,
    Target.NAME_KO,
    Target.COUNTRY,
    Target.TRACK,
    Target.KIND,
    Target.STATUS,
    Target.DOMAINS_EN,
    Target.DOMAINS_KO,
    Target.SUMMARY_EN,
    Target.SUMMARY_KO,
    Target.OFFERS_EN,
    Target.OFFERS_KO,
    Target.NEEDS_EN,
    Target.NEEDS_KO,
    Target.WEBSITE,
    Target.SOURCES,
    Target.AS_OF,
    Target.CONSENTS,
)
HEADERS: tuple[str, ...] = tuple(target.value for target in COLUMNS)


def table_row(member: Member) -> Sequence[str]:
    """The cells under `HEADERS`. Purposes and last days of statements, and what is translated, have no column."""
    consents = sorted(member.consents) if member.status is Status.MEMBER else []
    return [
        member.external_id,
        member.parent or "",
        member.names.en or "",
        member.names.ko or "",
        member.country.value,
        member.track.value,
        member.kind.value,
        member.status.value,
        *_both(member.domains),
        member.summary.en or "",
        member.summary.ko or "",
        *_both(each.text for each in member.offers),
        *_both(each.text for each in member.needs),
        member.website or "",
        _listed(member.sources),
        member.as_of.isoformat() if member.as_of else "",
        "; ".join(consents),
    ]


def _both(texts: Iterable[Text]) -> tuple[str, str]:
    found = list(texts)
    return _in(found, "en"), _in(found, "ko")


def _in(texts: Sequence[Text], language: Language) -> str:
    return _listed(wording for text in texts if (wording := text.get(language)))


def _listed(items: Iterable[str]) -> str:
    return "\n".join(f"• {' '.join(item.split())}" for item in items)
