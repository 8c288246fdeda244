"""Dated notes: their words, their marks on charts, and the page that lists and writes them."""
