"""The page on which townships report figures by hand."""
