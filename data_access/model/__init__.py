"""The words in which an area is declared: what an area is, and how its months are counted."""
