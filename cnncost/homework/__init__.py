"""Homework: worksheets to fill in, and answers read, marked and explained."""
