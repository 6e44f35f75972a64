"""Where the parts are put together."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path

from embeddings.protocols import Encoder, EncoderError, IndexFactory
from matchmaker.errors import InvalidSetting, ModelUnavailable, UnreadableFile
from matchmaker.formats.field_file import FIELDS, read_vocabulary
from matchmaker.quality.ks_match import Benchmark, KsMatch
from matchmaker.quality.partners import Evaluation
from matchmaker.scoring.rule import DEFAULT_RULE, Rule
from matchmaker.scoring.rule_store import LearnedRule
from matchmaker.services.catalogue import Catalogue
from matchmaker.services.directory import Directory
from matchmaker.services.importing import Importing
from matchmaker.services.outcomes import Outcomes
from matchmaker.services.profiling import Profiler
from matchmaker.services.registration import Registration
from matchmaker.services.snapshots import SnapshotFiles
from matchmaker.services.suggestion import Suggestions
from matchmaker.settings import Settings, read_settings
from matchmaker.storage.database import check_schema, open_engine
from matchmaker.storage.unit_of_work import Store


@dataclass(frozen=True)
class Matchmaker:
    """The use cases, ready to be called. Parts are made when first used, so light commands load no model."""

    settings: Settings

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
    def suggestions(self) -> Suggestions:
        """Who suits whom."""
        return Suggestions(self.catalogue, self.profiler, self.settings.depth)

    @cached_property
    def outcomes(self) -> Outcomes:
        """What came of the suggestions.

        Raises:
            UnreadableFile: the list of fields cannot be used.
        """
        return Outcomes(self.store, self.suggestions, read_vocabulary(self.settings.alliance / FIELDS))


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


def build_ks_match(benchmark: Benchmark, settings: Settings | None = None) -> KsMatch:
    """A judged benchmark, ready to be ranked with the settings' model."""
    evaluation = build_evaluation(settings)
    return KsMatch(benchmark, evaluation.profiler, evaluation.make_index, evaluation.rule)


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
