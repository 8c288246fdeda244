"""Security cameras."""
