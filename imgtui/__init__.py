"""imgtui: git log and git reflog for the images on a Docker server."""

__version__ = "0.1.0"
