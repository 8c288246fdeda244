"""今日待办: what has to be done now, who has to do it, and the rows behind each count."""
