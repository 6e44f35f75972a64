"""Where the parts are put together."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email.errors import MessageError
from email.message import EmailMessage
from email.policy import SMTP
from functools import cached_property, partial
from pathlib import Path

from embeddings.protocols import Encoder, EncoderError, IndexFactory
from matchmaker.domain.call import Call
from matchmaker.domain.member import Language, Purpose
from matchmaker.domain.suggestion import Pair
from matchmaker.errors import InvalidSetting, ModelUnavailable, UnreadableFile
from matchmaker.formats.call_file import read_calls
from matchmaker.formats.field_file import FIELDS, read_vocabulary
from matchmaker.formats.table_file import TableLimits
from matchmaker.quality.ks_match import Benchmark, KsMatch
from matchmaker.quality.partners import Evaluation
from matchmaker.scoring.rule import DEFAULT_RULE, Rule
from matchmaker.scoring.rule_store import LearnedRule
from matchmaker.services.accepted import AcceptedIntroductions
from matchmaker.services.accounts import Accounts, Lifetimes, NoMail, SignInMail
from matchmaker.services.auditing import Auditing
from matchmaker.services.bulk import JOB as IMPORT_MEMBERS
from matchmaker.services.bulk import Bulk
from matchmaker.services.calls import Calls
from matchmaker.services.catalogue import Catalogue
from matchmaker.services.clock import utc_now
from matchmaker.services.contacts import Contacts
from matchmaker.services.decisions import Decisions
from matchmaker.services.delivery import Delivery
from matchmaker.services.demo_accounts import DemoAccounts
from matchmaker.services.demo_contacts import DemoContacts
from matchmaker.services.directory import Directory
from matchmaker.services.filling import Filling
from matchmaker.services.idempotency import Idempotency
from matchmaker.services.importing import Importing
from matchmaker.services.introduction_moves import IntroductionMoves
from matchmaker.services.introduction_previews import IntroductionPreviews
from matchmaker.services.introductions import Introductions
from matchmaker.services.job_files import JobFiles
from matchmaker.services.jobs import Jobs, JobWorker
from matchmaker.services.keys import Keys
from matchmaker.services.letters import Letters, SignInLetters
from matchmaker.services.mailing import Mailer
from matchmaker.services.outbox import Outbox
from matchmaker.services.outcomes import Outcomes
from matchmaker.services.posting import Poster
from matchmaker.services.profiling import Profiler
from matchmaker.services.registration import Registration
from matchmaker.services.reviews import Reviews
from matchmaker.services.rounds import Rounds
from matchmaker.services.snapshots import SnapshotFiles
from matchmaker.services.suggestion import Suggestions
from matchmaker.services.throttle import Quota, Quotas, Throttle
from matchmaker.services.timetables import Timetables
from matchmaker.services.voices import Voices
from matchmaker.services.webhook_delivery import WebhookDelivery
from matchmaker.services.webhooks import Webhooks
from matchmaker.services.worker import Task, Worker
from matchmaker.settings import Settings, read_settings
from matchmaker.storage.database import check_schema, open_engine
from matchmaker.storage.unit_of_work import Store

UNSET_SENDER = "Korea-Singapore AI Alliance <alliance@localhost.invalid>"
"""Stands in letters that are sent by hand."""
TURN = 15.0
"""Seconds between two turns of the work that comes round."""


@dataclass(frozen=True)
class Matchmaker:
    """The use cases, ready to be called. Parts are made when first used, so light commands load no model."""

    settings: Settings
    now: Callable[[], datetime] = field(default=utc_now)

    @cached_property
    def store(self) -> Store:
        """The database."""
        return Store(open_engine(self.settings.database))

    def check(self) -> None:
        """Make sure that the database is this version's.

        Raises:
            SchemaOutdated: it is not.
            StorageUnavailable: it cannot be reached.
        """
        check_schema(self.store.engine)

    @cached_property
    def profiler(self) -> Profiler:
        """The encoder.

        Raises:
            ModelUnavailable: it cannot be loaded.
        """
        return Profiler(load_encoder(self.settings))

    @cached_property
    def rule(self) -> Rule:
        """The scoring rule in force.

        Raises:
            InvalidSetting: the file that the settings name is not usable.
        """
        return load_rule(self.settings)

    @cached_property
    def catalogue(self) -> Catalogue:
        """The index and what follows it."""
        from embeddings.faiss_index import FaissIndex

        read_index = partial(FaissIndex.load, threads=self.settings.threads)
        files = SnapshotFiles(self.settings.snapshots, read_index)
        return Catalogue(self.store, self.profiler, index_factory(self.settings), files, rule=self.rule)

    @cached_property
    def directory(self) -> Directory:
        """Looking members up."""
        return Directory(self.store)

    @cached_property
    def registration(self) -> Registration:
        """Members join, change and leave."""
        return Registration(self.store, self.profiler)

    @cached_property
    def importing(self) -> Importing:
        """Files into the database."""
        return Importing(self.store, self.profiler)

    @cached_property
    def job_files(self) -> JobFiles:
        """What jobs read and write."""
        return JobFiles(self.settings.job_files)

    @cached_property
    def bulk(self) -> Bulk:
        """Many members at once."""
        limits = TableLimits(
            rows=self.settings.import_rows,
            size=self.settings.import_max_body,
            unpacked=self.settings.import_unpacked,
        )
        return Bulk(self.store, self.importing, self.job_files, limits)

    @cached_property
    def jobs(self) -> Jobs:
        """Long work."""
        kinds = {IMPORT_MEMBERS: self.bulk.work}
        return Jobs(self.store, self.job_files, kinds, self.now, timedelta(days=self.settings.job_days))

    @cached_property
    def job_worker(self) -> JobWorker:
        """Takes up jobs; not started."""
        return JobWorker(self.jobs)

    @cached_property
    def suggestions(self) -> Suggestions:
        """Who suits whom."""
        return Suggestions(self.catalogue, self.profiler, self.settings.depth)

    @cached_property
    def reviews(self) -> Reviews:
        """The review desk."""
        lease = timedelta(minutes=self.settings.lease_minutes)
        undo_window = timedelta(minutes=self.settings.undo_minutes)
        return Reviews(self.store, self.suggestions, lease, undo_window, self.introductions, self.now)

    @cached_property
    def filling(self) -> Filling:
        """Pairs into the queue when no round runs."""
        return Filling(self.store, self.catalogue, now=self.now)

    @cached_property
    def decisions(self) -> Decisions:
        """What was decided, to learn from."""
        return Decisions(self.store)

    @cached_property
    def auditing(self) -> Auditing:
        """The trail as a whole."""
        return Auditing(self.store)

    @cached_property
    def voices(self) -> Voices:
        """What members say of partners."""
        return Voices(self.store, self.now)

    @cached_property
    def sign_in_mail(self) -> SignInMail:
        """How sign-in links reach people."""
        return self.sign_in_letters or NoMail()

    @cached_property
    def accounts(self) -> Accounts:
        """Who signs in.

        Raises:
            InvalidSetting: the limit of requests for links cannot be read.
        """
        throttle = load_throttle(self.settings)
        return Accounts(
            self.store, self.settings.base_url, throttle, load_lifetimes(self.settings), self.sign_in_mail
        )

    @cached_property
    def demo_accounts(self) -> DemoAccounts:
        """One account per role, for a demonstration."""
        return DemoAccounts(self.accounts, self.directory)

    @cached_property
    def demo_contacts(self) -> DemoContacts:
        """Whom to write to at the fictional members, for a demonstration."""
        return DemoContacts(self.contacts)

    @cached_property
    def keys(self) -> Keys:
        """What programs show instead."""
        return Keys(self.store)

    @cached_property
    def quotas(self) -> Quotas:
        """How much may be asked.

        Raises:
            InvalidSetting: a limit cannot be read.
        """
        return load_quotas(self.settings)

    @cached_property
    def idempotency(self) -> Idempotency:
        """Requests that are sent again."""
        return Idempotency(self.store, self.now)

    @cached_property
    def rounds(self) -> Rounds:
        """The whole alliance at once."""
        return Rounds(self.store, self.catalogue, self.voices, self.now)

    @cached_property
    def timetables(self) -> Timetables:
        """Who meets whom at a summit, and when."""
        from matchmaker.assignment.timetable import Timetabler

        return Timetables(self.store, Timetabler(), AcceptedIntroductions(self.store))

    @cached_property
    def calls(self) -> Calls:
        """Funding calls, and who could answer them.

        Raises:
            InvalidSetting: the folder of calls is not usable.
        """
        return Calls(load_calls(self.settings), self.catalogue, self.now)

    @cached_property
    def mailer(self) -> Mailer | None:
        """The mail server, if one is set.

        Raises:
            InvalidSetting: there is one, but no sender.
        """
        return load_mailer(self.settings)

    @cached_property
    def contacts(self) -> Contacts:
        """Whom to write to."""
        return Contacts(self.store, self.now)

    @cached_property
    def letters(self) -> Letters:
        """What is written to members."""
        sender = self.settings.mail_from or UNSET_SENDER
        return Letters(Deferred(self), self.settings.base_url, sender)

    @cached_property
    def delivery(self) -> Delivery:
        """How letters leave."""
        return Delivery(self.store, self._introduction_moves, self.letters, self.mailer, self.now)

    @cached_property
    def outbox(self) -> Outbox:
        """Letters on their way."""
        return Outbox(self.store, self.delivery, self.now)

    @cached_property
    def introductions(self) -> Introductions:
        """Members are asked whether they want to know each other."""
        return Introductions(
            self.store,
            self.letters,
            self._introduction_moves,
            self.delivery,
            self.now,
            timedelta(seconds=self.settings.hold_seconds),
            timedelta(days=self.settings.remind_days),
            timedelta(days=self.settings.expire_days),
        )

    @cached_property
    def introduction_previews(self) -> IntroductionPreviews:
        """What both sides would read."""
        hold = timedelta(seconds=self.settings.hold_seconds)
        return IntroductionPreviews(self.store, self.letters, self._introduction_moves, self.now, hold)

    @cached_property
    def sign_in_letters(self) -> SignInLetters | None:
        """Sends links to sign in; None where no mail server is set."""
        return SignInLetters(self.letters, self.mailer) if self.mailer is not None else None

    @cached_property
    def outcomes(self) -> Outcomes:
        """What came of the suggestions.

        Raises:
            UnreadableFile: the list of fields cannot be used.
        """
        return Outcomes(
            self.store, self.suggestions, read_vocabulary(self.settings.alliance / FIELDS), self.now
        )

    @cached_property
    def webhooks(self) -> Webhooks:
        """What portals want to be told."""
        return Webhooks(self.store, self.now, self.settings.webhook_insecure)

    @cached_property
    def poster(self) -> Poster:
        """How webhooks leave."""
        from matchmaker.posting.https import HttpsPoster

        return HttpsPoster(allows_loopback=self.settings.webhook_insecure)

    @cached_property
    def webhook_delivery(self) -> WebhookDelivery:
        """Tells them."""
        keeps = timedelta(days=self.settings.webhook_keep_days)
        return WebhookDelivery(self.store, self.poster, self.now, keeps)

    @cached_property
    def worker(self) -> Worker:
        """The work that comes round; not started."""
        tasks: dict[str, Task] = {
            "introductions": self.introductions.follow_up,
            "snoozed cases": self.reviews.wake_due,
            "old answers": self.idempotency.purge,
            "old jobs": self.jobs.tidy,
            "webhooks": self.webhook_delivery.follow_up,
            "what was erased": self.store.settle,
        }
        return Worker(tasks, TURN)

    @cached_property
    def _introduction_moves(self) -> IntroductionMoves:
        return IntroductionMoves(self.letters, self.now, timedelta(days=self.settings.expire_days))


@dataclass(frozen=True)
class Deferred:
    """A matchmaker's suggestions, made when they are first asked: delivering letters loads no model."""

    matchmaker: Matchmaker

    def explain(self, kr: str, sg: str, purpose: Purpose | None = None, language: Language = "en") -> Pair:
        """See `Suggestions.explain`."""
        return self.matchmaker.suggestions.explain(kr, sg, purpose, language)


def build_matchmaker(settings: Settings | None = None) -> Matchmaker:
    """The product for some settings (default: from the environment)."""
    return Matchmaker(settings or read_settings())


def build_evaluation(settings: Settings | None = None) -> Evaluation:
    """Measures on files, without a database."""
    chosen = settings or read_settings()
    rule = load_rule(chosen)
    return Evaluation(Profiler(load_encoder(chosen)), index_factory(chosen), rule)


def load_rule(settings: Settings) -> Rule:
    """The scoring rule that the settings name, or the built-in one.

    Raises:
        InvalidSetting: the file is not usable.
    """
    if settings.rule is None:
        return DEFAULT_RULE
    try:
        return LearnedRule.load(settings.rule).rule
    except UnreadableFile as error:
        reason = f"{error}. Name another file, or unset MATCHMAKER_RULE for the built-in rule"
        raise InvalidSetting(setting="MATCHMAKER_RULE", reason=reason) from error


def load_throttle(settings: Settings) -> Throttle:
    """How often somebody may ask for a sign-in link.

    Raises:
        InvalidSetting: the setting cannot be read.
    """
    try:
        return Throttle(settings.sign_in_limit)
    except ValueError as error:
        raise InvalidSetting(setting="MATCHMAKER_SIGN_IN_LIMIT", reason=error) from error


def load_quotas(settings: Settings) -> Quotas:
    """How much the settings let anybody ask.

    Raises:
        InvalidSetting: a limit cannot be read.
    """
    return Quotas(
        _quota("requests", settings.rate_limit, "MATCHMAKER_RATE_LIMIT"),
        _quota("writes", settings.rate_limit_writes, "MATCHMAKER_RATE_LIMIT_WRITES"),
    )


def _quota(name: str, limit: str, setting: str) -> Quota | None:
    try:
        return Quota(name, limit) if limit else None
    except ValueError as error:
        raise InvalidSetting(setting=setting, reason=error) from error


def load_lifetimes(settings: Settings) -> Lifetimes:
    """How long links and sessions last."""
    return Lifetimes(
        link=timedelta(minutes=settings.link_minutes),
        idle=timedelta(hours=settings.session_idle_hours),
        session=timedelta(days=settings.session_days),
    )


def load_calls(settings: Settings) -> tuple[Call, ...]:
    """The funding calls of the folder that the settings name; none where nothing is named and no folder is there.

    Raises:
        InvalidSetting: a file is not usable, or the named folder is missing.
    """
    if "calls" not in settings.model_fields_set and not settings.calls.is_dir():
        return ()
    try:
        return read_calls(settings.calls)
    except UnreadableFile as error:
        raise InvalidSetting(setting="MATCHMAKER_CALLS", reason=error) from error


def build_ks_match(benchmark: Benchmark, settings: Settings | None = None) -> KsMatch:
    """A judged benchmark, ready to be ranked with the settings' model."""
    evaluation = build_evaluation(settings)
    return KsMatch(benchmark, evaluation.profiler, evaluation.make_index, evaluation.rule)


def load_mailer(settings: Settings) -> Mailer | None:
    """The mail server that the settings name; None: letters wait in the outbox.

    Raises:
        InvalidSetting: there is one, but no sender.
    """
    if not settings.smtp_host:
        return None
    check_sender(settings.mail_from)
    from matchmaker.mailing.smtp import Security, SmtpMailer

    return SmtpMailer(
        settings.smtp_host,
        settings.smtp_port,
        Security(settings.smtp_security),
        settings.smtp_user,
        settings.smtp_password.get_secret_value(),
    )


def check_sender(sender: str) -> None:
    """Notice a sender that cannot stand under From before the first letter is due.

    Raises:
        InvalidSetting: it is none.
    """
    message = EmailMessage(policy=SMTP)
    try:
        message["From"] = sender
        addresses = message["From"].addresses
    except (ValueError, MessageError):
        addresses = ()
    if len(addresses) != 1 or not addresses[0].domain:
        reason = "give one sender, such as Alliance <desk@example.org>"
        raise InvalidSetting(setting="MATCHMAKER_MAIL_FROM", reason=reason)


def load_encoder(settings: Settings) -> Encoder:
    """The encoder that the settings name.

    Raises:
        ModelUnavailable: it cannot be loaded.
    """
    check_model_folder(settings)
    from embeddings.sentence_transformer import SentenceTransformerEncoder

    try:
        return SentenceTransformerEncoder(
            settings.model, settings.model_revision, settings.batch_size, settings.threads
        )
    except EncoderError as error:
        raise ModelUnavailable(model=settings.model, reason=error) from error


def check_model_folder(settings: Settings) -> None:
    """Notice a wrong path before the libraries that take seconds to load.

    Raises:
        ModelUnavailable: the setting names neither a folder nor a Hub model with a revision.
    """
    if not Path(settings.model).is_dir() and settings.model_revision is None:
        reason = (
            "there is no such folder. Give a folder that holds a sentence-transformers model, or a Hub name together "
            "with MATCHMAKER_MODEL_REVISION; unset MATCHMAKER_MODEL for the bundled model"
        )
        raise ModelUnavailable(model=settings.model, reason=reason)


def index_factory(settings: Settings) -> IndexFactory:
    """The index that the settings name."""
    from embeddings.faiss_index import FaissIndex, use_threads

    use_threads(settings.threads)
    return partial(FaissIndex, threads=settings.threads)
