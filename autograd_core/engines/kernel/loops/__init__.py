"""The text that Numba compiles: plain loops over columns and floats."""
