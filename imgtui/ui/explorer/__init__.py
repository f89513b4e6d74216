"""The explorer: its lists, header, footer and tabs."""
