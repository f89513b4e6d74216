"""A session: the catalog kept equal to an engine, and the services for who looks at it."""
