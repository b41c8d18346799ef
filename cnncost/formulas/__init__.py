"""The layers walked on symbols: formulas, closed forms and worked solutions."""
