"""What a typed sentence asks, by a grammar over the registries and the values in the data: nothing is guessed silently."""
