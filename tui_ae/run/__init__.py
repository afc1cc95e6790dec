"""What a screen looks at: a run as values, and the source that they come from."""
