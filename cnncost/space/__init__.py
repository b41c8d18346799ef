"""Many designs at once: sweeps over sizes and params."""
