"""Moves of tags: told by events and snapshots, by whom and when, also from before the first sight."""
