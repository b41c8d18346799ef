"""Graph in, plain numbers out: conventions, costs, rows, receptive fields."""
