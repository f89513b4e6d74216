"""Text that is hostile until made printable, and values that are secret until shown on purpose."""
