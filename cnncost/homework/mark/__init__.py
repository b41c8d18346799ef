"""Cells to marks: right, wrong and why, points, classes."""
