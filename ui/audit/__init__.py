"""The record of deeds, as administrators read it."""
