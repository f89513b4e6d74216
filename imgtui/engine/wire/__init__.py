"""Answers of the Engine API: how they arrive, are decoded, and become objects of the model."""
