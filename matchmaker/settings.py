"""Settings, read from the environment (prefix ``MATCHMAKER_``) or a ``.env`` file."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from pydantic import BeforeValidator, Field, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from matchmaker.errors import InvalidSetting

REPOSITORY = Path(__file__).resolve().parent.parent


class Settings(BaseSettings):
    """What an operator may choose.

    ===============================  ===========================================================================
    ``MATCHMAKER_DATABASE_URL``      SQLAlchemy address of the database; default a SQLite file under ``var/``
    ``MATCHMAKER_VAR``               folder for runtime state (database, index snapshots); default ``var``
    ``MATCHMAKER_ALLIANCE``          folder with ``members.jsonl`` and ``partnerships.jsonl``; default ``data/alliance``
    ``MATCHMAKER_CALLS``             folder with one YAML file per funding call; default ``data/calls``
    ``MATCHMAKER_MODEL``             sentence-transformers model: a path or a Hub name; default the bundled one
    ``MATCHMAKER_MODEL_REVISION``    commit of a Hub model; needed for a Hub name, so that it never changes silently
    ``MATCHMAKER_RULE``              file of a learned scoring rule (`matchmaker learn`); unset: the built-in rule
    ``MATCHMAKER_BATCH_SIZE``        texts per encoding batch; default 256
    ``MATCHMAKER_THREADS``           threads of FAISS and torch per search; default 1 (parallelise by request)
    ``MATCHMAKER_DEPTH``             neighbours retrieved per facet before scoring; default 1024
    ``MATCHMAKER_HOST``              address to listen on; default 127.0.0.1
    ``MATCHMAKER_PORT``              port to listen on; default 8000
    ``MATCHMAKER_MAX_BODY``          largest request body in bytes; default 262144
    ===============================  ===========================================================================
    """

    model_config = SettingsConfigDict(env_prefix="MATCHMAKER_", env_file=".env", extra="ignore")

    var: Path = REPOSITORY / "var"
    database_url: str = ""
    alliance: Path = REPOSITORY / "data" / "alliance"
    calls: Path = REPOSITORY / "data" / "calls"
    model: str = str(REPOSITORY / "embeddings" / "bundled")
    model_revision: str | None = None
    rule: Annotated[Path | None, BeforeValidator(lambda value: value or None)] = None
    batch_size: int = Field(default=256, ge=1, le=8192)
    threads: int = Field(default=1, ge=1, le=64)
    depth: int = Field(default=1024, ge=1)
    host: str = "127.0.0.1"
    port: int = Field(default=8000, ge=0, le=65535)
    max_body: int = Field(default=262_144, ge=1024)

    @property
    def database(self) -> str:
        """The database address, with the default filled in."""
        return self.database_url or f"sqlite:///{self.var / 'matchmaker.db'}"

    @property
    def snapshots(self) -> Path:
        """Folder of the index snapshots."""
        return self.var / "index"


def read_settings() -> Settings:
    """The settings of the environment.

    Raises:
        InvalidSetting: a value cannot be used.
    """
    try:
        return Settings()
    except ValidationError as error:
        first = error.errors()[0]
        name = f"MATCHMAKER_{'_'.join(map(str, first['loc'])).upper()}"
        raise InvalidSetting(setting=name, reason=first["msg"]) from error
