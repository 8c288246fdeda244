"""今日待办: what has to be done now, counted alike wherever it is told."""
