"""Builds: how an image was built, and the form of a rebuild."""
