"""How verbs read and write a terminal."""
