"""Parts with browser code of their own, and what carries it."""
