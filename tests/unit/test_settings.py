"""What an operator may choose is documented, and its defaults hold together."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from pydantic import ValidationError

from matchmaker.settings import Settings

PREFIX = "MATCHMAKER_"


def load(**values: object) -> Settings:
    return Settings.model_validate(values)


def test_every_setting_is_documented_and_nothing_else() -> None:
    documented = set(re.findall(rf"``({PREFIX}\w+)``", Settings.__doc__ or ""))
    assert documented == {f"{PREFIX}{name.upper()}" for name in Settings.model_fields}


def test_the_database_lies_in_var_unless_named(tmp_path: Path) -> None:
    assert load(var=tmp_path, database_url="").database == f"sqlite:///{tmp_path / 'matchmaker.db'}"
    assert load(database_url="postgresql://db/alliance").database == "postgresql://db/alliance"
    assert load(var=tmp_path).snapshots.parent == tmp_path


def test_the_environment_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MATCHMAKER_DEPTH", "7")
    assert Settings().depth == 7


@pytest.mark.parametrize(("name", "value"), [("DEPTH", "0"), ("PORT", "65536"), ("BATCH_SIZE", "many")])
def test_impossible_values_are_refused(name: str, value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(PREFIX + name, value)
    with pytest.raises(ValidationError, match=name.lower()):
        Settings()


def test_webhooks_to_this_machine_are_for_development() -> None:
    assert not load().webhook_insecure
    assert load(webhook_insecure=True, public_url="http://localhost:8000").webhook_insecure
    with pytest.raises(ValidationError, match="MATCHMAKER_WEBHOOK_INSECURE"):
        load(webhook_insecure=True, public_url="https://alliance.example.org")
