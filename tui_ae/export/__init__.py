"""A run for other programs: as a value in Python, and as files that they read."""
