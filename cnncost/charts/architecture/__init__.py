"""A network as a drawing: which boxes there are and where they stand, in inches; no matplotlib in here.

units (layers with what follows them in place) → blocks (by name) → columns and cells → a page of shapes.
"""
