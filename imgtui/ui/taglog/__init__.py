"""The tag log on the screen."""
