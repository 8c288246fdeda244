"""Files of boundaries: what is in them, whose each is, whether it can be true, and how it is kept."""
