"""Rules to and from their files."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from pathlib import Path

from matchmaker.formats.rule_file import (
    CalibrationFields,
    ProvenanceFields,
    RuleFile,
    WeightFields,
    digest_of,
    name_of,
    read_rule_file,
)
from matchmaker.scoring.rule import Calibration, Rule


@dataclass(frozen=True, slots=True)
class LearnedRule:
    """A rule with where it comes from."""

    rule: Rule
    provenance: ProvenanceFields

    @classmethod
    def load(cls, path: Path) -> LearnedRule:
        """From a file.

        Raises:
            UnreadableFile: the file cannot be used; says what to do.
        """
        file = read_rule_file(path)
        rule = Rule(
            file.name,
            dict(file.weights),
            file.relief,
            Calibration(**dict(file.calibration)),
        )
        return cls(rule, file.provenance)

    def to_file(self) -> RuleFile:
        """As it is written."""
        rule = self.rule
        return RuleFile(
            name=rule.name,
            weights=WeightFields(**rule.weights),
            relief=rule.relief,
            calibration=CalibrationFields(**asdict(rule.calibration)),
            provenance=self.provenance,
        )


def named_after(base: Rule, rule: Rule) -> Rule:
    """The rule under the name that its base and its content give it."""
    digest = digest_of(rule.weights, rule.relief, asdict(rule.calibration))
    return replace(rule, name=name_of(base.name, digest))
