"""A container that is started from exactly one digest: its form, its options."""
