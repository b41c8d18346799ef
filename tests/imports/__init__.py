"""Imports of many networks, outside the test suite: `python -m tests.imports`."""
