"""Plans of tags and keeps, and the names that people give to images."""
