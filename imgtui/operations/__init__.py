"""What is done with an engine and a store, without a screen."""
