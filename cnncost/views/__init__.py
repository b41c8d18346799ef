"""Views: a finished NetworkCost in, text or data out. No view computes a cost."""
