"""What all tests have."""

pytest_plugins = ["tests.engines.fixtures"]
