"""Cards of indicators and of the overview."""
