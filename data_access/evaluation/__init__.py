"""The monthly evaluation: schemes as data, scores, what explains them and how far they can be trusted."""
