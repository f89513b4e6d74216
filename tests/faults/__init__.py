"""What an engine, or something between, may answer: one table of faults, played at every request."""
