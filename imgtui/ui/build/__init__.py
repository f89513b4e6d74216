"""Rebuilds on the screen."""
