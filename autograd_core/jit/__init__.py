"""Loops that Numba compiles: how, for what types, and where the result is kept."""
