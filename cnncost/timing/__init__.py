"""Measured times, and the roofline of a device: results and reports, without torch."""
