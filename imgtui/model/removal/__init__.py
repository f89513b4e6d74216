"""Removal of images and of the build cache: what goes, and the bytes that it frees."""
