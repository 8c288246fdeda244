"""The parts of 自由筛选."""
