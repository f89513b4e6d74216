"""The same container on another image: its configuration, as the Engine API and podman take it."""
