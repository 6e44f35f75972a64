"""Settings, read from the environment (prefix ``MATCHMAKER_``) or a ``.env`` file."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import BeforeValidator, Field, SecretStr, ValidationError, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from matchmaker.errors import InvalidSetting

REPOSITORY = Path(__file__).resolve().parent.parent


class Settings(BaseSettings):
    """What an operator may choose.

    ===============================  ===========================================================================
    ``MATCHMAKER_DATABASE_URL``      SQLAlchemy address of the database; default a SQLite file under ``var/``
    ``MATCHMAKER_VAR``               folder for runtime state (database, index snapshots); default ``var``
    ``MATCHMAKER_ALLIANCE``          folder with ``members.jsonl`` and ``partnerships.jsonl``; default ``data/alliance``
    ``MATCHMAKER_MODEL``             sentence-transformers model: a path or a Hub name; default the bundled one
    ``MATCHMAKER_MODEL_REVISION``    commit of a Hub model; needed for a Hub name, so that it never changes silently
    ``MATCHMAKER_RULE``              file of a learned scoring rule (`matchmaker learn`); unset: the built-in rule
    ``MATCHMAKER_BATCH_SIZE``        texts per encoding batch; default 256
    ``MATCHMAKER_THREADS``           threads of FAISS and torch per search; default 1 (parallelise by request)
    ``MATCHMAKER_DEPTH``             neighbours retrieved per facet before scoring; default 1024
    ``MATCHMAKER_HOST``              address to listen on; default 127.0.0.1
    ``MATCHMAKER_PORT``              port to listen on; default 8000
    ``MATCHMAKER_MAX_BODY``          largest request body in bytes; default 262144
    ``MATCHMAKER_PUBLIC_URL``        address that letters link to; default http://127.0.0.1:8000
    ``MATCHMAKER_SMTP_HOST``         mail server; unset: letters wait in the outbox to be sent by hand
    ``MATCHMAKER_SMTP_PORT``         its port; default 587
    ``MATCHMAKER_SMTP_USER``         account at the mail server; unset: none
    ``MATCHMAKER_SMTP_PASSWORD``     its password
    ``MATCHMAKER_SMTP_SECURITY``     starttls, tls (from the first byte) or none; default starttls
    ``MATCHMAKER_MAIL_FROM``         sender of letters, such as ``Alliance <desk@example.org>``; needed to send
    ``MATCHMAKER_HOLD_SECONDS``      time in which an introduction may be taken back unseen; default 300
    ``MATCHMAKER_REMIND_DAYS``       days of silence before the one reminder; default 5
    ``MATCHMAKER_EXPIRE_DAYS``       days of silence before an introduction lapses; default 14
    ===============================  ===========================================================================
    """

    model_config = SettingsConfigDict(env_prefix="MATCHMAKER_", env_file=".env", extra="ignore")

    var: Path = REPOSITORY / "var"
    database_url: str = ""
    alliance: Path = REPOSITORY / "data" / "alliance"
    model: str = str(REPOSITORY / "embeddings" / "bundled")
    model_revision: str | None = None
    rule: Annotated[Path | None, BeforeValidator(lambda value: value or None)] = None
    batch_size: int = Field(default=256, ge=1, le=8192)
    threads: int = Field(default=1, ge=1, le=64)
    depth: int = Field(default=1024, ge=1)
    host: str = "127.0.0.1"
    port: int = Field(default=8000, ge=0, le=65535)
    max_body: int = Field(default=262_144, ge=1024)
    public_url: str = Field(default="http://127.0.0.1:8000", pattern=r"^https?://[^\s/?#]+(/[^\s?#]*)?$")
    smtp_host: str = ""
    smtp_port: int = Field(default=587, ge=1, le=65535)
    smtp_user: str = ""
    smtp_password: SecretStr = SecretStr("")
    smtp_security: Literal["starttls", "tls", "none"] = "starttls"
    mail_from: str = ""
    hold_seconds: int = Field(default=300, ge=0)
    remind_days: float = Field(default=5, gt=0)
    expire_days: float = Field(default=14, gt=0)

    @model_validator(mode="after")
    def _reminds_before_it_expires(self) -> Self:
        if self.expire_days <= self.remind_days:
            raise ValueError("MATCHMAKER_EXPIRE_DAYS must be more than MATCHMAKER_REMIND_DAYS")
        return self

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
