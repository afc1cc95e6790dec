"""What the terminal shows, what it should show, and the fewest bytes between them."""
