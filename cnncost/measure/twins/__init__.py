"""What layers are in PyTorch where torch.nn has none for them. Exported sources hold copies of them."""
