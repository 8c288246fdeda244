"""The case database: tables, rollups, indicators, queries and imports. Imports nothing of the user interface."""
