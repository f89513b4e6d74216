"""Keep rules, applied."""
