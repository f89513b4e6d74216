"""What acts of any kind have in common: their steps, their consent, their place in the history."""
