"""Containers and their roll back on the screen."""
