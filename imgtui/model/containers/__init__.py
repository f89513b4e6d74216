"""Roll back of containers: what takes whose place, and what depends on it."""
