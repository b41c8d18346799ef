"""Worksheets, quizzes, and a network for each student."""
