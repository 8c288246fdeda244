"""What a county sets itself: its name, groups and aliases of townships, targets, schemes, lists and times."""
