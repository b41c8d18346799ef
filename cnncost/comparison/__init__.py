"""Networks held against each other: totals, layer by layer, accuracy against cost."""
