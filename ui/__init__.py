"""The user interface: frame, filters, components, charts and texts. Pages import from here."""
