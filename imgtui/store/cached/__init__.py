"""The cache: facts and lists of files that can be had again."""
