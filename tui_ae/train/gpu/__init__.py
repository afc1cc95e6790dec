"""Training on a GPU, which is quick at work on a small network and slow at being asked for it."""
