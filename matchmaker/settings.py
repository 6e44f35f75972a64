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

    =================================  ===========================================================================
    ``MATCHMAKER_DATABASE_URL``        SQLAlchemy address of the database; default a SQLite file under ``var/``
    ``MATCHMAKER_VAR``                 folder for runtime state (database, index snapshots); default ``var``
    ``MATCHMAKER_ALLIANCE``            folder of ``members.jsonl``, ``partnerships.jsonl``; default ``data/alliance``
    ``MATCHMAKER_MODEL``               sentence-transformers model: a path or a Hub name; default the bundled one
    ``MATCHMAKER_MODEL_REVISION``      commit of a Hub model; needed for a Hub name, so that it never changes silently
    ``MATCHMAKER_RULE``                file of a learned scoring rule (`matchmaker learn`); unset: the built-in rule
    ``MATCHMAKER_BATCH_SIZE``          texts per encoding batch; default 256
    ``MATCHMAKER_THREADS``             threads of FAISS and torch per search; default 1 (parallelise by request)
    ``MATCHMAKER_DEPTH``               neighbours retrieved per facet before scoring; default 1024
    ``MATCHMAKER_HOST``                address to listen on; default 127.0.0.1
    ``MATCHMAKER_PORT``                port to listen on; default 8000
    ``MATCHMAKER_MAX_BODY``            largest request body in bytes; default 262144
    ``MATCHMAKER_IMPORT_MAX_BODY``     largest file of members in bytes that is imported; default 33554432
    ``MATCHMAKER_IMPORT_NOW``          largest file in bytes that is imported while its sender waits; a larger one
                                       becomes a job; default 262144
    ``MATCHMAKER_IMPORT_ROWS``         rows that a file may have; default 20000
    ``MATCHMAKER_IMPORT_UNPACKED``     bytes that a workbook may unpack to; default 268435456
    ``MATCHMAKER_JOB_DAYS``            days that the results of jobs are kept; default 7
    ``MATCHMAKER_LEASE_MINUTES``       how long a case stays with the coordinator who opened it; default 10
    ``MATCHMAKER_UNDO_MINUTES``        how long a decision may be taken back; default 30
    ``MATCHMAKER_PUBLIC_URL``          where people reach the service, for links; default ``http://host:port``. With an
                                       https address the session cookie is for https alone
    ``MATCHMAKER_LINK_MINUTES``        how long a sign-in link works; default 15
    ``MATCHMAKER_SESSION_IDLE_HOURS``  how long a session lives unused; default 12
    ``MATCHMAKER_SESSION_DAYS``        how long a session lives at most; default 7
    ``MATCHMAKER_SIGN_IN_LIMIT``       requests for a sign-in link per network and per e-mail address, as the library
                                       `limits` writes it; default ``10/hour``
    ``MATCHMAKER_RATE_LIMIT``          requests per key, account or address; default ``600/minute``, empty: no limit
    ``MATCHMAKER_RATE_LIMIT_WRITES``   those among them that change something; default ``120/minute``, empty: no limit
    ``MATCHMAKER_CALLS``               folder with one YAML file per funding call; default ``data/calls``
    ``MATCHMAKER_SMTP_HOST``           mail server; unset: letters wait in the outbox to be sent by hand
    ``MATCHMAKER_SMTP_PORT``           its port; default 587
    ``MATCHMAKER_SMTP_USER``           account at the mail server; unset: none
    ``MATCHMAKER_SMTP_PASSWORD``       its password
    ``MATCHMAKER_SMTP_SECURITY``       starttls, tls (from the first byte) or none; default starttls
    ``MATCHMAKER_MAIL_FROM``           sender of letters, such as ``Alliance <desk@example.org>``; needed to send
    ``MATCHMAKER_HOLD_SECONDS``        time in which an introduction may be taken back unseen; default 300
    ``MATCHMAKER_REMIND_DAYS``         days of silence before the one reminder; default 5
    ``MATCHMAKER_EXPIRE_DAYS``         days of silence before an introduction lapses; default 14
    ``MATCHMAKER_WEBHOOK_INSECURE``    1: webhooks may also go to this very machine, over http, for development; not
                                       with an https ``MATCHMAKER_PUBLIC_URL``; default 0
    ``MATCHMAKER_WEBHOOK_KEEP_DAYS``   how long events and the log of their deliveries are kept; default 30
    =================================  ===========================================================================
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
    import_max_body: int = Field(default=33_554_432, ge=1024)
    import_now: int = Field(default=262_144, ge=0)
    import_rows: int = Field(default=20_000, ge=1)
    import_unpacked: int = Field(default=268_435_456, ge=1_048_576)
    job_days: int = Field(default=7, ge=1, le=365)
    lease_minutes: int = Field(default=10, ge=1, le=240)
    undo_minutes: int = Field(default=30, ge=0, le=1440)
    public_url: Annotated[str, Field(pattern=r"^(https?://[^\s/?#@]+)?/?$")] = ""
    link_minutes: int = Field(default=15, ge=1, le=1440)
    session_idle_hours: int = Field(default=12, ge=1, le=720)
    session_days: int = Field(default=7, ge=1, le=90)
    sign_in_limit: str = "10/hour"
    rate_limit: str = "600/minute"
    rate_limit_writes: str = "120/minute"
    smtp_host: str = ""
    smtp_port: int = Field(default=587, ge=1, le=65535)
    smtp_user: str = ""
    smtp_password: SecretStr = SecretStr("")
    smtp_security: Literal["starttls", "tls", "none"] = "starttls"
    mail_from: str = ""
    hold_seconds: int = Field(default=300, ge=0)
    remind_days: float = Field(default=5, gt=0)
    expire_days: float = Field(default=14, gt=0)
    webhook_insecure: bool = False
    webhook_keep_days: int = Field(default=30, ge=5, le=365)

    @model_validator(mode="after")
    def _reminds_before_it_expires(self) -> Self:
        if self.expire_days <= self.remind_days:
            raise ValueError("MATCHMAKER_EXPIRE_DAYS must be more than MATCHMAKER_REMIND_DAYS")
        return self

    @model_validator(mode="after")
    def _is_secure_in_production(self) -> Self:
        if self.webhook_insecure and self.public_url.startswith("https:"):
            raise ValueError(
                "MATCHMAKER_WEBHOOK_INSECURE is for development, not for an https MATCHMAKER_PUBLIC_URL"
            )
        return self

    @property
    def database(self) -> str:
        """The database address, with the default filled in."""
        return self.database_url or f"sqlite:///{self.var / 'matchmaker.db'}"

    @property
    def base_url(self) -> str:
        """Where links lead, without a slash at the end."""
        return self.public_url.rstrip("/") or web_address(self.host, self.port)

    @property
    def job_files(self) -> Path:
        """Folder of what jobs read and write."""
        return self.var / "jobs"

    @property
    def snapshots(self) -> Path:
        """Folder of the index snapshots."""
        return self.var / "index"


def web_address(host: str, port: int) -> str:
    """The address of a server on a host and port."""
    return f"http://{f'[{host}]' if ':' in host else host}:{port}"


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
