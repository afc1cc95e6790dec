"""What the kernel tells of the SSH connections of a multiplexer's clients."""
