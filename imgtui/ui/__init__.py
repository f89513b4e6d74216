"""The explorer: Textual on top of the operations."""
