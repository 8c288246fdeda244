"""Figures that townships report by hand."""
