"""Keeps, and the rules that make and release them."""
