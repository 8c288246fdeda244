"""The audit log: who did what, when, from where; each entry is chained to the one before."""
