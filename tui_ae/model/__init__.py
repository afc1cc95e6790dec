"""The network as a value and as PyTorch modules, its frozen NumPy copy, and the baselines."""
