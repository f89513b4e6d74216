"""Launches on the screen, and a container in the terminal."""
