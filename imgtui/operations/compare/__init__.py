"""Two images compared, file by file where that is wanted."""
