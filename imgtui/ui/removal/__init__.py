"""Bulk removal on the screen."""
