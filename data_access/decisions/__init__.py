"""督办: what was decided, by whom it is to be done and until when, and what came of it."""
