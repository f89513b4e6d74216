"""Acts that were interrupted, put right."""
