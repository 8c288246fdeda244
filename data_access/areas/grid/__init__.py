"""Grid governance."""
