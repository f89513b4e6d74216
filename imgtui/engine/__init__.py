"""The way to an engine: the `Engine` protocol and what implements it."""
