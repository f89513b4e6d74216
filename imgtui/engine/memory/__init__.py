"""An engine in memory, held to real ones by the contract suite."""
