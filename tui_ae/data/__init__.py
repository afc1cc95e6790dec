"""Images and labels: the synthetic digits, and files."""
