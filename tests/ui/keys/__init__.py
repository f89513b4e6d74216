"""What each key of the registry has to do, one scenario for each action; `test_every_key` runs them all."""
