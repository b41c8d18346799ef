"""Measured times and rooflines, without torch."""
