"""Real container engines of the tests' own, and content for them."""
