"""Rounds in a simulated market of alliance size, and the solvers against OR-tools alone."""
