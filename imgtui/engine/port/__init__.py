"""What imgtui asks of an engine: protocols and errors that every adapter shares."""
