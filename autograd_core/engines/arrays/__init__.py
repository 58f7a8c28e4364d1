"""The array engine: programs of any shape, on NumPy."""
