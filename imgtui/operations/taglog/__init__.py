"""Recording: snapshots and events become the tag log."""
