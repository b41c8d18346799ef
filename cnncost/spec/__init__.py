"""Text to Spec to Graph: the reader, the call notation and the builder."""
