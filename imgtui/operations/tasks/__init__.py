"""Work in the background, and files written whole or not at all."""
