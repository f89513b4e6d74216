"""Two images beside each other on the screen."""
