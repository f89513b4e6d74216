"""Removals, planned, measured and done."""
