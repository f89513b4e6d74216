"""Keep rules on the screen."""
