"""The rule that scores. Arrays in, scores out; who may be suggested at all is decided in ``matchmaker.domain``."""
