"""What the viewer asks for: view, filters, address."""
