"""Townships, villages and grids: the registers that everything else refers to."""
