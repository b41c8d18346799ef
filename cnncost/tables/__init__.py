"""Tables in every format: one renderer per file."""
