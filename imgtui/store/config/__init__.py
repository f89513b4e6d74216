"""Settings, and where files of imgtui are."""
