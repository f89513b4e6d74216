"""The engine of `--demo`."""
