"""What a session publishes, and how work is cancelled."""
