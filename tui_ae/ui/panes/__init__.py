"""One pane a file: each paints a scene onto a sheet of cells."""
