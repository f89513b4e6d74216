"""Launches of containers."""
