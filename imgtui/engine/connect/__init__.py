"""Where an engine is: addresses, contexts, ssh, credentials."""
