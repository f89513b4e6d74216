"""What an engine holds at one moment, and questions asked of it."""
