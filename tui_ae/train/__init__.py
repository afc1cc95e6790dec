"""The trainer, the worker thread that runs it, and the snapshots it publishes."""
