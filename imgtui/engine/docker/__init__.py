"""The adapter of real engines: Docker and Podman."""
