"""Chores of the repository: data conversion and benchmarks."""
