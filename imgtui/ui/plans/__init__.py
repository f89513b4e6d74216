"""Plans and the journal on the screen."""
