"""Pulls, pushes, saves and loads."""
