"""The files of images: layers, trees, changes, waste."""
