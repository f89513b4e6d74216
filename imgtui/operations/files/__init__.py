"""Files of images, read out of the engine's export."""
