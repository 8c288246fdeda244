"""Rural projects."""
