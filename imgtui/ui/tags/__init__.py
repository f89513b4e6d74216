"""Tags and keeps on the screen."""
