"""The words of the import."""

from __future__ import annotations

from api.pages.labels import N_
from matchmaker.domain.bulk import RowOutcome
from matchmaker.domain.job import JobState
from matchmaker.formats.column_mapping import Target

TARGETS = {
    Target.ID: N_("ID"),
    Target.NAME: N_("Name"),
    Target.NAME_EN: N_("Name, English"),
    Target.NAME_KO: N_("Name, Korean"),
    Target.COUNTRY: N_("Country"),
    Target.KIND: N_("Kind"),
    Target.TRACK: N_("Track"),
    Target.STATUS: N_("Status: member or listed"),
    Target.DOMAINS: N_("Fields of work"),
    Target.DOMAINS_EN: N_("Fields of work, English"),
    Target.DOMAINS_KO: N_("Fields of work, Korean"),
    Target.SUMMARY: N_("Description"),
    Target.SUMMARY_EN: N_("Description, English"),
    Target.SUMMARY_KO: N_("Description, Korean"),
    Target.OFFERS: N_("What it offers"),
    Target.OFFERS_EN: N_("What it offers, English"),
    Target.OFFERS_KO: N_("What it offers, Korean"),
    Target.NEEDS: N_("What it needs"),
    Target.NEEDS_EN: N_("What it needs, English"),
    Target.NEEDS_KO: N_("What it needs, Korean"),
    Target.WEBSITE: N_("Website"),
    Target.SOURCES: N_("Sources"),
    Target.AS_OF: N_("Date of the information"),
    Target.PARENT: N_("ID of its group"),
    Target.CONSENTS: N_("Purposes consented to"),
}
OUTCOMES = {
    RowOutcome.CREATED: N_("New"),
    RowOutcome.UPDATED: N_("Changed"),
    RowOutcome.UNCHANGED: N_("Unchanged"),
    RowOutcome.KEPT: N_("Edited by a person, so kept as it is"),
    RowOutcome.WITHDRAWN: N_("Withdrawn, so left out"),
    RowOutcome.REFUSED: N_("To mend"),
    RowOutcome.HELD: N_("Good, but held back"),
}
STATES = {
    JobState.QUEUED: N_("Waits for its turn"),
    JobState.RUNNING: N_("Under way"),
    JobState.DONE: N_("Finished"),
    JobState.FAILED: N_("Failed"),
    JobState.CANCELLED: N_("Called off"),
}
