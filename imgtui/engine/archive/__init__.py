"""Image archives, read as they stream by: tar, compression, layers, and images that need no engine."""
