"""A network timed in PyTorch, whole and layer by layer, and the roof of the device that runs it."""
