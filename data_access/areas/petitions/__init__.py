"""Petitions."""
