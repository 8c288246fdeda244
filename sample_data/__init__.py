"""A sample county: real places and printed figures, everything else invented, the same rows from the same seed."""
