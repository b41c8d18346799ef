"""Views: a finished Profile in, text or data out. No view computes a cost."""
