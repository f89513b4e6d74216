"""How the suite is run: by which workers, which share of the matrices, and what is told at the end."""
