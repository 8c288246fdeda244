"""Cases: list and card."""
