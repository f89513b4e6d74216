"""A user who presses every key, on an engine that changes meanwhile."""
