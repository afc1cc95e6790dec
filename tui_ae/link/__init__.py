"""The wire to the terminal: minimal sequences, acknowledged frames, the quality ladder."""
