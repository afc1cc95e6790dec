"""Arrays in, grids of terminal cells out."""
