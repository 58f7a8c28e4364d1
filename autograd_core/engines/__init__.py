"""What runs a program: NumPy arrays of any shape, or a tape of scalars that is compiled."""
