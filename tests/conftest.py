"""What all tests have."""

import os

pytest_plugins = ["tests.engines.fixtures"]

for name in ("TMUX", "STY"):  # what is copied in a test is not for who runs it
    os.environ.pop(name, None)
