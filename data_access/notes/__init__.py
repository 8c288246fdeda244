"""Dated notes on the county or a township: what happened, when, that the figures do not say themselves."""
