"""督办: the list of decisions, one of them, the form for a new one, and the meeting that goes through them."""
