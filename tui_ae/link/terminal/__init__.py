"""The terminal itself: threads that read and write, and Textual's driver on top of them."""
