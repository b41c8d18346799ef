"""A network compared with its module in PyTorch: `results` is plain data, the other files need torch."""
