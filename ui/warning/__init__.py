"""预警: words and cards of what the running month will likely come to."""
