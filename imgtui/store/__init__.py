"""What imgtui remembers on disk."""
