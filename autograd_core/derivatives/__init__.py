"""What callers ask for: values, gradients, products, matrices, and their checks."""
