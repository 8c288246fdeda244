"""The frame of every page: navigation, notices, theme, watching the data."""
