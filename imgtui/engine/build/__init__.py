"""Builders: the context, the build, its progress, its record."""
