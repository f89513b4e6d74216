"""Roll back of containers, done or reversed."""
