"""Volunteer teams."""
