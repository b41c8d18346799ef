"""Benchmarks, run on demand: `python -m tests.benchmarks`. Each compares two things in one run."""
