"""预警: what a rate of the running month will likely be at its end, and what it takes to reach its target."""
