"""Errors of the training commands; every message says what to do next."""


class TrainingError(Exception):
    """Anything that stops a training or measuring command for a reason its user can mend."""


class CorpusError(TrainingError):
    """A corpus or evaluation file is missing, empty or malformed."""


class TeacherMissingError(TrainingError):
    """The teacher model is not installed."""
