"""Files of an image on the screen."""
