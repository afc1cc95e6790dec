"""How many bytes may go to the terminal now, and which of them first."""
